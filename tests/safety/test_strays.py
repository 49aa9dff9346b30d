"""What a run has made, once nobody knows of the run any more."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psutil
import pytest

from chaos_mcp.adapters.containers import MAKER as MAKER_LABEL
from chaos_mcp.adapters.containers import RUN
from chaos_mcp.failpoints import VARIABLE as FAILPOINTS
from chaos_mcp.machine.maker import MAKER, mark
from chaos_mcp.machine.tagged import TAG, tagged
from tests.containers.engine import IMAGE, container, real
from tests.running import write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.command import Chaos

pytestmark = [
    pytest.mark.alone,  # other tests' strays would be removed as well
    pytest.mark.usefixtures("state"),
]
SOON = 30.0
STAYS = {
    "name": "stays",
    "command": ["sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"],
    "ready": {"probe": "process", "command": ["true"], "expect": {"exit_code": 0}},
}
PAUSE = {"fault": "process.pause", "process": "stays", "for": "20s"}


@contextmanager
def bearing(run: str, maker: str) -> Iterator[psutil.Process]:
    """Run a process that bears the tag of a run, by some maker."""
    tags = {TAG: run, MAKER: maker}
    with subprocess.Popen(["/bin/sleep", "600"], env={**os.environ, **tags}) as one:
        try:
            yield psutil.Process(one.pid)
        finally:
            one.kill()


def alive(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


def dead_maker(**changes: Any) -> str:
    """Return the mark of a process that has ended, of this machine unless said."""
    program = "from chaos_mcp.machine.maker import mark; print(mark())"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True
    )
    return json.dumps({**json.loads(done.stdout), **changes})


@pytest.fixture
def run() -> str:
    return f"stray-{uuid4().hex[:8]}"


@pytest.fixture
def lost(chaos: Chaos, tmp_path: Path) -> Iterator[str]:
    """Let a run and its guardian die, and delete its folder; return its id."""
    experiment = {"system": {"processes": [STAYS]}, "perturbations": [PAUSE]}
    path = write(tmp_path, experiment)
    done = chaos("run", path, **{FAILPOINTS: "written fault.proven:1:both"})
    assert done.returncode == -signal.SIGKILL, done.stderr
    (folder,) = (tmp_path / "runs").iterdir()
    shutil.rmtree(tmp_path / "runs")
    yield folder.name
    for pid in tagged(TAG, folder.name):
        os.kill(pid, signal.SIGKILL)


def test_what_a_run_has_left_is_found_though_its_folder_is_deleted(
    chaos: Chaos, lost: str
) -> None:
    known = chaos("status")
    chaos("recover", "--forget", lost)
    shown = chaos("status")
    said = chaos("status", "--format", "json")
    recovered = chaos("recover")
    before = tagged(TAG, lost)
    removed = chaos("recover", "--stray")

    assert known.returncode == 5
    assert "not known to any journal" not in known.stdout
    assert shown.returncode == said.returncode == 5
    assert f"{lost}  not known to any journal\n    stray  process" in shown.stdout
    assert "remove it with `chaos recover --stray`" in shown.stdout
    assert {one["run"] for one in json.loads(said.stdout)["strays"]} == {lost}
    assert "not known to any journal" in recovered.stdout
    assert before
    assert removed.returncode == 0
    assert "removed  process" in removed.stdout
    assert tagged(TAG, lost) == []
    assert chaos("status").stdout == "nothing runs, and nothing is open\n"
    assert chaos("recover", "--stray").stdout == "nothing to remove\n"


def test_what_belongs_to_a_run_that_lives_is_none(
    chaos: Chaos, run: str, tmp_path: Path
) -> None:
    other = str(tmp_path / "another index")

    with bearing(run, mark()) as process:
        shown = chaos("status", CHAOS_STATE_DIR=other)
        named = chaos("recover", "--stray", run, CHAOS_STATE_DIR=other)

        assert alive(process)
    assert shown.stdout == "nothing runs, and nothing is open\n"
    assert named.stdout == "nothing to remove\n"


def test_nor_what_another_index_still_knows(
    chaos: Chaos, run: str, state: Path, tmp_path: Path
) -> None:
    (state / "runs").mkdir(parents=True)
    (state / "runs" / f"{run}.json").write_text("{}", "utf-8")
    other = str(tmp_path / "another index")

    with bearing(run, dead_maker()) as process:
        shown = chaos("status", CHAOS_STATE_DIR=other)
        chaos("recover", "--stray", CHAOS_STATE_DIR=other)

        assert alive(process)
    assert shown.stdout == "nothing runs, and nothing is open\n"


def test_what_may_live_elsewhere_is_removed_only_by_name(
    chaos: Chaos, run: str
) -> None:
    with bearing(run, dead_maker(boot="of another machine")) as process:
        shown = chaos("status")
        every = chaos("recover", "--stray")
        spared = alive(process)
        named = chaos("recover", "--stray", run)
        process.wait(SOON)

    assert shown.returncode == 0
    assert "that run may live on another machine" in shown.stdout
    assert every.stdout == "nothing to remove\n"
    assert spared
    assert f"removed  process {process.pid}" in named.stdout


def test_what_says_nothing_of_its_maker_is_nobodys(chaos: Chaos, run: str) -> None:
    with bearing(run, "") as process:
        shown = chaos("status")
        named = chaos("recover", "--stray", run)

        assert alive(process)
    assert run not in shown.stdout
    assert named.stdout == "nothing to remove\n"


@pytest.mark.docker
def test_containers_and_networks_are_removed_by_their_label(
    chaos: Chaos, run: str
) -> None:
    client = real()
    labels = {RUN: run, MAKER_LABEL: dead_maker()}
    theirs = {RUN: f"{run}-lives", MAKER_LABEL: mark()}
    client.create_network(f"chaos-{run}", labels=labels)
    alone = {"network_mode": "none"}
    with container(labels=labels, host=alone) as lost:
        name = lost.name
        with container(labels=theirs, host=alone) as kept:
            shown = chaos("status")
            removed = chaos("recover", "--stray")

            assert kept.status == "running"
    assert shown.returncode == 5
    for one in (f"container {name}", f"network chaos-{run}"):
        assert f"stray  {one}" in shown.stdout
        assert f"removed  {one}" in removed.stdout
    assert kept.id not in shown.stdout + removed.stdout
    assert client.networks(filters={"label": f"{RUN}={run}"}) == []


@pytest.mark.docker
def test_the_containers_of_a_lost_run_are_found_and_removed(
    chaos: Chaos, tmp_path: Path
) -> None:
    client = real()
    own = {"name": "own", "image": IMAGE, "command": ["sleep", "100"]}
    pause = {"fault": "container.pause", "container": "own", "for": "20s"}
    system = {"containers": [{**own, "env": {"PATH": "/bin"}}]}
    path = write(tmp_path, {"system": system, "perturbations": [pause]})
    died = chaos("run", path, **{FAILPOINTS: "written fault.proven:1:both"})
    (folder,) = (tmp_path / "runs").iterdir()
    shutil.rmtree(tmp_path / "runs")

    chaos("recover", "--forget", folder.name)
    shown = chaos("status")
    removed = chaos("recover", "--stray")

    assert died.returncode == -signal.SIGKILL, died.stderr
    names = [f"container chaos-{folder.name}-own", f"network chaos-{folder.name}"]
    assert [one for one in names if f"stray  {one}" in shown.stdout] == names
    assert [one for one in names if f"removed  {one}" in removed.stdout] == names
    label = {"label": f"{RUN}={folder.name}"}
    assert not client.containers(all=True, filters=label)
    assert not client.networks(filters=label)
