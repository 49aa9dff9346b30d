"""Secrets of the kinds that Chaos Toolkit knows, such as those in a Vault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def resolve(entry: Mapping[str, Any], configuration: Mapping[str, Any]) -> Any:
    """Return the secret that an entry stands for, by chaostoolkit-lib's own rules.

    A kind that it does not know is a group of secrets. Raise `ValueError`, without
    the secret, if it cannot be had.
    """
    from chaoslib.exceptions import ChaosException  # noqa: PLC0415 - 120 ms
    from chaoslib.secret import HAS_HVAC, load_secrets  # noqa: PLC0415 - 120 ms

    if entry.get("type") == "vault" and not HAS_HVAC:
        msg = "a Vault needs another package: pip install chaostoolkit-lib[vault]"
        raise ValueError(msg)
    try:
        found = load_secrets({"it": dict(entry)}, dict(configuration))["it"]
    except (ChaosException, OSError, LookupError, TypeError) as error:
        msg = f"the secret cannot be had: {error}"
        raise ValueError(msg) from error
    if found == {}:
        msg = f"there is no secret at {entry.get('path')!r}"
        raise ValueError(msg)
    return found
