"""The charts of traffic: requests, failures by kind, latency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chaos_mcp.journal.settings import settings_of
from chaos_mcp.report.downsample import DRAWN, MOST, extremes
from chaos_mcp.report.html.failures import failures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from chaos_mcp.report.html.failures import Kinds
    from chaos_mcp.report.reading import Reading
    from chaos_mcp.score.model import Second

EDGES = 4
"""Seconds from which the first and the last, which are not whole, are left out."""
LOOKS: tuple[tuple[str, list[int]], ...] = (
    ("orange", []),
    ("purple", [8, 3]),
    ("green", [2, 2]),
    ("blue", [8, 3, 2, 3]),
    ("yellow", [12, 4]),
    ("grey", [1, 4]),
)
"""Colours and dashes: lines can be told apart by either."""


def panels(reading: Reading) -> Iterator[dict[str, Any]]:
    """Yield the charts of traffic; none where none was recorded."""
    seconds = _whole(reading.score.seconds)
    if not seconds:
        return
    kinds = failures(reading.told, seconds)
    kept = extremes(seconds, [*DRAWN, *map(_of_kind, kinds.values())], MOST)
    yield _requests(kept)
    if kinds:
        yield _failures(kept, kinds)
    yield _latency(kept, reading)


def _whole(seconds: Sequence[Second]) -> Sequence[Second]:
    """Leave out the first and the last second, which would look like dips."""
    return seconds[1:-1] if len(seconds) > EDGES else seconds


def _of_kind(times: Any) -> Callable[[Second], float]:
    return lambda one: float(times[int(one.at)])


def _panel(
    name: str, title: str, form: str, seconds: Sequence[Second], **more: Any
) -> dict[str, Any]:
    begins = [one.at for one in seconds]
    told = {"id": name, "title": title, "form": form, "x": begins}
    return {**told, "steps": True, **more}


def _line(label: str, color: str, values: Iterable[Any], **more: Any) -> dict[str, Any]:
    return {"label": label, "color": color, "values": list(values), **more}


def _requests(seconds: Sequence[Second]) -> dict[str, Any]:
    series = [
        _line("sent", "grey", (one.sent for one in seconds), dash=[3, 3]),
        _line("good", "blue", (one.good for one in seconds), fill=True),
    ]
    return _panel("requests", "Requests a second", "count", seconds, series=series)


def _failures(seconds: Sequence[Second], kinds: Kinds) -> dict[str, Any]:
    series = [
        _line(kind, color, (times[int(one.at)] for one in seconds), dash=dash)
        for (kind, times), (color, dash) in zip(kinds.items(), LOOKS, strict=False)
    ]
    title = "Failures a second, by kind"
    return _panel("failures", title, "count", seconds, series=series)


def _latency(seconds: Sequence[Second], reading: Reading) -> dict[str, Any]:
    series = [
        _line("p50", "blue", _millis(one.p50 for one in seconds)),
        _line("p95", "green", _millis(one.p95 for one in seconds), dash=[2, 2]),
        _line("p99", "orange", _millis(one.p99 for one in seconds), dash=[8, 3]),
    ]
    promised = (one.latency for one in settings_of(reading.told).workloads)
    limits = sorted({1000 * latency for latency in promised if latency is not None})
    title = "Latency (a failure counts as its deadline)"
    more = {"series": series, "limits": limits, "log": True}
    return _panel("latency", title, "millis", seconds, **more)


def _millis(values: Iterable[float | None]) -> Iterator[float | None]:
    for value in values:
        yield None if value is None else round(1000 * value, 2)
