"""An upstream that echoes, a proxy before it, and the real Toxiproxy beside ours."""

from collections.abc import Iterator

import pytest

from tests.proxy.original import running_original
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


@pytest.fixture
def original() -> Iterator[Server]:
    """Give the real Toxiproxy, without proxies; skip where it cannot be had."""
    with running_original() as made:
        yield made


@pytest.fixture(params=["ours", "toxiproxy"])
def target(request: pytest.FixtureRequest) -> Server:
    """Give our server, then the real one: what follows must hold for both."""
    name = "server" if request.param == "ours" else "original"
    found: Server = request.getfixturevalue(name)
    return found
