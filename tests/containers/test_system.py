"""Containers that a run makes for itself: there for the run, gone with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chaos_mcp.events import FaultVerified, PartStarted, PartStopped, ResourcesMeasured
from tests.containers.engine import IMAGE, container, real
from tests.running import only, run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.docker
WEB: dict[str, Any] = {
    "name": "web",
    "image": IMAGE,
    "env": {"PATH": "/bin"},
    "command": ["sh", "-c", "echo open; exec httpd -f -p 8000"],
    "port": 8000,
}


def left(run_id: str) -> list[Any]:
    """Return what an engine still has of a run."""
    label = {"label": f"chaos.run={run_id}"}
    client = real()
    found = client.containers(all=True, filters=label)
    return [*found, *client.networks(filters=label)]


def asking(url: str, status: int) -> dict[str, Any]:
    probe = {"probe": "http", "name": "it answers", "url": url}
    return {"probes": [{**probe, "expect": {"status": status}}]}


def test_a_container_is_there_for_the_run_and_gone_with_it(tmp_path: Path) -> None:
    real()
    pause = {"fault": "container.pause", "container": "web", "for": "200ms"}

    result = run(
        tmp_path,
        {
            "system": {"containers": [{**WEB, "cpus": 0.5, "memory": "32 MiB"}]},
            "steady-state-hypothesis": asking("http://${web.address}/none", 404)
            | {"when": ["before", "after"]},
            "perturbations": [pause],
        },
    )

    events = result.reading.events
    assert result.verdict == "PASSED", result.reading.outcome.reasons
    assert [one.part for one in only(events, PartStarted)] == ["network", "container"]
    assert [one.clean for one in only(events, PartStopped)] == [True, True]
    assert only(events, FaultVerified)[0].evidence == {"web": "running"}
    assert left(result.run) == []
    log = result.folder / "parts" / "web.log"
    assert log.read_text("utf-8").startswith("open")


def test_what_a_container_uses_is_measured_until_it_is_killed(tmp_path: Path) -> None:
    real()
    busy = {"command": ["sh", "-c", "httpd -p 8000; while :; do :; done"]}
    wait = {"action": "process", "name": "wait", "command": ["sleep", "3"]}
    kill = {"fault": "container.kill", "container": "web", "for": "2s"}

    result = run(
        tmp_path,
        {
            "system": {"containers": [{**WEB, **busy, "cpus": 0.3}]},
            "perturbations": [wait, kill],
        },
    )

    looks = only(result.reading.events, ResourcesMeasured)
    used = [one for look in looks for one in look.used if one.name == "web"]
    first, *_ = used
    assert first.cores is not None
    assert 0.05 < first.cores < 0.6
    assert first.memory
    assert any(one.memory is None and one.why for one in used)


def test_one_that_does_not_come_up_says_what_it_wrote(tmp_path: Path) -> None:
    real()
    broken = {**WEB, "command": ["sh", "-c", "echo no such table; exit 3"]}

    result = run(tmp_path, {"system": {"containers": [broken]}})

    (why,) = result.reading.outcome.reasons[:1]
    assert "system.containers.web: it ended with exit code 3" in str(why)
    assert "no such table" in str(why)
    assert left(result.run) == []


def test_its_own_container_is_meant_and_not_another_of_the_same_name(
    tmp_path: Path,
) -> None:
    kill = {"fault": "container.kill", "container": "web", "for": "100ms"}
    with container(name="web", host={"network_mode": "none"}) as theirs:
        before = theirs.said()["State"]

        result = run(
            tmp_path,
            {"system": {"containers": [WEB]}, "perturbations": [kill]},
        )

        assert theirs.said()["State"] == before
    assert result.verdict == "PASSED", result.reading.outcome.reasons


def test_containers_find_each_other_by_name_and_are_healthy_when_they_say_so(
    tmp_path: Path,
) -> None:
    real()
    peer = {
        "name": "peer",
        "image": IMAGE,
        "env": {"PATH": "/bin"},
        "command": ["sleep", "100"],
        "health": {
            "command": ["nc", "-w", "1", "web", "8000", "-e", "true"],
            "every": "100ms",
        },
    }

    result = run(tmp_path, {"system": {"containers": [WEB, peer]}})

    assert result.verdict == "PASSED", result.reading.outcome.reasons


def test_the_programs_of_this_machine_can_be_run_in_a_container(
    tmp_path: Path,
) -> None:
    real()
    store = {
        "name": "store",
        "image-from": "host",
        "command": [
            *("python", "-m", "chaos_mcp.demo.store"),
            *("--listen", "0.0.0.0:6379"),
        ],
        "port": 6379,
    }

    result = run(tmp_path, {"system": {"containers": [store]}})

    assert result.verdict == "PASSED", result.reading.outcome.reasons
    log = (result.folder / "parts" / "store.log").read_text("utf-8")
    assert "store.ready" in log
