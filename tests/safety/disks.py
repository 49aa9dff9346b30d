"""A disk so small that a test can fill it."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIZE = 4 * 1024 * 1024
PAGE = 4096


@contextmanager
def small_disk(place: Path, size: int = SIZE) -> Iterator[Path]:
    """Mount a file system of a few megabytes for as long as the block runs."""
    place.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if not (mount and umount):
        pytest.skip("there is no `mount` here, so no disk that can be filled")
    command = [mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no small disk can be mounted: {done.stderr.strip()}")
    try:
        yield place
    finally:
        # Lazily: what a failed test has left open must not keep it here.
        subprocess.run([umount, "--lazy", str(place)], check=True)


def fill(folder: Path, name: str = "filler") -> None:
    """Leave no block free on the disk that a folder is on."""
    handle = os.open(folder / name, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    for chunk in (64 * PAGE, PAGE):
        with suppress(OSError):
            while os.write(handle, b"\1" * chunk) == chunk:
                pass
    os.close(handle)
