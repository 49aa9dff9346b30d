"""The published schema takes what the loader takes, and refuses what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import (  # type: ignore[import-untyped]
    Draft202012Validator,
)

from chaos_mcp.errors import InvalidExperiment
from chaos_mcp.experiment import model
from chaos_mcp.experiment.docstrings import field_docs
from chaos_mcp.experiment.load import load_data
from chaos_mcp.experiment.schema import schema
from chaos_mcp.faults.none import NoFault
from chaos_mcp.probes.http import Http
from chaos_mcp.runs import schema as published

EXPERIMENTS = Path(__file__).parents[2] / "experiments"
SCHEMA = schema({"none": NoFault}, {"http": Http}, {"http": Http})

PROBE = {"probe": "http", "url": "http://x", "expect": {"status": 200}}
ACTIVITY = {
    "type": "action",
    "name": "a",
    "provider": {"type": "python", "module": "m", "func": "f"},
    "pauses": {"after": 1},
}
FULL: dict[str, Any] = {
    "$schema": "x.json",
    "title": "x",
    "tags": ["a"],
    "configuration": {"a": {"type": "env", "key": "A", "default": "1"}},
    "system": {
        "processes": [{"name": "shop", "command": ["x"], "ready": PROBE}],
        "proxies": [{"name": "cache", "upstream": "${shop.address}"}],
    },
    "workload": [
        {
            "name": "w",
            "http": {"url": "http://x", "expect": [200, 204]},
            "rate": "50/s",
            "slo": {"latency": "300ms", "availability": "99%"},
        }
    ],
    "baseline": {"for": "5s"},
    "steady-state-hypothesis": {"title": "t", "probes": [PROBE], "when": ["before"]},
    "safeguards": [
        {"workload": "w", "max-failure-rate": 0.5, "in-a-row": 3},
        {**PROBE, "every": "1s"},
    ],
    "perturbations": [
        {"fault": "none", "at": 0, "for": "1m30s", "probability": "${a}"},
        {"fault": "none", "prove": PROBE},
        {"fault": "somebody.else-s", "anything": 1},
        {"action": "shop.reset", "background": True},
        {"ref": "a"},
        ACTIVITY,
    ],
    "blast-radius": {"max-targets": 1, "max-duration": "2m"},
    "recovery": {"within": "30s"},
    "rollbacks": [ACTIVITY],
    "score": {"threshold": 80},
    "seed": "${a}",
    "deadline": "0",
}


def errors(data: Any) -> list[str]:
    found = Draft202012Validator(SCHEMA).iter_errors(data)
    return [error.message for error in found]


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the full experiment with one thing in it replaced."""
    data = json.loads(json.dumps(FULL))
    here: Any = data
    *way, last = [int(one) if one.isdigit() else one for one in path.split("/")]
    for part in way:
        here = here[part]
    if value is None:
        del here[last]
    else:
        here[last] = value
    return dict(data)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator.check_schema(published())


def test_a_full_experiment_is_taken_by_both() -> None:
    load_data({**FULL, "seed": 1, "configuration": {"a": 1}}, Path())

    assert errors(FULL) == []


def test_chaos_toolkit_s_form_is_taken_by_both() -> None:
    data = {"title": "x", "description": "y", "method": [ACTIVITY], "rollbacks": []}
    load_data(data, Path())

    assert errors(data) == []


@pytest.mark.parametrize("file", sorted(EXPERIMENTS.glob("*.yaml")), ids=str)
def test_what_is_shipped_is_taken(file: Path) -> None:
    data = yaml.safe_load(file.read_text())

    assert [*Draft202012Validator(published()).iter_errors(data)] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("title", None),
        ("titel", "x"),
        ("dialect", "chaostoolkit"),
        ("recovery/within", 30),
        ("recovery/within", "30 parsecs"),
        ("recovery/wthin", "30s"),
        ("score/threshold", 101),
        ("score/threshold", -1),
        ("workload/0/rate", "50"),
        ("workload/0/slo/availability", "99"),
        ("workload/0/slo/availability", 1.5),
        ("workload/0/http/url", None),
        ("system/processes/0/name", "a b"),
        ("system/processes/0/command", []),
        ("steady-state-hypothesis/when", ["befor"]),
        ("perturbations/0/fault", 5),
        ("perturbations/0/probability", 2),
        ("perturbations/0/unknown-argument", 1),
        ("perturbations/0", {}),
        ("perturbations/0", 5),
        ("perturbations/5/provider/type", "pyton"),
        ("perturbations/5/provider/func", None),
        ("perturbations/5/timout", 1),
        ("steady-state-hypothesis/probes/0/ulr", "x"),
        ("steady-state-hypothesis/probes/0/url", None),
        ("seed", "x"),
        ("method", []),
    ],
)
def test_what_is_wrong_is_refused(path: str, value: Any) -> None:
    assert errors(changed(path, value))


@pytest.mark.parametrize(
    "path",
    ["recovery/wthin", "workload/0/http/url", "perturbations/5/provider/func"],
)
def test_what_the_schema_refuses_the_loader_refuses(path: str) -> None:
    value = None if path.endswith(("url", "func")) else "1s"
    data = changed(path, value) | {"seed": 1, "configuration": {"a": 1}}

    with pytest.raises(InvalidExperiment):
        load_data(data, Path())


def test_every_part_says_what_it_is() -> None:
    missing = [
        name for name, found in SCHEMA["$defs"].items() if not found.get("description")
    ]

    assert missing == []


def test_fields_are_described_by_what_stands_under_them() -> None:
    within = SCHEMA["$defs"]["Recovery"]["properties"]["within"]
    for_ = SCHEMA["$defs"]["FaultCall"]["properties"]["for"]

    assert within["description"] == "The recovery time objective (RTO)."
    assert for_["description"].startswith("How long it stands")
    assert field_docs(model.FaultCall)["name"].startswith("What the report calls it")
    assert field_docs(int) == {}


def test_what_is_called_has_its_arguments_and_an_example() -> None:
    case = SCHEMA["$defs"]["ProbeCall"]["allOf"][0]["then"]

    assert case["properties"]["url"]["description"] == "Where to ask."
    assert case["examples"][0]["probe"] == "http"
    assert "titel" not in json.dumps(SCHEMA)


def test_no_field_called_title_is_lost() -> None:
    assert "title" in SCHEMA["properties"]
    assert "title" in SCHEMA["$defs"]["Hypothesis"]["properties"]
