"""`chaos history`: what became of earlier runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chaos_mcp.cli.options import format_option
from chaos_mcp.cli.since import Since

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.history.entry import Entry
    from chaos_mcp.history.store import Store

VERDICTS = ("PASSED", "FAILED", "INCONCLUSIVE", "ABORTED", "UNSAFE")
NOTHING_READ = 2


@click.command(name="history")
@click.argument("experiment", default="")
@click.option(
    "--verdict",
    type=click.Choice(VERDICTS, case_sensitive=False),
    help="Only runs that ended so.",
)
@click.option(
    "--tag", default="", metavar="TAG", help="Only experiments with this tag."
)
@click.option(
    "--since",
    type=Since(),
    default="",
    metavar="WHEN",
    help="Only later runs: a date, or an age such as 7d or 12h.",
)
@click.option(
    "--last",
    "most",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    help="No more than so many, the latest.",
)
@click.option(
    "--import",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="First enter the runs in this folder, which may be entered already.",
)
@format_option
def command(
    experiment: str,
    verdict: str | None,
    tag: str,
    since: float,
    most: int,
    folders: tuple[Path, ...],
    form: str,
) -> int:
    """List earlier runs, the latest last; only those of EXPERIMENT, if it is said.

    EXPERIMENT is a part of the title or of the file's name. The history is a file of
    this user's, or the database that CHAOS_STORE names by its SQLAlchemy URL.

    \b
    chaos history
    chaos history partition --verdict FAILED --since 7d
    chaos history --import runs/
    CHAOS_STORE=postgresql://ci@db/chaos chaos history --format json
    """
    from chaos_mcp.history.store import Query, store  # noqa: PLC0415 - if asked for

    kept, query = store(), Query(experiment, verdict or "", tag, since, most=most)
    code = _import(list(folders), kept) if folders else 0
    found = kept.entries(query)
    if form == "json":
        click.echo(json.dumps([as_json(one) for one in found]))
    else:
        click.echo("\n".join(_lines(found)))
    return code


def _import(folders: list[Path], kept: Store) -> int:
    from chaos_mcp.history.entering import enter_folders  # noqa: PLC0415 - loads events

    entered, failed = enter_folders(folders, kept)
    click.echo(f"{len(entered)} runs entered in {kept.database.name}", err=True)
    for why in failed:
        click.echo(f"chaos: not entered: {why}", err=True)
    return NOTHING_READ if failed and not entered else 0


def as_json(one: Entry) -> dict[str, Any]:
    """Return a run of the history as JSON can hold it."""
    from chaos_mcp.history.entry import row_of  # noqa: PLC0415 - with the store

    row = row_of(one)
    kept = {
        **row,
        "seed": one.seed,
        "tags": list(one.tags),
        "reasons": list(one.reasons),
    }
    figures = {
        name: {"value": value, "error": error}
        for name, (value, error, _) in json.loads(row["figures"]).items()
    }
    return {**kept, "figures": figures}


def _lines(found: list[Entry]) -> Iterator[str]:
    from chaos_mcp.cli.table import table  # noqa: PLC0415 - for people only
    from chaos_mcp.history.sparkline import sparkline  # noqa: PLC0415 - as above

    if not found:
        yield "no runs (chaos history --import runs/ enters those of a folder)"
        return
    head = ("run", "verdict", "score", "95 %", "p95", "experiment")
    rows = [head, *(_row(one) for one in found)]
    yield from table(rows, "<<>>><", shrink=5)
    scores = [one.score for one in found]
    if len([one for one in scores if one is not None]) > 1:
        yield ""
        yield f"scores  {sparkline(scores)}"


def _row(one: Entry) -> tuple[str, ...]:
    from chaos_mcp.history.metrics import METRICS  # noqa: PLC0415 - with the store
    from chaos_mcp.history.words import figure  # noqa: PLC0415 - with the store

    score = "-" if one.score is None else f"{one.score:.1f}"
    ends = "" if one.low is None else f"{one.low:.1f}-{one.high or 0:.1f}"
    p95 = figure(METRICS["response-time"], one.value("response-time"))
    return (one.run, one.verdict, score, ends, p95, one.title)
