"""Chaos Toolkit's controls: other people's functions around each part of a run.

They are found, given their arguments and called by chaostoolkit-lib itself. Like
there, one that fails is passed over, and one that raises `InterruptExecution` stops
the run. What they change in the experiment changes nothing any more.
"""

from __future__ import annotations

import copy
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import anyio.to_thread

from chaos_mcp.adapters.chaostoolkit_runs import Record, Recorded, activity_of
from chaos_mcp.errors import ChaosError, RunInterrupted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Level = Literal["experiment", "hypothesis", "method", "rollbacks", "activity"]
HYPOTHESIS = "steady-state-hypothesis"


def controls_of(
    raw: Mapping[str, Any],
    configuration: Mapping[str, Any],
    secrets: Mapping[str, Any],
) -> Controls | None:
    """Return the controls of an experiment as it was read; None if it has none."""
    experiment = copy.deepcopy(dict(raw))
    experiment.setdefault("method", experiment.get("perturbations", []))
    parts = (experiment, experiment.get(HYPOTHESIS) or {}, *_activities(experiment))
    if not any(part.get("controls") for part in parts):
        return None
    return Controls(experiment, dict(configuration), dict(secrets))


def _activities(experiment: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (experiment.get(HYPOTHESIS) or {}).get("probes", [])
    yield from experiment["method"]
    yield from experiment.get("rollbacks", [])


@dataclass(slots=True)
class Controls:
    """Calls the controls where Chaos Toolkit would.

    `before("experiment", …)` comes first and configures them; `after("experiment",
    …)` comes last and lets them clean up.
    """

    experiment: dict[str, Any]
    configuration: dict[str, Any]
    secrets: dict[str, Any]
    record: Record = field(default_factory=Record)

    async def before(self, level: Level, context: Any) -> None:
        """Call what wants to be told before a part of the run.

        Raise `RunInterrupted` if one of them wants no more.
        """
        if level == "experiment":
            await self._call(self._configure)
        self.record.begin(level)
        await self._apply(level, "before", self._context(level, context), None)

    async def after(self, level: Level, context: Any, state: Any) -> None:
        """Call what wants to be told after a part of the run, and how it ended.

        Raise `RunInterrupted` if one of them wants no more.
        """
        about = self._context(level, context)
        told = self.record.end(level, about, state, self.experiment)
        if level != "experiment":
            await self._apply(level, "after", about, told)
            return
        with suppress(RunInterrupted):
            # The run is over; there is nothing left to interrupt.
            await self._apply(level, "after", about, told)
        await self._call(self._clean_up)

    def _context(self, level: Level, context: Any) -> dict[str, Any]:
        """Return what Chaos Toolkit would hand over as the context."""
        if level == "activity":
            return self._activity(context)
        if level == "hypothesis":
            return dict(self.experiment.get(HYPOTHESIS) or {})
        return self.experiment

    def _activity(self, call: Recorded) -> dict[str, Any]:
        for one in _activities(self.experiment):
            if one.get("name") == call.name:
                return one
        return activity_of(call)

    async def _apply(
        self, level: Level, scope: str, context: dict[str, Any], state: Any
    ) -> None:
        if not (self.experiment.get("controls") or context.get("controls")):
            return
        from chaoslib.control import apply_controls  # noqa: PLC0415 - 120 ms

        await self._call(
            partial(
                apply_controls,
                level="rollback" if level == "rollbacks" else level,
                experiment=self.experiment,
                context=context,
                scope=scope,
                state=state,
                configuration=self.configuration,
                secrets=self.secrets,
            )
        )

    def _configure(self) -> None:
        from chaoslib.control import initialize_controls  # noqa: PLC0415 - 120 ms

        initialize_controls(self.experiment, self.configuration, self.secrets)

    def _clean_up(self) -> None:
        from chaoslib.control import cleanup_controls  # noqa: PLC0415 - 120 ms

        try:
            cleanup_controls(self.experiment)
        except Exception as error:
            # The one place at which chaostoolkit-lib lets everything through.
            raise ChaosError(f"a control could not clean up: {error}") from error

    async def _call(self, function: Callable[[], None]) -> None:
        """Call in a thread, left behind if the run is stopped meanwhile."""
        from chaoslib.exceptions import InterruptExecution  # noqa: PLC0415 - 120 ms

        try:
            await anyio.to_thread.run_sync(function, abandon_on_cancel=True)
        except InterruptExecution as error:
            raise RunInterrupted(f"a control interrupted the run: {error}") from error
