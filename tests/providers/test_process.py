"""Commands run in groups of their own, of which nothing is left."""

import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from chaoslib.provider.process import run_process_activity

from chaos_mcp.adapters.world import World
from chaos_mcp.errors import ActivityFailed
from chaos_mcp.experiment.load import load_data
from chaos_mcp.experiment.substitute import Scope
from chaos_mcp.plan.toolkit import compile_activity
from chaos_mcp.probes.process import Process as ProcessProbe
from chaos_mcp.providers.process import LARGEST, program_of, run_command

pytestmark = pytest.mark.anyio


async def test_a_command_s_status_and_output_are_the_answer() -> None:
    answer = await run_command(["sh", "-c", "echo out; echo err >&2; exit 3"])

    assert answer == {"status": 3, "stdout": "out\n", "stderr": "err\n"}


async def test_text_goes_through_the_shell() -> None:
    assert (await run_command("echo a | tr a b"))["stdout"] == "b\n"


async def test_a_list_does_not() -> None:
    assert (await run_command(["echo", "a | tr a b"]))["stdout"] == "a | tr a b\n"


async def test_variables_are_added_to_the_environment() -> None:
    answer = await run_command("echo $MARK $HOME", {"MARK": "7"})

    assert answer["stdout"] == f"7 {os.environ['HOME']}\n"


async def test_output_that_is_not_utf8_is_still_text() -> None:
    assert (await run_command("printf 'a\\377b'"))["stdout"] == "a\ufffdb"


async def test_output_is_kept_up_to_a_limit_and_the_rest_thrown_away() -> None:
    program = f"print('x' * {LARGEST * 3})"

    answer = await run_command([sys.executable, "-c", program])

    assert answer["status"] == 0
    assert len(answer["stdout"]) == LARGEST


async def test_a_command_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(ActivityFailed, match="the command cannot be started: "):
        await run_command(["/not/there"])


async def test_a_command_ended_by_a_signal_says_so_by_its_status() -> None:
    assert (await run_command(["sh", "-c", "kill -9 $$"]))["status"] == -9


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_a_cancelled_command_is_killed_with_all_that_it_started(
    tmp_path: Path,
) -> None:
    pids = tmp_path / "pids"
    command = f"sleep 60 & echo $! $$ > {pids}; wait"

    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run_command, command)
            await until(lambda: pids.exists() and pids.read_text().endswith("\n"))
            scope.cancel()

    for pid in map(int, pids.read_text().split()):
        await until(lambda pid=pid: not running(pid))  # type: ignore[misc]


async def ask(command: str) -> Any:
    """Run a command as a probe does."""
    return await ProcessProbe(command=("sh", "-c", command)).ask(World())


@pytest.mark.parametrize(
    "run",
    [run_command, ask],
    ids=["provider", "probe"],
)
async def test_a_command_that_is_cancelled_while_it_starts_is_killed_as_well(
    run: Callable[[str], Awaitable[Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It may be well under way before we are told that it has started."""
    pids, open_process = tmp_path / "pids", anyio.open_process

    async def open_slowly(*command: Any, **how: Any) -> Any:
        process = await open_process(*command, **how)
        await until(lambda: pids.exists() and pids.read_text().endswith("\n"))
        scope.cancel()
        await anyio.lowlevel.checkpoint()
        return process

    monkeypatch.setattr(anyio, "open_process", open_slowly)
    with anyio.CancelScope() as scope:
        await run(f"sleep 60 & echo $! $$ > {pids}; wait")

    for pid in map(int, pids.read_text().split()):
        await until(lambda pid=pid: not running(pid))  # type: ignore[misc]


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another process does."""
    with anyio.fail_after(30):
        while not condition():  # noqa: ASYNC110 - nobody tells us
            await anyio.sleep(0.01)


def running(pid: int) -> bool:
    """Tell whether a process is there and more than a zombie."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"


async def test_a_stubborn_command_is_killed_as_well(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    program = (
        "import os, pathlib, signal, time;"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"pathlib.Path({str(ready)!r}).write_text(str(os.getpid()) + ' '); "
        "time.sleep(60)"
    )

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run_command, [sys.executable, "-c", program])
        await until(lambda: ready.exists() and ready.read_text().endswith(" "))
        tasks.cancel_scope.cancel()

    assert not running(int(ready.read_text()))


@pytest.mark.parametrize(
    "arguments",
    [["a", 1, None, "", "b c"], {"-n": "x", "y": ""}, "a 'b  c' $((1 + 1))", []],
    ids=["list", "mapping", "text", "none"],
)
async def test_what_a_command_says_is_what_it_says_to_chaos_toolkit(
    arguments: Any,
) -> None:
    provider = {"type": "process", "path": "echo", "arguments": arguments}
    activity = {"type": "action", "name": "echo", "provider": provider}
    loaded = load_data({"title": "x", "method": [activity]}, Path())
    problems, call = compile_activity(loaded.experiment.perturbations[0], Scope())  # type: ignore[arg-type]
    assert call is not None

    answer = await call.prepare(Scope())(World())

    assert problems == []
    assert answer == run_process_activity({**activity, "tolerance": 0}, {}, {})


async def test_programs_are_found_on_the_path_and_at_home() -> None:
    assert program_of("sh")
    assert program_of("/bin/sh") == "/bin/sh"
    assert program_of("no-such-program-here") is None
