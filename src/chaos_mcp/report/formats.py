"""A run told in the format of a name: one of ours, or one that a package offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chaos_mcp.errors import ChaosError
from chaos_mcp.report import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.registry import Entry
    from chaos_mcp.report.reading import Reading


def pieces(entry: Entry, reading: Reading) -> Iterator[str | bytes]:
    """Yield the run in a format, piece by piece.

    Raise `ChaosError` if a package's format fails, or needs what is not installed.
    """
    if entry.origin == "built in":
        yield from FORMATS[entry.name].pieces(reading)
    else:
        yield _of_package(entry, reading)


def _of_package(entry: Entry, reading: Reading) -> str | bytes:
    called = f"the report format {entry.name!r} ({entry.source})"
    function = _function(entry.load(), called)
    try:
        text = function(reading)
    except (Exception, SystemExit) as error:
        kind = type(error).__name__
        raise ChaosError(f"{called} failed: {kind}: {error}") from error
    if not isinstance(text, str | bytes):
        raise ChaosError(f"{called} gave {type(text).__name__}, not text")
    return text


def _function(thing: Any, called: str) -> Any:
    """Return what renders: a function, or that of a module."""
    function = getattr(thing, "render", thing)
    if not callable(function):
        raise ChaosError(f"{called} has no function `render`")
    return function
