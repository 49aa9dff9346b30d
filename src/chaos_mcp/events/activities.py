"""Probes, the hypothesis, safeguards and actions."""

from typing import Literal

from chaos_mcp.events.base import JSON, BaseEvent
from chaos_mcp.terms import Role, Verdict, When


class ProbeMeasured(BaseEvent):
    """A question was asked, and this came back."""

    kind: Literal["probe.measured"] = "probe.measured"
    name: str
    role: Role
    when: When | None = None
    verdict: Verdict
    value: JSON = None
    expected: str = ""
    why: str = ""
    """For deviated and unknown: what was seen instead, in one sentence."""
    duration: float = 0.0


class HypothesisJudged(BaseEvent):
    """The steady-state hypothesis, taken as a whole."""

    kind: Literal["hypothesis.judged"] = "hypothesis.judged"
    when: When
    verdict: Verdict


class SafeguardTripped(BaseEvent):
    """What must stay true did not, or could not be asked."""

    kind: Literal["safeguard.tripped"] = "safeguard.tripped"
    name: str
    why: str


class ActionStarted(BaseEvent):
    """An action is about to be carried out."""

    kind: Literal["action.started"] = "action.started"
    name: str
    role: Role


class ActionFinished(BaseEvent):
    """An action came to its end."""

    kind: Literal["action.finished"] = "action.finished"
    name: str
    role: Role
    status: Literal["succeeded", "failed", "aborted"]
    output: JSON = None
    error: str = ""
    duration: float = 0.0
