"""Ask by running a command: its exit code and what it writes."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from subprocess import DEVNULL, PIPE
from typing import TYPE_CHECKING, Any, ClassVar

import anyio
from pydantic import Field

from chaos_mcp.errors import ActivityFailed
from chaos_mcp.experiment.words import Word
from chaos_mcp.machine.inherited import inherited
from chaos_mcp.probes.base import Probe

if TYPE_CHECKING:
    from anyio.abc import ByteReceiveStream
    from anyio.abc import Process as Child

    from chaos_mcp.adapters.world import World

LARGEST = 256 * 1024
GOING = 2.0


class Process(Probe):
    """Run a command; the answer has `exit_code`, `stdout` and `stderr`.

    No shell is involved. A command that does not end in time is killed with all that
    it started.
    """

    kind: ClassVar[str] = "process"
    example: ClassVar[str] = """\
probe: process
command: [redis-cli, ping]
expect: {exit_code: 0, stdout: /PONG/}
"""

    command: tuple[Word, ...] = Field(min_length=1, description="Program, arguments.")
    env: dict[str, Word] = Field(default_factory=dict, description="Added to ours.")

    async def ask(self, world: World) -> Any:
        """Run the command to its end."""
        del world
        try:
            with anyio.CancelScope(shield=True):  # half started, it could not be killed
                child = await anyio.open_process(
                    self.command,
                    stdin=DEVNULL,
                    stdout=PIPE,
                    stderr=PIPE,
                    env={**inherited(), **self.env},
                    start_new_session=True,
                )
        except OSError as error:
            raise ActivityFailed(f"{self.command[0]}: {error.strerror}") from error
        try:
            return await _finished(child)
        except BaseException:
            await _kill(child)
            raise


async def _finished(child: Child) -> dict[str, Any]:
    out, err = bytearray(), bytearray()
    assert child.stdout is not None  # noqa: S101 - both are pipes
    assert child.stderr is not None  # noqa: S101 - both are pipes
    async with anyio.create_task_group() as readers:
        readers.start_soon(_keep, child.stdout, out)
        readers.start_soon(_keep, child.stderr, err)
        code = await child.wait()
    await child.aclose()
    return {"exit_code": code, "stdout": _text(out), "stderr": _text(err)}


async def _keep(stream: ByteReceiveStream, kept: bytearray) -> None:
    async for part in stream:
        kept += part[: LARGEST - len(kept)]


def _text(kept: bytearray) -> str:
    return kept.decode("utf-8", "replace")


async def _kill(child: Child) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    with anyio.move_on_after(GOING, shield=True):
        await child.wait()
        await child.aclose()
