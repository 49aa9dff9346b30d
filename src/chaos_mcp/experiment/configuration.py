"""`configuration` and `secrets`: values given, from the environment, or from files."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chaos_mcp.errors import Mistake

if TYPE_CHECKING:
    from pathlib import Path

    from chaos_mcp.errors import KeyPath

TRUE_UNLESS = ("false", "0", "no")
"""What Chaos Toolkit reads as false; everything else is true."""
KINDS = ("bool", "str", "string", "int", "integer", "float", "number", "bytes", "json")
"""What the text of a variable can be taken for."""
LATE = ("probe",)
"""Kinds of configuration that are known only when the run begins."""


Others = Callable[[Mapping[str, Any], Mapping[str, Any]], Any]
"""Resolves a secret of some other kind, given its entry and the configuration.

It raises `ValueError`, in words, if it cannot.
"""


@dataclass(slots=True)
class Resolver:
    """Turns what stands in `configuration` or `secrets` into values."""

    root: Path
    """Where relative files are looked for."""
    others: Others | None = None
    """Resolves the kinds that Chaos Toolkit knows and we do not (vault, …)."""
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    mistakes: list[Mistake] = field(default_factory=list)
    late: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """Configuration that a probe gives at the start of the run."""

    def configuration(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values that are known now; the rest is in `late`."""
        values = {}
        for key, entry in raw.items():
            if _kind(entry) in LATE:
                self.late[key] = entry
            else:
                # A mapping may have a key called `type` and mean nothing by it.
                _, values[key] = self._entry(entry, ("configuration", key))
        return values

    def secrets(
        self,
        raw: Mapping[str, Any],
        configuration: Mapping[str, Any],
        path: KeyPath = ("secrets",),
    ) -> dict[str, Any]:
        """Return the secrets, in groups or not, as they were written."""
        return {
            key: self._secret(entry, configuration, (*path, key))
            for key, entry in raw.items()
        }

    def _secret(
        self, entry: Any, configuration: Mapping[str, Any], path: KeyPath
    ) -> Any:
        known, value = self._entry(entry, path)
        if known:
            return value
        if self.others and _kind(entry) is not None:
            return self._from_others(self.others, entry, configuration, path)
        if isinstance(entry, Mapping):
            return self.secrets(entry, configuration, path)
        return entry

    def _entry(self, entry: Any, path: KeyPath) -> tuple[bool, Any]:
        """Return whether an entry says where its value is, and the value."""
        match _kind(entry):
            case "env":
                return True, self._from_environment(entry, path)
            case "file":
                return True, self._from_file(entry, path)
        return False, entry

    def _from_environment(self, entry: Mapping[str, Any], path: KeyPath) -> Any:
        name = entry.get("key")
        if not isinstance(name, str):
            return self._mistake("`key` names the environment's variable", path)
        if name not in self.environment and "default" not in entry:
            hint = f"export {name}=…, or give it a `default`"
            return self._mistake(f"the environment has no {name!r}", path, hint)
        value = self.environment.get(name, entry.get("default"))
        try:
            return convert(entry.get("env_var_type"), value)
        except (ValueError, TypeError, AttributeError) as error:
            # The value itself may be a secret, and int() would quote it.
            kind = entry.get("env_var_type")
            said = error if kind not in KINDS else f"its value is no {kind}"
            return self._mistake(f"{name}: {said}", path)

    def _from_file(self, entry: Mapping[str, Any], path: KeyPath) -> Any:
        name = entry.get("path", entry.get("key"))
        if not isinstance(name, str):
            return self._mistake("`path` names the file", path)
        file = self.root / name
        try:
            return file.read_text("utf-8").strip()
        except OSError as error:
            return self._mistake(f"cannot read {file}: {error.strerror}", path)
        except ValueError:
            return self._mistake(f"cannot read {file}: it is not text", path)

    def _from_others(
        self,
        others: Others,
        entry: Mapping[str, Any],
        configuration: Mapping[str, Any],
        path: KeyPath,
    ) -> Any:
        try:
            return others(entry, configuration)
        except ValueError as error:
            return self._mistake(str(error), path)

    def _mistake(self, problem: str, path: KeyPath, hint: str = "") -> None:
        self.mistakes.append(Mistake(problem, path, hint=hint))


def _kind(entry: Any) -> str | None:
    kind = entry.get("type") if isinstance(entry, Mapping) else None
    return kind if isinstance(kind, str) else None


def convert(kind: str | None, value: Any) -> Any:
    """Return an environment variable's text as the type that was asked for.

    The kinds are Chaos Toolkit's. Raise `ValueError` if the text is none of the kind.
    """
    match kind:
        case None | "str" | "string":
            return value
        case "int" | "integer":
            return int(value)
        case "float" | "number":
            return float(value)
        case "bytes":
            return value.encode()
        case "bool":
            return value if isinstance(value, bool) else _truth(value)
        case "json":
            return json.loads(value) if isinstance(value, str) and value else value
    msg = f"env_var_type must be bool, str, int, float, bytes or json, not {kind!r}"
    raise ValueError(msg)


def _truth(value: str) -> bool:
    return value.lower() not in TRUE_UNLESS
