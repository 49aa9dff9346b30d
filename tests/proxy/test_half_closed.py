"""What is half closed stays so as long as both peers live, and no longer."""

import socket
import time
from collections.abc import Iterator

import pytest

from tests.proxy.running import Server, running, until
from tests.proxy.upstreams import close, nothing, rest, upstream

LOOKS = 0.02
ATTENTIVE = f"""
import sys
from chaos_mcp.proxy import connection
from chaos_mcp.proxy.__main__ import main
connection.LOOK = {LOOKS}
sys.exit(main())
"""


@pytest.fixture(scope="module")
def attentive() -> Iterator[Server]:
    """Give a server that looks after its peers all the time."""
    with running(program=["-c", ATTENTIVE]) as server:
        yield server
        server.empty()


def test_a_long_silence_ends_nothing(attentive: Server) -> None:
    def ponder(client: socket.socket) -> None:
        question = rest(client)
        time.sleep(20 * LOOKS)
        client.sendall(question)
        client.shutdown(socket.SHUT_WR)

    with (
        upstream(ponder) as made,
        attentive.proxy(made.address, "silence").connect() as client,
    ):
        client.sendall(b"question")
        client.shutdown(socket.SHUT_WR)

        assert rest(client) == b"question"


@pytest.mark.parametrize("first", ["client", "upstream"])
def test_when_who_has_ended_is_gone_the_other_is_told(
    attentive: Server, first: str
) -> None:
    with upstream(nothing) as made:
        proxy = attentive.proxy(made.address, first)
        with proxy.connect() as client:
            server = until(lambda: made.clients)[0]
            ends, stays = (client, server) if first == "client" else (server, client)
            ends.shutdown(socket.SHUT_WR)
            assert rest(stays) == b""

            close(ends, reset=True)

            assert until(lambda: proxy.stats()["open"] == 0)
            assert until(lambda: stays.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
