"""However a run's undo ends: the journal is closed, and the guardian knows."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from chaos_mcp.engine import guardian
from chaos_mcp.engine.recover import Recovered
from chaos_mcp.engine.runner import Runner
from chaos_mcp.engine.stop import Stop
from tests.safety.adversity.gates import Gates, gate, raising

if TYPE_CHECKING:
    from pathlib import Path

    from anyio.abc import TaskStatus

    from chaos_mcp.engine.injection import Injections

pytestmark = pytest.mark.anyio


class Guarding:
    """A guardian that nothing ends but its release, as the real one."""

    lifeline = -1
    left: bool | None = None

    async def run(self, *, task_status: TaskStatus[None]) -> None:
        """Guard until released."""
        with anyio.CancelScope(shield=True) as self.scope:
            task_status.started()
            await anyio.sleep(3600)

    async def release(self, *, left: bool) -> None:
        """Remember what was said."""
        self.left = left
        self.scope.cancel()


class Idle(Runner):
    """A runner that has nothing to do any more but to end."""

    async def _capture(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize(
    "error", [SystemExit(1), KeyboardInterrupt(), asyncio.CancelledError()], ids=repr
)
async def test_an_undo_that_wants_to_end_everything_leaves_the_rest_to_the_guardian(
    injections: Injections, gates: Gates, tmp_path: Path, error: BaseException
) -> None:
    await injections.inflict(gate())
    gates.wrong("undo front", *[raising(error)] * 99)
    plan: Any = SimpleNamespace(timing=SimpleNamespace(deadline=None))
    phases: Any = SimpleNamespace(injections=injections)
    guarding: Any = Guarding()
    journal = injections.journal
    runner = Idle(plan, journal, tmp_path, phases, Stop(journal), False, guarding)  # noqa: FBT003

    with pytest.raises(BaseException) as came:  # noqa: PT011
        await runner.run()

    assert came.group_contains(type(error)) or isinstance(came.value, type(error))
    assert guarding.left is True
    assert journal._closed  # noqa: SLF001 - the guardian could not write it else


@pytest.mark.parametrize("error", [RuntimeError("what?"), SystemExit(1)], ids=repr)
def test_the_guardian_tries_again_whatever_ends_an_undo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    tried: list[object] = []

    async def recover(folder: Path, *_: object) -> Recovered:
        tried.append(folder)
        if len(tried) < 3:
            raise error
        return Recovered("run", folder)

    monkeypatch.setattr("chaos_mcp.engine.recover.recover", recover)
    monkeypatch.setattr("chaos_mcp.engine.guardian.time.sleep", lambda _: None)

    assert guardian.act(tmp_path, "the runner died")
    assert tried == [tmp_path] * 3
    assert type(error).__name__ in (tmp_path / "guardian.log").read_text("utf-8")
