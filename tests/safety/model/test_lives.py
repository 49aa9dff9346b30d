"""Whatever happens to runs and to their world, in whatever order: nothing is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.echo import echo_server
from tests.proxy.running import running
from tests.safety.model.lives import Lives
from tests.safety.model.worlds import MadeUp, RealProxies
from tests.safety.sites import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = settings(deadline=None, suppress_health_check=list(HealthCheck))


class MadeUpLives(Lives):
    """Lives in memory."""

    def __init__(self) -> None:
        super().__init__(MadeUp())


def test_nothing_is_left_in_a_world_that_is_made_up() -> None:
    run_state_machine_as_test(
        MadeUpLives,
        settings=settings(SETTINGS, max_examples=100, stateful_step_count=25),
    )


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with echo_server() as upstream, running() as server:
        yield Site(server, upstream)


def test_nothing_is_left_on_real_proxies(site: Site) -> None:
    class RealLives(Lives):
        """Lives on a server."""

        def __init__(self) -> None:
            super().__init__(RealProxies(site))

    run_state_machine_as_test(
        RealLives,
        settings=settings(SETTINGS, max_examples=8, stateful_step_count=12),
    )
