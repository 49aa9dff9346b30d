"""Where stressors go that are to be beside a process: its cgroups, its processors."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from chaos_mcp.faults._processes import remember

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo

Places = list[tuple[int, dict[str, Any]]]
"""Whose limits hold for a stressor, and what of its `Job` says where it is done."""


async def placed(world: World, pids: Sequence[int]) -> tuple[Places, Memo]:
    """Return where each process is, and what of that is written down."""
    memo = await remember(world, *pids, tree=False)
    places: Places = []
    words = "shared"
    for pid in pids:
        groups, refused, cpus = world.stressors.place(pid)
        whose = os.getpid() if refused else pid
        places.append((whose, {"groups": groups, "cpus": cpus}))
        if refused:
            words = f"not joined: we may not write to {refused}"
        elif groups and words == "shared":
            words = f"joined: {', '.join(groups)}"
    return places, {**memo, "cgroup": words}
