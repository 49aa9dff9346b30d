"""Stress: processes of ours that use something up, until they are ended or end."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, ClassVar

import anyio
from pydantic import Field

from chaos_mcp.adapters.stress import Job
from chaos_mcp.errors import FaultRefused, UndoFailed
from chaos_mcp.experiment.units import Share
from chaos_mcp.faults.base import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chaos_mcp.adapters.stress import Use
    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo

LOOK = 0.4
"""Seconds over which it is measured how much processor time stressors get."""
POLL = 0.02
NEAR = 0.1
"""By how much of a processor what is measured may differ from what was asked for."""
LONGEST = 3600.0
"""Seconds after which stressors end by themselves if nobody says how long they may."""


class StressFault(Fault):
    """A fault that is stressors: started, measured, ended, and seen to be gone."""

    undo_in_words: ClassVar[str] = "end the stressors that carry our tag"

    nice: int = Field(
        default=5,
        ge=0,
        le=19,
        description="How far the stressors give way to others, the runner among them: "
        "0 is not at all, 19 is as far as can be.",
    )

    async def inject(self, world: World, memo: Memo) -> None:
        """Start them."""
        await world.stressors.start(memo["tag"], [_job(one) for one in memo["jobs"]])

    async def undo(self, world: World, memo: Memo) -> None:
        """End them; that they have ended by themselves is all right."""
        await world.stressors.end(memo["tag"])

    async def verify(self, world: World, memo: Memo) -> Any:
        """See none of them in the list of all command lines."""
        if left := await world.stressors.left(memo["tag"]):
            raise UndoFailed(f"stressors still run: {', '.join(map(str, left))}")
        return {"left": 0}


class CpuStress(StressFault):
    """Stressors that use up processor time."""

    load: Share = Field(
        default=1.0, gt=0, description="How much of each processor is used."
    )

    async def prove(self, world: World, memo: Memo) -> Any:
        """Measure their processor time; where others want it, too, that they wait.

        More than was asked for is no proof either: 50 % is 50 %.
        """
        cores, load = len(memo["jobs"]), self.load
        while True:
            share, waited = await _measured(world, memo["tag"], cores)
            enough = share + waited >= load - NEAR and share <= load + NEAR
            if enough and share > 0:
                return {
                    "cores": cores,
                    "load": round(share, 3),
                    "waited": round(waited, 3),
                    "asked_load": load,
                    **evidence(memo),
                }


async def _measured(world: World, tag: str, cores: int) -> tuple[float, float]:
    """Return the share of so many processors that stressors got, and waited for."""
    first, began = await _uses(world, tag, cores), anyio.current_time()
    await anyio.sleep(LOOK)
    later = await world.stressors.use(tag)
    took = (anyio.current_time() - began) * cores
    before = {one.pid: one for one in first}
    pairs = [(before[one.pid], one) for one in later if one.pid in before]
    ran = sum(b.ran - a.ran for a, b in pairs)
    return ran / took, sum(b.waited - a.waited for a, b in pairs) / took


async def _uses(world: World, tag: str, number: int) -> Sequence[Use]:
    """Wait until all are there, which takes milliseconds, and have begun."""
    while True:
        found = await world.stressors.use(tag)
        if len(found) >= number and all(one.ran > POLL for one in found):
            return found
        await anyio.sleep(POLL)


async def refuse_twice(world: World) -> None:
    """Raise `FaultRefused` if stressors carry our tag already."""
    if left := await world.stressors.left(world.owner):
        here = ", ".join(map(str, left))
        raise FaultRefused(f"stressors that carry our tag run already: {here}")


def memo_of(world: World, jobs: Iterable[Job], **more: Any) -> Memo:
    """Return what undoing needs, which is the tag, and what injecting does."""
    return {"tag": world.owner, "jobs": [_written(one) for one in jobs], **more}


def seconds(world: World) -> float:
    """Return after how many seconds stressors end by themselves."""
    return float(world.extra.get("ttl", LONGEST))


def evidence(memo: Memo) -> dict[str, Any]:
    """Return in which cgroups the stressors are, where it matters."""
    return {"cgroup": memo["cgroup"]} if "cgroup" in memo else {}


def _written(job: Job) -> dict[str, Any]:
    """Return a job as JSON."""
    lists = {key: [*getattr(job, key)] for key in ("groups", "limits", "cpus")}
    return {**asdict(job), **lists}


def _job(written: dict[str, Any]) -> Job:
    lists = {key: tuple(written[key]) for key in ("groups", "limits", "cpus")}
    return Job(**{**written, **lists})
