"""The run as JUnit XML: a test case for each thing that was promised."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from xml.etree import ElementTree as ET

from chaos_mcp.events import ActionFinished, ProbeMeasured, SafeguardTripped
from chaos_mcp.report.faults import stories

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.report.reading import Reading

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""All but what XML 1.0 calls a character; its complement takes long to compile."""
State = Literal["good", "failure", "error", "skipped"]
STATES: dict[str, State] = {
    "PASSED": "good",
    "FAILED": "failure",
    "ABORTED": "failure",
    "INVALID": "failure",
    "INCONCLUSIVE": "skipped",
    "UNSAFE": "error",
}
VERDICTS: dict[str, State] = {
    "held": "good",
    "deviated": "failure",
    "unknown": "skipped",
}
RANK: dict[State, int] = {"good": 0, "skipped": 1, "failure": 2, "error": 3}


@dataclass(frozen=True, slots=True)
class Case:
    """One test case; green only if it was measured so."""

    group: str
    name: str
    state: State
    message: str = ""
    seconds: float = 0.0


def render(reading: Reading) -> str:
    """Return one test suite; skipped stands for what nobody could tell."""
    cases = [*_verdict(reading), *_probes(reading), *_faults(reading), *_rest(reading)]
    length = reading.events[-1].at if reading.events else 0.0
    suite = ET.Element("testsuite", _counts(cases))
    suite.set("name", clean(reading.started.title))
    suite.set("time", f"{length:.3f}")
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(reading):
        ET.SubElement(properties, "property", name=name, value=clean(value))
    for case in cases:
        _add(suite, case)
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def clean(text: object) -> str:
    """Return text without the characters that XML cannot hold."""
    return FORBIDDEN.sub("�", str(text))


def _counts(cases: list[Case]) -> dict[str, str]:
    states = [case.state for case in cases]
    return {
        "tests": str(len(cases)),
        "failures": str(states.count("failure")),
        "errors": str(states.count("error")),
        "skipped": str(states.count("skipped")),
    }


def _properties(reading: Reading) -> Iterator[tuple[str, object]]:
    started, score = reading.started, reading.score
    yield from (("run", started.run), ("seed", started.seed), ("file", started.file))
    yield "verdict", reading.outcome.result
    if score.value is not None:
        yield "score", f"{score.value:.2f}"
        yield "score.low", f"{score.low or 0:.2f}"
        yield "score.high", f"{score.high or 0:.2f}"


def _add(suite: ET.Element, case: Case) -> None:
    element = ET.SubElement(
        suite,
        "testcase",
        classname=clean(f"chaos.{case.group}"),
        name=clean(case.name),
        time=f"{case.seconds:.3f}",
    )
    if case.state != "good":
        ET.SubElement(element, case.state, message=clean(case.message))


def _verdict(reading: Reading) -> Iterator[Case]:
    outcome = reading.outcome
    message = "; ".join(outcome.reasons)
    yield Case("verdict", outcome.result.lower(), STATES[outcome.result], message)


def _probes(reading: Reading) -> Iterator[Case]:
    """Yield a case for each probe and time; its worst answer counts."""
    worst: dict[tuple[str, str], Case] = {}
    for event in reading.events:
        if isinstance(event, ProbeMeasured) and event.when:
            key = (event.when, event.name)
            state = VERDICTS[event.verdict]
            known = worst.get(key)
            if known is None or RANK[state] > RANK[known.state]:
                message = f"{event.verdict} at {event.at:.1f} s: {event.why}"
                worst[key] = Case(
                    f"hypothesis.{event.when}",
                    event.name,
                    state,
                    message,
                    event.duration,
                )
    yield from worst.values()


def _faults(reading: Reading) -> Iterator[Case]:
    for one in stories(reading.told):
        if one.skipped or one.failed:
            yield Case("fault", f"{one.name} is injected", "skipped", one.words)
        if one.injected is None:
            continue
        proven: State = "good" if one.evidence is not None else "skipped"
        yield Case("fault", f"{one.name} bites", proven, one.proof)
        state: State = "good" if one.verified is not None else "error"
        yield Case("fault", f"{one.name} is put back", state, one.words)


def _rest(reading: Reading) -> Iterator[Case]:
    for event in reading.events:
        match event:
            case SafeguardTripped():
                yield Case("safeguard", event.name, "failure", event.why)
            case ActionFinished(role="rollback"):
                state: State = "good" if event.status == "succeeded" else "error"
                yield Case("rollback", event.name, state, event.error, event.duration)
            case _:
                pass
