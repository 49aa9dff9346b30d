"""How much room there is: on a file system, and in a directory."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

from chaos_mcp.adapters.local import Place, Room


def place(path: str) -> Place | None:
    """Return a directory that we may write to, or None if there is none."""
    real = Path(path).resolve()
    if not real.is_dir():
        return None
    if not os.access(real, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "we may not write there", str(real))
    found = real.stat()
    return Place(str(real), found.st_dev, found.st_ino)


def room(path: str) -> Room:
    """Return the room on the file system of a path."""
    found = os.statvfs(path)
    unit = found.f_frsize
    return Room(
        total=found.f_blocks * unit,
        used=(found.f_blocks - found.f_bfree) * unit,
        free=found.f_bavail * unit,
        reserved=(found.f_bfree - found.f_bavail) * unit,
        kind=_kind(path),
        identity=f"{found.f_fsid:x}",
        device=Path(path).stat().st_dev,
        read_only=bool(found.f_flag & os.ST_RDONLY),
    )


def _kind(path: str) -> str:
    """Return what kind of file system a path is on, by the nearest mount above it."""
    import psutil  # noqa: PLC0415 - only where a disk is to be filled

    real = Path(path).resolve()
    above = {str(one) for one in (real, *real.parents)}
    mounts = [
        one for one in psutil.disk_partitions(all=True) if one.mountpoint in above
    ]
    # Of two on one another, the later covers the earlier.
    nearest = max(reversed(mounts), key=lambda one: len(one.mountpoint), default=None)
    return nearest.fstype if nearest else ""


def size(path: str) -> int:
    """Return the bytes in all files of a directory and those below it."""
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            with suppress(OSError):
                total += (Path(folder) / name).lstat().st_size
    return total
