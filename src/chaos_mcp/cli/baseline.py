"""`chaos baseline`: which runs later ones are held against."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from chaos_mcp.cli.options import format_option, runs_option

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chaos_mcp.history.store import Baseline, Store

USUAL = "default"


@click.group(name="baseline")
def command() -> None:
    """Name runs that later ones may not be worse than.

    \b
    chaos baseline set last --name nightly
    chaos run experiments/partition.yaml --baseline nightly
    chaos baseline list
    """


@command.command(name="set")
@click.argument("names", metavar="RUN...", nargs=-1, required=True)
@click.option(
    "--name",
    default=USUAL,
    show_default=True,
    help="What it is called; an experiment's baseline of that name is replaced.",
)
@runs_option
def set_(names: tuple[str, ...], name: str, runs: Path) -> int:
    """Let each RUN be the baseline of its experiment: an id, a folder, or `last`."""
    from chaos_mcp.history.found import find  # noqa: PLC0415 - if asked for
    from chaos_mcp.history.store import store  # noqa: PLC0415 - if asked for

    kept = store()
    for entry in [find(run, runs, kept) for run in names]:
        if kept.entry(entry.run) is None:
            kept.enter([entry])
        kept.set_baseline(name, entry.run)
        said = f"{entry.run} ({entry.verdict}): {entry.title}"
        click.echo(f"the baseline {name!r} is now {said}")
        if entry.verdict != "PASSED":
            click.echo("chaos: it did not pass; later runs are held to it", err=True)
    return 0


@command.command(name="list")
@format_option
def list_(form: str) -> int:
    """List the baselines."""
    from chaos_mcp.history.store import store  # noqa: PLC0415 - if asked for

    kept = store()
    found = kept.baselines()
    if form == "json":
        click.echo(json.dumps([asdict(one) for one in found]))
    else:
        click.echo("\n".join(_lines(found, kept)))
    return 0


@command.command(name="remove")
@click.argument("name")
def remove(name: str) -> int:
    """Forget the baseline NAME; its run stays in the history."""
    from chaos_mcp.history.store import store  # noqa: PLC0415 - if asked for

    store().remove_baseline(name)
    click.echo(f"{name!r} is no baseline any more")
    return 0


def _lines(found: list[Baseline], kept: Store) -> Iterator[str]:
    from chaos_mcp.cli.table import table  # noqa: PLC0415 - for people only

    if not found:
        yield "no baselines (chaos baseline set RUN makes one)"
        return
    rows = [("name", "run", "set", "verdict", "score", "experiment")]
    for one in found:
        entry = kept.entry(one.run)
        since = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.since))
        score = "-" if entry is None or entry.score is None else f"{entry.score:.1f}"
        verdict = entry.verdict if entry else "gone"
        rows.append((one.name, one.run, since, verdict, score, one.title))
    yield from table(rows, "<<<<><", shrink=5)
