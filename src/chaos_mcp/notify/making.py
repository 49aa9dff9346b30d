"""A channel made of its settings: each key from the environment, a table, or elsewhere.

No value is ever quoted: most are secrets, and any may be one by mistake.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chaos_mcp.errors import ChaosError
from chaos_mcp.notify.tables import VARIABLE, resolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pydantic import ValidationError

    from chaos_mcp.notify.base import Channel
    from chaos_mcp.notify.tables import Table

DURATION = "must be a duration such as 10s, up to 5m"


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes channels of one project, in one environment."""

    environment: Mapping[str, str]
    root: Path

    def made(self, name: str, events: str, table: Table) -> Channel | str:
        """Return a channel, or why it is not ready.

        Raise `ChaosError` if there is no such channel, or a setting of it is wrong.
        """
        kind = _kind(str(table.get("channel", name)))
        data = {
            **self._elsewhere(kind),
            **resolved(name, table, self.environment, self.root),
            **dict(self._variables(name, kind)),
            **({"on": events} if events else {}),
            "name": name,
        }
        missing = [key for key, needed in _keys(kind) if needed and key not in data]
        if missing:
            keys = (_usual(name, key, kind, table) for key in missing)
            return f"{name}: not set: {', '.join(keys)}"
        return _checked(kind, name, data)

    def _variables(self, name: str, kind: type[Channel]) -> Iterator[tuple[str, str]]:
        """Yield the keys that have a variable; an empty one is none."""
        for key, _ in _keys(kind):
            if value := self.environment.get(_variable(name, key), "").strip():
                yield key, value

    def _elsewhere(self, kind: type[Channel]) -> Table:
        """Return the keys that somebody else's variables give."""
        found = {
            key: next(filter(None, map(self.environment.get, names)), "")
            for key, names in kind.elsewhere.items()
        }
        return {key: value for key, value in found.items() if value}


def _kind(name: str) -> type[Channel]:
    from chaos_mcp.registry import Registry  # noqa: PLC0415 - only if asked for

    registry = Registry()
    found = registry.find("channel", name)
    if found is None:
        near = registry.nearest("channel", name)
        hint = f"did you mean {near!r}? " if near else ""
        there = ", ".join(registry.names("channel"))
        raise ChaosError(f"notify: there is no such channel; {hint}there are: {there}")
    kind: type[Channel] = found.load()
    return kind


def _keys(kind: type[Channel]) -> Iterator[tuple[str, bool]]:
    """Yield the keys of a channel, and whether each has to be given."""
    for field, info in kind.model_fields.items():
        if field != "name":
            yield info.alias or field, info.is_required()


def _variable(name: str, key: str) -> str:
    return f"{VARIABLE}_{name}_{key}".replace("-", "_").upper()


def _usual(name: str, key: str, kind: type[Channel], table: Table) -> str:
    """Return the variable in which a key is looked for, as its user knows it."""
    said = table.get(key)
    if isinstance(said, dict) and isinstance(said.get("key"), str):
        variable: str = said["key"]
        return variable
    return next(iter(kind.elsewhere.get(key, ())), _variable(name, key))


def _checked(kind: type[Channel], name: str, data: Table) -> Channel:
    from pydantic import ValidationError  # noqa: PLC0415 - only if asked for

    try:
        return kind.model_validate(data)
    except ValidationError as error:
        raise ChaosError(_mistakes(name, error)) from None


def _mistakes(name: str, error: ValidationError) -> str:
    """Say what is wrong with which key, and nothing of what it held."""
    said = []
    for one in error.errors(include_input=False, include_url=False):
        key = ".".join(map(str, one["loc"][:1]))
        why = DURATION if key == "within" else one["msg"].removeprefix("Value error, ")
        said.append(f"notify.{name}.{key}: {why}")
    return "\n".join(said)
