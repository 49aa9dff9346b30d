"""`chaos status`: what runs, what stands, and for how long it may."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import click

from chaos_mcp.cli import stray
from chaos_mcp.cli.options import format_option
from chaos_mcp.journal.words import flat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chaos_mcp.engine.status import RunStatus, Status
    from chaos_mcp.engine.strays import Stray
    from chaos_mcp.events import FaultArmed

UNSAFE = 5


@click.command(name="status")
@format_option
def command(form: str) -> int:
    """Show the runs and the open faults of this machine, with the time they have.

    What bears the tag of a run that no journal knows is shown as well. The exit code
    is 5 if a run that is dead has left something.

    \b
    chaos status
    chaos status --format json
    """
    from chaos_mcp.engine.status import status  # noqa: PLC0415 - loads the engine

    now, strays = status(), stray.found()
    if form == "json":
        click.echo(json.dumps(as_json(now, strays)))
    else:
        told = [*_lines(now), *stray.lines(strays)]
        click.echo("\n".join(told or ["nothing runs, and nothing is open"]))
    left = any(one.left for one in now.runs) or any(one.orphan for one in strays)
    return UNSAFE if left else 0


def as_json(now: Status, strays: Sequence[Stray]) -> dict[str, Any]:
    """Return all of it as JSON."""
    halt = now.halt
    return {
        "strays": stray.as_json(strays),
        "open": [
            _fault(one, fault, now.now) for one in now.runs for fault in one.faults
        ],
        "runs": [_run(one, now.now) for one in now.runs],
        "halted": None
        if halt is None
        else {"reason": halt.reason, "by": halt.by, "since": halt.since},
    }


def _fault(one: RunStatus, fault: FaultArmed, now: float) -> dict[str, Any]:
    return {
        "run": one.entry.run,
        "fault": fault.fault,
        "name": fault.name,
        "kind": fault.spec.get("fault", ""),
        "target": fault.target,
        "owner": fault.owner,
        "alive": one.alive,
        "lease": round(one.lease(now), 3),
        "expires_in": round(fault.expires - now, 3),
    }


def _run(one: RunStatus, now: float) -> dict[str, Any]:
    return {
        "run": one.entry.run,
        "title": one.entry.title,
        "dir": str(one.entry.folder),
        "pid": one.entry.runner.pid,
        "alive": one.alive,
        "began": one.entry.began,
        "lease": round(one.lease(now), 3),
        "open": len(one.faults),
        "parts": [f"{part.part} {part.name}" for part in one.parts],
        "unreadable": one.unreadable,
    }


def _lines(now: Status) -> list[str]:
    lines = []
    if now.halt:
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now.halt.since))
        lines.append(f"halted by {now.halt.by} since {since}: {now.halt.reason}")
        lines.append("    lift it with `chaos resume`")
    for one in now.runs:
        lines += _of_run(one, now.now)
    return lines


def _of_run(one: RunStatus, now: float) -> list[str]:
    entry = one.entry
    state = f"process {entry.runner.pid}" if one.alive else "DEAD"
    lines = [f"{entry.run}  {state}  {flat(entry.title)}"]
    for fault in one.faults:
        kind, left = fault.spec.get("fault", ""), fault.expires - now
        until = f"expires in {left:.0f} s" if left > 0 else "past its time"
        lease = f", lease {one.lease(now):.1f} s" if one.alive else ""
        named = flat(f"{fault.name} ({kind} on {fault.target})")
        lines.append(f"    open   {named} {until}{lease}")
    if not one.alive:
        lines += [f"    left   {part.part} {flat(part.name)}" for part in one.parts]
        if one.unreadable:
            held = sorted({t for each in entry.claims.values() for t in each})
            lines.append(f"    unknown: {one.unreadable}; it held {', '.join(held)}")
        lines.append(f"    finish it with `chaos recover {entry.run}`")
    return lines
