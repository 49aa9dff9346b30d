"""The same requests to our server and to the real one: every answer is compared."""

import socket
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.proxy.conformance.differences import DIFFERENCES, explains, spoilt
from tests.proxy.conformance.exchange import Request, Seen, speaking
from tests.proxy.conformance.scripts import SCRIPTS
from tests.proxy.original import free_port
from tests.proxy.running import Server

SPOILT = "refused is unchanged"


def compared(
    script: list[Request], ours: Server, original: Server
) -> Iterator[tuple[Request, Seen, Seen]]:
    """Send each request to both; yield it with Toxiproxy's answer and with ours."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = taken.getsockname()[1]
        ports = [{"busy": busy, "p1": free_port(), "p2": free_port()} for _ in range(2)]
        with speaking(original, ports[0]) as theirs, speaking(ours, ports[1]) as own:
            for request in script:
                yield request, theirs.ask(request), own.ask(request)


def found(script: list[Request], ours: Server, original: Server) -> dict[str, str]:
    """Return what differs, by request, with the name of what explains it."""
    differing: dict[str, str] = {}
    same = True
    for request, theirs, own in compared(script, ours, original):
        if theirs != own:
            why = explains(request, theirs, own)
            unsaid = f"?? Toxiproxy:\n{theirs}\nours:\n{own}\n"
            differing[str(request)] = why.key if why else unsaid if same else SPOILT
        same = same and not spoilt(request, theirs)
    return differing


def unexplained(script: list[Request], ours: Server, original: Server) -> str:
    """Return the differences that nothing explains, to be read.

    They must be there twice: a system may give a server a port that another proxy
    of it had before, and then its answers differ by chance.
    """
    for _ in range(2):
        for server in (ours, original):
            emptied(server)
        wrong = {
            one: why
            for one, why in found(script, ours, original).items()
            if why.startswith("??")
        }
        if not wrong:
            break
    return "\n".join(f"{one}\n{why}" for one, why in wrong.items())


def emptied(server: Server) -> None:
    """Remove all proxies, whatever their names."""
    for name in server.call("GET", "/proxies").json:
        server.call("DELETE", f"/proxies/{quote(name, safe='')}")
    assert server.call("GET", "/proxies").json == {}


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_answer_is_toxiproxys_or_a_difference_that_is_listed(
    server: Server, original: Server, name: str
) -> None:
    assert unexplained(SCRIPTS[name], server, original) == ""


def test_the_list_of_differences_has_nothing_too_much(
    server: Server, original: Server
) -> None:
    seen = set()
    for script in SCRIPTS.values():
        seen |= set(found(script, server, original).values())
        emptied(server)
        emptied(original)

    assert seen == {one.key for one in DIFFERENCES}
