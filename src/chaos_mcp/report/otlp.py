"""The run as a trace in OTLP/JSON, as OpenTelemetry collectors take it."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from chaos_mcp import __version__
from chaos_mcp.report.foreign import plain
from chaos_mcp.report.spans import Span, length, spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chaos_mcp.report.reading import Reading

INTERNAL = 1
"""SPAN_KIND_INTERNAL."""
OK, ERROR = 1, 2
TRACE, SPAN = 32, 16
"""Hexadecimal digits of the two kinds of id."""


def render(reading: Reading) -> str:
    """Return one export request: the run is the root of its spans."""
    return "".join(pieces(reading))


def pieces(reading: Reading) -> Iterator[str]:
    """Yield the request span by span; ids and times are the record's own."""
    resource = json.dumps({"attributes": _attributes(_resource(reading))})
    scope = json.dumps({"name": "chaos-mcp", "version": __version__})
    yield '{"resourceSpans":[{"resource":' + resource
    yield ',"scopeSpans":[{"scope":' + scope + ',"spans":['
    root = _id(reading, "run", SPAN)
    yield json.dumps({**_span(reading, _root(reading), root), **_events(reading)})
    for number, one in enumerate(spans(reading)):
        found = _span(reading, one, _id(reading, str(number), SPAN))
        yield ",\n" + json.dumps({**found, "parentSpanId": root})
    yield "]}]}]}\n"


def _resource(reading: Reading) -> dict[str, Any]:
    started = reading.started
    return {
        "service.name": "chaos",
        "service.version": started.version,
        "host.name": started.host.get("node", ""),
        "chaos.run": started.run,
        "chaos.experiment": started.title,
    }


def _root(reading: Reading) -> Span:
    outcome, score = reading.outcome, reading.score
    good = outcome.result == "PASSED"
    facts: dict[str, Any] = {"verdict": outcome.result}
    if score.value is not None:
        facts["score"] = score.value
    error = "" if good else "; ".join(outcome.reasons) or outcome.result
    title = plain(reading.started.title)
    return Span(title, "run", 0.0, length(reading), plain(error), facts)


def _span(reading: Reading, one: Span, name: str) -> dict[str, Any]:
    facts = {"lane": one.lane, **one.facts}
    status: dict[str, Any] = {"code": OK}
    if one.error:
        status = {"code": ERROR, "message": one.error}
    return {
        "traceId": _id(reading, "trace", TRACE),
        "spanId": name,
        "name": one.name,
        "kind": INTERNAL,
        "startTimeUnixNano": _time(reading, one.start),
        "endTimeUnixNano": _time(reading, one.end),
        "attributes": _attributes({f"chaos.{key}": it for key, it in facts.items()}),
        "status": status,
    }


def _events(reading: Reading) -> dict[str, Any]:
    moments = [
        {
            "timeUnixNano": _time(reading, one.at),
            "name": plain(one.title),
            "attributes": _attributes(
                {"chaos.lane": one.lane, "chaos.detail": one.detail}
            ),
        }
        for one in reading.timeline
    ]
    return {"events": moments}


def _attributes(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(item)} for key, item in facts.items()]


def _value(item: Any) -> dict[str, Any]:
    match item:
        case bool():
            return {"boolValue": item}
        case int():
            return {"intValue": str(item)}
        case float():
            return {"doubleValue": item}
        case _:
            return {"stringValue": plain(item)}


def _id(reading: Reading, what: str, digits: int) -> str:
    made = sha256(f"{reading.started.run}/{what}".encode("utf-8", "replace"))
    return made.hexdigest()[:digits]


def _time(reading: Reading, at: float) -> str:
    """Return nanoseconds since the epoch; as text, since JSON has no such integers."""
    return str(max(0, round((reading.started.wall - reading.started.at + at) * 1e9)))
