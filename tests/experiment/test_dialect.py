"""Chaos Toolkit's files load into the same model, and mean what they mean there."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from chaoslib.experiment import ensure_experiment_is_valid

from chaos_mcp.errors import InvalidExperiment
from chaos_mcp.experiment.load import Loaded, load_data
from chaos_mcp.experiment.model import Activity, FaultCall, ProbeCall


def activity(name: str, **more: Any) -> dict[str, Any]:
    provider = {"type": "python", "module": "os", "func": "getpid"}
    return {"type": "probe", "name": name, "provider": provider, **more}


def toolkit(**more: Any) -> dict[str, Any]:
    return {"title": "x", "description": "y", "method": [], **more}


def loaded(**more: Any) -> Loaded:
    """Load an experiment that Chaos Toolkit takes as well."""
    data = toolkit(**more)
    ensure_experiment_is_valid(json.loads(json.dumps(data)))
    return load_data(data, Path())


def names(entries: Any) -> list[str]:
    return [entry.name for entry in entries]


def test_method_is_perturbations() -> None:
    found = loaded(method=[activity("a")]).experiment

    assert names(found.perturbations) == ["a"]
    assert found.dialect == "chaostoolkit"


def test_our_own_files_are_of_our_own_dialect() -> None:
    found = load_data({"title": "x", "perturbations": []}, Path())

    assert found.experiment.dialect == "chaos-mcp"


def test_everything_that_an_activity_may_have_is_read() -> None:
    one = activity(
        "a",
        pauses={"before": 1, "after": "${wait}"},
        background=True,
        controls=[{"name": "c", "provider": {"type": "python", "module": "os"}}],
    )

    (found,) = loaded(method=[one], configuration={"wait": 3}).experiment.perturbations

    assert isinstance(found, Activity)
    assert found.pauses is not None
    assert (found.pauses.before, found.pauses.after) == (1, 3)
    assert found.background
    assert found.controls[0].name == "c"


def test_keys_that_chaos_toolkit_ignores_are_ignored() -> None:
    one = activity("a", layer="network", **{"x-owner": {"team": "b"}})

    found = loaded(method=[one], **{"x-anything": [1]})

    assert names(found.experiment.perturbations) == ["a"]


def test_keys_that_are_nearly_right_are_mistakes_all_the_same() -> None:
    with pytest.raises(InvalidExperiment, match='did you mean "rollbacks"'):
        load_data(toolkit(rolbacks=[]), Path())


def test_our_own_files_ignore_no_key() -> None:
    with pytest.raises(InvalidExperiment, match="x-anything: there is no such key"):
        load_data({"title": "x", "x-anything": 1}, Path())


def test_unknown_references_are_left_alone() -> None:
    one = activity("a", provider={"type": "http", "url": "http://${host}/$x"})

    (found,) = load_data(toolkit(method=[one]), Path()).experiment.perturbations

    assert found.provider.url == "http://${host}/$x"  # type: ignore[union-attr]


def test_a_ref_stands_for_the_activity_of_that_name() -> None:
    hypothesis = {"title": "h", "probes": [activity("alive", tolerance=True)]}

    found = loaded(
        **{"steady-state-hypothesis": hypothesis},
        method=[{"ref": "alive"}, activity("b"), {"ref": "b"}],
    ).experiment

    assert names(found.perturbations) == ["alive", "b", "b"]
    assert found.hypothesis is not None
    assert found.perturbations[0] == found.hypothesis.probes[0]


def test_of_two_activities_of_a_name_the_hypothesis_counts() -> None:
    hypothesis = {"title": "h", "probes": [activity("a", tolerance=True)]}

    found = loaded(
        **{"steady-state-hypothesis": hypothesis}, method=[activity("a"), {"ref": "a"}]
    ).experiment

    assert found.perturbations[1].judged  # type: ignore[union-attr]
    assert not found.perturbations[0].judged  # type: ignore[union-attr]


def test_a_rollback_may_be_referred_to_as_well() -> None:
    data = toolkit(method=[{"ref": "undo"}], rollbacks=[activity("undo")])

    assert names(load_data(data, Path()).experiment.perturbations) == ["undo"]


def test_a_ref_to_nothing_names_the_nearest() -> None:
    data = toolkit(method=[activity("alive"), {"ref": "aliv"}])

    with pytest.raises(InvalidExperiment) as caught:
        load_data(data, Path())

    assert str(caught.value) == (
        "method[1].ref: no activity is called 'aliv'\n    did you mean \"alive\"?"
    )


def test_dynamic_configuration_is_left_for_the_run() -> None:
    entry = {"type": "probe", **activity("pid")}

    found = loaded(
        configuration={"pid": entry, "a": 1},
        method=[activity("x", provider={"type": "http", "url": "${pid}"})],
    )

    assert found.scope.configuration == {"a": 1}
    assert found.late == {"pid": entry}
    assert "pid" in found.scope.late


def test_both_forms_may_be_mixed() -> None:
    entries = [activity("a"), {"fault": "none"}, {"probe": "http", "url": "u"}]

    found = load_data(toolkit(method=entries), Path()).experiment.perturbations

    assert [type(one) for one in found] == [Activity, FaultCall, ProbeCall]


def test_what_the_short_forms_do_not_know_are_arguments() -> None:
    (probe,) = load_data(
        {"title": "x", "rollbacks": [{"probe": "http", "url": "u", "timeout": "2s"}]},
        Path(),
    ).experiment.rollbacks

    assert isinstance(probe, ProbeCall)
    assert probe.arguments == {"url": "u"}
    assert probe.timeout == 2
    assert not probe.judged


def test_an_expectation_of_nothing_is_an_expectation() -> None:
    call = ProbeCall.model_validate({"probe": "x", "expect": None})

    assert call.judged


def test_a_workload_sends_one_request_or_draws_from_several() -> None:
    request = {"url": "http://x"}
    one = {"name": "a", "rate": "1/s", "http": request}
    mix = {"name": "b", "rate": "1/s", "mix": [request, request]}

    found = load_data({"title": "x", "workload": [one, mix]}, Path()).experiment

    assert [len(workload.requests) for workload in found.workload] == [1, 2]


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"workload": [{"name": "a", "rate": "1/s"}]}, "write either `http` (one"),
        ({"safeguards": [{"workload": "w"}]}, "say `max-failure-rate` or `in-a-row`"),
        ({"safeguards": [{}]}, "watches either a `probe` or a `workload`"),
    ],
)
def test_parts_that_contradict_themselves_say_so(
    part: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidExperiment) as caught:
        load_data({"title": "x", **part}, Path())

    assert message in str(caught.value)


HEAVY = ("chaoslib", "jsonpath2", "httpx", "anyio", "jsonschema", "docker", "asyncio")


def test_loading_an_experiment_loads_no_heavy_part() -> None:
    program = (
        "import sys; from pathlib import Path;"
        "from chaos_mcp.experiment.load import load_text;"
        "load_text('title: x', Path('x.yaml'));"
        f"print([one for one in {HEAVY} if one in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )

    assert done.stdout == "[]\n"
