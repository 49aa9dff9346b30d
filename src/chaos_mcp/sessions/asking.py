"""Asking a probe that is called by its name, and writing answers down."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from chaos_mcp.errors import ActivityFailed, InvalidExperiment, JournalFailed
from chaos_mcp.experiment.model import ProbeCall
from chaos_mcp.plan.calls import Calls
from chaos_mcp.sessions.watch import measured

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chaos_mcp.plan.model import Call
    from chaos_mcp.sessions.core import Core
    from chaos_mcp.sessions.watch import Answer


async def compiled(core: Core, probe: str, arguments: Mapping[str, Any]) -> Call:
    """Return a probe ready to be asked; raise `InvalidExperiment` if it is none."""
    calls = Calls(core.running.registry, core.activities.scope)
    call = calls.compile(ProbeCall.model_validate({"probe": probe, **arguments}), ())
    if call is None or calls.mistakes:
        raise InvalidExperiment(calls.mistakes)
    return call


async def ask(core: Core, call: Call) -> Any:
    """Return the answer; raise `ActivityFailed` if there is none."""
    answer = await core.activities.timed(call)
    if answer.error:
        raise ActivityFailed(answer.error)
    return answer.value


async def write(core: Core, name: str, answer: Answer) -> None:
    """Write an answer down, if anything can be written down any more."""
    with suppress(JournalFailed):
        core.journal.record(measured(name, answer))
