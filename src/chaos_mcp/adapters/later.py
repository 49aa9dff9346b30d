"""Adapters of this machine, each loaded when something is first asked of it.

A session that only slows a network down needs none of them, nor does its guardian,
which has to be ready soon.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_PLACES: dict[str, str] = {}
"""The adapters that a world has by itself: module and class."""


class Later:
    """Stands for an adapter that is made when it is first used."""

    __slots__ = ("_module", "_name", "_real")

    def __init__(self, module: str, name: str) -> None:
        self._module = module
        self._name = name
        self._real: Any = None

    def __getattr__(self, name: str) -> Any:
        """Return what the adapter has of that name."""
        if self._real is None:
            self._real = _class(self._module, self._name)()
        return getattr(self._real, name)


def here(module: str, name: str) -> Callable[[], Any]:
    """Return what makes an adapter of this machine, once it is needed."""
    _PLACES[module] = name
    return partial(Later, module, name)


def load_all() -> None:
    """Load every one now: later, it may not be possible to load anything."""
    import psutil  # noqa: F401, PLC0415 - most of them need it

    for module, name in _PLACES.items():
        _class(module, name)


def _class(module: str, name: str) -> Any:
    return getattr(import_module(f"chaos_mcp.adapters.{module}"), name)
