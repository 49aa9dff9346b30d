"""`chaos compare`: two runs side by side."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from chaos_mcp.cli.options import format_option, runs_option
from chaos_mcp.journal.words import flat

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chaos_mcp.history.compare import Difference
    from chaos_mcp.history.entry import Entry


@click.command(name="compare")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option(
    "--across-profiles",
    is_flag=True,
    help="Compare runs that were measured by different things.",
)
@runs_option
@format_option
def command(
    before: str, after: str, form: str, runs: Path, *, across_profiles: bool
) -> int:
    """Compare two runs: verdict, score, and how each metric changed from A to B.

    A and B are ids, folders, `last`, or names of baselines. A change is shown with its
    95 % interval, and with the chance p of so bad a one in a system that is the same.

    \b
    chaos compare nightly last
    chaos compare 20260101-120000-beef last --format json
    """
    from chaos_mcp.history.compare import compare  # noqa: PLC0415 - if asked for
    from chaos_mcp.history.found import baseline  # noqa: PLC0415 - if asked for
    from chaos_mcp.history.store import store  # noqa: PLC0415 - if asked for

    kept = store()
    first, second = (baseline(name, runs, kept) for name in (before, after))
    found = compare(first, second, across_profiles=across_profiles)
    if form == "json":
        click.echo(json.dumps(_as_json(first, second, found)))
    else:
        click.echo("\n".join(_lines(first, second, found)))
    return 0


def _as_json(before: Entry, after: Entry, found: list[Difference]) -> dict[str, Any]:
    from chaos_mcp.cli.history import as_json  # noqa: PLC0415 - only here
    from chaos_mcp.history.words import difference_as_json  # noqa: PLC0415 - only here

    return {
        "a": as_json(before),
        "b": as_json(after),
        "differences": [difference_as_json(one) for one in found],
    }


def _lines(before: Entry, after: Entry, found: list[Difference]) -> Iterator[str]:
    from chaos_mcp.cli.table import table  # noqa: PLC0415 - for people only
    from chaos_mcp.history import words  # noqa: PLC0415 - for people only

    for name, run in (("A", before), ("B", after)):
        yield f"{name}  {run.run}  {run.verdict}, {_score(run)}"
        yield f"   {flat(run.title)}"
    yield ""
    if not found:
        yield "neither run has figures to compare"
        return
    rows = [("metric", "A", "B", "change", "95 %", "p", "")]
    for one in found:
        metric = one.metric
        rows.append(
            (
                metric.name,
                words.figure(metric, one.before),
                words.figure(metric, one.after),
                words.change(metric, one.change),
                words.interval(one),
                words.chance(one),
                _sign(one),
            )
        )
    yield from table(rows, "<>>>>><", shrink=0)


def _score(run: Entry) -> str:
    if run.score is None:
        return "no score"
    ends = "" if run.low is None else f" ({run.low:.1f} to {run.high or 0:.1f})"
    return f"score {run.score:.1f}{ends}"


def _sign(one: Difference) -> str:
    """Return whether a change is one, by its interval."""
    if one.low <= 0 <= one.high or one.change != one.change:
        return ""
    return "worse" if one.worsening > 0 else "better"
