"""The public names: few, typed, cheap to import, and the same for sync and async."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest

import chaos_mcp as chaos
from chaos_mcp.experiment.model import Experiment

HEAVY = ("anyio", "pydantic", "httpx", "yaml", "click", "asyncio", "pytest")
TRUE = {"action": "process", "name": "nothing", "command": ["true"]}
FALSE = {
    "probe": "process",
    "name": "never",
    "command": ["false"],
    "expect": {"exit_code": 0},
}
GOOD: dict[str, Any] = {"title": "it", "perturbations": [TRUE]}
BAD = {**GOOD, "steady-state-hypothesis": {"probes": [FALSE]}}


def test_importing_it_loads_nothing_else() -> None:
    code = f"import sys, chaos_mcp; print([m for m in {HEAVY} if m in sys.modules])"

    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )

    assert done.stdout == "[]\n"


def test_the_stub_has_the_names_that_there_are() -> None:
    stub = Path(chaos.__file__).with_suffix(".pyi").read_text("utf-8")
    imported = [node for node in ast.walk(ast.parse(stub)) if hasattr(node, "names")]

    named = {alias.name for node in imported for alias in node.names}

    assert {*named, "__version__"} == {*dir(chaos)}
    for name in named:
        assert getattr(chaos, name)


def test_an_unknown_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        chaos.nonsense  # type: ignore[attr-defined]  # noqa: B018 - that is the test


@pytest.mark.parametrize("kind", ["path", "text", "mapping", "model"])
def test_an_experiment_is_a_file_a_mapping_or_a_model(
    kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "it.json"
    path.write_text('{"title": "it", "perturbations": []}', "utf-8")
    sources: dict[str, Any] = {
        "path": path,
        "text": str(path),
        "mapping": GOOD,
        "model": Experiment.model_validate(GOOD),
    }

    result = chaos.run(sources[kind], runs=tmp_path, seed=7)

    assert result.verdict == "PASSED"
    assert result.raise_for_verdict() is result
    assert result.score is None
    assert result.events[0].kind == "run.started"


def test_a_run_that_did_not_pass_is_raised_with_its_reasons(tmp_path: Path) -> None:
    result = chaos.run(BAD, runs=str(tmp_path))

    with pytest.raises(chaos.NotPassed, match="INCONCLUSIVE: it\n") as raised:
        result.raise_for_verdict()
    with pytest.raises(AssertionError):
        chaos.assert_stable(result)

    assert "report.html" in str(raised.value)


def test_a_score_that_was_not_measured_is_no_score(tmp_path: Path) -> None:
    result = chaos.run(GOOD, runs=tmp_path)

    chaos.assert_stable(result)
    with pytest.raises(chaos.NotStable, match="the score is none, under 80"):
        chaos.assert_stable(result, min_score=80)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_it_runs_in_asynchronous_programs(backend: str, tmp_path: Path) -> None:
    async def main() -> str:
        assert await chaos.arecover() == []
        return (await chaos.arun(GOOD, runs=tmp_path)).verdict

    assert anyio.run(main, backend=backend) == "PASSED"


def test_what_is_wrong_with_an_experiment_is_raised(tmp_path: Path) -> None:
    with pytest.raises(chaos.InvalidExperiment, match="no fault is called"):
        chaos.run({"title": "it", "perturbations": [{"fault": "x"}]}, runs=tmp_path)

    assert not list(tmp_path.iterdir())


def test_a_mapping_is_validated_without_touching_anything() -> None:
    assert len(chaos.validate(GOOD).steps) == 1


def test_recovering_where_nothing_is_open_does_nothing() -> None:
    assert chaos.recover() == []
