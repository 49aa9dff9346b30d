"""`chaos validate`: check experiments and plan them, touching nothing."""

from __future__ import annotations

from pathlib import Path

import click

from chaos_mcp.cli.options import Setting
from chaos_mcp.errors import InvalidExperiment


@click.command(name="validate")
@click.argument("experiments", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--set",
    "settings",
    multiple=True,
    type=Setting(),
    metavar="KEY=VALUE",
    help="Replace a configuration value or a key of the file.",
)
@click.option(
    "--allow-irreversible",
    is_flag=True,
    help="Allow faults that cannot be undone, where the experiment asks for them.",
)
def command(
    experiments: tuple[Path, ...],
    settings: tuple[tuple[str, str], ...],
    *,
    allow_irreversible: bool,
) -> int:
    """Check EXPERIMENTs completely: keys, units, names, arguments, targets.

    Everything that is wrong is said at once, with file, line and key. Nothing is run.

    \b
    chaos validate experiments/partition.yaml
    """
    from chaos_mcp.runs import Options, validate  # noqa: PLC0415 - loads the engine

    options = Options(overrides=dict(settings), allow_irreversible=allow_irreversible)
    wrong = 0
    for path in experiments:
        try:
            plan = validate(path, options)
        except InvalidExperiment as error:
            click.echo(str(error), err=True)
            wrong += len(error.mistakes)
        else:
            click.echo(f"{path}: valid ({plan.experiment.title})")
    if wrong:
        click.echo(f"{wrong} mistake{'s' if wrong > 1 else ''}", err=True)
    return 2 if wrong else 0
