"""A proxy on our server, and then on the real one."""

import pytest

from tests.proxy.running import Proxied, Server
from tests.proxy.upstreams import Upstream


@pytest.fixture
def through(target: Server, echoing: Upstream) -> Proxied:
    """Give a proxy before the upstream that echoes."""
    return target.proxy(echoing.address)


@pytest.fixture
def ours(target: Server, server: Server) -> bool:
    """Tell which of the two it is, where they differ."""
    return target is server
