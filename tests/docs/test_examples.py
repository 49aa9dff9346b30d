"""What README and docs show works: commands, experiments, Python."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from chaos_mcp.cli import COMMANDS
from chaos_mcp.faults import BUILT_IN as FAULTS
from chaos_mcp.journal.model import EXIT_CODES
from chaos_mcp.probes import BUILT_IN as PROBES
from chaos_mcp.proxy.toxics import TOXICS
from chaos_mcp.registry import Registry
from chaos_mcp.runs import validate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.registry import Sort

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("[!_]*/*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for number, (kind, text) in enumerate(BLOCK.findall(page.read_text("utf-8"))):
            if kind == language:
                yield f"{page.name}-{number}", text


def experiments() -> list[tuple[str, str]]:
    return [(name, text) for name, text in blocks("yaml") if text.startswith("title:")]


@pytest.mark.parametrize(
    "text", [one for _, one in experiments()], ids=[name for name, _ in experiments()]
)
def test_an_experiment_of_the_docs_is_valid(text: str, tmp_path: Path) -> None:
    path = tmp_path / "experiments" / "shown.yaml"
    path.parent.mkdir()
    path.write_text(text)

    plan = validate(path)

    assert plan.steps


def test_the_docs_show_experiments() -> None:
    assert len(experiments()) >= 2


@pytest.mark.parametrize(
    "text",
    [one for _, one in blocks("python")],
    ids=[name for name, _ in blocks("python")],
)
def test_the_python_of_the_docs_runs(text: str) -> None:
    exec(compile(text, "docs", "exec"), {"__name__": "docs"})  # noqa: S102 - ours


@pytest.mark.parametrize("name", COMMANDS)
def test_the_readme_names_every_command(name: str) -> None:
    assert f"`chaos {name}" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("verdict", EXIT_CODES)
def test_every_verdict_is_explained_with_its_exit_code(verdict: str) -> None:
    page = (ROOT / "docs/reference/verdicts.md").read_text("utf-8")

    code = EXIT_CODES[verdict]  # type: ignore[index]

    assert re.search(rf"^\| {verdict} \|.*\| {code} \|$", page, re.MULTILINE)


@pytest.mark.parametrize("kind", TOXICS)
def test_every_toxic_is_explained_with_all_its_attributes(kind: str) -> None:
    page = (ROOT / "docs/reference/proxy.md").read_text("utf-8")

    assert f"`{kind}`" in page or f"### {kind}" in page
    for name in (*TOXICS[kind].defaults, *TOXICS[kind].extras):
        assert f"`{name}`" in page, name


@pytest.mark.parametrize(
    ("sort", "name"),
    [("fault", name) for name in FAULTS] + [("probe", name) for name in PROBES],
)
def test_everything_built_in_has_an_example_that_is_valid(
    sort: Sort, name: str, tmp_path: Path
) -> None:
    entry = Registry().find(sort, name)
    assert entry is not None
    written = yaml.safe_load(entry.load().example)
    path = tmp_path / "experiments" / "it.yaml"
    path.parent.mkdir()
    system = {
        "proxies": [
            {"name": one, "upstream": "127.0.0.1:1"} for one in ("cache", "front")
        ],
        "processes": [{"name": "worker", "command": ["worker"]}],
    }
    experiment = {
        "title": "it",
        "system": system,
        "perturbations": [written],
    }
    path.write_text(yaml.safe_dump(experiment))

    validate(path)

    assert written[sort] == name


def test_the_published_schema_is_the_one_that_is_printed() -> None:
    import json  # noqa: PLC0415 - for this test

    from chaos_mcp.runs import schema  # noqa: PLC0415 - for this test

    published = json.loads((ROOT / "docs/schema/experiment.json").read_text("utf-8"))

    assert published == schema(), "chaos schema > docs/schema/experiment.json"
