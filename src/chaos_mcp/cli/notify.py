"""`chaos notify`: see that what is to be told arrives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from chaos_mcp.errors import ChaosError

if TYPE_CHECKING:
    from chaos_mcp.notify.settings import Chosen

UNTOLD = 1


@click.group(name="notify")
def command() -> None:
    """Tell people elsewhere what became of runs: webhook, slack, github.

    \b
    chaos notify test slack
    chaos run experiments/ --notify slack
    """


@command.command(name="test")
@click.argument("channels", nargs=-1)
@click.option(
    "--project",
    type=click.Path(path_type=Path, exists=True),
    default=".",
    help="A folder of the chaos project; by default, where you are.",
)
def test(channels: tuple[str, ...], project: Path) -> int:
    """Send a harmless trial message to CHANNELS; by default, to all that are set.

    The exit code is 1 if one of them did not take it.

    \b
    chaos notify test
    chaos notify test slack webhook
    """
    import time  # noqa: PLC0415 - with the rest

    import anyio  # noqa: PLC0415 - 50 ms

    from chaos_mcp.notify.news import trial  # noqa: PLC0415 - loads pydantic
    from chaos_mcp.notify.telling import Telling  # noqa: PLC0415 - as above

    said = anyio.run(Telling(_chosen(channels, project)).tell, trial(time.time()))
    for name in said.told:
        click.echo(f"told    {name}")
    for why in said.untold:
        click.echo(f"chaos: not told: {why}", err=True)
    return UNTOLD if said.untold else 0


def _chosen(names: tuple[str, ...], folder: Path) -> Chosen:
    """Return the channels to try, each of which is told all that happens."""
    import os  # noqa: PLC0415 - with the rest

    from chaos_mcp import project as projects  # noqa: PLC0415 - as above
    from chaos_mcp.notify.settings import channels  # noqa: PLC0415 - as above
    from chaos_mcp.notify.tables import wanted  # noqa: PLC0415 - as above

    root = projects.find(folder).root
    asked = wanted(names, os.environ, root)
    if not asked:
        raise ChaosError(
            "no channel is set: name one (chaos list channels), or have it in "
            "CHAOS_NOTIFY or [tool.chaos.notify.NAME] of pyproject.toml"
        )
    return channels(asked, os.environ, root)
