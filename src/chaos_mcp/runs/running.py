"""An experiment carried out, written down, judged and entered in the history."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chaos_mcp import __version__
from chaos_mcp.engine.hooks import NoHooks
from chaos_mcp.runs.beginning import host, make, may_start, new_run
from chaos_mcp.runs.options import Options
from chaos_mcp.runs.result import Result, write_reports
from chaos_mcp.runs.validating import validate

if TYPE_CHECKING:
    from pathlib import Path

    from chaos_mcp.engine.hooks import Hooks
    from chaos_mcp.events import Event, RunStarted
    from chaos_mcp.history.standard import Standard
    from chaos_mcp.notify.telling import Telling
    from chaos_mcp.plan.model import Plan
    from chaos_mcp.runs.validating import Source


async def run(source: Source, options: Options | None = None) -> Result:
    """Run an experiment; at the end nothing of it stands, or the result says so.

    Raise `InvalidExperiment` if it is none, and `JournalFailed` if nothing can be
    written down; nothing was touched then.
    """
    options = options or Options()
    return await carry_out(validate(source, options), options)


def run_sync(path: Path, options: Options | None = None) -> Result:
    """Run an experiment file from a program that is not asynchronous."""
    import anyio  # noqa: PLC0415 - not for validate

    return anyio.run(run, path, options)


async def carry_out(plan: Plan, options: Options) -> Result:
    """Carry out a plan, write it down, and make its reports.

    Raise `StillOpen` over what another run has left, or while all is halted, and
    `ChaosError` if there is no baseline of the name that is to be kept to, or a setting
    of a channel is wrong.
    """
    standard = standard_of(plan, options)
    news = _telling(plan, options)
    hidden = [plan.scope.secrets, news.secrets if news else []]
    folder, events = await _executed(plan, options, hidden)
    result = _result(folder.name, folder, events, standard)
    if not news:
        return result
    # All is put back and written down: nobody waits for a receiver but the result.
    said = await news.of(result.reading, signals=options.handle_signals)
    return replace(result, told=said.told, untold=said.untold)


async def _executed(
    plan: Plan, options: Options, hidden: Any
) -> tuple[Path, list[Event]]:
    """Execute a plan in a folder of its own; return that, and what happened."""
    # Not for `validate`, which is to be quick.
    from chaos_mcp.engine.runner import Around, execute  # noqa: PLC0415
    from chaos_mcp.experiment.redact import redactor  # noqa: PLC0415
    from chaos_mcp.journal.ledger import anything_open  # noqa: PLC0415
    from chaos_mcp.journal.log import Journal  # noqa: PLC0415
    from chaos_mcp.machine import index  # noqa: PLC0415

    hooks, signals, lease = _hooks(plan), options.handle_signals, options.lease
    name, folder = new_run(options.runs)
    title = plan.experiment.title
    entry = index.entry_of_us(name, folder, title, lease, signals=signals)
    await may_start(entry, durable=plan.may_leave_something)
    make(folder)
    journal = Journal(folder, name, redact=redactor(hidden) or None)
    journal.listeners.extend(options.listeners)
    plan = replace(plan, scope=plan.scope.knowing(_names(plan, name, folder)))
    try:
        journal.record(_started(plan))
        await execute(plan, journal, folder, Around(hooks, signals, lease, entry))
    finally:
        journal.close()
        if not anything_open(journal.events):
            with suppress(OSError):  # whoever looks next forgets what has ended
                index.forget(name)
    return folder, journal.events


def _telling(plan: Plan, options: Options) -> Telling | None:
    """Return who is to be told, which is checked before anything is touched."""
    if not options.notify:
        return None
    from chaos_mcp.notify.telling import telling  # noqa: PLC0415 - if asked for

    return telling(options.notify, plan.project.root)


def standard_of(plan: Plan, options: Options) -> Standard | None:
    """Return what a run is to be held to, which must be known before it begins.

    Raise `ChaosError` if there is no baseline of the name for this experiment.
    """
    if options.baseline is None:
        return None
    from chaos_mcp.history.standard import standard  # noqa: PLC0415 - if asked for

    experiment = plan.experiment
    return standard(
        options.baseline,
        experiment.title,
        options.runs,
        options.tolerances,
        experiment.baseline.tolerances.amounts,
    )


def _result(
    run: str, folder: Path, events: list[Event], standard: Standard | None
) -> Result:
    """Return what came of a run, having told it and entered it in the history."""
    from chaos_mcp.history.entering import enter  # noqa: PLC0415 - after the run
    from chaos_mcp.report.reading import read  # noqa: PLC0415 - as above

    reading = read(events)
    unwritten: list[str] = []
    if standard:
        reading, unwritten = standard.judge(reading, folder)
    unwritten += write_reports(reading, folder)
    return Result(run, folder, reading, tuple(unwritten), enter(reading, folder))


def _names(plan: Plan, run: str, folder: Path) -> dict[str, Any]:
    return {
        "run.id": run,
        "run.dir": str(folder),
        "run.seed": plan.seed,
        "project.dir": str(plan.project.root),
    }


def _started(plan: Plan) -> RunStarted:
    from chaos_mcp.events import RunStarted  # noqa: PLC0415 - not for validate

    return RunStarted(
        title=plan.experiment.title,
        experiment=dict(plan.loaded.raw),
        file=str(plan.loaded.file),
        digest=plan.loaded.digest,
        seed=plan.seed,
        version=__version__,
        host=host(),
        settings=plan.settings.model_dump(mode="json"),
    )


def _hooks(plan: Plan) -> Hooks:
    """Return what calls Chaos Toolkit's controls, if the experiment has any."""
    from chaos_mcp.adapters.chaostoolkit_settings import (  # noqa: PLC0415 - as above
        settings,
    )

    raw = plan.loaded.raw
    if "controls" not in str(raw) and not ("method" in raw and settings()):
        return NoHooks()
    from chaos_mcp.adapters.chaostoolkit_controls import (  # noqa: PLC0415 - rare
        controls_of,
    )

    scope = plan.scope
    source = str(plan.loaded.file)
    found = controls_of(raw, scope.configuration, scope.secrets, source)
    return found or NoHooks()
