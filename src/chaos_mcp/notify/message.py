"""What is told of a run: one message, whoever hears it.

`docs/schema/notification.json` is the JSON Schema of it. What is added later is added
beside what is there; what would break a reader gets another `version`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Happened = Literal["failure", "regression", "recovery", "success"]
"""What may have happened, and a channel may be asked to tell.

failure     the verdict is FAILED, ABORTED, INCONCLUSIVE or UNSAFE
regression  the run is worse than the baseline that it was held to
recovery    it passed, and the same experiment's run before it had not
success     it passed
"""


class Part(BaseModel):
    """Data that is as it was made."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True
    )


class Experiment(Part):
    """What was run."""

    title: str
    file: str
    """As it was named; empty if it was no file."""
    tags: list[str]


class Score(Part):
    """The stability score, from 0 to 100."""

    value: float
    low: float
    """The ends of its 95 % interval."""
    high: float


class Before(Part):
    """The run of the same experiment before this one, as the history has it."""

    run: str
    verdict: str


class Run(Part):
    """What became of a run. What a target said stands in here as it said it."""

    run: str
    """The run's id, as `chaos report` takes it."""
    experiment: Experiment
    happened: list[Happened]
    verdict: Literal["PASSED", "FAILED", "ABORTED", "INCONCLUSIVE", "UNSAFE"]
    exit_code: int
    reasons: list[str]
    """Why, the weightiest first; at most twenty, each of one line."""
    next_step: str
    """What somebody has to do now, if anything."""
    score: Score | None
    baseline: str
    """What it was held to, if to anything."""
    regressions: list[str]
    """What got worse than there, a metric a line."""
    before: Before | None
    started: str
    """RFC 3339, in UTC."""
    seconds: float
    """How long it took."""
    node: str
    """The machine that it ran on."""
    link: str
    """The CI job that it ran in, if in any."""


class Message(Part):
    """What every channel tells, and the webhook sends as it stands here."""

    type: Literal[
        "chaos.failure",
        "chaos.regression",
        "chaos.recovery",
        "chaos.success",
        "chaos.test",
    ]
    """The weightiest of what happened; `chaos.test` is a trial, and no run."""
    version: Literal[1] = 1
    timestamp: str
    """When it was written: RFC 3339, in UTC."""
    data: Run


def schema() -> dict[str, object]:
    """Return the JSON Schema of a message."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Message.model_json_schema(mode="serialization"),
    }
