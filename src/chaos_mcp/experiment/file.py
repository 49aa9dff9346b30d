"""The text of an experiment file, or one clear reason why there is none."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from chaos_mcp.errors import InvalidExperiment, Mistake

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 10 * 2**20
"""Bytes that an experiment file may have."""


def text_of(path: Path) -> str:
    """Return the text of a file; raise `InvalidExperiment` if it has none.

    A byte more than may be is all that is read, whatever size the file claims to be.
    """
    try:
        if path.is_dir():
            raise _refused(
                path, "this is a directory, not an experiment file", _inside(path)
            )
        if path.stat().st_size > LARGEST:
            raise _too_large(path)
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise _refused(path, "there is no such file", _neighbour(path)) from None
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or error
        raise _refused(path, f"cannot be read: {said}") from None
    if len(content) > LARGEST:
        raise _too_large(path)
    return _decoded(path, content)


def _decoded(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        problem = "the file is not text (UTF-8)"
        hint = "an experiment is a YAML or JSON file; save it as UTF-8"
        mistake = Mistake(problem, (), str(path), line, column, hint)
        raise InvalidExperiment([mistake]) from None


def _too_large(path: Path) -> InvalidExperiment:
    problem = f"the file is larger than {LARGEST // 2**20} MiB: that is no experiment"
    return _refused(path, problem, "is it the right file?")


def _refused(path: Path, problem: str, hint: str = "") -> InvalidExperiment:
    return InvalidExperiment([Mistake(problem, file=str(path), hint=hint)])


def _inside(path: Path) -> str:
    found = sorted(path.glob("*.yaml"))[:1]
    return f"name a file, such as {found[0]}" if found else "name a file"


def _neighbour(path: Path) -> str:
    try:
        names = [one.name for one in path.parent.iterdir()]
    except OSError:
        return f"there is no directory {path.parent} either"
    close = difflib.get_close_matches(path.name, names, n=1)
    return f"did you mean {path.parent / close[0]}?" if close else ""
