"""What bears the tag of a run that no journal knows, in words and as JSON."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from chaos_mcp.journal.words import line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chaos_mcp.engine.strays import Removed, Stray


def found() -> list[Stray]:
    """Look for it."""
    import anyio  # noqa: PLC0415 - 50 ms

    from chaos_mcp.engine.strays import strays  # noqa: PLC0415 - loads the engine

    return anyio.run(strays)


def removed(run: str | None) -> Removed:
    """Remove it."""
    import anyio  # noqa: PLC0415 - as above

    from chaos_mcp.engine.strays import remove  # noqa: PLC0415 - as above

    return anyio.run(remove, run)


def as_json(strays: Sequence[Stray]) -> list[dict[str, Any]]:
    """Return it as JSON."""
    return [
        {"what": one.what, "name": one.name, "run": one.run, "orphan": one.orphan}
        for one in strays
    ]


def lines(strays: Sequence[Stray]) -> Iterator[str]:
    """Say what there is, by run, and how to be rid of it."""
    for run, group in groupby(strays, key=lambda one: one.run):
        ours = [*group]
        yield f"{line(run)}  not known to any journal"
        yield from (f"    stray  {one.what} {line(one.name)}" for one in ours)
        if any(one.orphan for one in ours):
            yield "    whoever made it is dead; remove it with `chaos recover --stray`"
        else:
            yield "    that run may live on another machine; if it does not, remove it"
            yield f"    with `chaos recover --stray {line(run)}`"


def told(done: Removed) -> Iterator[str]:
    """Say what was removed, and what was not."""
    yield from (f"removed  {one.what} {line(one.name)}" for one in done.gone)
    yield from (f"LEFT     {one.what} {line(one.name)}" for one in done.left)
