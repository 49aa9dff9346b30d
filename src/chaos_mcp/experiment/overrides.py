"""`--set KEY=VALUE`: a configuration value, or any key of the file, for one run."""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chaos_mcp.errors import KeyPath, Mistake
from chaos_mcp.experiment.model import Experiment
from chaos_mcp.experiment.plain import Refused

_INDEX = re.compile(r"\[(\d+)\]")


def override(
    raw: Mapping[str, Any], overrides: Mapping[str, str], mistakes: list[Mistake]
) -> dict[str, Any]:
    """Return the data with values replaced; a name that is nowhere is a mistake.

    A name is looked for in `configuration` first, then taken as a path such as
    `recovery.within` or `perturbations[0].for`.
    """
    data = dict(raw)
    for name, text in overrides.items():
        value = _value(text)
        path = _INDEX.sub(r".\1", name).split(".")
        done = _configured(data, name, value) or (
            path[0] in _top(data) and _put(data, path, value)
        )
        if not done:
            mistakes.append(_unknown(data, name))
    return data


def _top(data: Mapping[str, Any]) -> set[str]:
    """Return the keys that an experiment has or may have."""
    fields = Experiment.model_fields.items()
    return {*data, *(field.alias or name for name, field in fields)}


def _value(text: str) -> Any:
    from chaos_mcp.experiment.read_yaml import read_yaml  # noqa: PLC0415 - 15 ms

    try:
        value, _, wrong = read_yaml(text)
    except Refused:
        return text
    return text if wrong or not text.strip() else value


def _configured(data: dict[str, Any], name: str, value: Any) -> bool:
    configuration = data.get("configuration")
    if not isinstance(configuration, Mapping) or name not in configuration:
        return False
    data["configuration"] = {**configuration, name: value}
    return True


def _put(here: dict[str, Any] | list[Any], path: list[str], value: Any) -> bool:
    """Replace what stands at a path, copying what is on the way.

    A key that is not there is put there, for the model to refuse if it is none.
    """
    key: Any = _index(path[0]) if isinstance(here, list) else path[0]
    if isinstance(here, list) and not 0 <= key < len(here):
        return False
    if len(path) == 1:
        here[key] = value
        return True
    inner = here[key] if isinstance(here, list) else here.get(key, {})
    if not isinstance(inner, dict | list):
        return False
    here[key] = inner.copy()
    return _put(here[key], path[1:], value)


def without(data: Mapping[str, Any], paths: Iterable[KeyPath]) -> dict[str, Any]:
    """Return the data without what stands at some paths."""
    made: Any = copy.deepcopy(data)
    for path in paths:
        here = made
        for part in path[:-1]:
            here = here[part]
        # What stands at two paths, by an alias or a `ref`, goes but once.
        here.pop(path[-1], None)
    return dict(made)


def _index(text: str) -> int:
    return int(text) if text.isdecimal() else -1


def _unknown(data: Mapping[str, Any], name: str) -> Mistake:
    close = difflib.get_close_matches(name, list(_paths(data)), n=1, cutoff=0.5)
    hint = f"did you mean {close[0]}?" if close else ""
    return Mistake(f"--set {name}: there is nothing of that name", hint=hint)


def _paths(data: Any, prefix: str = "") -> Iterator[str]:
    if isinstance(data, Mapping):
        for key, value in data.items():
            name = f"{prefix}{key}"
            yield name.removeprefix("configuration.")
            yield from _paths(value, f"{name}.")
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _paths(value, f"{prefix.removesuffix('.')}[{index}].")
