"""`chaos ci init` writes the nightly job, and never over somebody's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chaos_mcp.cli.ci import SYSTEMS, TEMPLATES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command import Chaos


@pytest.mark.parametrize("system", SYSTEMS)
def test_it_writes_the_job_where_the_system_looks(
    chaos: Chaos, tmp_path: Path, system: str
) -> None:
    told = chaos("ci", "init", system, str(tmp_path))

    name, template = SYSTEMS[system]
    assert told.returncode == 0
    written = (tmp_path / name).read_text("utf-8")
    assert written == (TEMPLATES / template).read_text("utf-8")
    assert name in told.stdout


def test_what_is_there_is_left_alone_unless_told_so(
    chaos: Chaos, tmp_path: Path
) -> None:
    job = tmp_path / ".github/workflows/chaos.yml"
    job.parent.mkdir(parents=True)
    job.write_text("mine", "utf-8")

    told = chaos("ci", "init", "github", str(tmp_path))
    assert told.returncode == 2
    assert "--force" in told.stderr
    assert job.read_text("utf-8") == "mine"

    assert chaos("ci", "init", "github", str(tmp_path), "--force").returncode == 0
    assert job.read_text("utf-8") != "mine"
