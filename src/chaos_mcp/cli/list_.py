"""`chaos list`: what can be called by its name, and where each of it comes from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.registry import Registry, Sort

SORTS = ("faults", "probes", "actions", "reports", "channels")


@click.command(name="list")
@click.argument("sort", type=click.Choice(SORTS), required=False)
@click.argument("name", required=False)
@click.option(
    "--project",
    type=click.Path(path_type=Path, exists=True),
    default=".",
    help="A folder of the chaos project; by default, where you are.",
)
def command(sort: str | None, name: str | None, project: Path) -> int:
    """List faults, probes, actions, reports, channels; or tell all about one NAME.

    \b
    chaos list
    chaos list faults
    chaos list faults network.latency
    """
    from chaos_mcp import project as projects  # noqa: PLC0415 - with the registry
    from chaos_mcp.registry import Registry  # noqa: PLC0415 - loads pydantic

    registry = Registry(projects.find(project))
    wanted: list[Sort] = [_singular(one) for one in ([sort] if sort else SORTS)]
    if name:
        click.echo("\n".join(_about(registry, wanted[0], name)))
    else:
        click.echo("\n".join(_all(registry, wanted)))
    return 0


def _singular(sort: str) -> Sort:
    return sort.removesuffix("s")  # type: ignore[return-value]


def _all(registry: Registry, sorts: list[Sort]) -> Iterator[str]:
    from chaos_mcp.catalogue import summary  # noqa: PLC0415 - loads pydantic

    for sort in sorts:
        entries = sorted(registry.entries(sort), key=lambda one: one.name)
        width = max((len(one.name) for one in entries), default=0)
        yield f"{sort}s"
        for one in entries:
            yield f"  {one.name:<{width}}  {one.origin:<12}  {summary(one)}".rstrip()


def _about(registry: Registry, sort: Sort, name: str) -> Iterator[str]:
    from chaos_mcp.catalogue import about  # noqa: PLC0415 - loads pydantic

    yield from about(registry.get(sort, name))
