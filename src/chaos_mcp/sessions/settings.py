"""How a session is held."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from chaos_mcp.terms import LEASE, RUNS, TOXIPROXY


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a program may say when it opens a session."""

    title: str = "a session"
    """What `chaos status` and reports call it."""
    seed: int | None = None
    """For what is drawn: targets, jitter. By default, another one each time."""
    runs: Path = Path(RUNS)
    """The folder under which its journal gets a folder of its own."""
    lease: float = LEASE
    """Seconds without a sign of life after which the guardian takes over."""
    proof: float = 5.0
    """Seconds that the effect of a fault has to show."""
    longest: float = 3600.0
    """Seconds that a fault without a `duration` may stand."""
    toxiproxy: str = ""
    """The URL of a Toxiproxy to be used instead of the embedded proxy."""
    recover: bool = False
    """First take back what dead runs on this machine have left."""
    allow_irreversible: bool = False
    """Let faults be injected that cannot be taken back."""
    protect: tuple[str, ...] = ()
    """Names, or patterns of names, of what is never chosen as a target."""
    max_targets: int | None = None
    """How many targets a fault that chooses may have."""

    @property
    def server(self) -> str:
        """Return the Toxiproxy to be used; empty: the embedded proxy."""
        return self.toxiproxy or os.environ.get(TOXIPROXY, "")
