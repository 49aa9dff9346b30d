"""The run as a trace in OTLP/JSON, as OpenTelemetry collectors take it."""

from __future__ import annotations

import json
from dataclasses import dataclass
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
NANO = 1e9
TRACE, SPAN = 32, 16
"""Hexadecimal digits of the two kinds of id."""


def render(reading: Reading) -> str:
    """Return one export request: the run is the root of its spans."""
    return "".join(pieces(reading))


def pieces(reading: Reading) -> Iterator[str]:
    """Yield the request span by span; ids and times are the record's own."""
    scope = json.dumps({"name": "chaos-mcp", "version": __version__})
    yield '{"resourceSpans":[{"resource":' + json.dumps(resource(reading))
    yield ',"scopeSpans":[{"scope":' + scope + ',"spans":['
    trace = _Trace(_id(reading, "trace", TRACE), _began(reading))
    first = int(_id(reading, "run", SPAN), 16)
    root = _numbered(first)
    told = trace.span(_root(reading), root)
    yield json.dumps({**told, "events": list(trace.events(reading))})
    for number, one in enumerate(spans(reading), 1):
        told = trace.span(one, _numbered(first + number))
        yield ",\n" + json.dumps({**told, "parentSpanId": root})
    yield "]}]}]}\n"


def resource(reading: Reading) -> dict[str, Any]:
    """Return what a trace and metrics of this run belong to."""
    started = reading.started
    facts = {
        "service.name": "chaos",
        "service.version": started.version,
        "host.name": started.host.get("node", ""),
        "chaos.run": started.run,
        "chaos.experiment": started.title,
    }
    return {"attributes": attributes(facts)}


def _root(reading: Reading) -> Span:
    outcome, score = reading.outcome, reading.score
    good = outcome.result == "PASSED"
    facts: dict[str, Any] = {"verdict": outcome.result}
    if score.value is not None:
        facts["score"] = score.value
    error = "" if good else "; ".join(outcome.reasons) or outcome.result
    title = plain(reading.started.title)
    return Span(title, "run", 0.0, length(reading), plain(error), facts)


@dataclass(frozen=True, slots=True)
class _Trace:
    """What all spans of a run share: the trace's id, and when the run began."""

    name: str
    began: float
    """Nanoseconds since the epoch."""

    def span(self, one: Span, name: str) -> dict[str, Any]:
        """Return a span in OTLP's JSON."""
        facts = {"lane": one.lane, **one.facts}
        status: dict[str, Any] = {"code": OK}
        if one.error:
            status = {"code": ERROR, "message": one.error}
        return {
            "traceId": self.name,
            "spanId": name,
            "name": one.name,
            "kind": INTERNAL,
            "startTimeUnixNano": self.time(one.start),
            "endTimeUnixNano": self.time(one.end),
            "attributes": attributes({f"chaos.{k}": it for k, it in facts.items()}),
            "status": status,
        }

    def events(self, reading: Reading) -> Iterator[dict[str, Any]]:
        """Yield the moments of the timeline as events of a span."""
        for one in reading.timeline:
            facts = {"chaos.lane": one.lane, "chaos.detail": one.detail}
            yield {
                "timeUnixNano": self.time(one.at),
                "name": plain(one.title),
                "attributes": attributes(facts),
            }

    def time(self, at: float) -> str:
        """Return nanoseconds since the epoch, as text: JSON has no such integers."""
        return _stamp(self.began, at)


def nanoseconds(reading: Reading, at: float) -> str:
    """Return a moment of the run as OTLP's JSON has it."""
    return _stamp(_began(reading), at)


def _stamp(began: float, at: float) -> str:
    return str(max(0, round(began + at * NANO)))


def attributes(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return facts as OTLP has them."""
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


def _numbered(number: int) -> str:
    """Return a span's id; one of zeros is none, and is left out."""
    return f"{number % (2**64 - 1) + 1:016x}"


def _began(reading: Reading) -> float:
    return (reading.started.wall - reading.started.at) * NANO
