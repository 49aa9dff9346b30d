"""`configuration` and `secrets`: values given, from the environment, or from files."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chaos_mcp.errors import Mistake

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chaos_mcp.errors import KeyPath

TRUE_UNLESS = ("false", "0", "no")
"""What Chaos Toolkit reads as false; everything else is true."""
LATE = ("probe",)
"""Kinds of configuration that are known only when the run begins."""


@dataclass(slots=True)
class Resolver:
    """Turns what stands in `configuration` or `secrets` into values."""

    root: Path
    """Where relative files are looked for."""
    others: Callable[[Mapping[str, Any]], Any] | None = None
    """Resolves the kinds that Chaos Toolkit knows and we do not (vault, …)."""
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    mistakes: list[Mistake] = field(default_factory=list)
    late: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """Configuration that a probe gives at the start of the run."""

    def configuration(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values that are known now; the rest is in `late`."""
        values = {}
        for key, entry in raw.items():
            if isinstance(entry, Mapping) and entry.get("type") in LATE:
                self.late[key] = entry
            else:
                values[key] = self._entry(entry, ("configuration", key))
        return values

    def secrets(
        self, raw: Mapping[str, Any], path: KeyPath = ("secrets",)
    ) -> dict[str, Any]:
        """Return the secrets, in groups or not, as they were written."""
        return {
            key: self.secrets(entry, (*path, key))
            if isinstance(entry, Mapping) and "type" not in entry
            else self._entry(entry, (*path, key))
            for key, entry in raw.items()
        }

    def _entry(self, entry: Any, path: KeyPath) -> Any:
        if not isinstance(entry, Mapping) or "type" not in entry:
            return entry
        match entry["type"]:
            case "env":
                return self._from_environment(entry, path)
            case "file":
                return self._from_file(entry, path)
            case _:
                return self._from_others(entry, path)

    def _from_environment(self, entry: Mapping[str, Any], path: KeyPath) -> Any:
        name = str(entry.get("key", ""))
        if name not in self.environment and "default" not in entry:
            hint = f"export {name}=…, or give it a `default`"
            problem = f"the environment has no variable {name!r}"
            self.mistakes.append(Mistake(problem, path, hint=hint))
            return None
        value = self.environment.get(name, entry.get("default"))
        try:
            return convert(entry.get("env_var_type"), value)
        except (ValueError, AttributeError) as error:
            self.mistakes.append(Mistake(f"{name}: {error}", path))
            return None

    def _from_file(self, entry: Mapping[str, Any], path: KeyPath) -> Any:
        file = self.root / str(entry.get("key", entry.get("path", "")))
        try:
            return file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            problem = f"cannot read {file}: {error}"
            self.mistakes.append(Mistake(problem, path))
            return None

    def _from_others(self, entry: Mapping[str, Any], path: KeyPath) -> Any:
        if self.others is None:
            # A mapping may have a key called `type` and mean nothing by it.
            return entry
        try:
            return self.others(entry)
        except ValueError as error:
            self.mistakes.append(Mistake(str(error), path))
            return None


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
