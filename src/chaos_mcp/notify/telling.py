"""Tell the channels, all at once, each within its time; whatever happens, say so."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from chaos_mcp.errors import ChaosError, NotDelivered
from chaos_mcp.experiment.redact import redactor
from chaos_mcp.journal.words import line, seconds
from chaos_mcp.notify.hiding import secrets
from chaos_mcp.notify.quiet import quiet
from chaos_mcp.notify.settings import Chosen, channels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from chaos_mcp.history.entry import Entry
    from chaos_mcp.notify.base import Channel
    from chaos_mcp.notify.news import News
    from chaos_mcp.notify.post import Post
    from chaos_mcp.report.reading import Reading


@dataclass(frozen=True, slots=True)
class Told:
    """Who was told, and who was not, and why."""

    told: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Telling:
    """The channels of a run, known before it begins."""

    chosen: Chosen

    @property
    def secrets(self) -> list[str]:
        """Return what neither journal nor report may hold."""
        return secrets(self.chosen.channels)

    async def of(self, reading: Reading, *, signals: bool = False) -> Told:
        """Tell what became of a run; with `signals`, Ctrl-C ends the telling alone."""
        from chaos_mcp.notify.news import news_of  # noqa: PLC0415 - after the run

        news = news_of(reading, _before(reading), job(os.environ), time.time())
        return await self.tell(news, signals=signals)

    async def tell(self, news: News, *, signals: bool = False) -> Told:
        """Tell everybody whom it concerns."""
        concerned = [one for one in self.chosen.channels if one.concerned(news)]
        why = ["it was stopped"] * len(concerned)
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as group:
                if signals:
                    group.start_soon(_until_signal, scope)
                async with anyio.create_task_group() as tellers:
                    for number in range(len(concerned)):
                        tellers.start_soon(self._tell, concerned, number, news, why)
                group.cancel_scope.cancel()
        names = [one.called for one in concerned]
        said = [*zip(names, why, strict=True)]
        told = tuple(name for name, trouble in said if not trouble)
        untold = (f"{name}: {trouble}" for name, trouble in said if trouble)
        return Told(told, (*self.chosen.unready, *untold))

    async def _tell(
        self, channels: Sequence[Channel], number: int, news: News, why: list[str]
    ) -> None:
        """Tell one of them, and write down what went wrong, or nothing."""
        from chaos_mcp.notify.post import Post, client  # noqa: PLC0415 - after the run

        channel = channels[number]
        async with client() as sending:
            post = Post(sending)
            with anyio.move_on_after(channel.within) as scope, quiet():
                said = await _trouble(channel, news, post)
            if scope.cancelled_caught:
                last = f" ({post.trouble})" if post.trouble else ""
                said = f"not taken within {seconds(channel.within)}{last}"
        why[number] = line(redactor(self.secrets).text(said))


async def _trouble(channel: Channel, news: News, post: Post) -> str:
    """Tell a channel, and return what went wrong, or nothing."""
    try:
        await channel.tell(news, post)
    except NotDelivered as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - no verdict hangs on a channel
        # What it says may quote what it was given.
        return f"it broke ({type(error).__name__})"
    return ""


def telling(asked: Sequence[str | Channel], root: Path) -> Telling | None:
    """Return who is to be told of a run, or None if nobody is.

    Raise `ChaosError` if a setting is wrong: before the run, not after it.
    """
    return Telling(channels(asked, os.environ, root)) if asked else None


def job(environment: Mapping[str, str]) -> str:
    """Return the address of the CI job that this runs in, or nothing."""
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    server, repository, run = (environment.get(name, "") for name in names)
    if server and repository and run:
        return f"{server}/{repository}/actions/runs/{run}"
    found = environment.get("CI_JOB_URL") or environment.get("BUILD_URL") or ""
    return found if found.startswith(("https://", "http://")) else ""


def _before(reading: Reading) -> Entry | None:
    """Return the same experiment's run before this one, if the history knows it."""
    from chaos_mcp.history.entry import title_of  # noqa: PLC0415 - after the run
    from chaos_mcp.history.store import Query, store  # noqa: PLC0415 - as above

    started = reading.started
    query = Query(title=title_of(started.title), until=started.wall, most=1)
    try:
        found = store().entries(query)
    except ChaosError:
        return None  # which `unentered` says
    return found[0] if found else None


async def _until_signal(scope: anyio.CancelScope) -> None:
    import signal  # noqa: PLC0415 - for commands only

    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as received:
        async for _ in received:
            scope.cancel()
            return
