"""The files of this machine, asked in threads, since a disk may not answer."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import anyio.to_thread

from chaos_mcp.adapters import filling, room

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos_mcp.adapters.local import Place, Presence, Room

T = TypeVar("T")


class LocalFiles:
    """Asks the kernel; see `Files` for what each verb does."""

    async def place(self, path: str) -> Place | None:
        """Return a directory that we may write to."""
        return await _asked(partial(room.place, path))

    async def names(self, path: str) -> frozenset[str]:
        """Return what is in a directory."""
        return frozenset(await _asked(partial(os.listdir, path)))

    async def room(self, path: str) -> Room:
        """Return the room on the file system of a path."""
        return await _asked(partial(room.room, path))

    async def size(self, path: str) -> int:
        """Return the bytes in all files of a directory and those below it."""
        return await _asked(partial(room.size, path))

    async def memory(self) -> int:
        """Return the bytes of memory that programs can still have."""
        import psutil  # noqa: PLC0415 - only where memory is to be filled

        return int(psutil.virtual_memory().available)

    def vital(self) -> tuple[str, ...]:
        """Return the root, and where everybody's temporary files are."""
        import tempfile  # noqa: PLC0415 - only before a disk is filled

        return ("/", tempfile.gettempdir())

    async def create(self, place: Place, name: str, header: bytes) -> None:
        """Make a file: to the end even if cancelled, or it may come after its undo."""
        await anyio.to_thread.run_sync(partial(filling.create, place, name, header))

    async def grow(self, place: Place, name: str, size: int) -> int:
        """Let a file take more, up to so many bytes.

        A thread that is left behind cannot bring back what is removed meanwhile.
        """
        return await _asked(partial(filling.grow, place, name, size))

    async def held(self, place: Place, name: str) -> int:
        """Return how many bytes on the disk a file takes."""
        return await _asked(partial(filling.held, place, name))

    async def refuses(self, place: Place, name: str) -> bool | None:
        """Write one block more, into our own file."""
        return await _asked(partial(filling.refuses, place, name))

    async def remove(self, place: Place, name: str, header: bytes) -> None:
        """Remove a file if it is the one that we made."""
        await _asked(partial(filling.remove, place, name, header))

    async def presence(self, place: Place, name: str, identity: str) -> Presence:
        """Look whether the file is in a list."""
        return await _asked(partial(filling.presence, place, name, identity))


async def _asked(function: Callable[[], T]) -> T:
    """Do what may block; if the caller is cancelled, the thread is left behind."""
    return await anyio.to_thread.run_sync(function, abandon_on_cancel=True)
