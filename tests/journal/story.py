"""Journals as a run would have written them, told by tests."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from chaos_mcp.events import (
    FaultArmed,
    FaultInjected,
    FaultProven,
    FaultUndoing,
    FaultUndone,
    FaultVerified,
    HypothesisJudged,
    PhaseStarted,
    ProbeMeasured,
    RunEnded,
    RunStarted,
    WorkloadSampled,
    WorkloadStarted,
    WorkloadStopped,
)

if TYPE_CHECKING:
    from chaos_mcp.events import BaseEvent, Event
    from chaos_mcp.terms import Phase, Verdict, When

FAULT = "1-network.partition"
NAME = "cut the cache off"
RATE = 50.0
DEADLINE = 2.0
INJECTED, VERIFIED, END = 10.0, 20.0, 32.0

Answer = Callable[[float], tuple[float, str]]
"""What a request that is due then gets: latency and result."""


def dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - a test is to be repeatable


def fine(_: float) -> tuple[float, str]:
    return 0.01, "ok"


def dead_between(start: float, end: float) -> Answer:
    def answer(due: float) -> tuple[float, str]:
        return (0.002, "status 503") if start <= due < end else (0.01, "ok")

    return answer


def promised(**settings: Any) -> dict[str, Any]:
    workload = {
        "name": "checkout",
        "rate": RATE,
        "deadline": DEADLINE,
        "latency": 0.3,
        "availability": 0.99,
    }
    return {
        "workloads": [workload],
        "rto": 10.0,
        "faults": ["network.partition"],
        **settings,
    }


@dataclass
class Story:
    """A journal being told; `at` moves on as it is."""

    at: float = 0.0
    events: list[Event] = field(default_factory=list)

    def tell(self, *told: BaseEvent, at: float | None = None) -> Self:
        """Add events, at a time of the run or at the present one."""
        self.at = self.at if at is None else at
        for event in told:
            stamp = {"run": "r1", "seq": len(self.events), "at": self.at}
            self.events.append(event.model_copy(update=stamp))  # type: ignore[arg-type]
        return self

    def begin(self, at: float = 0.0, **settings: Any) -> Self:
        begun = RunStarted(
            title="The shop keeps selling",
            experiment={"title": "The shop keeps selling"},
            seed=7,
            settings=settings or promised(),
        )
        return self.tell(begun, at=at)

    def phase(self, phase: Phase, at: float | None = None) -> Self:
        return self.tell(PhaseStarted(phase=phase), at=at)

    def probe(
        self,
        verdict: Verdict,
        when: When | None,
        name: str = "the shop answers",
        at: float | None = None,
        **more: Any,
    ) -> Self:
        asked = {"role": "hypothesis", "when": when, **more}
        return self.tell(ProbeMeasured(name=name, verdict=verdict, **asked), at=at)

    def judge(
        self, when: When, verdict: Verdict = "held", at: float | None = None
    ) -> Self:
        return self.tell(HypothesisJudged(when=when, verdict=verdict), at=at)

    def arm(self, at: float | None = None, fault: str = FAULT) -> Self:
        return self.tell(armed(fault), at=at)

    def inject(self, at: float | None = None, fault: str = FAULT) -> Self:
        self.arm(at, fault)
        return self.tell(FaultInjected(fault=fault, name=NAME))

    def prove(self, at: float | None = None, fault: str = FAULT) -> Self:
        evidence = {"connections held back": 12, "bytes dropped": 3400}
        return self.tell(FaultProven(fault=fault, name=NAME, evidence=evidence), at=at)

    def undo(self, at: float | None = None, fault: str = FAULT) -> Self:
        undoing = FaultUndoing(fault=fault, name=NAME)
        return self.tell(undoing, FaultUndone(fault=fault, name=NAME), at=at)

    def verify(self, at: float | None = None, fault: str = FAULT) -> Self:
        return self.tell(FaultVerified(fault=fault, name=NAME), at=at)

    def end(self, at: float | None = None) -> Self:
        return self.tell(RunEnded(), at=at)


def armed(fault: str = FAULT) -> FaultArmed:
    return FaultArmed(
        fault=fault,
        name=NAME,
        spec={"fault": "network.partition", "proxy": "cache"},
        memo={},
        owner="chaos-r1-1",
        lease=10.0,
        expires=2e9,
        target="cache",
    )


def sampled(
    answer: Answer,
    *,
    until: float = END,
    since: float = 0.0,
    name: str = "checkout",
    rate: float = RATE,
) -> list[WorkloadSampled]:
    """Return a second's requests an event, as an open loop would send them."""
    found = []
    for first in range(round((until - since) * rate))[:: max(1, round(rate))]:
        last = min(first + max(1, round(rate)), round((until - since) * rate))
        due = [round(since + number / rate, 4) for number in range(first, last)]
        answers = [answer(one) for one in due]
        found.append(
            WorkloadSampled(
                name=name,
                sent=due,
                latency=[latency for latency, _ in answers],
                result=[result for _, result in answers],
            )
        )
    return found


def run(
    answer: Answer = fine,
    *,
    prove: bool = True,
    verify: bool = True,
    end: bool = True,
    extra: Callable[[Story], object] | None = None,
    **settings: Any,
) -> list[Event]:
    """Return a whole run: 10 s of baseline, 10 s of fault, 12 s of recovery."""
    story = whole(answer, prove=prove, verify=verify, end=end, extra=extra, **settings)
    return story.events


def whole(
    answer: Answer = fine,
    *,
    prove: bool = True,
    verify: bool = True,
    end: bool = True,
    extra: Callable[[Story], object] | None = None,
    **settings: Any,
) -> Story:
    story = Story().begin(**promised(**settings))
    story.tell(WorkloadStarted(name="checkout", rate=RATE, deadline=DEADLINE))
    story.phase("baseline")
    story.probe("held", "before", at=9.9).judge("before")
    story.phase("inject").inject(INJECTED)
    if prove:
        story.prove(10.5)
    story.probe("held", "during", at=11.0).probe("held", "during", at=15.0)
    story.undo(19.9)
    if verify:
        story.verify(VERIFIED)
    story.judge("during").phase("recovery")
    if extra:
        extra(story)
    for number, event in enumerate(sampled(answer)):
        story.tell(event, at=max(story.at, number + 1.0))
    sent = round(END * RATE)
    story.tell(WorkloadStopped(name="checkout", sent=sent), at=END)
    story.probe("held", "after").judge("after").phase("rollbacks", END)
    if end:
        story.end(END + 0.1)
    return story
