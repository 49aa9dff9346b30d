"""The folder in which runs leave word for each other."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from chaos_mcp.errors import ChaosError

if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLE = "CHAOS_STATE_DIR"
XDG = "XDG_STATE_HOME"
NAME = "chaos-mcp"


def state_folder() -> Path:
    """Return the folder, made if need be.

    `CHAOS_STATE_DIR` names it; otherwise it is `chaos-mcp` in the user's state
    folder, as the XDG Base Directory Specification has it.
    """
    try:
        folder = _named()
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError) as error:  # RuntimeError: there is no home
        raise ChaosError(
            f"cannot make the folder where runs leave word for each other: {error}\n"
            f"    name another one in {VARIABLE}"
        ) from error
    return folder


def _named() -> Path:
    if given := os.environ.get(VARIABLE):
        return Path(given)
    if given := os.environ.get(XDG):
        return Path(given) / NAME
    return Path.home() / ".local" / "state" / NAME


@contextmanager
def alone() -> Iterator[Path]:
    """Hold the folder for a moment, so that two runs cannot take the same thing."""
    folder = state_folder()
    try:
        handle = os.open(folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise ChaosError(f"cannot open {folder / 'lock'}: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(handle)


def put(path: Path, text: str, *, durable: bool = False) -> None:
    """Write a file so that it is there whole or not at all.

    Raise `ChaosError` if it cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise ChaosError(f"cannot write {path}: {error.strerror}") from error
