"""A run told in the format of a name: one of ours, or one that a package offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chaos_mcp.errors import ChaosError
from chaos_mcp.report import FORMATS

if TYPE_CHECKING:
    from chaos_mcp.registry import Entry
    from chaos_mcp.report.reading import Reading


def render(entry: Entry, reading: Reading) -> str:
    """Return the run in a format; raise `ChaosError` if a package's format fails."""
    if entry.origin == "built in":
        return FORMATS[entry.name].render(reading)
    called = f"the report format {entry.name!r} ({entry.source})"
    function = _function(entry.load(), called)
    try:
        text = function(reading)
    except (Exception, SystemExit) as error:
        kind = type(error).__name__
        raise ChaosError(f"{called} failed: {kind}: {error}") from error
    if not isinstance(text, str):
        raise ChaosError(f"{called} gave {type(text).__name__}, not text")
    return text


def _function(thing: Any, called: str) -> Any:
    """Return what renders: a function, or that of a module."""
    function = getattr(thing, "render", thing)
    if not callable(function):
        raise ChaosError(f"{called} has no function `render`")
    return function
