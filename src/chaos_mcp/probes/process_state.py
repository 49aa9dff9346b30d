"""Ask how a process is: whether it lives, what it does, what it uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

import anyio.to_thread
from pydantic import Field, model_validator

from chaos_mcp.errors import ActivityFailed
from chaos_mcp.probes.base import Probe

if TYPE_CHECKING:
    from chaos_mcp.adapters.world import World

WORDS = {
    "R": "running",
    "S": "sleeping",
    "I": "sleeping",
    "D": "waiting",
    "T": "stopped",
    "t": "stopped",
    "Z": "dead",
    "X": "dead",
}


class ProcessState(Probe):
    """Whether a process is there (`alive`), in which `state`, and what it uses.

    States are `running`, `sleeping`, `waiting` (in the kernel), `stopped`, `dead` and
    `gone`. Of one that lives there are `cpu_seconds`, `memory_bytes`, `threads` and
    `files` as well, where we may see them. With `pattern`, the answer has the
    `count` of those whose command line it is found in, and that `alive` is not 0.
    """

    kind: ClassVar[str] = "process.state"
    example: ClassVar[str] = """\
probe: process.state
pid: ${worker.pid}
expect: {alive: true}
"""

    pid: int | None = Field(
        default=None, ge=0, description="Its number: `${NAME.pid}` of the `system:`."
    )
    pattern: str | None = Field(
        default=None,
        min_length=1,
        description="Or a regular expression that its command line matches.",
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.pid is None) == (self.pattern is None):
            raise ValueError("say which, by one of `pid` and `pattern`")
        return self

    async def ask(self, world: World) -> Any:
        """Look at it."""
        if self.pattern is not None:
            found = await anyio.to_thread.run_sync(_matching, self.pattern)
            return {"alive": bool(found), "count": len(found), "pids": found}
        one = world.processes.look(self.pid or 0)
        if one is None:
            return {"alive": False, "state": "gone"}
        state = WORDS.get(one.state, "sleeping")
        if state == "dead":
            return {"alive": False, "state": state}
        return {"alive": True, "state": state, **_use(one.pid)}


def _use(pid: int) -> dict[str, Any]:
    """Return what a process uses, as far as we may see it."""
    import psutil  # noqa: PLC0415 - only where processes are asked about

    try:
        process = psutil.Process(pid)
        with process.oneshot():
            times = process.cpu_times()
            seen = {
                "cpu_seconds": round(times.user + times.system, 3),
                "memory_bytes": process.memory_info().rss,
                "threads": process.num_threads(),
            }
    except psutil.Error:
        return {}
    try:
        return {**seen, "files": process.num_fds()}
    except psutil.Error:
        return seen


def _matching(pattern: str) -> list[int]:
    import re  # noqa: PLC0415 - only for this

    import psutil  # noqa: PLC0415 - as above

    try:
        wanted = re.compile(pattern)
    except re.error as error:
        raise ActivityFailed(
            f"{pattern!r} is no regular expression: {error}"
        ) from error
    found = []
    for process in psutil.process_iter():
        try:
            dead = process.status() == psutil.STATUS_ZOMBIE
            if not dead and wanted.search(" ".join(process.cmdline())):
                found.append(process.pid)
        except psutil.Error:
            continue
    return sorted(found)
