"""What each part used over time as gauges in OTLP/JSON, beside the run's trace."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chaos_mcp import __version__
from chaos_mcp.journal.resources import courses
from chaos_mcp.report.otlp import attributes, nanoseconds, resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.journal.resources import Course
    from chaos_mcp.report.reading import Reading


def render(reading: Reading) -> str:
    """Return one export request, under the same resource as the trace."""
    found = courses(reading.events)
    metrics = [
        _gauge(
            "chaos.part.cpu.cores",
            "Cores kept busy since the look before.",
            "{core}",
            [point for one in found for point in _cores(one, reading)],
        ),
        _gauge(
            "chaos.part.memory",
            "Memory that was resident.",
            "By",
            [point for one in found for point in _memory(one, reading)],
        ),
    ]
    scope = {"name": "chaos-mcp", "version": __version__}
    told = [one for one in metrics if one["gauge"]["dataPoints"]]
    scoped = [{"scope": scope, "metrics": told}] if told else []
    whole = {"resource": resource(reading), "scopeMetrics": scoped}
    return json.dumps({"resourceMetrics": [whole]}) + "\n"


def _gauge(
    name: str, words: str, unit: str, points: list[dict[str, Any]]
) -> dict[str, Any]:
    gauge = {"dataPoints": points}
    return {"name": name, "description": words, "unit": unit, "gauge": gauge}


def _cores(one: Course, reading: Reading) -> Iterator[dict[str, Any]]:
    for at, cores in zip(one.at, one.cores, strict=True):
        if cores is not None:
            yield {**_point(one, reading, at), "asDouble": cores}


def _memory(one: Course, reading: Reading) -> Iterator[dict[str, Any]]:
    for at, memory in zip(one.at, one.memory, strict=True):
        if memory is not None:
            yield {**_point(one, reading, at), "asInt": str(memory)}


def _point(one: Course, reading: Reading, at: float) -> dict[str, Any]:
    facts = {"chaos.part": one.part, "chaos.name": one.name}
    when = nanoseconds(reading, at)
    return {"attributes": attributes(facts), "timeUnixNano": when}
