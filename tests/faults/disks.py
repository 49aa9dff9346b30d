"""Disks as large and as full as a test wants, with real files on them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from chaos_mcp.adapters.files import LocalFiles
from chaos_mcp.adapters.local import Room
from chaos_mcp.adapters.world import World
from chaos_mcp.faults.disk_fill import DiskFill

if TYPE_CHECKING:
    from pathlib import Path

MIB, GIB = 2**20, 2**30
OWNER = f"chaos-test-{os.getpid()}"
"""Of one process of the tests: beside it others do the same on the same machine."""
NAME = f".chaos-fill-{OWNER}"
BIG = Room(100 * GIB, 60 * GIB, 40 * GIB, 0, "ext4", "a", device=-1)


@dataclass
class Rooms(LocalFiles):
    """Real files, on disks that are as large and as full as a test wants."""

    rooms: dict[str, Room] = field(default_factory=dict)
    """By the name of a directory; what has no name is `BIG`, and a disk of its own."""
    available: int = 100 * GIB

    async def room(self, path: str) -> Room:
        return self.rooms.get(path.rpartition("/")[2], BIG)

    async def memory(self) -> int:
        return self.available


def fill(path: Path, **how: Any) -> DiskFill:
    return DiskFill.model_validate({"path": str(path), **(how or {"size": "1 MiB"})})


def worlds(*, files: Rooms | None = None, **rooms: Room) -> World:
    vital = {"": replace(BIG, device=-2, total=7, free=7)}
    files = files or Rooms()
    files.rooms |= vital | {"tmp": vital[""]} | rooms
    return World(owner=OWNER, files=files)
