"""Chaos Toolkit's controls: other people's functions around each part of a run.

They are found, given their arguments and called by chaostoolkit-lib itself. Like
there, one that fails is passed over, and one that raises `InterruptExecution` stops
the run. What they change in the experiment changes nothing any more.
"""

from __future__ import annotations

import copy
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import anyio.to_thread

from chaos_mcp.adapters.chaostoolkit_lib import Library
from chaos_mcp.adapters.chaostoolkit_runs import Recorded, activity_of
from chaos_mcp.adapters.chaostoolkit_settings import settings
from chaos_mcp.errors import RunInterrupted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Level = Literal["experiment", "hypothesis", "method", "rollbacks", "activity"]
HYPOTHESIS = "steady-state-hypothesis"


def controls_of(
    raw: Mapping[str, Any],
    configuration: Mapping[str, Any],
    secrets: Mapping[str, Any],
    source: str = "",
) -> Controls | None:
    """Return the controls of an experiment as it was read; None if it has none.

    One that Chaos Toolkit could run, or that has controls of its own, has those of
    this user's settings as well. `source` is the file that it was read from.
    """
    experiment = copy.deepcopy(dict(raw))
    experiment.setdefault("method", experiment.get("perturbations", []))
    parts = (experiment, experiment.get(HYPOTHESIS) or {}, *_activities(experiment))
    own = any(part.get("controls") for part in parts)
    found = settings() if own or "method" in raw else {}
    if not own and not found.get("controls"):
        return None
    return Controls(
        Library(experiment, dict(configuration), dict(secrets), found, source)
    )


def _activities(experiment: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (experiment.get(HYPOTHESIS) or {}).get("probes", [])
    yield from experiment["method"]
    yield from experiment.get("rollbacks", [])


@dataclass(frozen=True, slots=True)
class Controls:
    """Calls the controls where Chaos Toolkit would.

    `before("experiment", …)` comes first and configures them; `after("experiment",
    …)` comes last and lets them clean up.
    """

    library: Library

    async def before(self, level: Level, context: Any) -> None:
        """Call what wants to be told before a part of the run.

        Raise `RunInterrupted` if one of them wants no more.
        """
        library = self.library
        library.record.begin(level)
        if level == "experiment":
            if scope := getattr(context, "scope", None):
                library.configuration = dict(scope.configuration)
            await self._call(library.configure)
        about = self._context(level, context)
        if library.listens(about):
            await self._call(partial(library.begin, level, about))

    async def after(self, level: Level, context: Any, state: Any) -> None:
        """Call what wants to be told after a part of the run, and how it ended.

        Raise `RunInterrupted` if one of them wants no more.
        """
        library, about = self.library, self._context(level, context)
        told = library.record.end(level, about, state, library.experiment)
        tell = partial(library.end, level, about, told)
        if level == "experiment":
            with suppress(RunInterrupted):
                # The run is over; there is nothing left to interrupt.
                await self._call(tell)
            await self._call(library.clean_up)
        elif library.listens(about):
            await self._call(tell)

    def _context(self, level: Level, context: Any) -> dict[str, Any]:
        """Return what Chaos Toolkit would hand over as the context."""
        if level == "activity":
            return self._activity(context)
        if level == "hypothesis":
            return dict(self.library.experiment.get(HYPOTHESIS) or {})
        return self.library.experiment

    def _activity(self, call: Recorded) -> dict[str, Any]:
        for one in _activities(self.library.experiment):
            if one.get("name") == call.name:
                return one
        return activity_of(call)

    async def _call(self, function: Callable[[], None]) -> None:
        """Call in a thread, left behind if the run is stopped meanwhile."""
        from chaoslib.exceptions import InterruptExecution  # noqa: PLC0415 - 120 ms

        library = self.library
        in_thread = partial(anyio.to_thread.run_sync, abandon_on_cancel=True)
        try:
            await in_thread(library.call, function)
        except InterruptExecution as error:
            await in_thread(library.call, library.interrupted)
            raise RunInterrupted(f"a control interrupted the run: {error}") from error
