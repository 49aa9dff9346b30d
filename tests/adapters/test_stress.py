"""Stressors are found by their tag from the moment on in which they were started."""

from __future__ import annotations

import pytest

from chaos_mcp.adapters.stress import Job, LocalStressors

TIMES = 30
TAG = "chaos-test-stressors"


@pytest.mark.anyio
async def test_what_was_just_started_is_found_and_ended() -> None:
    """A child has no command line and no environment yet when `Popen` returns."""
    stressors = LocalStressors()
    for _ in range(TIMES):
        await stressors.start(TAG, [Job(5.0, load=0.01)])

        assert len(await stressors.left(TAG)) == 1
        await stressors.end(TAG)
        assert await stressors.left(TAG) == []
