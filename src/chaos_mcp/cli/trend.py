"""`chaos trend`: how an experiment's runs have changed over time."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import click

from chaos_mcp.cli.since import Since

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chaos_mcp.history.entry import Entry
    from chaos_mcp.history.trend import Trend


@click.command(name="trend")
@click.argument("experiment")
@click.option(
    "--metric",
    default="score",
    show_default=True,
    help="score, recovery-time, response-time, throughput, error-rate, or one of the "
    "last three with @fault.",
)
@click.option(
    "--since",
    type=Since(),
    default="",
    metavar="WHEN",
    help="Only later runs: a date, or an age such as 7d or 12h.",
)
@click.option(
    "--across-profiles",
    is_flag=True,
    help="Runs that were measured by other things than the latest, too.",
)
@click.option("--seed", type=click.IntRange(0), default=0, help="Of the permutations.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["human", "json", "svg", "html"]),
    default="human",
    help="A chart of text, JSON, a drawing (needs the extra `charts`), or a page of "
    "all metrics in one file, `--metric` first.",
)
def command(
    experiment: str,
    metric: str,
    since: float,
    seed: int,
    form: str,
    *,
    across_profiles: bool,
) -> int:
    """Show how the runs of EXPERIMENT went over time, and when that changed.

    EXPERIMENT is a part of the title or of the file's name. A change is one that few
    random orders of the same runs would show as clearly (E-Divisive, 5 %).

    \b
    chaos trend partition
    chaos trend partition --metric response-time --since 30d
    chaos trend partition --format html > trend.html
    """
    from chaos_mcp.history.store import Query, store  # noqa: PLC0415 - if asked for
    from chaos_mcp.history.trend import exactly, trend  # noqa: PLC0415 - with it

    entries = store().entries(Query(experiment=experiment, since=since))
    meant = exactly(entries, experiment)
    if form == "html":
        click.echo(_page(meant, metric, seed, across_profiles=across_profiles))
        return 0
    found = trend(meant, metric, seed, across_profiles=across_profiles)
    if form == "json":
        click.echo(json.dumps(_as_json(found)))
    elif form == "svg":
        from chaos_mcp.history.trend_chart import svg  # noqa: PLC0415 - rarely

        click.echo(svg(found))
    else:
        click.echo("\n".join(_lines(found)))
    return 0


def _page(
    entries: Sequence[Entry], metric: str, seed: int, *, across_profiles: bool
) -> str:
    from chaos_mcp.history.trend_html import page  # noqa: PLC0415 - if asked for
    from chaos_mcp.history.trend_panels import panels  # noqa: PLC0415 - with it

    found = panels(entries, metric, seed, across_profiles=across_profiles)
    return page(entries[0].title, found)


def _as_json(found: Trend) -> dict[str, Any]:
    points = zip(found.entries, found.values, strict=True)
    return {
        "experiment": found.title,
        "metric": found.metric.name,
        "runs": [
            {"run": one.run, "started": one.started, "verdict": one.verdict, "value": v}
            for one, v in points
        ],
        "left_out": found.left_out,
        "changes": [
            {
                "run": found.entries[one.index].run,
                "before": one.before,
                "after": one.after,
                "p": one.chance,
            }
            for one in found.changes
        ],
    }


def _lines(found: Trend) -> Iterator[str]:
    from chaos_mcp.cli.table import chart, width  # noqa: PLC0415 - for people only
    from chaos_mcp.history.words import figure  # noqa: PLC0415 - for people only

    metric, values = found.metric, list(found.values)
    yield f"{metric.words} of {len(values)} runs: {found.title}"
    if found.left_out:
        yield f"({found.left_out} without it, or measured by other things, left out)"
    if not values:
        return
    ends = (figure(metric, min(values)), figure(metric, max(values)))
    room = width() - max(map(len, ends)) - 3
    first = max(0, len(values) - room)
    marks = [one.index - first for one in found.changes]
    yield ""
    yield from chart(values[first:], marks, ends)
    yield ""
    for one in found.changes:
        entry = found.entries[one.index]
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.started))
        moved = f"{figure(metric, one.before)} to {figure(metric, one.after)}"
        yield f"▲ {when}  {entry.run}  {moved}  (p {one.chance:.3f})"
    if not found.changes:
        yield "no change that could not be chance"
