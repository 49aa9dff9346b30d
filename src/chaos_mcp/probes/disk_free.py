"""Ask how much room there is on a file system."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, ClassVar

import anyio.to_thread
from pydantic import Field

from chaos_mcp.errors import ActivityFailed
from chaos_mcp.probes.base import Probe

if TYPE_CHECKING:
    from chaos_mcp.adapters.world import World


class DiskFree(Probe):
    """Bytes that are free to us on the file system of a path."""

    kind: ClassVar[str] = "disk.free"
    example: ClassVar[str] = """\
probe: disk.free
path: /
expect: "> 2 GiB"
"""

    path: str = Field(description="A path on the file system in question.")

    async def ask(self, world: World) -> Any:
        """Return bytes."""
        del world
        try:
            found = await anyio.to_thread.run_sync(
                os.statvfs, self.path, abandon_on_cancel=True
            )
        except OSError as error:
            raise ActivityFailed(f"{self.path}: {error.strerror}") from error
        return found.f_bavail * found.f_frsize
