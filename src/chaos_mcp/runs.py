"""Run, validate, report: what the command line, pytest and programs all call."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chaos_mcp import __version__, project
from chaos_mcp.engine.hooks import NoHooks
from chaos_mcp.errors import ChaosError, NotPassed
from chaos_mcp.experiment.load import Unsound, load, load_data
from chaos_mcp.plan.compile import compile_plan
from chaos_mcp.registry import Registry
from chaos_mcp.report import FORMATS
from chaos_mcp.report.journals import RUNS, find_run, reading_of
from chaos_mcp.terms import LEASE

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos_mcp.engine.hooks import Hooks
    from chaos_mcp.events import Event, RunStarted
    from chaos_mcp.experiment.load import Loaded
    from chaos_mcp.experiment.model import Experiment
    from chaos_mcp.history.standard import Standard
    from chaos_mcp.machine.index import Entry
    from chaos_mcp.plan.model import Plan
    from chaos_mcp.report.reading import Reading

    Source = Path | Mapping[str, Any] | Experiment

__all__ = [
    "Options",
    "Result",
    "carry_out",
    "find_run",
    "reading_of",
    "run",
    "run_sync",
    "schema",
    "validate",
    "write_reports",
]
WRITTEN = ("html", "md", "junit", "journal")
"""The reports that every run leaves behind."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to run, where the experiment does not say it."""

    overrides: Mapping[str, str] = field(default_factory=dict)
    """Configuration values or keys of the file, replaced for this run."""
    seed: int | None = None
    runs: Path = Path(RUNS)
    """The folder under which each run gets a folder of its own."""
    fail_under: float | None = None
    """The score that must be reached, from 0 to 100."""
    allow_irreversible: bool = False
    baseline: str | None = None
    """The baseline, or the earlier run, than which this one may not be worse."""
    tolerances: Mapping[str, str] = field(default_factory=dict)
    """How much worse, by metric, where it is not to be the usual: `15%`."""
    lease: float = LEASE
    """Seconds without a sign of life after which the guardian takes over."""
    handle_signals: bool = False
    """Take SIGINT, SIGTERM and SIGHUP for the time of the run."""
    listeners: tuple[Callable[[Event], None], ...] = ()
    """Told of each event as it is written down."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a run, and where it was written down."""

    run: str
    folder: Path
    reading: Reading
    unwritten: tuple[str, ...] = ()
    """Reports that could not be written, and why."""
    unentered: str = ""
    """Why the run is not in the history, if it is not."""

    @property
    def verdict(self) -> str:
        """Return PASSED, FAILED, ABORTED, INCONCLUSIVE or UNSAFE."""
        return self.reading.outcome.result

    @property
    def exit_code(self) -> int:
        """Return the code with which `chaos run` ends."""
        return self.reading.outcome.exit_code

    @property
    def score(self) -> float | None:
        """Return the stability score, from 0 to 100; None where there is none."""
        return self.reading.score.value

    @property
    def events(self) -> tuple[Event, ...]:
        """Return all that happened, in order."""
        return self.reading.events

    def raise_for_verdict(self) -> Result:
        """Return itself if the run passed, else raise `NotPassed` with the reasons."""
        outcome = self.reading.outcome
        if self.verdict != "PASSED":
            reasons = "".join(f"\n    {reason}" for reason in outcome.reasons)
            step = f"\n    next: {outcome.next_step}" if outcome.next_step else ""
            told = f"\n    report: {self.folder / FORMATS['html'].file}"
            raise NotPassed(f"{self.verdict}: {self.title}{reasons}{step}{told}")
        return self

    @property
    def title(self) -> str:
        """Return what the experiment is called."""
        return self.reading.started.title


def validate(source: Source, options: Options | None = None) -> Plan:
    """Return the plan of an experiment, having touched nothing.

    It is a file, or what stands in one: a mapping or an `Experiment`. Those live in the
    current directory.

    Raise `InvalidExperiment` with everything that is wrong with it.
    """
    options = options or Options()
    loaded = _loaded(source, options)
    home = project.find(source if isinstance(source, Path) else Path.cwd())
    home.make_importable()
    seed = seed_of(options.seed, loaded.experiment.seed)
    plan = compile_plan(
        loaded,
        Registry(home),
        home,
        seed,
        allow_irreversible=options.allow_irreversible,
    )
    if options.fail_under is None:
        return plan
    settings = plan.settings.model_copy(update={"threshold": options.fail_under})
    return replace(plan, settings=settings)


