"""Signals do something, or are refused; what they stop is let go."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from pydantic import ValidationError

from chaos_mcp.adapters.processes import LocalProcesses
from chaos_mcp.adapters.world import World
from chaos_mcp.errors import FaultRefused
from chaos_mcp.events import FaultProven, FaultVerified, PartStarted
from chaos_mcp.faults.process_signal import ProcessSignal
from tests.faults.fake_processes import FakeProcesses, world_of
from tests.faults.stages import running
from tests.running import only, run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio
CATCHES = (
    "trap 'echo caught >> {file}' USR1; trap '' USR2; while :; do sleep 0.02; done"
)


def made(**arguments: Any) -> ProcessSignal:
    return ProcessSignal.model_validate(arguments)


@pytest.mark.parametrize("name", ["SIGHUP", "HUP", "hup", "sighup"])
def test_signals_have_names(name: str) -> None:
    assert made(pid=7, signal=name).number == signal.SIGHUP


@pytest.mark.parametrize(
    ("name", "said"),
    [("SIGKILL", "process.kill"), ("SIGNOTHING", "no signal is called 'SIGNOTHING'")],
)
def test_what_is_no_signal_for_this_is_refused(name: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        made(pid=7, signal=name)


@pytest.mark.parametrize(
    ("name", "disposition", "said"),
    [
        ("SIGHUP", "default", "would be ended: `process.kill`"),
        ("SIGHUP", "ignored", "the process 7 ignores SIGHUP"),
        ("SIGTSTP", "ignored", "the process 7 ignores SIGTSTP"),
        ("SIGWINCH", "default", "which then does nothing"),
        ("SIGHUP", "caught", ""),
        ("SIGWINCH", "caught", ""),
        ("SIGSTOP", "default", ""),
    ],
)
async def test_it_is_sent_where_it_does_something_and_ends_nobody(
    name: str, disposition: Any, said: str
) -> None:
    processes = FakeProcesses()
    processes.born(7)
    number = signal.Signals[name]
    processes.dispositions[7, number] = disposition
    fault = made(pid=7, signal=name)

    if said:
        with pytest.raises(FaultRefused, match=said):
            await fault.arm(world_of(processes))
    else:
        assert await fault.arm(world_of(processes))


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_goodbye_of_somebody_elses_has_to_be_allowed(name: str) -> None:
    assert f"ends of {name}" in made(pid=7, signal=name).lasting()
    assert not made(process="worker", signal=name).lasting()
    assert not made(pid=7, signal="SIGHUP").lasting()


async def test_it_is_not_proven_while_it_is_on_its_way() -> None:
    processes = FakeProcesses()
    processes.born(7)
    processes.dispositions[7, signal.SIGHUP] = "caught"
    processes.pending = {(7, signal.SIGHUP)}
    fault, world = made(pid=7, signal="HUP"), world_of(processes)
    memo = await fault.arm(world)

    with anyio.move_on_after(0.05) as waiting:
        await fault.prove(world, memo)
    processes.pending.clear()

    assert waiting.cancelled_caught
    assert await fault.prove(world, memo) == {"reached": 1, "ended": 0}


async def test_a_process_that_catches_it_gets_it_once(tmp_path: Path) -> None:
    """And undoing, since there is nothing to be taken back, sends nothing at all."""
    file, world = tmp_path / "caught", World()
    with running(CATCHES.format(file=file)) as shell:
        fault = made(pid=shell.pid, signal="USR1")
        memo = await fault.arm(world)
        await fault.inject(world, memo)
        with anyio.fail_after(10):
            while not file.exists():  # noqa: ASYNC110 - nobody tells
                await anyio.sleep(0.01)
            assert await fault.prove(world, memo) == {"reached": 1, "ended": 0}
        await fault.undo(world, memo)

        assert (await fault.verify(world, memo))["running"] == 1
        assert file.read_text("ascii") == "caught\n"


async def test_what_a_process_does_about_signals_is_read_from_the_kernel(
    tmp_path: Path,
) -> None:
    processes = LocalProcesses()
    with running(CATCHES.format(file=tmp_path / "caught")) as shell:
        one = processes.look(shell.pid)
        assert one

        assert processes.disposition(one.who, signal.SIGUSR1) == "caught"
        assert processes.disposition(one.who, signal.SIGUSR2) == "ignored"
        assert processes.disposition(one.who, signal.SIGHUP) == "default"
        assert not processes.waits(one.who, signal.SIGUSR1)


ENDS = "import os, signal, time; signal.signal(15, lambda *_: os._exit(0)); "


def test_one_of_the_system_that_says_goodbye_is_started_again(tmp_path: Path) -> None:
    file = tmp_path / "ready"
    script = f"{ENDS}open('{file}', 'w'); time.sleep(1000)"
    ready = {"probe": "process", "command": ["test", "-e", str(file)]}
    held = {**ready, "expect": {"exit_code": 0}}
    worker = {"name": "worker", "command": ["python", "-c", script], "ready": held}
    goodbye = {"fault": "process.signal", "process": "worker", "signal": "SIGTERM"}
    experiment = {
        "system": {"processes": [worker]},
        "perturbations": [{**goodbye, "for": "1s"}],
    }

    result = run(tmp_path, experiment)

    events = result.reading.events
    first, second = (one.pid for one in only(events, PartStarted))
    (proven,) = only(events, FaultProven)
    (verified,) = only(events, FaultVerified)
    assert proven.evidence["reached"] == 1
    assert verified.evidence["running"] == second != first
    assert result.verdict == "PASSED"
