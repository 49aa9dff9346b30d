"""Stressors are found by their tag from the moment on in which they were started."""

from __future__ import annotations

import pytest

from chaos_mcp.adapters import stress
from chaos_mcp.adapters.stress import Job, LocalStressors

TAG = "chaos-test-stressors"
BLIND = 3


@pytest.mark.anyio
async def test_a_start_lasts_until_what_was_started_can_be_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A child has no command line and no environment yet when `Popen` returns."""
    looks, find = [], stress._tagged  # noqa: SLF001 - what the kernel shows, late

    async def late(tag: str) -> list[int]:
        looks.append(tag)
        return await find(tag) if len(looks) > BLIND else []

    monkeypatch.setattr(stress, "_tagged", late)
    stressors = LocalStressors()

    await stressors.start(TAG, [Job(5.0, load=0.01)])

    assert len(looks) > BLIND
    assert len(await stressors.left(TAG)) == 1
    await stressors.end(TAG)
    assert await stressors.left(TAG) == []
