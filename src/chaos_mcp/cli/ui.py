"""`chaos ui`: the runs of this machine as web pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from chaos_mcp.cli.options import runs_option
from chaos_mcp.errors import ChaosError

if TYPE_CHECKING:
    from pathlib import Path

    from chaos_mcp.ui.access import Access

MISSING = "chaos ui needs jinja2: pip install 'chaos-mcp[ui]'"


@click.command(name="ui")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="0 takes any that is free.",
)
@click.option("--open/--no-open", default=True, help="Open a browser at once.")
@runs_option
def command(host: str, port: int, runs: Path, *, open: bool) -> int:  # noqa: A002 - the option's name
    """Show runs with their scores and trends, compare them, and watch one live.

    The address that is printed has a token in it: whoever has that can see the runs,
    and halt them. By default only this machine is listened to.

    \b
    chaos ui
    chaos ui --port 8475 --no-open
    """
    try:
        from chaos_mcp.ui.serve import serve  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        if error.name != "jinja2":
            raise
        raise ChaosError(MISSING) from error

    def ready(access: Access) -> None:
        click.echo(f"chaos ui is at {access.link}")
        click.echo("Ctrl-C ends it; runs go on without it", err=True)
        if open:
            click.launch(access.link)

    serve(host, port, runs, ready)
    return 0
