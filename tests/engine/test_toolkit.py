"""Chaos Toolkit's experiments run unchanged, controls and all."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from chaos_mcp.errors import ChaosError, InvalidExperiment
from chaos_mcp.events import (
    ActionFinished,
    HypothesisJudged,
    ProbeMeasured,
    RunAborting,
)
from chaos_mcp.providers.python import function_of
from tests.running import only, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODULE = "toolkit_extension_under_test"
EXTENSION = """
from chaoslib.exceptions import InterruptExecution

CALLS = []

def add(a, b, configuration=None, secrets=None):
    CALLS.append(("add", a, b, configuration, secrets))
    return a + b

def within(value, limit):
    return value < limit

def boom():
    raise ValueError("no such thing")

def configure_control(experiment, configuration, secrets):
    CALLS.append(("configure", experiment["title"], configuration))

def cleanup_control():
    CALLS.append(("cleanup",))

def before_experiment_control(context, early=False, **kwargs):
    CALLS.append(("before experiment", context["title"]))
    if early:
        raise InterruptExecution("too early")

def after_experiment_control(context, state, **kwargs):
    CALLS.append(("after experiment", state["status"]))

def before_hypothesis_control(context, **kwargs):
    CALLS.append(("before hypothesis", context["title"]))

def after_hypothesis_control(context, state, **kwargs):
    CALLS.append(("after hypothesis", state["steady_state_met"]))

def before_method_control(context, **kwargs):
    CALLS.append(("before method",))

def after_method_control(context, state, **kwargs):
    CALLS.append(("after method",))

def before_rollback_control(context, **kwargs):
    CALLS.append(("before rollback",))

def after_rollback_control(context, state, **kwargs):
    CALLS.append(("after rollback",))

def before_activity_control(context, interrupt=False, **kwargs):
    CALLS.append(("before activity", context["name"]))
    if interrupt and context["type"] == "action":
        raise InterruptExecution("enough")

def after_activity_control(context, state, **kwargs):
    CALLS.append(("after activity", context["name"], state["status"], state["output"]))
"""


@pytest.fixture(autouse=True)
def extension(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put an extension on the path, and forget it afterwards."""
    (tmp_path / f"{MODULE}.py").write_text(EXTENSION)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    yield
    sys.modules.pop(MODULE, None)
    function_of.cache_clear()


def called() -> list[Any]:
    return list(sys.modules[MODULE].CALLS)


def python(name: str, func: str, kind: str = "probe", **more: Any) -> dict[str, Any]:
    arguments = more.pop("arguments", {})
    provider = {
        "type": "python",
        "module": MODULE,
        "func": func,
        "arguments": arguments,
    }
    if "secrets" in more:
        provider["secrets"] = more.pop("secrets")
    return {"type": kind, "name": name, "provider": provider, **more}


def control(**arguments: Any) -> dict[str, Any]:
    provider = {"type": "python", "module": MODULE, "arguments": arguments}
    return {"name": "listen", "provider": provider}


def test_configuration_and_secrets_are_passed_by_name(tmp_path: Path) -> None:
    experiment = {
        "configuration": {"n": 4},
        "secrets": {"api": {"token": "abc"}},
        "method": [
            python("sum", "add", arguments={"a": "${n}", "b": 1}, secrets=["api"])
        ],
    }

    result = run(tmp_path, experiment)

    assert only(result.reading.events, ProbeMeasured)[0].value == 5
    assert called() == [("add", 4, 1, {"n": 4}, {"token": "abc"})]


@pytest.mark.parametrize(
    ("tolerance", "verdict"),
    [
        (3, "held"),
        (4, "deviated"),
        ([1, 5], "held"),
        ({"type": "range", "range": [10, 20]}, "deviated"),
        (python("t", "within", arguments={"limit": 9}), "held"),
        (python("t", "within", arguments={"limit": 2}), "deviated"),
    ],
    ids=["scalar", "other scalar", "list", "range", "probe", "probe that says no"],
)
def test_tolerances_mean_what_they_mean_there(
    tmp_path: Path, tolerance: Any, verdict: str
) -> None:
    if isinstance(tolerance, dict) and "provider" in tolerance:
        tolerance["provider"]["arguments"].setdefault("value", None)
    probe = python("sum", "add", arguments={"a": 1, "b": 2}, tolerance=tolerance)
    experiment = {
        "steady-state-hypothesis": {"title": "h", "probes": [probe]},
        "method": [],
    }

    result = run(tmp_path, experiment)

    assert only(result.reading.events, HypothesisJudged)[0].verdict == verdict


def test_the_hypothesis_is_judged_before_and_after_and_not_during(
    tmp_path: Path,
) -> None:
    probe = python("sum", "add", arguments={"a": 1, "b": 2}, tolerance=3)
    experiment = {
        "steady-state-hypothesis": {"title": "h", "probes": [probe]},
        "method": [{"ref": "sum"}],
    }

    result = run(tmp_path, experiment)

    judged = [one.when for one in only(result.reading.events, HypothesisJudged)]
    assert judged == ["before", "after"]
    assert result.verdict == "PASSED"


