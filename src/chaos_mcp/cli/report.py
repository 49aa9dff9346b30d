"""`chaos report`: tell a run again, from its journal alone."""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chaos_mcp.errors import ChaosError

if TYPE_CHECKING:
    from collections.abc import Iterator


@click.command(name="report")
@click.argument("run")
@click.option(
    "--format",
    "form",
    metavar="NAME",
    default="terminal",
    show_default=True,
    help="terminal, html, md, junit, journal (Chaos Toolkit's), json, csv, "
    "resources-csv, openmetrics, otlp, otlp-metrics, perfetto, svg, png, pdf, or one "
    "that an installed package offers: see `chaos list reports`.",
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
    from chaos_mcp.journal.read import no_collecting  # noqa: PLC0415 - loads pydantic
    from chaos_mcp.registry import Registry  # noqa: PLC0415 - loads pydantic
    from chaos_mcp.report.formats import pieces  # noqa: PLC0415 - loads pydantic
    from chaos_mcp.runs import find_run, reading_of  # noqa: PLC0415 - loads the engine

    entry = Registry().get("report", form)
    with no_collecting():  # what was read stays to the end
        told = pieces(entry, reading_of(find_run(run, runs)))
        if output is None:
            _print(told)
            return 0
        _write(output, told)
    click.echo(f"{form} of {run} written to {output}", err=True)
    return 0


def _print(told: Iterator[str | bytes]) -> None:
    """Write to stdout; no picture goes to a terminal, which would take it for text."""
    for piece in told:
        if isinstance(piece, bytes) and sys.stdout.isatty():
            raise ChaosError("this format is no text: give it a file with -o FILE")
        click.echo(piece, nl=False)
    click.echo()


def _write(output: Path, told: Iterator[str | bytes]) -> None:
    """Write a file, unless the format fails before it has anything to say."""
    first = next(told, "")
    try:
        with output.open("wb") as file:
            for piece in chain([first], told):
                file.write(piece.encode() if isinstance(piece, str) else piece)
    except OSError as error:
        raise ChaosError(f"cannot write {output}: {error.strerror}") from error
