"""An engine that is missing, old, forbidden, silent, restarted: each has its words."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import pytest

from chaos_mcp.adapters.docker.engine import DockerEngine
from chaos_mcp.adapters.world import World
from chaos_mcp.engine.undoing import Patience, Standing, Undoing
from chaos_mcp.errors import PartMissing
from chaos_mcp.faults.container_kill import ContainerKill
from chaos_mcp.faults.container_pause import ContainerPause
from chaos_mcp.journal.log import Journal
from chaos_mcp.registry import Registry, fault_of
from tests.containers.own import own_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.faults._containers import ContainerFault
    from tests.containers.own import OwnEngine

pytestmark = pytest.mark.anyio
QUICK = 0.3
ASK = """
import anyio
from chaos_mcp.adapters.docker.engine import DockerEngine
from chaos_mcp.errors import PartMissing
import sys
try:
    anyio.run(DockerEngine(sys.argv[1]).info)
except PartMissing as error:
    print(error)
"""


@contextmanager
def listening(folder: Path, answer: bytes = b"") -> Iterator[str]:
    """Listen as an engine that gives everybody the same answer, or none at all."""
    path = folder / "docker.sock"
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))
        one.listen()
        thread = threading.Thread(target=_serve, args=(one, answer), daemon=True)
        thread.start()
        yield f"unix://{path}"
        one.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _serve(listener: socket.socket, answer: bytes) -> None:
    kept = []
    with suppress(OSError):
        while True:
            one, _ = listener.accept()
            kept.append(one)
            if answer:
                with suppress(OSError):  # who only knocks has gone again
                    one.sendall(answer)
                one.close()
    for one in kept:
        one.close()


def saying(what: Any) -> bytes:
    body = json.dumps(what).encode()
    head = [
        "HTTP/1.1 200 OK",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


async def why(url: str, patience: float = 10.0) -> str:
    with pytest.raises(PartMissing) as error:
        await DockerEngine(url, patience).info()
    return str(error.value)


async def test_an_engine_that_is_not_there(tmp_path: Path) -> None:
    url = f"unix://{tmp_path}/none.sock"

    assert await why(url) == f"no Docker Engine listens at {url}"


async def test_an_engine_that_never_answers(tmp_path: Path) -> None:
    with listening(tmp_path) as url:
        assert await why(url, QUICK) == (
            f"the Docker Engine at {url} does not answer: nothing for 0.3 s"
        )


async def test_an_engine_that_is_too_old(tmp_path: Path) -> None:
    with listening(tmp_path, saying({"ApiVersion": "1.24"})) as url:
        assert await why(url) == (
            f"the Docker Engine at {url} speaks API 1.24; 1.41 or later is needed"
        )


async def test_an_engine_that_hangs_up(tmp_path: Path) -> None:
    with listening(tmp_path, b"\r\n") as url:
        assert f"the Docker Engine at {url} hung up" in await why(url)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_engine_that_we_may_not_speak_to() -> None:
    # Where nobody may go in: not in pytest's own folder, which is root's alone.
    with tempfile_folder() as folder, listening(folder) as url:
        (folder / "docker.sock").chmod(0o600)
        become = ["setpriv", "--reuid", "65534", "--clear-groups", "--inh-caps=-all"]
        able, done = (
            subprocess.run(
                [*become, sys.executable, "-c", said, url],
                capture_output=True,
                text=True,
                check=False,
            )
            for said in ("import chaos_mcp", ASK)
        )
    if able.returncode:
        pytest.skip(f"nobody else can run our Python here: {able.stderr[-200:]}")

    assert "permission denied (be root, or in the group docker)" in done.stdout


@contextmanager
def tempfile_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        path.chmod(0o755)
        yield path


@pytest.fixture(scope="module")
def engine() -> Iterator[OwnEngine]:
    with own_engine() as made:
        yield made


def world_of(engine: OwnEngine) -> World:
    patient = DockerEngine(engine.url, QUICK * 3)
    return World(containers=patient, owner="chaos-test-1")


async def standing(fault: ContainerFault, world: World) -> Standing:
    memo = await fault.arm(world)
    return Standing("1", "it", fault, memo, world)


@pytest.mark.docker
@pytest.mark.slow
async def test_the_undo_is_tried_again_until_a_frozen_engine_answers(
    engine: OwnEngine, tmp_path: Path
) -> None:
    with engine.container() as one:
        world = world_of(engine)
        open_ = await standing(ContainerPause(container=one.id[:12]), world)
        await open_.fault.inject(world, open_.memo)
        undoing = Undoing(Journal(tmp_path, "run"), Patience(attempts=2, pause=0.01))

        engine.send(signal.SIGSTOP)
        with anyio.fail_after(20):
            frozen = await undoing.undo(open_)
        engine.send(signal.SIGCONT)
        undone = await undoing.undo(open_)

        assert (frozen, undone) == (False, True)
        assert one.status == "running"
        undoing.journal.close()


@pytest.mark.docker
@pytest.mark.slow
async def test_a_change_that_lands_late_is_undone_all_the_same(
    engine: OwnEngine, tmp_path: Path
) -> None:
    with engine.container() as one:
        world = world_of(engine)
        open_ = await standing(ContainerPause(container=one.id[:12]), world)

        engine.send(signal.SIGSTOP)
        with pytest.raises(PartMissing, match="does not answer"):
            await open_.fault.inject(world, open_.memo)
        engine.send(signal.SIGCONT)
        undoing = Undoing(Journal(tmp_path, "run"))

        assert await undoing.undo(open_)
        assert await open_.fault.verify(world, open_.memo)
        assert one.status == "running"
        undoing.journal.close()


@pytest.mark.docker
@pytest.mark.slow
async def test_an_engine_that_is_restarted_meanwhile_loses_nothing(
    engine: OwnEngine,
) -> None:
    with engine.container() as one:
        world = world_of(engine)
        open_ = await standing(ContainerKill(container=one.id[:12]), world)
        await open_.fault.inject(world, open_.memo)
        await open_.fault.prove(world, open_.memo)

        await anyio.to_thread.run_sync(engine.stop)
        with pytest.raises(PartMissing, match="no Docker Engine listens"):
            await open_.fault.undo(world, open_.memo)
        await anyio.to_thread.run_sync(engine.start)
        again = fault_of(
            {"fault": "container.kill", **open_.fault.model_dump(mode="json")},
            Registry(),
        )
        await again.undo(World(), open_.memo)

        assert await again.verify(World(), open_.memo) == {
            open_.memo["containers"][0]["name"]: "running"
        }
