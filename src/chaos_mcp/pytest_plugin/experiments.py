"""Experiments that a test's mark asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chaos_mcp.errors import ChaosError
from chaos_mcp.library import assert_stable, run
from chaos_mcp.pytest_plugin import EXPERIMENT
from chaos_mcp.pytest_plugin.opening import runs, seed

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from chaos_mcp.runs import Result

RESULT = pytest.StashKey["Result"]()


def carried_out(
    item: pytest.Item, path: Path, given: int | None, **options: Any
) -> Result:
    """Run an experiment, and note where its story is."""
    chosen = seed(item.config) if given is None else given
    result = run(path, runs=runs(item.config), seed=chosen, **options)
    item.user_properties += [
        ("chaos.experiment", f"{result.title}: {result.verdict}"),
        ("chaos.score", "none" if result.score is None else f"{result.score:.1f}"),
        ("chaos.run", str(result.folder)),
    ]
    return result


def marked(item: pytest.Item) -> Result:
    """Run the experiment that a test's mark names."""
    mark = item.get_closest_marker(EXPERIMENT)
    if mark is None:
        raise ChaosError("chaos_result needs @pytest.mark.chaos_experiment(path)")
    path = next(one for one in _places(item, str(mark.args[0])) if one)
    options = {k: v for k, v in mark.kwargs.items() if k not in ("min_score", "seed")}
    result = carried_out(item, path, mark.kwargs.get("seed"), **options)
    item.stash[RESULT] = result
    return result


def judge(item: pytest.Item) -> None:
    """Raise `NotStable` unless the experiment passed, with its score."""
    mark = item.get_closest_marker(EXPERIMENT)
    wanted = mark.kwargs.get("min_score") if mark else None
    assert_stable(item.stash[RESULT], min_score=least(item.config, wanted))


def least(config: pytest.Config, wanted: float | None = None) -> float | None:
    """Return the score that must be reached: the mark's, or that of the options."""
    given = str(config.getini("chaos_min_score"))
    return float(given) if wanted is None and given else wanted


def _places(item: pytest.Item, path: str) -> list[Path | None]:
    """Return where a path may lead: beside the test, else from the root."""
    beside, root = item.path.parent / path, item.config.rootpath / path
    return [beside if beside.exists() else None, root]
