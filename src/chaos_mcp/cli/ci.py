"""`chaos ci`: the nightly job, as each CI system has it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

TEMPLATES = files("chaos_mcp.cli") / "templates" / "ci"
SYSTEMS = {
    "github": (".github/workflows/chaos.yml", "github.yml"),
    "gitlab": (".gitlab/chaos.yml", "gitlab.yml"),
    "jenkins": ("Jenkinsfile.chaos", "Jenkinsfile"),
}
"""Where the job is written, and the template it is made of."""
THEN = {
    "github": "commit it: it runs every night, and by hand from the Actions tab",
    "gitlab": "add `include: {local: .gitlab/chaos.yml}` to .gitlab-ci.yml, and a "
    "schedule under Build > Pipeline schedules",
    "jenkins": "make a pipeline whose script path is Jenkinsfile.chaos",
}


@click.group(name="ci")
def command() -> None:
    """Have experiments run every night.

    \b
    chaos ci init github
    """


@command.command(name="init")
@click.argument("system", type=click.Choice(list(SYSTEMS)))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
@click.option("--force", is_flag=True, help="Write it even where there is one already.")
def init(system: str, folder: Path, *, force: bool) -> int:
    """Write the nightly job for SYSTEM into FOLDER, which is a repository.

    It brings the history back, runs experiments/, puts back what an ended job left,
    and keeps history and reports.

    \b
    chaos ci init github
    chaos ci init gitlab my-repository
    """
    from chaos_mcp.errors import ChaosError  # noqa: PLC0415 - with the rest

    name, template = SYSTEMS[system]
    path = folder / name
    if path.exists() and not force:
        raise ChaosError(f"{path} is there already: --force writes it anew")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((TEMPLATES / template).read_text("utf-8"), "utf-8")
    except OSError as error:
        raise ChaosError(f"cannot write {path}: {error.strerror}") from error
    click.echo(f"written  {path}\nnow: {THEN[system]}")
    return 0
