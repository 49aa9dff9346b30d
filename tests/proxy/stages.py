"""A toxic at work by its own clock, and what it makes of chunks and times."""

from collections.abc import Iterator
from typing import Any

from chaos_mcp.proxy.toxics import TOXICS, at_work
from chaos_mcp.proxy.toxics.base import NEVER, Chunk, Stage
from chaos_mcp.proxy.toxics.place import Place
from chaos_mcp.proxy.toxics.toxic import Skips, Toxic


def toxic(kind: str, **attributes: Any) -> Toxic:
    """Return a toxic as the API would make it."""
    cls = TOXICS[kind]
    given = {**dict.fromkeys(cls.defaults, 0), **cls.initial, **attributes}
    cls.check(given)
    return Toxic(kind, kind, "upstream", 1.0, given)


def stage(kind: str, **attributes: Any) -> Stage:
    """Return a toxic at work since the time 0."""
    return begun(toxic(kind, **attributes))


def begun(one: Toxic, place: Place | None = None, skips: Skips | None = None) -> Stage:
    """Return a toxic at work since the time 0, here or there."""
    one.skips = skips or one.skips
    made = at_work(one, place or Place())
    made.begin(0.0)
    return made


def gives(one: Stage) -> Iterator[tuple[float, Chunk]]:
    """Yield what a toxic lets go, and when."""
    while (due := one.due()) < NEVER:
        yield due, one.give()


def data(size: int) -> memoryview:
    """Return a chunk of so many bytes, no two neighbours of which are the same."""
    return memoryview(bytes(number % 251 for number in range(size)))
