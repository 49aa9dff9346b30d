"""What happens to a fault, from armed to verified, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from chaos_mcp.events import (
    FaultArmed,
    FaultFailed,
    FaultInjected,
    FaultProven,
    FaultSkipped,
    FaultUndoFailed,
    FaultUndoing,
    FaultUndone,
    FaultUnproven,
    FaultVerified,
)
from chaos_mcp.journal.words import evidence, line, seconds

if TYPE_CHECKING:
    from chaos_mcp.journal.model import Tone

FaultEvent = (
    FaultSkipped
    | FaultArmed
    | FaultInjected
    | FaultFailed
    | FaultProven
    | FaultUnproven
    | FaultUndoing
    | FaultUndoFailed
    | FaultUndone
    | FaultVerified
)
Sentence = tuple[str, str]
"""A title and a detail."""


def fault_tone(event: FaultEvent) -> Tone:
    """Return how a reader should take what happened to a fault."""
    match event:
        case FaultProven() | FaultVerified():
            return "good"
        case FaultFailed() | FaultUndoFailed():
            return "bad"
        case FaultInjected() | FaultUnproven():
            return "warn"
        case FaultSkipped() | FaultArmed() | FaultUndoing() | FaultUndone():
            return "plain"
        case _:
            assert_never(event)


def fault_sentence(event: FaultEvent) -> Sentence:
    """Return what happened to a fault, and the details."""
    match event:
        case FaultSkipped() | FaultArmed() | FaultInjected() | FaultFailed():
            return _coming(event)
        case FaultProven() | FaultUnproven():
            return _proof(event)
        case FaultUndoing() | FaultUndoFailed() | FaultUndone() | FaultVerified():
            return _going(event)
        case _:
            assert_never(event)


def label(event: FaultEvent) -> str:
    """Return a fault's name as the experiment gave it, with its kind."""
    kind = event.fault.partition("-")[2]
    name = line(event.name)
    return f"{name} ({kind})" if kind and kind != name else name


def _coming(
    event: FaultSkipped | FaultArmed | FaultInjected | FaultFailed,
) -> Sentence:
    name = label(event)
    match event:
        case FaultSkipped():
            draw = f"drew {event.drawn:.3g}, needed less than {event.probability:g}"
            return f"{name} was left out by chance", draw
        case FaultArmed():
            target = f"target: {line(event.target)}" if event.target else ""
            return f"{name} was armed: what undoing needs is on record", target
        case FaultInjected():
            return f"{name} was injected", _took(event.duration)
        case FaultFailed():
            return f"{name} could not be {_STEP[event.step]}", line(event.error)
        case _:
            assert_never(event)


def _took(duration: float) -> str:
    return f"it took {seconds(duration)}" if duration else ""


_STEP = {"arm": "armed", "inject": "injected"}


def _proof(event: FaultProven | FaultUnproven) -> Sentence:
    match event:
        case FaultProven():
            shown = evidence(event.evidence) or "its effect was seen"
            return f"{label(event)} bit: proven: {shown}", ""
        case FaultUnproven():
            return f"{label(event)} was not seen to bite", line(event.why)
        case _:
            assert_never(event)


def _going(
    event: FaultUndoing | FaultUndoFailed | FaultUndone | FaultVerified,
) -> Sentence:
    name = label(event)
    match event:
        case FaultUndoing():
            again = f" (attempt {event.attempt})" if event.attempt > 1 else ""
            return f"{name} is being undone{again}", ""
        case FaultUndoFailed():
            return f"undoing {name} failed, attempt {event.attempt}", line(event.error)
        case FaultUndone():
            return f"{name} was undone", _took(event.duration)
        case FaultVerified():
            seen = evidence(event.evidence)
            return f"{name} was verified to be gone", seen
        case _:
            assert_never(event)
