"""`chaos resume`: lift a halt."""

from __future__ import annotations

import click


@click.command(name="resume")
def command() -> int:
    """Let runs start again after `chaos halt`."""
    from chaos_mcp.machine.halt import resume  # noqa: PLC0415 - as other commands

    stood = resume()
    if stood is None:
        click.echo("nothing was halted")
    else:
        click.echo(f"lifted: {stood.reason} (halted by {stood.by})")
    return 0
