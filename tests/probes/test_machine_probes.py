"""Probes of processes and of the machine: what there is, or that nobody knows."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import anyio
import pytest
from pydantic import ValidationError

from chaos_mcp.adapters.world import World
from chaos_mcp.errors import ActivityFailed
from chaos_mcp.probes import host_pressure
from chaos_mcp.probes.host_pressure import HostPressure
from chaos_mcp.probes.process_state import ProcessState
from tests.faults.stages import running

pytestmark = pytest.mark.anyio


async def state(**arguments: Any) -> Any:
    return await ProcessState.model_validate(arguments).ask(World())


async def until(wanted: str, pid: int) -> Any:
    with anyio.fail_after(10):
        while (seen := await state(pid=pid))["state"] != wanted:  # noqa: ASYNC110
            await anyio.sleep(0.005)
    return seen


async def test_a_process_that_lives_says_what_it_uses() -> None:
    seen = await state(pid=os.getpid())

    assert seen["alive"]
    assert seen["state"] in ("running", "sleeping")
    assert seen["cpu_seconds"] > 0
    assert seen["memory_bytes"] > 2**20
    assert seen["threads"] >= 1
    assert seen["files"] >= 3


async def test_it_is_seen_when_a_process_is_stopped_dead_and_gone() -> None:
    with running("exec sleep 1000 & wait") as shell:
        os.kill(shell.pid, signal.SIGSTOP)
        stopped = await until("stopped", shell.pid)
        os.kill(shell.pid, signal.SIGKILL)
        dead = await until("dead", shell.pid)
        shell.wait()

        gone = await state(pid=shell.pid)

    assert stopped["alive"]
    assert dead == {"alive": False, "state": "dead"}
    assert gone == {"alive": False, "state": "gone"}


async def test_processes_are_counted_by_their_command_line() -> None:
    word = f"counted-{os.getpid()}"
    script = f"exec -a {word} sleep 1000 & exec -a {word} sleep 1000 & wait"
    with running(f"exec bash -c '{script}'") as shell, anyio.fail_after(10):
        while (seen := await state(pattern=f"^{word}"))["count"] < 2:  # noqa: ASYNC110
            await anyio.sleep(0.005)

    assert seen["alive"]
    assert shell.pid not in seen["pids"]
    assert await state(pattern=f"^{word}-nobody") == {
        "alive": False,
        "count": 0,
        "pids": [],
    }


async def test_what_is_no_pattern_is_no_answer() -> None:
    with pytest.raises(ActivityFailed, match="is no regular expression"):
        await state(pattern="(")


@pytest.mark.parametrize("arguments", [{}, {"pid": 1, "pattern": "x"}], ids=str)
def test_a_process_is_said_in_one_way(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="one of `pid` and `pattern`"):
        ProcessState.model_validate(arguments)


async def test_pressure_is_a_share_of_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = "some avg10=12.50 avg60=3.00 avg300=0.00 total=2500000"
    (tmp_path / "memory").write_text(f"{some}\nfull avg10=1.00 total=0\n")
    monkeypatch.setattr(host_pressure, "FOLDER", tmp_path)

    seen = await HostPressure(resource="memory").ask(World())

    assert seen == {
        "some": {"avg10": 0.125, "avg60": 0.03, "avg300": 0.0, "total_seconds": 2.5},
        "full": {"avg10": 0.01, "total_seconds": 0.0},
    }


async def test_pressure_that_nobody_counts_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_pressure, "FOLDER", tmp_path)

    with pytest.raises(ActivityFailed, match="this kernel counts no pressure"):
        await HostPressure().ask(World())


@pytest.mark.skipif(
    not Path("/proc/pressure/cpu").exists(), reason="needs a kernel that counts it"
)
async def test_the_kernel_says_how_much_pressure_there_is() -> None:
    seen = await HostPressure().ask(World())

    assert 0 <= seen["some"]["avg10"] <= 1
