"""What containers a plan would hit is known before anything runs, on a real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from chaos_mcp.errors import InvalidExperiment
from chaos_mcp.events import FaultFailed, FaultProven, FaultVerified
from chaos_mcp.plan.model import Harm
from chaos_mcp.runs import validate
from tests.containers.engine import container
from tests.running import only, run, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def group() -> Iterator[str]:
    """Give the label of three containers: two of the web, and a protected one."""
    label = f"group={uuid4().hex[:8]}"
    key, _, value = label.partition("=")
    with (
        container(name=f"web-1-{value}", labels={key: value}),
        container(name=f"web-2-{value}", labels={key: value}),
        container(name=f"db-{value}", labels={key: value, "chaos.protected": "true"}),
    ):
        yield label


ALL = {"selection": "all"}


def killing(label: str, **radius: Any) -> dict[str, Any]:
    kill = {"fault": "container.kill", "label": label, "for": "200ms", "scope": ALL}
    return {"perturbations": [kill], "blast-radius": radius}


def hit(folder: Path, experiment: dict[str, Any]) -> list[str]:
    plan = validate(write(folder, experiment))
    return [
        one for step in plan.steps if isinstance(step, Harm) for one in step.targets
    ]


def test_the_plan_names_the_containers_that_would_be_hit(
    tmp_path: Path, group: str
) -> None:
    value = group.partition("=")[2]

    assert hit(tmp_path, killing(group)) == [
        f"container:web-1-{value}",
        f"container:web-2-{value}",
    ]


def test_a_plan_that_would_hit_too_many_is_refused_with_their_names(
    tmp_path: Path, group: str
) -> None:
    with pytest.raises(InvalidExperiment, match=r"2 targets .*web-1.*web-2"):
        hit(tmp_path, killing(group, **{"max-targets": 1}))


def test_what_the_experiment_protects_is_not_in_the_plan(
    tmp_path: Path, group: str
) -> None:
    found = hit(tmp_path, killing(group, protect=["web-1*"]))

    assert [one.partition("-")[2][:1] for one in found] == ["2"]


def test_a_run_hits_what_its_plan_has_named(tmp_path: Path, group: str) -> None:
    experiment = killing(group, **{"max-targets": 1}) | {"seed": 5}
    experiment["perturbations"][0]["scope"] = {"count": 1}
    planned = hit(tmp_path, experiment)

    result = run(tmp_path, experiment)

    events = result.reading.events
    (proven,) = only(events, FaultProven)
    (verified,) = only(events, FaultVerified)
    assert [f"container:{name}" for name in proven.evidence] == planned
    assert list(verified.evidence.values()) == ["running"]
    assert result.verdict == "PASSED", result.reading.outcome.reasons


def test_without_an_engine_the_plan_stands_and_the_run_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    experiment = killing("app=shop")

    assert hit(tmp_path, experiment) == ["container:label=app=shop"]
    result = run(tmp_path, experiment)

    (failed,) = only(result.reading.events, FaultFailed)
    assert failed.step == "arm"
    assert "no Docker Engine listens at" in failed.error
    assert result.verdict == "INCONCLUSIVE"
