"""Controls are called when, and with what, Chaos Toolkit calls them."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from chaoslib.experiment import run_experiment

from chaos_mcp.adapters.chaostoolkit_controls import Controls, controls_of
from chaos_mcp.errors import ChaosError, RunInterrupted
from chaos_mcp.experiment.model import ActionCall, ProbeCall
from tests.adapters import listening

LISTENING = {
    "name": "listening",
    "provider": {
        "type": "python",
        "module": "tests.adapters.listening",
        "arguments": {"greeting": "${hello}"},
    },
}


def activity(name: str, value: Any, **more: Any) -> dict[str, Any]:
    provider = {
        "type": "python",
        "module": "copy",
        "func": "copy",
        "arguments": {"x": value},
    }
    return {"type": "probe", "name": name, "provider": provider, **more}


def experiment(**more: Any) -> dict[str, Any]:
    return {
        "title": "x",
        "description": "y",
        "configuration": {"hello": "hi"},
        "secrets": {"g": {"token": "s"}},
        "controls": [LISTENING],
        "steady-state-hypothesis": {
            "title": "steady",
            "probes": [activity("is one", 1, tolerance=1)],
        },
        "method": [activity("two", 2)],
        "rollbacks": [activity("three", 3)],
        **more,
    }


@dataclass
class Call:
    name: str
    written: Any = None


@dataclass
class Answer:
    value: Any
    error: str = ""
    duration: float = 0.1


@pytest.fixture(autouse=True)
def calls() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    listening.CALLS.clear()
    listening.INTERRUPT_AT.clear()
    yield listening.CALLS
    listening.INTERRUPT_AT.clear()


def ours(raw: dict[str, Any]) -> Controls:
    controls = controls_of(raw, {"hello": "hi"}, {"g": {"token": "s"}})
    assert controls is not None
    return controls


async def one(controls: Controls, name: str, value: Any) -> None:
    await controls.before("activity", Call(name))
    await controls.after("activity", Call(name), Answer(value))


async def whole_run(controls: Controls) -> None:
    """Tell of a run as the engine does."""
    await controls.before("experiment", None)
    for level, name, value in (
        ("hypothesis", "is one", 1),
        ("method", "two", 2),
        ("hypothesis", "is one", 1),
        ("rollbacks", "three", 3),
    ):
        await controls.before(level, None)  # type: ignore[arg-type]
        await one(controls, name, value)
        await controls.after(level, None, "held")  # type: ignore[arg-type]
    await controls.after("experiment", None, None)


@pytest.mark.anyio
async def test_a_run_tells_controls_what_chaos_toolkit_s_run_tells_them(
    calls: list[Any],
) -> None:
    raw = experiment()
    run_experiment(copy.deepcopy(raw))
    theirs = calls.copy()
    calls.clear()

    await whole_run(ours(raw))

    assert calls == theirs
    assert len(calls) == 20


@pytest.mark.anyio
async def test_a_control_of_one_activity_hears_of_that_alone(calls: list[Any]) -> None:
    raw = experiment(
        controls=[], method=[activity("two", 2, controls=[LISTENING]), activity("z", 1)]
    )
    run_experiment(copy.deepcopy(raw))
    theirs = calls.copy()
    calls.clear()

    await whole_run(ours(raw))

    assert calls == theirs
    assert [name for name, _ in calls] == [
        "configure",
        "before_activity",
        "after_activity",
        "cleanup",
    ]


@pytest.mark.anyio
async def test_a_control_can_interrupt_the_run() -> None:
    listening.INTERRUPT_AT.append("before_method")
    controls = ours(experiment())

    with pytest.raises(RunInterrupted, match="interrupted the run: enough at"):
        await controls.before("method", None)


@pytest.mark.anyio
async def test_after_the_end_nothing_is_left_to_interrupt(calls: list[Any]) -> None:
    listening.INTERRUPT_AT.append("after_experiment")
    controls = ours(experiment())

    await whole_run(controls)

    assert calls[-1] == ("cleanup", {})


@pytest.mark.anyio
async def test_a_clean_up_that_fails_is_one_message() -> None:
    listening.INTERRUPT_AT.append("cleanup")
    controls = ours(experiment())

    with pytest.raises(ChaosError, match="a control could not clean up: enough"):
        await whole_run(controls)


@pytest.mark.anyio
async def test_a_control_that_is_not_there_is_passed_over() -> None:
    absent = {"name": "a", "provider": {"type": "python", "module": "not_there_at_all"}}

    await whole_run(ours(experiment(controls=[absent])))


@pytest.mark.anyio
async def test_a_failed_activity_is_told_as_failed(calls: list[Any]) -> None:
    controls = ours(experiment())

    await controls.after("activity", Call("two"), Answer(None, "it broke"))

    assert calls[-1][1]["status"] == "failed"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("written", "kind"),
    [
        (ProbeCall.model_validate({"probe": "http", "url": "u"}), "probe"),
        (ActionCall.model_validate({"action": "shop.reset"}), "action"),
    ],
    ids=["probe", "action"],
)
async def test_what_is_written_in_the_short_form_is_told_in_the_long_one(
    calls: list[Any], written: Any, kind: str
) -> None:
    controls = ours(experiment(method=[]))
    context = controls._context("activity", Call("short", written))  # noqa: SLF001 - what controls see

    await one(controls, "short", 5)

    assert context["type"] == kind
    assert [given["name"] for _, given in calls] == ["short", "short"]


@pytest.mark.anyio
async def test_the_journal_says_how_the_run_went() -> None:
    controls = ours(experiment())
    await controls.before("experiment", None)
    for verdict in ("held", "deviated"):
        await controls.before("hypothesis", None)
        await one(controls, "is one", 1)
        await controls.after("hypothesis", None, verdict)
    await controls.after("experiment", None, "interrupted")

    journal = controls.record.journal

    assert journal["status"] == "interrupted"
    assert journal["deviated"] is True
    assert journal["steady_states"]["before"]["steady_state_met"] is True
    assert journal["steady_states"]["after"]["probes"][0]["output"] == 1


def test_an_experiment_without_controls_needs_none() -> None:
    assert controls_of(experiment(controls=[]), {}, {}) is None
    assert controls_of({"title": "x", "perturbations": []}, {}, {}) is None


def test_controls_leave_what_was_read_as_it_was() -> None:
    raw = experiment()

    ours(raw).experiment["title"] = "changed"

    assert raw == experiment()
