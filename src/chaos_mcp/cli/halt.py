"""`chaos halt`: stop all runs now, and keep new ones from starting."""

from __future__ import annotations

import click

UNSAFE = 5


@click.command(name="halt")
@click.argument("reason", required=False)
def command(reason: str | None) -> int:
    """Stop all runs on this machine now, put everything back, and block new ones.

    REASON is shown to everybody who tries to run something. The exit code is 5 if
    something could not be put back.

    \b
    chaos halt "incident 4711"
    chaos resume
    """
    import anyio  # noqa: PLC0415 - 50 ms

    from chaos_mcp.engine.recovering import halt_all  # noqa: PLC0415 - loads the engine

    reason = reason or click.prompt("Why", err=True)
    done = anyio.run(halt_all, reason)
    for entry in done.stopped:
        click.echo(f"stopped  {entry.run}  {entry.title}")
    for entry in done.killed:
        click.echo(f"killed   {entry.run}  {entry.title} (its guardian puts it back)")
    for one in done.left:
        click.echo(f"LEFT     {one.entry.run}: chaos recover {one.entry.run}")
    click.echo("halted: nothing starts until `chaos resume`")
    return UNSAFE if done.left else 0
