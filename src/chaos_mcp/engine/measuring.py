"""What the runner itself uses, so that a report can show how little it disturbs."""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import dataclass, field

from chaos_mcp.events import RunnerMeasured


@dataclass(frozen=True, slots=True)
class Meter:
    """Counts from when it was made."""

    began: float = field(default_factory=time.monotonic)
    used: float = field(default_factory=time.process_time)

    def read(self) -> RunnerMeasured:
        """Return what this process, the generator of its traffic in it, has used."""
        seconds = time.monotonic() - self.began
        return RunnerMeasured(
            cpu_seconds=round(time.process_time() - self.used, 3),
            seconds=round(seconds, 3),
            peak_bytes=_peak(),
        )


def _peak() -> int:
    """Return the most memory that was resident; macOS counts in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
