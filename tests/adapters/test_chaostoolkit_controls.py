"""Controls are called when, and with what, Chaos Toolkit calls them."""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from chaoslib.control import get_global_controls, load_global_controls
from chaoslib.experiment import run_experiment
from chaoslib.loader import load_experiment
from chaoslib.settings import load_settings, loaded_settings

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

HANDLING = {
    "name": "handling",
    "provider": {"type": "python", "module": "tests.adapters.handling"},
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
def calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    monkeypatch.setenv("HOME", str(tmp_path))
    listening.CALLS.clear()
    listening.INTERRUPT_AT.clear()
    yield listening.CALLS
    listening.INTERRUPT_AT.clear()


def ours(raw: dict[str, Any], source: str = "") -> Controls:
    controls = controls_of(raw, {"hello": "hi"}, {"g": {"token": "s"}}, source)
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

    journal = controls.library.record.journal

    assert journal["status"] == "interrupted"
    assert journal["deviated"] is True
    assert journal["steady_states"]["before"]["steady_state_met"] is True
    assert journal["steady_states"]["after"]["probes"][0]["output"] == 1


def test_an_experiment_without_controls_needs_none() -> None:
    assert controls_of(experiment(controls=[]), {}, {}) is None
    assert controls_of({"title": "x", "perturbations": []}, {}, {}) is None


def test_controls_leave_what_was_read_as_it_was() -> None:
    raw = experiment()

    ours(raw).library.experiment["title"] = "changed"

    assert raw == experiment()


def settings_file(home: Path, text: str) -> Path:
    """Write Chaos Toolkit's settings where a user has them."""
    path = home / ".chaostoolkit" / "settings.yaml"
    path.parent.mkdir()
    path.write_text(text)
    return path


def everywhere(home: Path, *controls: dict[str, Any]) -> Path:
    """Have these controls in every experiment of the user."""
    named = {one["name"]: {"provider": one["provider"]} for one in controls}
    return settings_file(home, yaml.safe_dump({"controls": named, "mine": 5}))


@pytest.mark.anyio
async def test_handlers_of_events_are_told_what_chaos_toolkit_tells_them(
    calls: list[Any],
) -> None:
    raw = experiment(controls=[HANDLING])
    run_experiment(copy.deepcopy(raw), settings={})
    theirs = calls.copy()
    calls.clear()

    await whole_run(ours(raw))

    assert calls == theirs
    assert [name for name, _ in calls][:4] == [
        "configure",
        "running",
        "start_hypothesis_before",
        "about to",
    ]
    assert calls[-1][0] == "finish"


@pytest.mark.anyio
async def test_handlers_are_told_of_an_interruption_as_chaos_toolkit_tells_it(
    calls: list[Any],
) -> None:
    raw = experiment(controls=[HANDLING, LISTENING], rollbacks=[])
    listening.INTERRUPT_AT.append("before_method")
    run_experiment(copy.deepcopy(raw), settings={})
    theirs = [call for call in calls if "given" in call[1]]
    calls.clear()

    controls = ours(raw)
    await controls.before("experiment", None)
    await controls.before("hypothesis", None)
    await one(controls, "is one", 1)
    await controls.after("hypothesis", None, "held")
    with pytest.raises(RunInterrupted):
        await controls.before("method", None)
    await controls.after("experiment", None, "aborted")

    told = [call for call in calls if "given" in call[1]]
    assert told == theirs
    assert [name for name, _ in told][-3:] == [
        "method_completed",
        "interrupted",
        "finish",
    ]
    assert controls.library.record.journal["status"] == "interrupted"


@pytest.mark.anyio
@pytest.mark.parametrize("own", [[], [LISTENING]], ids=["without", "with others"])
async def test_controls_of_the_settings_are_called_as_chaos_toolkit_calls_them(
    calls: list[Any], tmp_path: Path, own: list[Any]
) -> None:
    settings = load_settings(str(everywhere(tmp_path, HANDLING)))
    raw = experiment(controls=own)
    file = tmp_path / "it.json"
    file.write_text(json.dumps(raw))
    load_global_controls(settings)
    run_experiment(load_experiment(str(file), settings), settings=settings)
    theirs = calls.copy()
    calls.clear()
    loaded_settings.set({})

    await whole_run(ours(raw, str(file)))

    assert calls == theirs
    assert calls[0][0] == "loading"
    assert calls[0][1]["settings"]["mine"] == 5
    assert get_global_controls() == []


@pytest.mark.anyio
async def test_a_control_of_the_settings_that_cannot_be_loaded_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_control.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    broken = {"type": "python", "module": "broken_control"}
    everywhere(tmp_path, {"name": "broken", "provider": broken})

    with pytest.raises(ChaosError, match="a control could not load: division by"):
        await whole_run(ours(experiment()))


def test_an_experiment_of_ours_has_controls_of_the_settings_only_beside_its_own(
    tmp_path: Path,
) -> None:
    everywhere(tmp_path, LISTENING)
    plain: dict[str, Any] = {"title": "x", "perturbations": []}

    assert controls_of(plain, {}, {}) is None
    assert ours({**plain, "controls": [HANDLING]}).library.everywhere
    assert ours({"title": "x", "method": []}).library.everywhere


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("controls: [", "not valid YAML"),
        ("- a", "settings are a mapping of keys to values"),
        ("controls: [a]", "`controls` is a mapping of names to controls"),
        ("controls: {a: b}", "the control 'a' has no `provider: module:`"),
        ("controls: {a: {provider: {}}}", "the control 'a' has no `provider: module:`"),
    ],
)
def test_settings_that_nobody_can_read_are_one_message(
    tmp_path: Path, text: str, said: str
) -> None:
    file = settings_file(tmp_path, text)

    with pytest.raises(ChaosError) as caught:
        controls_of(experiment(controls=[]), {}, {})

    assert str(caught.value).startswith(f"{file}: {said}")


@pytest.mark.parametrize("text", ["", "controls:\n", "auths: {}\n"])
def test_settings_without_controls_change_nothing(tmp_path: Path, text: str) -> None:
    settings_file(tmp_path, text)

    assert controls_of(experiment(controls=[]), {}, {}) is None
