"""The live view of a run in a terminal: phase, probes, faults, traffic."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from chaos_mcp.cli.expected import length
from chaos_mcp.events import (
    FaultInjected,
    FaultProven,
    FaultVerified,
    PhaseStarted,
    ProbeMeasured,
    RunAborting,
    SafeguardTripped,
    WorkloadSampled,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chaos_mcp.events import Event
    from chaos_mcp.plan.model import Plan

MARKS = {"held": ("✔", "green"), "deviated": ("✘", "red"), "unknown": ("?", "yellow")}
P99 = 0.99


@dataclass(slots=True)
class State:
    """What is known of a run so far, as the view shows it."""

    title: str
    expected: float
    """Seconds that the run will take, as far as the plan tells."""
    phase: str = "system"
    probes: dict[str, ProbeMeasured] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    traffic: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """Take one event into account."""
        match event:
            case PhaseStarted():
                self.phase = event.phase
            case ProbeMeasured():
                self.probes[event.name] = event
            case FaultInjected():
                self.faults[event.fault] = f"{event.name}: injected"
            case FaultProven():
                self.faults[event.fault] = f"{event.name}: bites"
            case FaultVerified():
                self.faults[event.fault] = f"{event.name}: put back, seen gone"
            case WorkloadSampled():
                self.traffic[event.name] = traffic_in_words(event)
            case SafeguardTripped():
                self.notes.append(f"safeguard {event.name}: {event.why}")
            case RunAborting():
                self.notes.append(f"stopping: {event.reason}")
            case _:
                pass

    def lines(self, elapsed: float) -> Iterator[Text]:
        """Yield what is shown, given the seconds since the beginning."""
        left = max(0.0, self.expected - elapsed)
        yield Text(self.title, "bold")
        yield Text(f"{self.phase:<10} {elapsed:5.0f} s, about {left:.0f} s left")
        for probe in self.probes.values():
            mark, color = MARKS[probe.verdict]
            line = Text(f"  {mark} ", color)
            yield line.append(f"{_plain(probe.name)}  {_plain(probe.why)}".rstrip())
        for words in self.traffic.values():
            yield Text(f"  ~ {_plain(words)}", "cyan")
        for words in self.faults.values():
            yield Text(f"  ! {_plain(words)}", "magenta")
        for words in self.notes:
            yield Text(f"  {_plain(words)}", "bold red")


def traffic_in_words(event: WorkloadSampled) -> str:
    """Return good requests and the p99 of the last second."""
    good = event.result.count("ok")
    slowest = sorted(event.latency)
    p99 = slowest[min(len(slowest) - 1, int(P99 * len(slowest)))] if slowest else 0.0
    return f"{event.name}: {good} of {len(event.result)} good, p99 {p99 * 1000:.0f} ms"


def _plain(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text)[:160]


@contextmanager
def live_view(plan: Plan) -> Iterator[Callable[[Event], None]]:
    """Show the state of a run on stderr, anew with each event and each half second."""
    state, began = State(plan.experiment.title, length(plan)), time.monotonic()

    def picture() -> Group:
        return Group(*state.lines(time.monotonic() - began))

    console = Console(stderr=True)
    with Live(
        console=console, get_renderable=picture, refresh_per_second=4, transient=True
    ):
        yield state.take
