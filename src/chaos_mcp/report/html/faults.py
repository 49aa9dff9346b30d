"""What was injected, whether it bit, what was put back, and how that was verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.events import ActionFinished
from chaos_mcp.journal.words import seconds
from chaos_mcp.report.faults import described, stories
from chaos_mcp.report.html.element import NONE, el, join
from chaos_mcp.report.html.table import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markupsafe import Markup

    from chaos_mcp.report.faults import Story
    from chaos_mcp.report.reading import Reading

HEADS = ("fault", "#injected", "did it bite?", "#undone", "seen gone, by reading back")


def faults(reading: Reading) -> Markup:
    """Return the faults and the rollbacks, each with how it ended."""
    return join(_parts(reading))


def _parts(reading: Reading) -> Iterator[Markup]:
    told = stories(reading.told)
    if words := _sum(reading, told):
        yield words
    if told:
        yield table(HEADS, map(_row, told), css="broad")
    else:
        yield el("p", "Nothing was injected.", css="note")
    rollbacks = [e for e in reading.told if isinstance(e, ActionFinished)]
    rows = [_rollback(one) for one in rollbacks if one.role == "rollback"]
    if rows:
        heads = ("rollback", "#at", "how it ended")
        yield table(heads, rows, caption="Rollbacks of the experiment")


def _sum(reading: Reading, told: list[Story]) -> Markup | None:
    """Return in a sentence whether anything is left."""
    if reading.open_faults:
        names = ", ".join(one.name for one in reading.open_faults)
        return el("p", f"✕ Not seen to be put back: {names}", css="t-bad strong")
    if any(one.injected is not None for one in told):
        words = "✓ Everything that was injected was taken back and seen to be gone."
        return el("p", words, css="t-good strong")
    return None


def _row(one: Story) -> tuple[object, ...]:
    name = join([el("b", one.name), el("br"), el("small", one.kind, " ", one.target)])
    return name, _at(one.injected), _bite(one), _at(one.undone), _back(one)


def _bite(one: Story) -> Markup:
    if one.injected is None:
        return el("span", one.words)
    proven = one.evidence is not None
    sign, tone = ("✓", "t-good") if proven else ("?", "t-warn")
    return join([el("span", sign, css=tone), " ", one.proof], "")


def _back(one: Story) -> Markup:
    if one.verified is not None:
        words = f"{one.verified:.2f} s: {described(one.restored)}"
        return join([el("span", "✓", css="t-good"), " ", words], "")
    if one.undo_errors:
        return el("span", f"✕ {one.undo_errors[-1]}", css="t-bad")
    if one.injected is None:
        return el("span", NONE)
    return el("span", "✕ not seen gone", css="t-bad")


def _at(time: float | None) -> str:
    return NONE if time is None else f"{time:.2f} s"


def _rollback(one: ActionFinished) -> tuple[object, ...]:
    fine = one.status == "succeeded"
    sign = el("span", "✓" if fine else "✕", css="t-good" if fine else "t-bad")
    words = f" {one.status}" + (f": {one.error}" if one.error else "")
    took = f" (it took {seconds(one.duration)})" if one.duration else ""
    return one.name, _at(one.at), join([sign, words, took], "")
