"""A Redis-protocol server in this process, so that nobody has to install Redis."""

import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping

from fakeredis import FakeRedis, TcpFakeServer
from fakeredis._clients import _tcp_server

from chaos_mcp.demo.arguments import Address

# Every connection is asked that often whether something is to be pushed to it, to
# which nobody subscribes here: a hundred times a second by default, which takes a
# third of a CPU for a shop with many connections.
_tcp_server._POLL_INTERVAL = 60.0  # noqa: SLF001 - there is no other way to it


class RedisServer(TcpFakeServer):
    """fakeredis' server, quiet about clients that hang up in the middle."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, listen: Address) -> None:
        if ":" in listen.host:
            self.address_family = socket.AF_INET6
        super().__init__((listen.host, listen.port))
        self.daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client cut off from its cache is what this demo is about."""

    def put(self, values: Mapping[str, int]) -> None:
        """Set keys directly, without a connection."""
        redis = FakeRedis(server=self.fake_server)
        for key, value in values.items():
            redis.set(key, value)


@contextlib.contextmanager
def serving(listen: Address, values: Mapping[str, int]) -> Iterator[Address]:
    """Serve, with `values` already there, for as long as the block runs."""
    server = RedisServer(listen)
    server.put(values)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        host, port = server.server_address[:2]
        yield Address(str(host), port)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=1)
