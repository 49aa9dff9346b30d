"""`chaos run`: carry experiments out, and end with the worst of their verdicts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chaos_mcp.cli.options import (
    Seconds,
    Setting,
    format_option,
    quiet_option,
    verbose_option,
)
from chaos_mcp.terms import LEASE

if TYPE_CHECKING:
    from chaos_mcp.plan.model import Plan
    from chaos_mcp.runs import Options, Result

WORST = (5, 3, 1, 4, 2, 0)
"""Exit codes, the worst first: unsafe, aborted, failed, inconclusive, invalid."""


@click.command(name="run")
@click.argument("experiments", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--set",
    "settings",
    multiple=True,
    type=Setting(),
    metavar="KEY=VALUE",
    help="Replace a configuration value or a key of the file, for this run.",
)
@click.option("--seed", type=click.IntRange(0), help="Repeat the draws of a run.")
@click.option(
    "--runs",
    type=click.Path(path_type=Path, file_okay=False),
    default="runs",
    show_default=True,
    help="Where each run gets a folder of its own.",
)
@click.option("--dry-run", is_flag=True, help="Print the plan and touch nothing.")
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="SCORE",
    help="Fail if the score stays under this.",
)
@click.option(
    "--baseline",
    metavar="NAME",
    help="Fail if the run is worse than its experiment's baseline of this name, or "
    "than this earlier run.",
)
@click.option(
    "--tolerance",
    "tolerances",
    multiple=True,
    type=Setting(),
    metavar="METRIC=AMOUNT",
    help="How much worse than the baseline a metric may be, such as response-time=15%; "
    "goes over the experiment's own `baseline: {tolerances: …}`.",
)
@click.option(
    "--allow-irreversible",
    is_flag=True,
    help="Allow faults that cannot be undone, where the experiment asks for them.",
)
@click.option(
    "--recover",
    is_flag=True,
    help="First take back what dead runs have left, as `chaos recover` does.",
)
@click.option(
    "--notify",
    multiple=True,
    metavar="NAME[=EVENTS]",
    help="Tell this channel what became of it: webhook, slack, github, or one of your "
    "settings; none tells nobody. EVENTS: failure, regression, recovery, success.",
)
@click.option(
    "--lease",
    type=Seconds(),
    default=f"{LEASE:g}s",
    show_default=True,
    metavar="DURATION",
    help="After so long without a sign of life the guardian ends the run and undoes.",
)
@format_option
@quiet_option
@verbose_option
def command(experiments: tuple[Path, ...], **options: Any) -> int:
    """Run one or more EXPERIMENTs, YAML or JSON; a folder stands for all in it.

    The result goes to stdout, progress to stderr. The exit code is that of the worst
    verdict. In a GitHub job the summary is added to the job's own.

    \b
    chaos run experiments/partition.yaml
    chaos run experiments/ --fail-under 80
    chaos run slow.yaml --set latency=400ms --seed 7
    chaos run slow.yaml --dry-run
    """
    from chaos_mcp.runs import Options  # noqa: PLC0415 - loads the engine

    chosen = Options(
        overrides=dict(options["settings"]),
        seed=options["seed"],
        runs=options["runs"],
        fail_under=options["fail_under"],
        baseline=options["baseline"],
        tolerances=dict(options["tolerances"]),
        allow_irreversible=options["allow_irreversible"],
        lease=options["lease"],
        handle_signals=True,
    )
    files = list(_files(experiments))
    if options["dry_run"]:
        return _dry_run(files, chosen)
    if options["recover"]:
        _recover_first()
    if chosen.baseline is not None:
        _all_have_baselines(files, chosen)
    codes = [_one(file, chosen, options) for file in files]
    return min(codes, key=WORST.index)


def _all_have_baselines(files: list[Path], options: Options) -> None:
    """Refuse before the first run what would be refused before the last."""
    from chaos_mcp.runs import standard_of, validate  # noqa: PLC0415 - with the engine

    for file in files:
        standard_of(validate(file, options), options)


def _recover_first() -> None:
    """Take back what dead runs have left; the run itself refuses over the rest."""
    from chaos_mcp.cli.recover import recover_all, told  # noqa: PLC0415 - if asked for

    click.echo(told(*recover_all(None, Path("runs"))), err=True)


def _files(paths: tuple[Path, ...]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = [*path.glob("*.yaml"), *path.glob("*.yml"), *path.glob("*.json")]
            found.extend(sorted(inside) or [path])
        else:
            found.append(path)
    return found


def _dry_run(files: list[Path], options: Options) -> int:
    from chaos_mcp.plan.words import describe  # noqa: PLC0415 - loads the engine
    from chaos_mcp.runs import validate  # noqa: PLC0415 - loads the engine

    for file in files:
        click.echo(describe(validate(file, options)))
    return 0


def _one(file: Path, options: Options, how: dict[str, Any]) -> int:
    from dataclasses import replace  # noqa: PLC0415 - with the rest

    import anyio  # noqa: PLC0415 - 50 ms

    from chaos_mcp import runs  # noqa: PLC0415 - loads the engine
    from chaos_mcp.cli.progress import watching  # noqa: PLC0415 - may load rich

    plan = runs.validate(file, options)
    options = replace(options, notify=_told(how["notify"], plan))
    with watching(plan, quiet=how["quiet"], verbose=how["verbose"]) as listener:
        listening = replace(options, listeners=(listener,))
        result = anyio.run(runs.carry_out, plan, listening)
    _show(result, how)
    return result.exit_code


def _told(given: tuple[str, ...], plan: Plan) -> tuple[str, ...]:
    """Return whom to tell: as was said here, in the environment, or by the project."""
    import os  # noqa: PLC0415 - with the rest

    from chaos_mcp.notify.tables import wanted  # noqa: PLC0415 - with the rest

    return wanted(given, os.environ, plan.project.root)


def _show(result: Result, how: dict[str, Any]) -> None:
    from chaos_mcp.cli.job_summary import add  # noqa: PLC0415 - with the engine
    from chaos_mcp.report import FORMATS  # noqa: PLC0415 - with the engine

    if how["form"] == "json":
        data = json.loads(FORMATS["json"].render(result.reading))
        click.echo(json.dumps({**data, "dir": str(result.folder), **_news(result)}))
    else:
        click.echo(FORMATS["terminal"].render(result.reading))
        click.echo(f"report  {_near(result.folder / FORMATS['html'].file)}")
        if result.told:
            click.echo(f"told    {', '.join(result.told)}")
    for reason in result.untold:
        click.echo(f"chaos: not told: {reason}", err=True)
    if why := add(result):
        click.echo(f"chaos: not in the job's summary: {why}", err=True)
    for reason in result.unwritten:
        click.echo(f"chaos: not written: {reason}", err=True)
    if result.unentered:
        later = f"enter it later with `chaos history --import {result.folder}`"
        said = f"chaos: not in the history: {result.unentered}"
        click.echo(f"{said}\n    {later}", err=True)


def _news(result: Result) -> dict[str, list[str]]:
    """Return who was told and who was not, if anybody was to be."""
    if not result.told and not result.untold:
        return {}
    return {"told": [*result.told], "untold": [*result.untold]}


def _near(path: Path) -> str:
    """Return a path as it is shortest to type from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
