"""Ctrl-C, SIGTERM and SIGHUP stop the run and undo everything; again means hurry."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import anyio

from chaos_mcp.engine.undoing import SHORT
from chaos_mcp.machine.halt import halted

if TYPE_CHECKING:
    from anyio.abc import TaskStatus

    from chaos_mcp.engine.injection import Injections
    from chaos_mcp.engine.stop import Stop

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def watch(
    stop: Stop,
    injections: Injections,
    *,
    task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
) -> None:
    """Take the signals for as long as this runs, which must outlive what it stops."""
    with anyio.open_signal_receiver(*STOPPING) as received:
        task_status.started()
        async for number in received:
            if stop.cause:
                injections.patience = SHORT
            if word := halted():
                stop.pull("operator", f"{word.by} halted all runs: {word.reason}")
            stop.pull("signal", f"{signal.Signals(number).name} was received")
