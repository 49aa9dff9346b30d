"""The shipped experiments: one of each pair passes, and its twin must fail."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from chaos_mcp.events import FaultProven, FaultVerified, PartStarted
from chaos_mcp.journal.read import read
from tests.containers.engine import real
from tests.containers.harbor import of_run
from tests.faults.containers import needs
from tests.running import only

ROOT = Path(__file__).parents[1]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(180),
    pytest.mark.alone,
]


def chaos(experiment: str, runs: Path) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "chaos_mcp.cli", "run", experiment),
            *("--runs", str(runs), "--format", "json", "--quiet"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def both(names: list[str], folder: Path) -> list[tuple[int, dict[str, Any]]]:
    """Run a pair at the same time: each waits for its clock, mostly."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(chaos, names, [folder / "a", folder / "b"]))


def test_the_shop_survives_the_cut_and_its_fragile_twin_does_not(
    tmp_path: Path,
) -> None:
    names = ["experiments/partition.yaml", "experiments/partition-fragile.yaml"]
    (code, sturdy), (failed, fragile) = both(names, tmp_path)

    assert (code, sturdy["verdict"]) == (0, "PASSED"), sturdy["reasons"]
    assert (failed, fragile["verdict"]) == (1, "FAILED"), fragile["reasons"]
    assert fragile["score"]["high"] < sturdy["score"]["low"] - 20
    for result in (sturdy, fragile):
        events = read(Path(result["dir"]))
        assert only(events, FaultProven)[0].evidence["dropped_bytes"] > 0
        assert only(events, FaultVerified)
        pids = [one.pid for one in only(events, PartStarted) if one.pid]
        assert not any(psutil.pid_exists(pid) for pid in pids)
    page = (Path(fragile["dir"]) / "report.html").read_text("utf-8")
    assert "0 % of requests succeeded under harm" in page


@pytest.mark.parametrize("name", ["frozen-worker", "disk-fill", "process-kill"])
def test_what_needs_neither_docker_nor_root_tells_a_sturdy_shop_from_a_fragile(
    name: str, tmp_path: Path
) -> None:
    names = [f"experiments/{name}.yaml", f"experiments/{name}-fragile.yaml"]
    (code, sturdy), (failed, fragile) = both(names, tmp_path)

    assert (code, sturdy["verdict"]) == (0, "PASSED"), sturdy["reasons"]
    assert (failed, fragile["verdict"]) == (1, "FAILED"), fragile["reasons"]
    for result in (sturdy, fragile):
        events = read(Path(result["dir"]))
        assert only(events, FaultProven)
        assert only(events, FaultVerified)
        assert not list(Path(result["dir"]).glob("shop/.chaos-fill*"))


def test_a_busy_machine_tells_a_shop_with_its_share_from_one_that_lets_all_go_first(
    tmp_path: Path,
) -> None:
    # One after the other: each takes all the processors.
    code, sturdy = chaos("experiments/busy-host.yaml", tmp_path / "a")
    failed, fragile = chaos("experiments/busy-host-fragile.yaml", tmp_path / "b")

    assert (code, sturdy["verdict"]) == (0, "PASSED"), sturdy["reasons"]
    assert (failed, fragile["verdict"]) == (1, "FAILED"), fragile["reasons"]
    for result in (sturdy, fragile):
        events = read(Path(result["dir"]))
        (proven,) = only(events, FaultProven)
        assert proven.evidence["load"] + proven.evidence["waited"] > 0.9
        assert only(events, FaultVerified)[0].evidence == {"left": 0}


def test_orders_stay_right_when_their_answers_are_lost(tmp_path: Path) -> None:
    code, result = chaos("experiments/http-errors.yaml", tmp_path)

    assert (code, result["verdict"]) == (0, "PASSED"), result["reasons"]
    events = read(Path(result["dir"]))
    assert only(events, FaultProven)[0].evidence["connections"] > 0
    assert only(events, FaultVerified)


@pytest.mark.docker
@pytest.mark.parametrize("name", ["container-kill", "cpu-stress", "memory-stress"])
def test_a_shop_in_containers_tells_whether_it_is_sturdy_or_fragile(
    name: str, tmp_path: Path
) -> None:
    real()
    needs("stress-ng")
    # One after the other: both at once would take more processor time than there is.
    code, sturdy = chaos(f"experiments/{name}.yaml", tmp_path / "a")
    failed, fragile = chaos(f"experiments/{name}-fragile.yaml", tmp_path / "b")

    assert (code, sturdy["verdict"]) == (0, "PASSED"), sturdy["reasons"]
    assert (failed, fragile["verdict"]) == (1, "FAILED"), fragile["reasons"]
    for result in (sturdy, fragile):
        events = read(Path(result["dir"]))
        assert only(events, FaultProven)
        assert only(events, FaultVerified)
        assert of_run(events[0].run) == []