def _loaded(source: Source, options: Options) -> Loaded:
    """Return the experiment, or what is right of it: the plan says all mistakes."""
    try:
        if isinstance(source, Path):
            return load(source, options.overrides, _others)
        data = source if isinstance(source, Mapping) else _written(source)
        return load_data(data, Path.cwd(), options.overrides, _others)
    except Unsound as error:
        if (rest := error.rest()) is None:
            raise
        return rest


def _written(experiment: Experiment) -> Mapping[str, Any]:
    """Return an experiment as its author would have written it."""
    return experiment.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _others(entry: Mapping[str, Any], configuration: Mapping[str, Any]) -> Any:
    """Resolve what Chaos Toolkit knows and we do not, such as `type: vault`."""
    from chaos_mcp.adapters.chaostoolkit import resolve  # noqa: PLC0415 - 120 ms

    return resolve(entry, configuration)


def seed_of(given: int | None, written: int | None = None) -> int:
    """Return the seed that was asked for, or else one that chance gives."""
    if given is not None:
        return given
    return int.from_bytes(os.urandom(4)) if written is None else written


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
    `ChaosError` if there is no baseline of the name that is to be kept to.
    """
    # Not for `validate`, which is to be quick.
    from chaos_mcp.engine.runner import Around, execute  # noqa: PLC0415
    from chaos_mcp.experiment.redact import redactor  # noqa: PLC0415
    from chaos_mcp.journal.ledger import anything_open  # noqa: PLC0415
    from chaos_mcp.journal.log import Journal  # noqa: PLC0415
    from chaos_mcp.machine import index  # noqa: PLC0415

    standard = standard_of(plan, options)
    hooks = _hooks(plan)
    name, folder = new_run(options.runs)
    entry = index.entry_of_us(
        name,
        folder,
        plan.experiment.title,
        options.lease,
        signals=options.handle_signals,
    )
    may_start(entry, durable=plan.may_leave_something)
    make(folder)
    journal = Journal(folder, name, redact=redactor(plan.scope.secrets) or None)
    journal.listeners.extend(options.listeners)
    plan = replace(plan, scope=plan.scope.knowing(_names(plan, name, folder)))
    around = Around(hooks, options.handle_signals, options.lease, entry)
    try:
        journal.record(_started(plan))
        await execute(plan, journal, folder, around)
    finally:
        journal.close()
        if not anything_open(journal.events):
            with suppress(OSError):  # whoever looks next forgets what has ended
                index.forget(name)
    return _result(name, folder, journal.events, standard)


def standard_of(plan: Plan, options: Options) -> Standard | None:
    """Return what a run is to be held to, which must be known before it begins.

    Raise `ChaosError` if there is no baseline of the name for this experiment.
    """
    if options.baseline is None:
        return None
    from chaos_mcp.history.standard import standard  # noqa: PLC0415 - if asked for

    title = plan.experiment.title
    return standard(options.baseline, title, options.runs, options.tolerances)


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


def new_run(runs: Path) -> tuple[str, Path]:
    """Return a name that no other run has, and the folder for it."""
    name = f"{time.strftime('%Y%m%d-%H%M%S')}-{os.urandom(2).hex()}"
    return name, (runs / name).resolve()


def may_start(entry: Entry, *, durable: bool) -> None:
    """Let the others know of the run, unless something keeps it from starting."""
    from chaos_mcp.engine.status import must_wait  # noqa: PLC0415 - as above
    from chaos_mcp.machine import index  # noqa: PLC0415 - as above

    index.register(entry, durable=durable)
    if why := must_wait(entry.run):
        index.forget(entry.run)
        raise why


def make(folder: Path) -> None:
    """Make a run's folder; raise `ChaosError` if it cannot be."""
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise ChaosError(f"cannot make {folder}: {error.strerror}") from error


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


def host() -> dict[str, Any]:
    """Return where this runs, for the record."""
    return {
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "node": platform.node(),
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
    }


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


def schema() -> dict[str, Any]:
    """Return the JSON Schema of experiments, with everything that is built in."""
    from chaos_mcp.experiment.schema import schema as of  # noqa: PLC0415 - rarely wanted

    registry = Registry()
    faults = {one.name: one.load() for one in registry.entries("fault")}
    probes = {one.name: one.load() for one in registry.entries("probe")}
    return of(faults, {k: v for k, v in probes.items() if isinstance(v, type)})


def write_reports(reading: Reading, folder: Path) -> list[str]:
    """Write what every run leaves behind; return what could not be written, and why."""
    failed = []
    for name in WRITTEN:
        wanted = FORMATS[name]
        try:
            (folder / wanted.file).write_text(wanted.render(reading), "utf-8")
        except OSError as error:
            failed.append(f"{wanted.file}: {error.strerror}")
    return failed
