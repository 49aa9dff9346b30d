"""The requests of each workload in the order they were due, and what went unheard."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING

from chaos_mcp.events import WorkloadSampled, WorkloadStarted
from chaos_mcp.journal.promised import WorkloadSettings
from chaos_mcp.journal.record import once
from chaos_mcp.journal.settings import settings_of
from chaos_mcp.journal.workloads import stops

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chaos_mcp.events import Event
    from chaos_mcp.journal.model import Window

OK = "ok"
EDGE = 5e-7
"""Seconds by which a time may be off from how floats are added."""
NEXT = 1.5
"""Intervals from one request to another between which there is surely none."""
MOST_SILENT = 100_000
"""Unheard requests that are counted at most: a damaged record must not fill memory."""


@dataclass(slots=True)
class Flow:
    """One workload's requests, in columns, in the order in which they were due.

    A request that was due and of which the record says nothing is *silent*. Since
    the generator is an open loop of constant rate, gaps in the due times show them.
    """

    promise: WorkloadSettings
    due: list[float] = field(default_factory=list)
    """Seconds since the run began."""
    latency: list[float] = field(default_factory=list)
    """Seconds from the due time to the answer; of failures, the deadline."""
    succeeded: list[bool] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    """Seconds from the due time to the answer or the failure, whichever came."""
    result: list[str] = field(default_factory=list)
    """`ok`, or why not."""
    silent: list[float] = field(default_factory=list)
    """When silent requests were due."""

    @property
    def name(self) -> str:
        """Return the workload's name."""
        return self.promise.name

    @property
    def end(self) -> float:
        """Return until when it sent, by the due times."""
        last = max([*self.due[-1:], *self.silent[-1:]], default=0.0)
        return last + (1 / self.promise.rate if self.promise.rate > 0 else 0.0)

    def between(self, window: Window) -> slice:
        """Return where in the columns the requests of a window stand."""
        return _within(self.due, window)

    def unheard(self, window: Window) -> list[float]:
        """Return when the silent requests of a window were due."""
        return self.silent[_within(self.silent, window)]

    def count(self, window: Window) -> int:
        """Return how many requests were due in a window, heard of or not."""
        heard = self.between(window)
        return len(self.due[heard]) + len(self.unheard(window))

    def good(self, within: slice) -> list[bool]:
        """Tell of each of these requests whether it succeeded within the SLO."""
        slo = self.promise.latency
        if slo is None:
            return self.succeeded[within]
        pairs = zip(self.succeeded[within], self.latency[within], strict=True)
        return [fine and latency <= slo for fine, latency in pairs]


def _within(times: Sequence[float], window: Window) -> slice:
    start = bisect_left(times, window.start - EDGE)
    return slice(start, bisect_left(times, window.end - EDGE, start))


@once
def flows(events: Sequence[Event]) -> tuple[Flow, ...]:
    """Return the requests of every workload, in the order of their names.

    Where a journal has a request at an impossible time, it is left out.
    """
    known = {one.name: one for one in settings_of(events).workloads}
    began: dict[str, float] = {}
    samples: dict[str, list[WorkloadSampled]] = {}
    for event in events:
        if isinstance(event, WorkloadStarted):
            known.setdefault(event.name, _promise(event))
            began.setdefault(event.name, event.at)
            samples.setdefault(event.name, [])
        elif isinstance(event, WorkloadSampled):
            samples.setdefault(event.name, []).append(event)
    sent = {stop.name: stop.sent for stop in stops(events)}
    made = []
    for name in sorted(samples):
        flow = _flow(known.get(name) or _unknown(name), samples[name])
        flow.silent = _silent(flow, began.get(name), sent.get(name))
        made.append(flow)
    return tuple(made)


def _promise(event: WorkloadStarted) -> WorkloadSettings:
    return WorkloadSettings(name=event.name, rate=event.rate, deadline=event.deadline)


def _unknown(name: str) -> WorkloadSettings:
    return WorkloadSettings(name=name, rate=0.0, deadline=0.0)


def _flow(promise: WorkloadSettings, samples: Iterable[WorkloadSampled]) -> Flow:
    rows = [
        row
        for sample in samples
        for row in zip(sample.sent, sample.latency, sample.result, strict=False)
        if isfinite(row[0]) and isfinite(row[1])
    ]
    rows.sort()
    flow = Flow(promise, due=[row[0] for row in rows])
    flow.succeeded = [row[2] == OK for row in rows]
    flow.took = [row[1] for row in rows]
    flow.result = [row[2] for row in rows]
    # A failure that came quickly is no better for the customer than a slow one.
    flow.latency = [row[1] if row[2] == OK else promise.deadline for row in rows]
    return flow


def _silent(flow: Flow, began: float | None, sent: int | None) -> list[float]:
    """Return when the requests were due that the record does not have.

    What was sent in all and is missing in no gap is missing at the beginning, as far
    as there is room for it, or else at the end.
    """
    rate, due = flow.promise.rate, flow.due
    if rate <= 0:
        return []
    silent: list[float] = []
    for before, after in pairwise(due):
        if (after - before) * rate < NEXT:
            continue
        gap = min(round((after - before) * rate) - 1, MOST_SILENT - len(silent))
        silent.extend(before + step / rate for step in range(1, gap + 1))
    rest = 0 if sent is None else sent - len(due) - len(silent)
    rest = min(rest, MOST_SILENT - len(silent))
    first = due[0] if due else None
    if began is not None and rest > 0:
        room = rest if first is None else min(rest, round((first - began) * rate))
        head = began if first is None else first - room / rate
        silent[:0] = [head + step / rate for step in range(room)]
        rest -= max(0, room)
    last = due[-1] if due else 0.0
    silent.extend(last + step / rate for step in range(1, rest + 1))
    return silent
