"""The run in Chrome's trace format, for ui.perfetto.dev: a track a lane."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

from chaos_mcp.journal.model import Lane
from chaos_mcp.journal.resources import courses
from chaos_mcp.report.foreign import plain
from chaos_mcp.report.spans import Span, length, spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chaos_mcp.report.reading import Reading

PROCESS = 1
LANES: tuple[Lane, ...] = get_args(Lane)
MICRO = 1e6
MEBI = 2**20
MOST_ROWS = 1000


@dataclass(slots=True)
class Rows:
    """Where slices are drawn: those of a lane that overlap, below each other."""

    ends: dict[str, list[float]] = field(default_factory=dict)

    def row(self, one: Span) -> tuple[int, bool]:
        """Return the number of a slice's row, and whether nothing was in it yet."""
        ends = self.ends.setdefault(one.lane, [])
        for number, end in enumerate(ends):
            if end <= one.start:
                ends[number] = one.end
                return self.number(one.lane, number), False
        ends.append(one.end)
        return self.number(one.lane, len(ends) - 1), True

    @staticmethod
    def number(lane: Lane, row: int) -> int:
        """Return the number by which the format knows a row."""
        return LANES.index(lane) * MOST_ROWS + row


def render(reading: Reading) -> str:
    """Return a trace: faults and phases last, moments happen, traffic is counted."""
    return "".join(pieces(reading))


def pieces(reading: Reading) -> Iterator[str]:
    """Yield one trace event after another; times are seconds of the run."""
    yield '{"displayTimeUnit":"ms","traceEvents":['
    for number, event in enumerate(_events(reading)):
        yield ("\n" if number == 0 else ",\n") + json.dumps({**event, "pid": PROCESS})
    yield "\n]}\n"


def _events(reading: Reading) -> Iterator[dict[str, Any]]:
    title = plain(reading.started.title)
    yield _named("process_name", title, 0)
    rows = Rows()
    for lane in LANES:
        yield _named("thread_name", lane, rows.number(lane, MOST_ROWS - 1))
    outcome = reading.outcome
    facts = {"verdict": outcome.result, "score": reading.score.value}
    yield from _slice(Span(title, "run", 0.0, length(reading), "", facts), rows)
    for one in spans(reading):
        yield from _slice(one, rows)
    yield from _moments(reading)
    yield from _traffic(reading)
    yield from _resources(reading)


def _named(what: str, name: str, row: int) -> dict[str, Any]:
    return {"ph": "M", "name": what, "tid": row, "args": {"name": name}}


def _slice(one: Span, rows: Rows) -> Iterator[dict[str, Any]]:
    number, new = rows.row(one)
    if new:
        yield _named("thread_name", one.lane, number)
    yield {
        "ph": "X",
        "cat": one.lane,
        "name": one.name,
        "ts": one.start * MICRO,
        "dur": max(0.0, one.end - one.start) * MICRO,
        "tid": number,
        "args": {**one.facts, **({"error": one.error} if one.error else {})},
    }


def _moments(reading: Reading) -> Iterator[dict[str, Any]]:
    for one in reading.timeline:
        yield {
            "ph": "i",
            "s": "t",
            "name": plain(one.title),
            "ts": one.at * MICRO,
            "tid": Rows.number(one.lane, MOST_ROWS - 1),
            "args": {"detail": plain(one.detail), "tone": one.tone},
        }


def _traffic(reading: Reading) -> Iterator[dict[str, Any]]:
    for one in reading.score.seconds:
        counted = {"good": one.good, "bad": one.sent - one.good}
        yield _counter("requests", one.at, counted)
        if one.p99 is not None and one.p50 is not None:
            slow = {"p50": one.p50 * 1000, "p99": one.p99 * 1000}
            yield _counter("latency ms", one.at, slow)


def _resources(reading: Reading) -> Iterator[dict[str, Any]]:
    """Yield a counter for each part; a look that told nothing leaves a gap."""
    for one in courses(reading.events):
        name = plain(one.label)
        for at, cores, memory in zip(one.at, one.cores, one.memory, strict=True):
            if cores is not None:
                yield _counter(f"cores of {name}", at, {"cores": cores})
            if memory is not None:
                yield _counter(f"MiB of {name}", at, {"MiB": memory / MEBI})


def _counter(name: str, at: float, values: Mapping[str, float]) -> dict[str, Any]:
    return {"ph": "C", "name": name, "ts": at * MICRO, "tid": 0, "args": values}
