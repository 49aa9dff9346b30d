"""`chaos report`: tell a run again, from its journal alone."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="report")
@click.argument("run")
@click.option(
    "--format",
    "form",
    metavar="NAME",
    default="terminal",
    show_default=True,
    help="terminal, html, md, junit, journal (Chaos Toolkit's), json, or one that an "
    "installed package offers: see `chaos list reports`.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write to a file instead of stdout.",
)
@click.option(
    "--runs",
    type=click.Path(path_type=Path, file_okay=False),
    default="runs",
    show_default=True,
    help="Where the runs are.",
)
def command(run: str, form: str, output: Path | None, runs: Path) -> int:
    """Tell RUN again: an id, a folder, or `last`; a crashed run too.

    \b
    chaos report last
    chaos report last --format html -o report.html
    chaos report runs/20260101-120000-beef --format md
    """
    from chaos_mcp.errors import ChaosError  # noqa: PLC0415 - beside the rest
    from chaos_mcp.registry import Registry  # noqa: PLC0415 - loads pydantic
    from chaos_mcp.report.formats import render  # noqa: PLC0415 - loads pydantic
    from chaos_mcp.runs import find_run, reading_of  # noqa: PLC0415 - loads the engine

    entry = Registry().get("report", form)
    text = render(entry, reading_of(find_run(run, runs)))
    if output is None:
        click.echo(text)
        return 0
    try:
        output.write_text(text, "utf-8")
    except OSError as error:
        raise ChaosError(f"cannot write {output}: {error.strerror}") from error
    click.echo(f"{form} of {run} written to {output}", err=True)
    return 0
