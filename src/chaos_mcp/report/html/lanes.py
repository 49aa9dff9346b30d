"""What happened beside the traffic: lanes of phases, faults, probes, safeguards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chaos_mcp.events import PhaseStarted
from chaos_mcp.report.html.element import plain
from chaos_mcp.report.html.marks import SHORT, answers, marks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.journal.model import Lane
    from chaos_mcp.report.reading import Reading

NAMES: dict[Lane, str] = {
    "fault": "faults",
    "hypothesis": "probes",
    "safeguard": "safeguards",
    "action": "actions",
}


def lanes(reading: Reading) -> list[dict[str, Any]]:
    """Return the lanes, top to bottom: spans of time, and marks at moments.

    Of probes every answer is a mark, not only those that say something new.
    """
    asked = answers(reading.events)
    told = [_lane("phases", _phases(reading))]
    for lane, name in NAMES.items():
        moments = [one for one in reading.timeline if one.lane == lane]
        moments = [one for one in moments if one.kind != "probe.measured"]
        found = marks([*moments, *asked.get(lane, [])])
        spans = _stood(reading) if lane == "fault" else iter(())
        told.append(_lane(name, spans, found))
    return [lane for lane in told if lane["spans"] or lane["marks"]]


def _lane(
    name: str,
    spans: Iterator[dict[str, Any]],
    found: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    return {"name": name, "spans": list(spans), "marks": found or []}


def _phases(reading: Reading) -> Iterator[dict[str, Any]]:
    """Yield from when to when each phase lasted."""
    begun = [event for event in reading.told if isinstance(event, PhaseStarted)]
    end = reading.events[-1].at if reading.events else 0.0
    ends = [*(event.at for event in begun[1:]), end]
    for event, until in zip(begun, ends, strict=False):
        yield _span(event.phase, event.at, until, "plain")


def _stood(reading: Reading) -> Iterator[dict[str, Any]]:
    for band in reading.bands:
        tone = "warn" if band.verified else "bad"
        yield _span(band.name, band.start, band.end, tone)


def _span(name: str, start: float, end: float, tone: str) -> dict[str, Any]:
    times = {"start": round(start, 3), "end": round(end, 3)}
    return {"name": plain(name, SHORT), **times, "tone": tone}
