"""What came of a run, and the reports that it leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chaos_mcp.errors import NotPassed
from chaos_mcp.report import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

    from chaos_mcp.events import Event
    from chaos_mcp.report.reading import Reading

WRITTEN = ("html", "md", "junit", "journal")
"""The reports that every run leaves behind."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a run, and where it was written down."""

    run: str
    folder: Path
    reading: Reading
    unwritten: tuple[str, ...] = ()
    """Reports that could not be written, and why."""
    unentered: str = ""
    """Why the run is not in the history, if it is not."""
    told: tuple[str, ...] = ()
    """The channels that were told of it."""
    untold: tuple[str, ...] = ()
    """The channels that should have been, and why they were not."""

    @property
    def verdict(self) -> str:
        """Return PASSED, FAILED, ABORTED, INCONCLUSIVE or UNSAFE."""
        return self.reading.outcome.result

    @property
    def exit_code(self) -> int:
        """Return the code with which `chaos run` ends."""
        return self.reading.outcome.exit_code

    @property
    def score(self) -> float | None:
        """Return the stability score, from 0 to 100; None where there is none."""
        return self.reading.score.value

    @property
    def events(self) -> tuple[Event, ...]:
        """Return all that happened, in order."""
        return self.reading.events

    def raise_for_verdict(self) -> Result:
        """Return itself if the run passed, else raise `NotPassed` with the reasons."""
        outcome = self.reading.outcome
        if self.verdict != "PASSED":
            reasons = "".join(f"\n    {reason}" for reason in outcome.reasons)
            step = f"\n    next: {outcome.next_step}" if outcome.next_step else ""
            told = f"\n    report: {self.folder / FORMATS['html'].file}"
            raise NotPassed(f"{self.verdict}: {self.title}{reasons}{step}{told}")
        return self

    @property
    def title(self) -> str:
        """Return what the experiment is called."""
        return self.reading.started.title


def write_reports(reading: Reading, folder: Path) -> list[str]:
    """Write what every run leaves behind; return what could not be written, and why."""
    failed = []
    for name in WRITTEN:
        wanted = FORMATS[name]
        try:
            (folder / wanted.file).write_text(wanted.render(reading), "utf-8")
        except OSError as error:
            failed.append(f"{wanted.file}: {error.strerror}")
    return failed
