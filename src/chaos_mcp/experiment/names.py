"""Which names an experiment may refer to, and when each of them is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chaos_mcp.errors import KeyPath, Mistake
from chaos_mcp.experiment.substitute import Scope, references, substitute

PROCESS = ("address", "host", "port", "pid")
CONTAINER = ("address", "host", "port", "inside", "container")
PROXY = ("listen", "host", "port")
RUN = ("run.id", "run.dir", "run.seed", "project.dir")
DECLARED: tuple[KeyPath, ...] = (
    ("configuration", 0),
    ("secrets", 0),
    ("system", "processes", 0),
    ("system", "containers", 0),
    ("system", "proxies", 0),
)
"""Where the others are declared."""
UNTOUCHED = ("configuration", "secrets", "title", "description", "dialect")
"""Sections in which nothing is replaced before they are used."""


def late_names(data: Mapping[str, Any]) -> set[str]:
    """Return the names that will be known when the system runs."""
    system = data.get("system")
    if not isinstance(system, Mapping):
        return set(RUN)
    processes = {
        f"{name}.{one}" for name in _named(system.get("processes")) for one in PROCESS
    }
    proxies = {
        f"proxy.{name}.{one}" for name in _named(system.get("proxies")) for one in PROXY
    }
    containers = {
        f"{name}.{one}"
        for name in _named(system.get("containers"))
        for one in CONTAINER
    }
    return processes | proxies | containers | set(RUN)


def _named(parts: Any) -> Iterator[str]:
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, Mapping) and isinstance(part.get("name"), str):
            yield part["name"]


def early(data: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    """Return the data with what is configured filled in, for fields that are checked.

    Secrets are left for later, so that nothing carries them around, and so is what
    holds a dollar sign, since it would be replaced twice.
    """
    plain = {
        key: value for key, value in scope.configuration.items() if not _dollar(value)
    }
    return {
        key: value if key in UNTOUCHED else _early(value, Scope(configuration=plain))
        for key, value in data.items()
    }


def _dollar(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_dollar, value.values()))
    if isinstance(value, list):
        return any(map(_dollar, value))
    return isinstance(value, str) and "$" in value


def _early(data: Any, scope: Scope) -> Any:
    if isinstance(data, str):
        return data if "$$" in data else substitute(data, scope)
    if isinstance(data, Mapping):
        return {key: _early(value, scope) for key, value in data.items()}
    if isinstance(data, list):
        return [_early(value, scope) for value in data]
    return data


def unknown_references(data: Mapping[str, Any], scope: Scope) -> Iterator[Mistake]:
    """Yield a mistake for each name that nothing stands for."""
    known = set(scope.known())
    for key, value in data.items():
        if key not in UNTOUCHED:
            for path, name in _places(value, (key,)):
                if name not in known:
                    close = scope.nearest(name)
                    hint = f"did you mean ${{{close}}}?" if close else _hint(name)
                    problem = f"nothing is called ${{{name}}}"
                    yield Mistake(problem, path, hint=hint, misses=DECLARED)


def _hint(name: str) -> str:
    return f"declare it under `configuration`, or write $${{{name}}} for the text"


def _places(data: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(data, str):
        if "${" in data:
            yield from ((path, name) for name in references(data))
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield from _places(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _places(value, (*path, index))
