"""An upstream that echoes, and a proxy before it."""

from collections.abc import Iterator

import pytest

from tests.proxy.running import Proxied, Server
from tests.proxy.upstreams import Upstream, echo, upstream


@pytest.fixture(scope="session")
def echoing() -> Iterator[Upstream]:
    with upstream(echo) as made:
        yield made


@pytest.fixture
def proxy(server: Server, echoing: Upstream) -> Proxied:
    """Give a proxy before the upstream that echoes."""
    return server.proxy(echoing.address)
