"""References: `${name}` in what was written, and the value that stands for it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from string import Template
from typing import Any

REFERENCE = re.compile(r"(\$?)\$\{([A-Za-z_][A-Za-z0-9_.\-]*)\}")
"""`${name}`, `${part.address}`; `$${name}` stands for itself."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What names stand for: some known now, some only once the system runs."""

    values: Mapping[str, Any] = field(default_factory=dict)
    late: frozenset[str] = frozenset()
    """Names that will be known when the system runs."""
    secrets: Mapping[str, Any] = field(default_factory=dict)
    """Secrets by name, or by group and name, as Chaos Toolkit has them."""
    configuration: Mapping[str, Any] = field(default_factory=dict)
    """What the experiment configures, to be handed to Chaos Toolkit's functions."""
    lenient: bool = False
    """Leave unknown names as they are, as Chaos Toolkit does."""

    def knowing(self, names: Mapping[str, Any]) -> Scope:
        """Return a scope in which these names are known as well."""
        return replace(
            self, values={**self.values, **names}, late=self.late - names.keys()
        )

    def resolve(self, data: Any) -> Any:
        """Return data with every known reference replaced (see `substitute`)."""
        return substitute(data, self)

    def lookup(self, name: str) -> tuple[bool, Any]:
        """Return whether a name is known, and its value."""
        if name in self.values:
            return True, self.values[name]
        if name in self.configuration:
            return True, self.configuration[name]
        return self._secret(name)

    def _secret(self, name: str) -> tuple[bool, Any]:
        if name in self.secrets and not isinstance(self.secrets[name], Mapping):
            return True, self.secrets[name]
        for group, members in self.secrets.items():
            if isinstance(members, Mapping):
                for key, value in members.items():
                    if name in (key, f"{group}.{key}"):
                        return True, value
        return False, None

    def known(self) -> Iterator[str]:
        """Yield every name that can be written, now known or late."""
        yield from self.values
        yield from self.configuration
        yield from self.late
        for group, members in self.secrets.items():
            if isinstance(members, Mapping):
                for key in members:
                    yield key
                    yield f"{group}.{key}"
            else:
                yield group

    def nearest(self, name: str) -> str | None:
        """Return the known name most like one that is not."""
        close = difflib.get_close_matches(name, list(self.known()), n=1, cutoff=0.5)
        return close[0] if close else None


def substitute(data: Any, scope: Scope) -> Any:
    """Return data with every known reference replaced, and the rest as it was.

    A string that is nothing but one reference becomes the value with its type; in a
    longer string the value is written out. What is late or unknown stays.
    """
    if isinstance(data, str):
        return _text(data, scope) if "$" in data else data
    if isinstance(data, Mapping):
        return {key: substitute(value, scope) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return type(data)(substitute(value, scope) for value in data)
    return data


def _text(text: str, scope: Scope) -> Any:
    whole = REFERENCE.fullmatch(text)
    if whole and not whole[1]:
        found, value = scope.lookup(whole[2])
        return value if found else text
    if scope.lenient and (scope.configuration or scope.secrets):
        return _Template(text).safe_substitute(_Names(scope))
    return REFERENCE.sub(lambda match: _written(match, scope), text)


def _written(match: re.Match[str], scope: Scope) -> str:
    if match[1]:
        # Chaos Toolkit leaves its files alone where nothing is configured.
        return match[0] if scope.lenient else match[0][1:]
    found, value = scope.lookup(match[2])
    return str(value) if found else match[0]


class _Template(Template):
    """Chaos Toolkit's rules: `$name` without braces as well, and `$$` for a dollar."""

    braceidpattern = r"(?a:[_a-zA-Z][_a-zA-Z0-9.\-]*)"


class _Names(Mapping[str, Any]):
    """A scope as the mapping that a template looks names up in."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def __getitem__(self, name: str) -> Any:
        found, value = self._scope.lookup(name)
        if not found:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return self._scope.known()

    def __len__(self) -> int:
        return sum(1 for _ in self)


def references(data: Any) -> Iterator[str]:
    """Yield the names that data refers to, in order."""
    if isinstance(data, str):
        yield from (m[2] for m in REFERENCE.finditer(data) if not m[1])
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from references(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from references(value)