def test_controls_are_called_where_chaos_toolkit_calls_them(tmp_path: Path) -> None:
    probe = python("sum", "add", arguments={"a": 1, "b": 2}, tolerance=3)
    experiment = {
        "controls": [control()],
        "steady-state-hypothesis": {"title": "h", "probes": [probe]},
        "method": [python("do", "add", "action", arguments={"a": 2, "b": 2})],
        "rollbacks": [python("back", "add", "action", arguments={"a": 0, "b": 0})],
    }

    run(tmp_path, experiment)

    heard = [one for one in called() if one[0] != "add"]
    assert heard == [
        ("configure", "it", {}),
        ("before experiment", "it"),
        ("before hypothesis", "h"),
        ("before activity", "sum"),
        ("after activity", "sum", "succeeded", 3),
        ("after hypothesis", True),
        ("before method",),
        ("before activity", "do"),
        ("after activity", "do", "succeeded", 4),
        ("after method",),
        ("before hypothesis", "h"),
        ("before activity", "sum"),
        ("after activity", "sum", "succeeded", 3),
        ("after hypothesis", True),
        ("before rollback",),
        ("before activity", "back"),
        ("after activity", "back", "succeeded", 0),
        ("after rollback",),
        ("after experiment", "completed"),
        ("cleanup",),
    ]


def test_a_control_can_stop_the_run(tmp_path: Path) -> None:
    experiment = {
        "controls": [control(interrupt=True)],
        "method": [python("do", "add", "action", arguments={"a": 2, "b": 2})],
    }

    result = run(tmp_path, experiment)

    aborting = only(result.reading.events, RunAborting)[0]
    assert (aborting.cause, result.verdict) == ("control", "ABORTED")
    assert aborting.reason == "a control interrupted the run: enough"


def test_a_control_that_stops_the_run_at_once_may_clean_up_all_the_same(
    tmp_path: Path,
) -> None:
    experiment = {"controls": [control(early=True)], "method": []}

    result = run(tmp_path, experiment)

    assert result.verdict == "ABORTED"
    assert called()[-2:] == [("after experiment", "interrupted"), ("cleanup",)]


def test_controls_are_given_configuration_that_a_probe_gave(tmp_path: Path) -> None:
    given = python("n", "add", arguments={"a": 1, "b": 2})
    experiment = {
        "configuration": {"n": given},
        "controls": [control()],
        "method": [],
    }

    run(tmp_path, experiment)

    assert ("configure", "it", {"n": 3}) in called()


def write_settings(home: Path, text: str) -> None:
    (home / ".chaostoolkit").mkdir()
    (home / ".chaostoolkit" / "settings.yaml").write_text(text)


def test_controls_of_the_users_settings_are_called_too(tmp_path: Path) -> None:
    write_settings(tmp_path, json.dumps({"controls": {"everywhere": control()}}))

    action = python("do", "add", "action", arguments={"a": 2, "b": 2})
    run(tmp_path, {"method": [action]})

    assert [one[0] for one in called()] == [
        "configure",
        "before experiment",
        "before method",
        "before activity",
        "add",
        "after activity",
        "after method",
        "before rollback",
        "after rollback",
        "after experiment",
        "cleanup",
    ]


def test_settings_that_nobody_can_read_keep_the_run_from_starting(
    tmp_path: Path,
) -> None:
    write_settings(tmp_path, "controls: [")

    with pytest.raises(ChaosError, match=r"settings\.yaml: not valid YAML"):
        run(tmp_path, {"method": []})

    assert not (tmp_path / "runs").exists()


def test_an_action_that_raises_has_failed_and_the_method_goes_on(
    tmp_path: Path,
) -> None:
    experiment = {
        "method": [
            python("bad", "boom", "action"),
            python("do", "add", "action", arguments={"a": 2, "b": 2}),
        ]
    }

    result = run(tmp_path, experiment)

    done = only(result.reading.events, ActionFinished)
    assert [(one.status, one.error) for one in done] == [
        ("failed", "ValueError: no such thing"),
        ("succeeded", ""),
    ]


def test_processes_and_the_shell_are_called_as_there(tmp_path: Path) -> None:
    experiment = {
        "configuration": {"word": "hello"},
        "method": [
            {
                "type": "probe",
                "name": "list",
                "provider": {
                    "type": "process",
                    "path": "echo",
                    "arguments": ["${word}"],
                },
            },
            {
                "type": "probe",
                "name": "shell",
                "provider": {
                    "type": "process",
                    "path": "echo",
                    "arguments": "$word | tr a-z A-Z",
                },
            },
        ],
    }

    result = run(tmp_path, experiment)

    answers = [
        one.value["stdout"] for one in only(result.reading.events, ProbeMeasured)
    ]
    assert answers == ["hello\n", "HELLO\n"]


def test_the_journal_has_chaos_toolkits_shape(tmp_path: Path) -> None:
    probe = python("sum", "add", arguments={"a": 1, "b": 2}, tolerance=3)
    experiment = {
        "steady-state-hypothesis": {"title": "h", "probes": [probe]},
        "method": [python("do", "add", "action", arguments={"a": 2, "b": 2})],
    }

    result = run(tmp_path, experiment)

    journal = json.loads((result.folder / "journal.json").read_text())
    assert journal["status"] == "completed"
    assert journal["deviated"] is False
    assert journal["steady_states"]["before"]["steady_state_met"] is True
    assert journal["run"][0]["activity"]["name"] == "do"
    assert journal["run"][0]["output"] == 4
    assert journal["experiment"]["title"] == "it"


def test_what_cannot_be_called_is_said_before_anything_runs(tmp_path: Path) -> None:
    experiment = {
        "method": [
            python("a", "ad"),
            python("b", "add", arguments={"a": 1, "c": 2}),
            {
                "type": "action",
                "name": "c",
                "provider": {"type": "process", "path": "no-such-program"},
            },
        ]
    }

    with pytest.raises(InvalidExperiment) as raised:
        run(tmp_path, experiment)

    said = str(raised.value)
    assert "has no function 'ad'; did you mean 'add'?" in said
    assert "missing a required argument: 'b'" in said
    assert "method[2].provider.path: there is no program 'no-such-program'" in said
