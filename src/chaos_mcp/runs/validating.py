"""An experiment made into a plan, touching nothing; and the schema of experiments."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chaos_mcp import project
from chaos_mcp.experiment.load import Unsound, load, load_data
from chaos_mcp.plan.compile import compile_plan
from chaos_mcp.registry import Registry
from chaos_mcp.runs.options import Options

if TYPE_CHECKING:
    from chaos_mcp.experiment.load import Loaded
    from chaos_mcp.experiment.model import Experiment
    from chaos_mcp.plan.model import Plan

    Source = Path | Mapping[str, Any] | Experiment
    """A file, or what stands in one."""


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


def schema() -> dict[str, Any]:
    """Return the JSON Schema of experiments, with everything that is built in."""
    from chaos_mcp.experiment.schema import schema as of  # noqa: PLC0415 - rarely wanted

    registry = Registry()
    faults = {one.name: one.load() for one in registry.entries("fault")}
    probes = {one.name: one.load() for one in registry.entries("probe")}
    return of(faults, {k: v for k, v in probes.items() if isinstance(v, type)})
