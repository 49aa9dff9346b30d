"""Chaos Toolkit's settings of whoever runs this: controls of all their experiments."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from chaos_mcp.errors import ChaosError

FILE = "~/.chaostoolkit/settings.yaml"


def settings() -> dict[str, Any]:
    """Return the settings; none where there is no such file.

    Raise `ChaosError` if nothing can be made of it.
    """
    file = Path(os.path.expanduser(FILE))  # noqa: PTH111 - a home may be unknown
    try:
        text = file.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise ChaosError(f"{file}: cannot be read: {error}") from error
    found = _parsed(file, text)
    _check(file, found.get("controls") or {})
    return found


def _parsed(file: Path, text: str) -> dict[str, Any]:
    import yaml  # noqa: PLC0415 - only where there is such a file

    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ChaosError(f"{file}: not valid YAML: {error}") from error
    if not isinstance(found or {}, dict):
        raise ChaosError(f"{file}: settings are a mapping of keys to values")
    return found or {}


def _check(file: Path, controls: Any) -> None:
    """Refuse what chaostoolkit-lib would stumble over."""
    if not isinstance(controls, dict):
        raise ChaosError(f"{file}: `controls` is a mapping of names to controls")
    for name, control in controls.items():
        provider = control.get("provider") if isinstance(control, dict) else None
        module = provider.get("module") if isinstance(provider, dict) else None
        if not isinstance(module, str):
            raise ChaosError(f"{file}: the control {name!r} has no `provider: module:`")
