"""`chaos init`: three folders, an experiment that runs, and a nightly workflow."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

TEMPLATES = files("chaos_mcp.cli") / "templates"
WRITTEN = {
    "experiments/first.yaml": "first.yaml",
    "probes/example.py": "probes.py",
    "actions/example.py": "actions.py",
    ".github/workflows/chaos.yml": "ci/github.yml",
}


@click.command(name="init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
def command(folder: Path) -> int:
    """Make a chaos project in FOLDER: experiments/, probes/, actions/, a workflow.

    What is there already is left as it is.

    \b
    chaos init
    chaos run experiments/first.yaml
    """
    from chaos_mcp.errors import ChaosError  # noqa: PLC0415 - with the rest

    try:
        for name, template in WRITTEN.items():
            _write(folder / name, (TEMPLATES / template).read_text("utf-8"))
    except OSError as error:
        where = error.filename or folder
        raise ChaosError(f"cannot write {where}: {error.strerror}") from error
    click.echo(f"now: chaos run {folder / 'experiments' / 'first.yaml'}")
    return 0


def _write(path: Path, text: str) -> None:
    if path.exists():
        click.echo(f"kept     {path}")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    click.echo(f"written  {path}")
