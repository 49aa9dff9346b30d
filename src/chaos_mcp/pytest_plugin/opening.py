"""The session of a pytest process: opened by its options, closed with a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.pytest_plugin import SPARE
from chaos_mcp.sessions.lazy import Lazy
from chaos_mcp.sessions.loop import finished
from chaos_mcp.sessions.opening import session
from chaos_mcp.terms import LEASE

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from chaos_mcp.sessions.asynchronous import AsyncSession


def lazy(config: pytest.Config) -> Lazy:
    """Return the session as the options want it; nothing is started yet."""
    opening = session(
        title=f"pytest {config.rootpath.name}",
        runs=runs(config),
        seed=seed(config),
        lease=float(config.getini("chaos_lease") or LEASE),
        recover=config.getini("chaos_recover"),
    )
    opening.spare = config.stash.get(SPARE, None)
    return Lazy(opening)


def runs(config: pytest.Config) -> Path:
    """Return the folder for journals, as the options have it."""
    return config.rootpath / str(config.getini("chaos_runs"))


def seed(config: pytest.Config) -> int | None:
    """Return the seed, as the options have it."""
    given = str(config.getini("chaos_seed"))
    return int(given) if given else None


def close(made: Lazy, config: pytest.Config) -> None:
    """Take everything back; leave a report for people if a test has failed."""
    used = made.session
    made.close()
    if used and _failed(config):
        from chaos_mcp.runs import reading_of, write_reports  # noqa: PLC0415 - 200 ms

        write_reports(reading_of(used.folder), used.folder)


def _failed(config: pytest.Config) -> bool:
    """Tell whether a test of this process has failed."""
    running = config.pluginmanager.get_plugin("session")
    return bool(getattr(running, "testsfailed", 0))


def end(part: AsyncSession) -> None:
    """End a part of the session from a fixture that is not asynchronous."""
    if ending := part._ending():  # noqa: SLF001 - one of ours
        finished(ending)
