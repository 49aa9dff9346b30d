"""Chaos Toolkit's controls, called where chaostoolkit-lib calls them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio.to_thread

from chaos_mcp.adapters import chaostoolkit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chaos_mcp.engine.hooks import Level
    from chaos_mcp.plan.model import Plan

TOOLKIT_LEVELS = {"rollbacks": "rollback"}
"""What Chaos Toolkit calls a level where it is not what we call it."""
PATIENCE = 30.0
"""Seconds that the controls of one level may take."""


@dataclass(slots=True)
class Controls:
    """Hooks that hand each part of a run to the experiment's controls."""

    plan: Plan
    experiment: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        """Take the experiment as it was written, under Chaos Toolkit's names."""
        raw = dict(self.plan.loaded.raw)
        if "perturbations" in raw:
            raw["method"] = raw.pop("perturbations")
        self.experiment = raw

    async def before(self, level: Level, context: Any) -> None:
        """Call the `before_…_control` functions of a level."""
        if level == "experiment":
            await _in_thread(
                partial(chaostoolkit.initialize, self.experiment, **self._given())
            )
        await self._apply("before", level, context, None)

    async def after(self, level: Level, context: Any, state: Any) -> None:
        """Call the `after_…_control` functions of a level."""
        await self._apply("after", level, context, state)
        if level == "experiment":
            await _in_thread(partial(chaostoolkit.cleanup, self.experiment))

    async def _apply(self, scope: str, level: Level, context: Any, state: Any) -> None:
        arguments = {
            "experiment": self.experiment,
            "context": self._context(level, context),
            **self._given(),
        }
        if scope == "after":
            arguments["state"] = state
        name = TOOLKIT_LEVELS.get(level, level)
        await _in_thread(partial(chaostoolkit.apply, scope, name, **arguments))

    def _given(self) -> dict[str, Any]:
        scope = self.plan.scope
        return {
            "configuration": dict(scope.configuration),
            "secrets": _plain(scope.secrets),
        }

    def _context(self, level: Level, context: Any) -> dict[str, Any]:
        if level == "activity":
            return _written(context.written, context.name)
        if level == "hypothesis":
            return dict(self.experiment.get("steady-state-hypothesis") or {})
        return self.experiment


def _written(entry: Any, name: str) -> dict[str, Any]:
    """Return an activity as its author wrote it, with a name at least."""
    dump = getattr(entry, "model_dump", None)
    written = dump(by_alias=True, exclude_unset=True) if dump else {}
    kind = "action" if "action" in written else written.get("type", "probe")
    return {"type": kind, **written, "name": written.get("name") or name}


def _plain(secrets: Mapping[str, Any]) -> dict[str, Any]:
    return {key: dict(v) if isinstance(v, dict) else v for key, v in secrets.items()}


async def _in_thread(call: Any) -> None:
    """Call a control where it may block; one that never returns is left behind."""
    with anyio.move_on_after(PATIENCE):
        await anyio.to_thread.run_sync(call, abandon_on_cancel=True)
