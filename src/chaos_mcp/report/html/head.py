"""The first screen: what was tested, what came of it, why, and what to do next."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from markupsafe import Markup

from chaos_mcp.experiment.units import human_duration
from chaos_mcp.journal.settings import settings_of
from chaos_mcp.report.faults import stories
from chaos_mcp.report.html.element import el, join
from chaos_mcp.report.html.gauge import gauge
from chaos_mcp.report.html.next_steps import capital, next_step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.journal.promised import WorkloadSettings
    from chaos_mcp.report.faults import Story
    from chaos_mcp.report.reading import Reading

SIGNS = {
    "PASSED": "✓",
    "FAILED": "✕",
    "ABORTED": "■",
    "INCONCLUSIVE": "?",
    "UNSAFE": "!",
    "INVALID": "✕",
}
TONES = {"PASSED": "good", "INCONCLUSIVE": "warn", "ABORTED": "warn"}
MEANINGS = {
    "PASSED": "The system coped.",
    "FAILED": "The system did not cope.",
    "ABORTED": "The run was stopped, and everything was put back.",
    "INCONCLUSIVE": "Nothing can be concluded from this run.",
    "UNSAFE": "Something may still be broken.",
    "INVALID": "There was nothing to run.",
}
MOST = 6
"""Faults or workloads that are named before the rest is only counted."""


def head(reading: Reading) -> Markup:
    """Return the head of the page."""
    tone = TONES.get(reading.outcome.result, "bad")
    return el("header", el("div", *_inside(reading), css="wide"), css=f"head {tone}")


def _inside(reading: Reading) -> Iterator[Markup]:
    yield el("h1", reading.started.title)
    if words := _description(reading):
        yield el("p", words, css="lead")
    yield el("dl", *_tested(reading), css="tested")
    yield el("div", _verdict(reading), _why(reading), css="answer")


def _description(reading: Reading) -> str:
    written = reading.started.experiment
    words = written.get("description", "") if isinstance(written, dict) else ""
    return words if isinstance(words, str) else ""


def _tested(reading: Reading) -> Iterator[Markup]:
    """Yield what was done to whom, and when."""
    told = stories(reading.told)
    promised = settings_of(reading.told).workloads
    yield from _fact("Injected", [_injected(one) for one in told] or ["nothing"])
    yield from _fact("Traffic", [_traffic(one) for one in promised] or ["none"])
    yield from _fact("Run", [_when(reading)])


def _fact(name: str, words: list[Markup] | list[str]) -> Iterator[Markup]:
    yield el("dt", name)
    yield from (el("dd", one) for one in words[:MOST])
    if len(words) > MOST:
        yield el("dd", f"and {len(words) - MOST} more", css="soft")


def _injected(one: Story) -> Markup:
    until = one.undone or one.verified
    length = (
        f"for {human_duration(until - one.injected)}"
        if until is not None and one.injected is not None
        else ("and not taken back" if one.injected is not None else "not carried out")
    )
    where = f" on {one.target}" if one.target else ""
    kind = f"{one.kind}{where}, " if one.kind else ""
    return join([el("b", one.name), el("span", f" {kind}{length}", css="soft")], "")


def _traffic(one: WorkloadSettings) -> Markup:
    within = "" if one.latency is None else f" within {human_duration(one.latency)}"
    good = f"{100 * one.availability:g} % answered{within} promised"
    words = f" {one.rate:g} requests a second, {good}"
    return join([el("b", one.name), el("span", words, css="soft")], "")


def _when(reading: Reading) -> Markup:
    """Return when it was and how long it took; all times of the report are seconds."""
    events = reading.events
    name = el("b", reading.started.run or "(unknown)")
    if not events or not events[0].wall:
        return name
    began = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(events[0].wall))
    took = human_duration(max(0.0, events[-1].at - events[0].at))
    return join([name, el("span", f" {began}, {took} long", css="soft")], "")


def _verdict(reading: Reading) -> Markup:
    result = reading.outcome.result
    sign = el("span", SIGNS[result], css="sign", aria_hidden="true")
    return el(
        "div",
        el("h2", "Verdict and score", css="unseen"),
        el("p", sign, Markup(" "), result, css="verdict"),
        el("p", MEANINGS[result], css="soft"),
        gauge(reading.score, settings_of(reading.told).threshold),
        css="card outcome",
    )


def _why(reading: Reading) -> Markup:
    why = [el("li", capital(one)) for one in reading.outcome.reasons] or [
        el("li", "no reason")
    ]
    return el(
        "div",
        el("h2", "Why"),
        el("ul", *why, css="reasons"),
        el("h2", "What to do next"),
        el("div", next_step(reading), css="next"),
        css="card",
    )
