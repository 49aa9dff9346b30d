"""The real server in a process of its own, and an upstream that echoes."""

from collections.abc import Iterator

import pytest

from tests.proxy.running import Proxied, Server, running
from tests.proxy.upstreams import Upstream, echo, upstream


@pytest.fixture(scope="session")
def one_server() -> Iterator[Server]:
    with running("--seed", "7") as server:
        yield server


@pytest.fixture
def server(one_server: Server) -> Iterator[Server]:
    """Give a server without proxies; one process serves all tests in turn."""
    one_server.empty()
    yield one_server
    one_server.empty()


@pytest.fixture(scope="session")
def echoing() -> Iterator[Upstream]:
    with upstream(echo) as made:
        yield made


@pytest.fixture
def proxy(server: Server, echoing: Upstream) -> Proxied:
    """Give a proxy before the upstream that echoes."""
    return server.proxy(echoing.address)
