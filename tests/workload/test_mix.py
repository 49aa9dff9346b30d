"""Requests are drawn by weight, and each failure is told in a word."""

from __future__ import annotations

import random
import socket
import threading
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest

from chaos_mcp.experiment.model import Request
from chaos_mcp.workload.http import Mix, open_mix

nobody: Any = None


def test_the_mix_is_drawn_by_weight_and_seed() -> None:
    requests = [Request(url="/often", weight=3), Request(url="/seldom", weight=1)]

    def drawn(seed: int) -> list[str]:
        chance = random.Random(seed)  # noqa: S311 - repeatable
        mix = Mix(nobody, requests, chance)
        return [mix.draw().url for _ in range(4000)]

    counted = Counter(drawn(1))
    assert counted["/often"] / 4000 == pytest.approx(0.75, abs=0.03)
    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


async def result(url: str) -> str:
    async with open_mix([Request(url=url)], 2, 1) as mix:
        return await mix.send()


@pytest.mark.anyio
async def test_nobody_there_is_a_failure_to_connect() -> None:
    assert await result("http://127.0.0.1:9/") == "connect"


@pytest.mark.anyio
async def test_an_answer_that_breaks_off_is_broken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            with suppress(OSError):
                one, _ = listener.accept()
                one.recv(1000)
                one.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        said = await result(f"http://127.0.0.1:{listener.getsockname()[1]}/")
        thread.join()

    assert said == "broken"


@pytest.mark.anyio
async def test_what_is_no_url_is_said() -> None:
    assert await result("http://[half/") in ("invalid url", "broken", "connect")
