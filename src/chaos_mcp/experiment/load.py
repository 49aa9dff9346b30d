"""From a file to an experiment, or to everything that is wrong with it, at once."""

from __future__ import annotations

import difflib
import hashlib
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from chaos_mcp.errors import InvalidExperiment, Mistake
from chaos_mcp.experiment.configuration import Resolver
from chaos_mcp.experiment.mistakes import mistakes_of, placed, shown
from chaos_mcp.experiment.model import Experiment
from chaos_mcp.experiment.names import early, late_names, unknown_references
from chaos_mcp.experiment.overrides import override
from chaos_mcp.experiment.places import Places
from chaos_mcp.experiment.read_json import json_positions, read_json
from chaos_mcp.experiment.read_yaml import Refused, read_yaml
from chaos_mcp.experiment.refs import resolve_refs
from chaos_mcp.experiment.substitute import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

LARGEST = 10 * 2**20
"""Bytes that an experiment file may have."""
ALIAS = "method"
"""Chaos Toolkit's name of `perturbations`."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """An experiment, what it was made of, and where everything stands."""

    experiment: Experiment
    raw: Mapping[str, Any]
    """As it was read, before any substitution."""
    file: Path
    digest: str
    places: Places
    scope: Scope
    late: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Configuration that probes give at the start of the run."""

    def refuse(self, mistakes: list[Mistake]) -> None:
        """Raise `InvalidExperiment` with these mistakes at their places, if any."""
        if mistakes:
            as_written = [self._as_written(mistake) for mistake in mistakes]
            raise InvalidExperiment(placed(one, self.places) for one in as_written)

    def _as_written(self, mistake: Mistake) -> Mistake:
        if ALIAS in self.raw and mistake.path[:1] == ("perturbations",):
            path = (ALIAS, *mistake.path[1:])
            return Mistake(mistake.problem, path, hint=mistake.hint)
        return mistake


def load(
    path: Path,
    overrides: Mapping[str, str] | None = None,
    others: Callable[[Mapping[str, Any]], Any] | None = None,
) -> Loaded:
    """Read an experiment file, YAML or JSON; raise `InvalidExperiment` if it is none.

    `overrides` are what `--set` gives; `others` resolves kinds of secrets that are
    neither of the environment nor in files.
    """
    text = _text_of(path)
    return load_text(text, path, overrides, others)


def load_text(
    text: str,
    path: Path,
    overrides: Mapping[str, str] | None = None,
    others: Callable[[Mapping[str, Any]], Any] | None = None,
) -> Loaded:
    """Read an experiment from text; `path` tells its format and where it lives."""
    try:
        raw, places, mistakes = _parse(text, path)
    except Refused as refused:
        mistake = placed(refused.mistake, Places(str(path)))
        raise InvalidExperiment([mistake]) from refused
    if mistakes:
        raise InvalidExperiment(placed(mistake, places) for mistake in mistakes)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return _build(raw, path, digest, places, overrides or {}, others)


def load_data(data: Mapping[str, Any], root: Path) -> Loaded:
    """Read an experiment from a mapping, as libraries have it."""
    digest = hashlib.sha256(repr(data).encode()).hexdigest()
    return _build(dict(data), root / "experiment", digest, Places(), {}, None)


def _text_of(path: Path) -> str:
    try:
        if path.is_dir():
            raise _refused(path, "this is a directory, not an experiment file")
        if path.stat().st_size > LARGEST:
            limit = f"larger than {LARGEST // 2**20} MiB"
            raise _refused(path, f"the file is {limit}: that is no experiment")
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise _refused(path, "there is no such file", _neighbour(path)) from None
    except UnicodeDecodeError:
        raise _refused(path, "the file is not text (UTF-8)") from None
    except OSError as error:
        raise _refused(path, f"cannot be read: {error.strerror}") from None


def _refused(path: Path, problem: str, hint: str = "") -> InvalidExperiment:
    return InvalidExperiment([Mistake(problem, file=str(path), hint=hint)])


def _neighbour(path: Path) -> str:
    try:
        names = [one.name for one in path.parent.iterdir()]
    except OSError:
        return f"there is no directory {path.parent} either"
    close = difflib.get_close_matches(path.name, names, n=1)
    return f"did you mean {path.parent / close[0]}?" if close else ""


def _parse(text: str, path: Path) -> tuple[dict[str, Any], Places, list[Mistake]]:
    mistakes: list[Mistake] = []
    if path.suffix == ".json":
        value = read_json(text) if text.strip() else None
        places = Places(str(path), partial(json_positions, text))
    else:
        value, positions, mistakes = read_yaml(text)
        places = Places(str(path), lambda: positions)
    if value is None and not mistakes:
        raise Refused(
            Mistake("the file is empty", hint="`chaos init` writes an example")
        )
    if not isinstance(value, dict):
        problem = f"an experiment is a mapping of keys to values, not {shown(value)}"
        raise Refused(Mistake(problem, line=1, column=1))
    return value, places, mistakes


def _build(
    raw: dict[str, Any],
    path: Path,
    digest: str,
    places: Places,
    overrides: Mapping[str, str],
    others: Callable[[Mapping[str, Any]], Any] | None,
) -> Loaded:
    mistakes: list[Mistake] = []
    data = _one_name(override(raw, overrides, mistakes), mistakes)
    resolver = Resolver(path.parent, others, mistakes=mistakes)
    scope = _scope(data, resolver, lenient=ALIAS in raw)
    data = resolve_refs(early(data, scope), mistakes)
    experiment = None
    try:
        experiment = Experiment.model_validate(data)
    except ValidationError as error:
        found = mistakes_of(error, data)
        mistakes.extend(_renamed(one, raw) for one in found)
    if not scope.lenient:
        mistakes.extend(unknown_references(data, scope))
    if mistakes or experiment is None:
        ordered = [placed(_renamed(mistake, raw), places) for mistake in mistakes]
        raise InvalidExperiment(sorted(ordered, key=lambda one: (one.line, one.column)))
    return Loaded(experiment, raw, path, digest, places, scope, resolver.late)


def _one_name(data: dict[str, Any], mistakes: list[Mistake]) -> dict[str, Any]:
    """Return the data with Chaos Toolkit's `method` under our name of it."""
    if ALIAS not in data:
        return data
    if "perturbations" in data:
        problem = "`method` and `perturbations` are the same thing; write one of them"
        mistakes.append(Mistake(problem, (ALIAS,)))
    renamed = {key: value for key, value in data.items() if key != ALIAS}
    return {**renamed, "perturbations": data[ALIAS], "dialect": "chaostoolkit"}


def _renamed(mistake: Mistake, raw: Mapping[str, Any]) -> Mistake:
    if ALIAS not in raw or mistake.path[:1] != ("perturbations",):
        return mistake
    return Mistake(
        mistake.problem,
        (ALIAS, *mistake.path[1:]),
        mistake.file,
        hint=mistake.hint,
    )


def _scope(data: Mapping[str, Any], resolver: Resolver, *, lenient: bool) -> Scope:
    known = resolver.configuration(_mapping(data.get("configuration")))
    hidden = resolver.secrets(_mapping(data.get("secrets")))
    late = late_names(data) | resolver.late.keys()
    return Scope(
        secrets=hidden, configuration=known, late=frozenset(late), lenient=lenient
    )


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
