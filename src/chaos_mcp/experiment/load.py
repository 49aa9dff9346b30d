"""From a file to an experiment, or to everything that is wrong with it, at once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic_core import ValidationError

from chaos_mcp.errors import InvalidExperiment, Mistake
from chaos_mcp.experiment.configuration import Resolver
from chaos_mcp.experiment.file import text_of
from chaos_mcp.experiment.mistakes import (
    NO_SUCH_KEY,
    ignorable,
    mistakes_of,
    placed,
    shown,
)
from chaos_mcp.experiment.model import Experiment
from chaos_mcp.experiment.names import early, late_names, unknown_references
from chaos_mcp.experiment.overrides import override, without
from chaos_mcp.experiment.places import Places
from chaos_mcp.experiment.plain import Refused, unplain
from chaos_mcp.experiment.read_json import json_positions, read_json
from chaos_mcp.experiment.refs import resolve_refs
from chaos_mcp.experiment.substitute import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from chaos_mcp.experiment.configuration import Others
    from chaos_mcp.experiment.remains import Remains

ALIAS = "method"
"""Chaos Toolkit's name of `perturbations`."""
BEGIN = "begin with `title: …`; `chaos init` writes an example"


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
    remains: Remains | None = None
    """If the structure is wrong: how, and what this is made of."""

    def refuse(self, mistakes: list[Mistake]) -> None:
        """Raise `InvalidExperiment` with these mistakes at their places, if any.

        They come with those of the structure, if it is wrong.
        """
        if self.remains:
            mistakes = self.remains.all(mistakes)
        _raise(mistakes, self.raw, self.places)


class Unsound(InvalidExperiment):
    """The structure is wrong; the rest can be looked at, to say all at once."""

    def __init__(
        self, mistakes: Sequence[Mistake], rest: Callable[[], Loaded | None]
    ) -> None:
        super().__init__(mistakes)
        self.rest = rest
        """Return what is right, if anything is; it refuses what is not."""


def load(
    path: Path,
    overrides: Mapping[str, str] | None = None,
    others: Others | None = None,
) -> Loaded:
    """Read an experiment file, YAML or JSON; raise `InvalidExperiment` if it is none.

    `overrides` are what `--set` gives; `others` resolves secrets of kinds that are
    neither of the environment nor in files, given the configuration.
    """
    return load_text(text_of(path), path, overrides, others)


def load_text(
    text: str,
    path: Path,
    overrides: Mapping[str, str] | None = None,
    others: Others | None = None,
) -> Loaded:
    """Read an experiment from text; `path` tells its format and where it lives."""
    try:
        raw, places, mistakes = _parse(text, path)
    except Refused as refused:
        mistake = placed(refused.mistake, Places(str(path)))
        raise InvalidExperiment([mistake]) from refused
    digest = hashlib.sha256(text.encode()).hexdigest()
    build = partial(_build, raw, path, digest, places, overrides or {}, others)
    if mistakes:
        rest = partial(_despite, mistakes, raw, build)
        raise Unsound(_placed(mistakes, raw, places), rest)
    return build()


def _despite(
    mistakes: list[Mistake], raw: dict[str, Any], build: Callable[[], Loaded]
) -> Loaded | None:
    """Return what is right of an experiment whose text is wrong at some places."""
    from chaos_mcp.experiment.remains import Remains  # noqa: PLC0415 - if need be

    if unplain(raw) or any(one.path[-1:] in ((), ("<<",)) for one in mistakes):
        return None
    try:
        found: Loaded | None = build()
    except Unsound as error:
        found = error.rest()
    if found is None:
        return None
    remains = found.remains or Remains(raw, [], raw)
    read = [_as_ours(one) for one in mistakes]
    return replace(found, remains=replace(remains, read=read))


def load_data(
    data: Mapping[str, Any],
    root: Path,
    overrides: Mapping[str, str] | None = None,
    others: Others | None = None,
) -> Loaded:
    """Read an experiment from a mapping, as libraries have it.

    `root` is the folder from which relative files are read; for the rest see `load`.
    """
    raw = dict(data)
    if strange := unplain(raw):
        raise InvalidExperiment([strange])
    digest = hashlib.sha256(json.dumps(raw, sort_keys=True).encode()).hexdigest()
    path = root / "experiment"
    return _build(raw, path, digest, Places(), overrides or {}, others)


