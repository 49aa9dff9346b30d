"""The command `chaos`: one module a command, each loaded when it is called."""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from typing import Any

import click

from chaos_mcp import __version__
from chaos_mcp.errors import ChaosError, InvalidExperiment, StillOpen

COMMANDS = {
    "run": "run",
    "validate": "validate",
    "list": "list_",
    "init": "init",
    "report": "report",
    "history": "history",
    "compare": "compare",
    "trend": "trend",
    "baseline": "baseline",
    "ui": "ui",
    "schema": "schema",
    "status": "status",
    "recover": "recover",
    "halt": "halt",
    "resume": "resume",
    "doctor": "doctor",
    "proxy": "proxy",
    "ci": "ci",
    "notify": "notify",
}
FEW = 100_000
"""Objects after which garbage is looked for: what is loaded at the start is none."""
INVALID = 2
INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""
INTERNAL = 70
"""EX_SOFTWARE of sysexits.h: a fault of ours, not of the experiment."""


class Commands(click.Group):
    """Knows its commands by name and imports one only when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of a first acquaintance."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or None if there is none of that name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"chaos_mcp.cli.{COMMANDS[cmd_name]}")
        command: click.Command = module.command
        return command


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="chaos")
def commands() -> None:
    """Run chaos experiments that always put the system back.

    \b
    chaos init                               three folders and an experiment
    chaos run experiments/partition.yaml     run it, and see how it coped
    chaos report last --format md            tell it again
    chaos status                             what runs, and what is still open

    Exit codes: 0 passed, 1 failed, 2 invalid, 3 aborted, 4 inconclusive, 5 unsafe.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; every error is one message, and none a traceback."""
    gc.set_threshold(FEW)
    code = _main(arguments)
    # Else it would be looked through once more for garbage, on the way out.
    gc.freeze()
    sys.exit(code)


def _main(arguments: list[str] | None) -> Any:
    try:
        return commands.main(arguments, prog_name="chaos", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.exceptions.Abort, BrokenPipeError):
        return INTERRUPTED
    except ChaosError as error:
        return _refused(error)
    except Exception as error:  # noqa: BLE001 - the top of the command line
        return _internal(error)


def _refused(error: ChaosError) -> int:
    if isinstance(error, InvalidExperiment):
        click.echo(f"{error}\nnothing was run", err=True)
    else:
        click.echo(f"chaos: {error}", err=True)
    return error.exit_code if isinstance(error, StillOpen) else INVALID


def _internal(error: Exception) -> int:
    """Say that it is our fault, and where the details are."""
    import tempfile  # noqa: PLC0415 - only for what should never happen
    import traceback  # noqa: PLC0415 - only for what should never happen

    with tempfile.NamedTemporaryFile(
        "w", prefix="chaos-", suffix=".log", delete=False
    ) as file:
        traceback.print_exception(error, file=file)
    said = f"{type(error).__name__}: {error}"
    click.echo(f"chaos: a fault of chaos itself: {said}\n  see {file.name}", err=True)
    return INTERNAL
