"""`--set KEY=VALUE`: a configuration value, or any key of the file, for one run."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from chaos_mcp.errors import Mistake
from chaos_mcp.experiment.read_yaml import Refused, read_yaml


def override(
    raw: Mapping[str, Any], overrides: Mapping[str, str], mistakes: list[Mistake]
) -> dict[str, Any]:
    """Return the data with values replaced; a name that is nowhere is a mistake.

    A name is looked for in `configuration` first, then taken as a dotted path.
    """
    data = dict(raw)
    for name, text in overrides.items():
        value = _value(text)
        if not (_configured(data, name, value) or _put(data, name.split("."), value)):
            mistakes.append(_unknown(data, name))
    return data


def _value(text: str) -> Any:
    try:
        value, _, wrong = read_yaml(text)
    except Refused:
        return text
    return text if wrong else value


def _configured(data: dict[str, Any], name: str, value: Any) -> bool:
    configuration = data.get("configuration")
    if not isinstance(configuration, Mapping) or name not in configuration:
        return False
    data["configuration"] = {**configuration, name: value}
    return True


def _put(data: dict[str, Any], path: list[str], value: Any) -> bool:
    """Replace what stands at a path, copying what is on the way."""
    key, *rest = path
    here: Any = data
    if rest:
        inner = here.get(key)
        if isinstance(inner, list):
            copy: Any = {str(index): item for index, item in enumerate(inner)}
            done = _put(copy, rest, value)
            here[key] = list(copy.values())
            return done
        here[key] = dict(inner) if isinstance(inner, Mapping) else {}
        return (isinstance(inner, Mapping) or inner is None) and _put(
            here[key], rest, value
        )
    here[key] = value
    return True


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
