"""How to run, where the experiment does not say it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from chaos_mcp.terms import LEASE, RUNS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chaos_mcp.events import Event
    from chaos_mcp.notify.base import Channel


@dataclass(frozen=True, slots=True)
class Options:
    """How to run, where the experiment does not say it."""

    overrides: Mapping[str, str] = field(default_factory=dict)
    """Configuration values or keys of the file, replaced for this run."""
    seed: int | None = None
    runs: Path = Path(RUNS)
    """The folder under which each run gets a folder of its own."""
    fail_under: float | None = None
    """The score that must be reached, from 0 to 100."""
    allow_irreversible: bool = False
    baseline: str | None = None
    """The baseline, or the earlier run, than which this one may not be worse."""
    tolerances: Mapping[str, str] = field(default_factory=dict)
    """How much worse, by metric, where it is not to be the usual: `15%`."""
    notify: Sequence[str | Channel] = ()
    """Whom to tell of the end: `slack`, `slack=failure`, or a channel made by hand."""
    lease: float = LEASE
    """Seconds without a sign of life after which the guardian takes over."""
    handle_signals: bool = False
    """Take SIGINT, SIGTERM and SIGHUP for the time of the run."""
    listeners: tuple[Callable[[Event], None], ...] = ()
    """Told of each event as it is written down."""
