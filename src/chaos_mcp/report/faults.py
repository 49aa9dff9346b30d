"""What became of each fault, told in a line: injected, proven, undone, verified."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chaos_mcp.events import (
    FaultArmed,
    FaultFailed,
    FaultInjected,
    FaultProven,
    FaultSkipped,
    FaultUndoFailed,
    FaultUndone,
    FaultUnproven,
    FaultVerified,
)
from chaos_mcp.experiment.units import human_duration
from chaos_mcp.journal.record import once

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chaos_mcp.events import Event


@dataclass(slots=True)
class Story:
    """One fault from beginning to end."""

    fault: str
    name: str
    kind: str = ""
    target: str = ""
    injected: float | None = None
    undone: float | None = None
    verified: float | None = None
    evidence: Any = None
    restored: Any = None
    unproven: str = ""
    failed: str = ""
    skipped: bool = False
    undo_errors: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """Return the story in one line."""
        return "; ".join(self._words())

    def _words(self) -> Iterator[str]:
        if self.skipped:
            yield "left out by chance"
        if self.failed:
            yield self.failed
        if self.injected is not None:
            yield f"injected at {self.injected:.1f} s"
            yield self.proof
        if self.verified is not None:
            yield f"put back at {self.verified:.1f} s and seen gone ({self.check})"
        elif self.undo_errors:
            yield f"NOT put back: {self.undo_errors[-1]}"
        elif self.injected is not None:
            yield "NOT seen gone"

    @property
    def proof(self) -> str:
        """Return how it was shown that it bit."""
        if self.evidence is not None:
            return f"proven ({described(self.evidence)})"
        return f"unproven: {self.unproven or 'nobody looked'}"

    @property
    def check(self) -> str:
        """Return how it was seen gone."""
        return described(self.restored)


def described(evidence: Any) -> str:
    """Return evidence as people read it: `connections 12, dropped bytes 3400`."""
    if evidence is None:
        return "nothing of it is left"
    if not isinstance(evidence, dict):
        return str(evidence)
    return ", ".join(
        _named(key, value)
        for key, value in evidence.items()
        if value not in (0, 0.0, None) or key == "toxics"
    )


def _named(key: str, value: Any) -> str:
    name = key.replace("_", " ")
    if key.endswith("seconds"):
        return f"{name.removesuffix(' seconds')} {human_duration(float(value))}"
    if isinstance(value, list):
        return f"{name} {', '.join(map(str, value))}"
    return f"{name} {value}"


@once
def stories(events: Iterable[Event]) -> list[Story]:
    """Return what became of each fault, in the order in which they came."""
    found: dict[str, Story] = {}
    for event in events:
        fault = getattr(event, "fault", None)
        if isinstance(fault, str):
            story = found.setdefault(fault, Story(fault, getattr(event, "name", fault)))
            _tell(story, event)
    return list(found.values())


def _tell(story: Story, event: Event) -> None:
    match event:
        case FaultArmed():
            story.kind, story.target = str(event.spec.get("fault", "")), event.target
        case FaultInjected():
            story.injected = event.at
        case FaultProven():
            story.evidence = event.evidence
        case FaultUnproven():
            story.unproven = event.why
        case FaultUndone():
            story.undone = event.at
        case FaultVerified():
            story.verified, story.restored = event.at, event.evidence
        case FaultUndoFailed():
            story.undo_errors.append(event.error)
        case FaultFailed():
            story.failed = f"could not be {_past(event.step)}: {event.error}"
        case FaultSkipped():
            story.skipped = True
        case _:
            pass


def _past(step: str) -> str:
    return {"arm": "armed", "inject": "injected"}[step]
