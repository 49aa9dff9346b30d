"""Chaos experiments that always put the system back, and say how well it coped.

    import chaos_mcp as chaos

    chaos.run("experiments/partition.yaml").raise_for_verdict()

    with chaos.session() as session:
        cache = session.proxy("127.0.0.1:6379")
        with session.network_partition(cache):
            ...

`async with chaos.session()` is the same for asynchronous programs. Nothing is loaded
before it is used.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "run": "library",
    "arun": "library",
    "validate": "library",
    "recover": "library",
    "arecover": "library",
    "assert_stable": "library",
    "session": "sessions.opening",
    "Session": "sessions.sync",
    "AsyncSession": "sessions.asynchronous",
    "Proxy": "sessions.things",
    "Result": "runs",
    "ChaosError": "errors",
    "InvalidExperiment": "errors",
    "NotPassed": "errors",
    "NotStable": "errors",
    "FaultRefused": "errors",
    "FaultUnproven": "errors",
    "UndoFailed": "errors",
}
"""The public names, and where each is."""

__all__ = [*_HOME]  # noqa: PLE0604 - as the stub has them


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted([*_HOME, "__version__"])
