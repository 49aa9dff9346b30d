"""Blocking calls are quick to hand over, and nobody waits for those left behind."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from chaos_mcp.errors import ActivityFailed
from chaos_mcp.providers.threads import in_thread

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"]),
]


def after(event: threading.Event, value: Any) -> Callable[[], Any]:
    def blocked() -> Any:
        event.wait(30)
        return value

    return blocked


async def test_what_returns_at_once_is_returned() -> None:
    assert await in_thread(lambda: 5) == 5


async def test_what_takes_long_is_waited_for_while_others_go_on() -> None:
    gate = threading.Event()
    seen = []

    async def wait() -> None:
        seen.append(await in_thread(after(gate, "late")))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wait)
        await anyio.sleep(0.05)
        assert seen == []
        gate.set()

    assert seen == ["late"]


async def test_what_is_raised_is_raised() -> None:
    def fail() -> None:
        msg = "no"
        raise KeyError(msg)

    with pytest.raises(KeyError, match="no"):
        await in_thread(fail)


async def test_an_attempt_to_end_the_program_is_a_failure() -> None:
    with pytest.raises(ActivityFailed, match=r"it called exit\(3\)"):
        await in_thread(lambda: sys.exit(3))


async def test_many_calls_at_once_each_get_their_own_answer() -> None:
    answers: list[int] = []

    def slowly(number: int) -> int:
        time.sleep(0.001)
        return number

    async def one(number: int) -> None:
        answers.append(await in_thread(partial(slowly, number)))

    async with anyio.create_task_group() as tasks:
        for number in range(100):
            tasks.start_soon(one, number)

    assert sorted(answers) == list(range(100))


async def test_a_call_that_blocks_is_left_behind_when_cancelled() -> None:
    gate = threading.Event()

    with anyio.move_on_after(0.05) as scope:
        await in_thread(after(gate, 1))

    assert scope.cancelled_caught
    assert await in_thread(lambda: 2) == 2
    gate.set()


async def test_even_quick_calls_let_cancellation_in() -> None:
    called: list[int] = []

    with anyio.CancelScope() as scope:
        scope.cancel()
        await in_thread(lambda: called.append(1))

    assert scope.cancelled_caught
    assert called == []


async def test_a_function_may_have_an_event_loop_of_its_own() -> None:
    async def inner() -> str:
        await anyio.lowlevel.checkpoint()
        return "inner"

    assert await in_thread(lambda: anyio.run(inner)) == "inner"


async def test_nothing_stays_behind_from_one_call_to_the_next() -> None:
    mark: ContextVar[str] = ContextVar("mark", default="clean")

    await in_thread(lambda: mark.set("dirty"))

    assert [await in_thread(mark.get) for _ in range(3)] == ["clean"] * 3


ABANDON = """
import time, anyio
from chaos_mcp.providers.threads import in_thread

async def main():
    with anyio.move_on_after(0.05):
        await in_thread(lambda: time.sleep(60))

anyio.run(main, backend="{backend}")
"""


async def test_a_program_ends_without_waiting_for_what_it_left(
    anyio_backend: str,
) -> None:
    program = ABANDON.format(backend=anyio_backend)

    began = time.monotonic()
    subprocess.run(  # noqa: ASYNC221 - our own interpreter, the only thing done
        [sys.executable, "-c", program], check=True, timeout=50
    )

    assert time.monotonic() - began < 45