def _parse(text: str, path: Path) -> tuple[dict[str, Any], Places, list[Mistake]]:
    if path.suffix.lower() == ".json":
        value, mistakes = read_json(text) if text.strip() else (None, [])
        places = Places(str(path), partial(json_positions, text))
    else:
        from chaos_mcp.experiment.read_yaml import read_yaml  # noqa: PLC0415 - 15 ms

        value, positions, mistakes = read_yaml(text)
        places = Places(str(path), lambda: positions)
    if value is None and not mistakes:
        hint = "`chaos init` writes an example"
        raise Refused(Mistake("the file is empty", hint=hint))
    if not isinstance(value, dict) and not mistakes:
        problem = f"an experiment is a mapping of keys to values, not {shown(value)}"
        raise Refused(Mistake(problem, line=1, column=1, hint=BEGIN))
    return _mapping(value), places, mistakes


def _build(
    raw: dict[str, Any],
    path: Path,
    digest: str,
    places: Places,
    overrides: Mapping[str, str],
    others: Others | None,
) -> Loaded:
    mistakes: list[Mistake] = []
    data = _one_name(override(raw, overrides, mistakes), mistakes)
    resolver = Resolver(path.parent, others, mistakes=mistakes)
    scope = _scope(data, resolver, lenient=ALIAS in raw)
    filled = resolve_refs(early(data, scope), mistakes)
    if not scope.lenient:
        mistakes.extend(unknown_references(filled, scope))
    experiment = _validated(filled, mistakes)
    late = resolver.late

    def loaded(experiment: Experiment, remains: Remains | None = None) -> Loaded:
        return Loaded(
            experiment, raw, path, digest, places, scope, late, remains=remains
        )

    if experiment is None or mistakes:
        rest = partial(_rest, filled, mistakes, data, loaded)
        raise Unsound(_placed(mistakes, raw, places), rest)
    return loaded(experiment)


def _rest(
    filled: dict[str, Any],
    mistakes: list[Mistake],
    written: dict[str, Any],
    loaded: Callable[[Experiment, Remains], Loaded],
) -> Loaded | None:
    """Return an experiment made of what is right, with what is wrong; or None."""
    from chaos_mcp.experiment.remains import Remains  # noqa: PLC0415 - if need be

    remains = Remains(filled, mistakes, written)
    experiment = remains.experiment()
    return loaded(experiment, remains) if experiment else None


def _validated(data: dict[str, Any], mistakes: list[Mistake]) -> Experiment | None:
    try:
        return Experiment.model_validate(data)
    except ValidationError as error:
        found = list(mistakes_of(error, data))
    strange = [one for one in found if ignorable(one)]
    if strange and "dialect" in data:
        return _validated(without(data, [one.path for one in strange]), mistakes)
    said = {one.path for one in mistakes}
    mistakes += [one for one in found if one.path not in said or not one.path]
    return None


def _raise(mistakes: Sequence[Mistake], raw: Any, places: Places) -> None:
    """Raise `InvalidExperiment`, in the file's order and words, if there is cause."""
    if mistakes:
        raise InvalidExperiment(_placed(mistakes, raw, places))


def _placed(mistakes: Sequence[Mistake], raw: Any, places: Places) -> list[Mistake]:
    ordered = [placed(_as_written(one, raw), places) for one in mistakes]
    return sorted(ordered, key=lambda one: (one.line, one.column))


def _one_name(data: dict[str, Any], mistakes: list[Mistake]) -> dict[str, Any]:
    """Return the data with Chaos Toolkit's `method` under our name of it."""
    if "dialect" in data:
        mistakes.append(Mistake(NO_SUCH_KEY, ("dialect",)))
    if ALIAS not in data:
        return data
    if "perturbations" in data:
        problem = "`method` and `perturbations` are the same thing; write one of them"
        mistakes.append(Mistake(problem, (ALIAS,)))
    renamed = {key: value for key, value in data.items() if key != ALIAS}
    return {**renamed, "perturbations": data[ALIAS], "dialect": "chaostoolkit"}


def _as_ours(mistake: Mistake) -> Mistake:
    """Return a mistake under our name of the perturbations."""
    if mistake.path[:1] == (ALIAS,):
        return replace(mistake, path=("perturbations", *mistake.path[1:]))
    return mistake


def _as_written(mistake: Mistake, raw: Any) -> Mistake:
    """Return a mistake under the name that the user gave the perturbations."""
    if mistake.path[:1] == ("perturbations",) and ALIAS in raw:
        return replace(mistake, path=(ALIAS, *mistake.path[1:]))
    return mistake


def _scope(data: Mapping[str, Any], resolver: Resolver, *, lenient: bool) -> Scope:
    known = resolver.configuration(_mapping(data.get("configuration")))
    hidden = resolver.secrets(_mapping(data.get("secrets")), known)
    late = late_names(data) | resolver.late.keys()
    return Scope(
        secrets=hidden, configuration=known, late=frozenset(late), lenient=lenient
    )


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
