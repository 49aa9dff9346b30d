"""Run a command: its own process group, bounded output, and nothing left of it."""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from subprocess import DEVNULL, PIPE
from typing import TYPE_CHECKING, Any

from chaos_mcp.errors import ActivityFailed
from chaos_mcp.machine.inherited import inherited

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anyio.abc import ByteReceiveStream, Process

LARGEST = 2**20
"""Bytes of each output that are kept; the rest is read and thrown away."""
GOING = 2.0
"""Seconds that a killed process has to be gone."""


@dataclass(slots=True)
class _Output:
    parts: list[bytes] = field(default_factory=list)
    size: int = 0

    async def read(self, stream: ByteReceiveStream) -> None:
        async for part in stream:
            room = LARGEST - self.size
            self.parts.append(part[:room])
            self.size += len(self.parts[-1])

    def text(self) -> str:
        return b"".join(self.parts).decode("utf-8", "replace")


async def run_command(
    command: Sequence[str] | str, env: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Run a command to its end and return `status`, `stdout` and `stderr`.

    Text goes through the shell, a list does not. If the caller is cancelled, all of
    the command's process group is killed first. Raise `ActivityFailed` if it cannot
    be started.
    """
    import anyio  # noqa: PLC0415 - not for `validate`, which only looks for programs

    try:
        with anyio.CancelScope(shield=True):  # half started, it could not be killed
            process = await anyio.open_process(
                command,
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=PIPE,
                env={**inherited(), **(env or {})},
                start_new_session=True,
            )
    except OSError as error:
        raise ActivityFailed(f"the command cannot be started: {error}") from error
    try:
        result = await _finished(process)
    except BaseException:
        # Nobody waits for it any more; a command that ended by itself may well have
        # left something running on purpose.
        await _gone(process)
        raise
    await process.aclose()
    return result


async def _finished(process: Process) -> dict[str, Any]:
    import anyio  # noqa: PLC0415 - loaded already

    out, err = _Output(), _Output()
    assert process.stdout is not None  # noqa: S101 - both are pipes
    assert process.stderr is not None  # noqa: S101 - both are pipes
    async with anyio.create_task_group() as readers:
        readers.start_soon(out.read, process.stdout)
        readers.start_soon(err.read, process.stderr)
        status = await process.wait()
    return {"status": status, "stdout": out.text(), "stderr": err.text()}


async def _gone(process: Process) -> None:
    """Kill what is left of the process' group; wait until the process is reaped."""
    import anyio  # noqa: PLC0415 - loaded already

    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with anyio.move_on_after(GOING, shield=True):
        await process.wait()
        await process.aclose()


def program_of(path: str) -> str | None:
    """Return where a program is, or None if it is not to be found."""
    return shutil.which(os.path.expanduser(path))  # noqa: PTH111 - text in, text out
