"""`chaos recover`: take back what a dead run has left."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from chaos_mcp.cli import stray
from chaos_mcp.cli.options import format_option, runs_option
from chaos_mcp.journal.words import flat, line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from chaos_mcp.engine.recover import Recovered
    from chaos_mcp.engine.status import RunStatus
    from chaos_mcp.events import FaultArmed

UNSAFE = 5


@click.command(name="recover")
@click.argument("run", required=False)
@click.option("--all", "every", is_flag=True, help="Every dead run; so without RUN.")
@click.option(
    "--forget",
    is_flag=True,
    help="Take RUN out of the index: you have put back yourself what it left.",
)
@click.option(
    "--stray",
    "strays",
    is_flag=True,
    help="Remove what no journal knows, of makers that are dead; or what RUN made.",
)
@runs_option
@format_option
def command(
    run: str | None, *, every: bool, forget: bool, strays: bool, runs: Path, form: str
) -> int:
    """Take back what RUN has left, or what every dead run on this machine has.

    RUN is an id, a folder, or `last`. Doing it again does nothing. The exit code is 5
    if something could not be taken back.

    \b
    chaos recover
    chaos recover last
    chaos recover 20260101-120000-beef
    chaos recover --stray
    """
    if every and run:
        raise click.UsageError("either RUN or --all")
    if forget:
        return _forget(run)
    if strays:
        return _remove(run, form)
    recovered, unknown = recover_all(run, runs)
    if form == "json":
        click.echo(json.dumps(_as_json(recovered, unknown)))
    else:
        click.echo(told(recovered, unknown))
        if not run and (words := [*stray.lines(stray.found())]):
            click.echo("\n".join(words))
    return UNSAFE if unknown or any(one.open for one in recovered) else 0


def recover_all(run: str | None, runs: Path) -> tuple[list[Recovered], list[RunStatus]]:
    """Take back one run, or all dead ones; renew their reports."""
    import anyio  # noqa: PLC0415 - 50 ms

    from chaos_mcp.engine import recovering  # noqa: PLC0415 - loads the engine

    if run is not None:
        recovered = [anyio.run(recovering.recover_run, _folder(run, runs))]
        unknown = []
    else:
        recovered = anyio.run(recovering.recover_dead)
        unknown = recovering.unreadable()
    for one in recovered:
        if one.did:
            _report(one.folder)
    return recovered, unknown


def _folder(run: str, runs: Path) -> Path:
    """Return where a run is: here, or wherever the index says."""
    from chaos_mcp.engine.recovering import entry_called  # noqa: PLC0415 - as above
    from chaos_mcp.runs import find_run  # noqa: PLC0415 - as above

    entry = entry_called(run)
    return entry.folder if entry else find_run(run, runs).resolve()


def _report(folder: Path) -> None:
    """Write the reports anew, and the history: the run has come to another end."""
    from chaos_mcp.history.entering import enter  # noqa: PLC0415 - as above
    from chaos_mcp.runs import reading_of, write_reports  # noqa: PLC0415 - as above

    reading = reading_of(folder)
    for reason in write_reports(reading, folder):
        click.echo(f"chaos: not written: {reason}", err=True)
    if why := enter(reading, folder):
        click.echo(f"chaos: not in the history: {why}", err=True)


def _remove(run: str | None, form: str) -> int:
    done = stray.removed(run)
    if form == "json":
        both = {"removed": done.gone, "left": done.left}
        click.echo(json.dumps({key: stray.as_json(some) for key, some in both.items()}))
    else:
        click.echo("\n".join(stray.told(done)) or "nothing to remove")
    return UNSAFE if done.left else 0


def _forget(run: str | None) -> int:
    from chaos_mcp.engine.recovering import entry_called  # noqa: PLC0415 - as above
    from chaos_mcp.engine.status import is_alive  # noqa: PLC0415 - as above
    from chaos_mcp.errors import ChaosError  # noqa: PLC0415 - as above
    from chaos_mcp.machine import index  # noqa: PLC0415 - as above

    entry = entry_called(run) if run else None
    if entry is None:
        raise ChaosError(f"there is no run {run or ''!r} in the index (chaos status)")
    if is_alive(entry):
        raise ChaosError(f"the run {entry.run} is still being carried out")
    index.forget(entry.run)
    click.echo(f"{entry.run} is forgotten")
    return 0


def _as_json(
    recovered: Sequence[Recovered], unknown: Sequence[RunStatus]
) -> dict[str, Any]:
    return {
        "runs": [
            {
                "run": one.run,
                "dir": str(one.folder),
                "undone": [fault.name for fault in one.undone],
                "ended": list(one.ended),
                "open": [fault.name for fault in one.open],
            }
            for one in recovered
        ],
        "unreadable": [
            {"run": one.entry.run, "why": one.unreadable} for one in unknown
        ],
    }


def told(recovered: Sequence[Recovered], unknown: Sequence[RunStatus]) -> str:
    """Say what was done, and what a person has to do."""
    lines = [text for one in recovered if one.did for text in _of_run(one)]
    for one in unknown:
        held = sorted({t for each in one.entry.claims.values() for t in each})
        lines.append(f"{one.entry.run}  {one.unreadable}")
        lines.append(f"    look at what it held: {', '.join(held)}")
        lines.append(f"    then: chaos recover --forget {one.entry.run}")
    return "\n".join(lines) or "nothing to do: nothing is open"


def _of_run(one: Recovered) -> list[str]:
    run = line(one.run)
    lines = [f"{run}  {'STILL OPEN' if one.open else 'all taken back'}"]
    lines += [f"    undone  {_named(fault)}" for fault in one.undone]
    lines += [f"    ended   {line(part)}" for part in one.ended]
    for fault in one.open:
        lines.append(f"    OPEN    {_named(fault)}: {line(one.why(fault))}")
        lines.append(f"            by hand: {flat(one.by_hand(fault))}")
    if one.open:
        lines.append(f"    then again: chaos recover {run}")
    return lines


def _named(fault: FaultArmed) -> str:
    """Return what a journal calls a fault; it may say anything."""
    kind = fault.spec.get("fault", "")
    return line(f"{fault.name} ({kind} on {fault.target})")
