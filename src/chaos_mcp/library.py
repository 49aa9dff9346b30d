"""Experiments from a program: run, validate, recover; each a call, sync and async.

An experiment runs in a thread of its own, so that the program may block its event loop
as it likes: the guardian hears the thread, and not the program.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from chaos_mcp import runs
from chaos_mcp.errors import NotStable
from chaos_mcp.sessions.loop import Loop, afinished, finished
from chaos_mcp.sessions.watch import Watched

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chaos_mcp.engine.recover import Recovered
    from chaos_mcp.experiment.model import Experiment
    from chaos_mcp.plan.model import Plan
    from chaos_mcp.runs import Options, Result

    Source = str | Path | Mapping[str, Any] | Experiment


def run(experiment: Source, **options: Any) -> Result:
    """Run an experiment: a file, a mapping as in a file, or an `Experiment`.

    `options` are those of `chaos_mcp.runs.Options`: `seed`, `runs`, `fail_under`,
    `overrides`, `allow_irreversible`, `lease`, `listeners`, `notify`. At the end
    nothing of it stands, or the result says so. Raise `InvalidExperiment` if it is
    none; nothing was touched then.
    """
    plan, chosen = _planned(experiment, options)
    loop = Loop("chaos run")
    try:
        return finished(loop.soon(runs.carry_out, plan, chosen))
    finally:
        loop.close()


async def arun(experiment: Source, **options: Any) -> Result:
    """Run an experiment from an asynchronous program; see `run`."""
    plan, chosen = _planned(experiment, options)
    loop = Loop("chaos run")
    try:
        return await afinished(loop.soon(runs.carry_out, plan, chosen))
    finally:
        loop.close()


def validate(experiment: Source, **options: Any) -> Plan:
    """Return the plan of an experiment, having touched nothing.

    Raise `InvalidExperiment` with everything that is wrong with it.
    """
    return _planned(experiment, options)[0]


def recover(run: str | Path | None = None) -> list[Recovered]:
    """Take back what a run has left, by its id or folder; None: every dead run.

    Doing it again does nothing. What could not be taken back is under `open`.
    """
    loop = Loop("chaos recover")
    try:
        return finished(loop.soon(_recover, run))
    finally:
        loop.close()


async def arecover(run: str | Path | None = None) -> list[Recovered]:
    """Take back what runs have left, from an asynchronous program; see `recover`."""
    loop = Loop("chaos recover")
    try:
        return await afinished(loop.soon(_recover, run))
    finally:
        loop.close()


def assert_stable(what: Result | Watched, *, min_score: float | None = None) -> None:
    """Raise `NotStable` unless a run passed, with the score, or a watch held.

    A score that was not measured is no score.
    """
    if isinstance(what, Watched):
        what.check()
        return
    if what.verdict != "PASSED":
        reasons = "".join(f"\n    {one}" for one in what.reading.outcome.reasons)
        raise NotStable(f"{what.verdict}: {what.title}{reasons}\n    {what.folder}")
    if min_score is not None and (what.score is None or what.score < min_score):
        shown = "none" if what.score is None else f"{what.score:.1f}"
        raise NotStable(f"{what.title}: the score is {shown}, under {min_score:g}")


async def _recover(run: str | Path | None) -> list[Recovered]:
    from chaos_mcp.engine import recovering  # noqa: PLC0415 - rarely wanted

    if run is None:
        return await recovering.recover_dead()
    entry = recovering.entry_called(str(run))
    folder = entry.folder if entry else runs.find_run(str(run)).resolve()
    return [await recovering.recover_run(folder)]


def _planned(experiment: Source, options: dict[str, Any]) -> tuple[Plan, Options]:
    given = {**options}
    if "runs" in given:
        given["runs"] = Path(given["runs"])
    chosen = runs.Options(**given)
    source = Path(experiment) if isinstance(experiment, str) else experiment
    return runs.validate(source, chosen), chosen
