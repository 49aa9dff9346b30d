"""The original command line, as it is, against our server and the real one."""

import re
import subprocess
from collections.abc import Callable
from typing import TypeAlias

import pytest

from tests.proxy.original import part
from tests.proxy.parts import CLI
from tests.proxy.running import PATIENCE, Server
from tests.proxy.upstreams import Upstream

Said: TypeAlias = tuple[int, str]
Call: TypeAlias = Callable[..., Said]
NOWHERE = "listen tcp: address nowhere: missing port in address"
TEXT = (
    "bad request body: json: cannot unmarshal string into "
    "Go struct field LatencyToxic.attributes.latency of type int64"
)
PORT = re.compile(r"127\.0\.0\.1:\d+")


@pytest.fixture
def cli(target: Server) -> Call:
    """Call the command line on a server; return its exit code and what it said."""
    program = part(CLI)

    def called(*arguments: str) -> Said:
        done = subprocess.run(
            [program, "--host", target.url, *arguments],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        said = "\n".join(filter(None, [done.stdout.strip(), done.stderr.strip()]))
        return done.returncode, PORT.sub("ADDRESS", said)

    return called


@pytest.fixture
def one(cli: Call, echoing: Upstream) -> Call:
    """Give a command line whose server has a proxy."""
    made = cli("create", "-l", "127.0.0.1:0", "-u", echoing.address, "one")
    assert made == (0, "Created new proxy one")
    return cli


def test_it_lists_and_inspects(one: Call) -> None:
    assert one("list") == (0, "one\tADDRESS\tADDRESS\tenabled\t0")
    assert one("inspect", "one") == (0, "")


def test_it_adds_updates_and_removes_a_toxic(one: Call) -> None:
    added = one(
        *("toxic", "add", "-t", "latency", "-n", "slow"),
        *("-a", "latency=100", "-a", "jitter=50", "--toxicity", "0.5", "one"),
    )
    shown = one("inspect", "one")
    updated = one("toxic", "update", "-n", "slow", "-a", "jitter=25", "one")
    again = one("inspect", "one")
    removed = one("toxic", "remove", "-n", "slow", "one")

    begin = "slow\ttype=latency\tstream=downstream\ttoxicity="
    assert added == (0, "Added downstream latency toxic 'slow' on proxy 'one'")
    assert shown == (0, f"{begin}0.50\tattributes=[\tjitter=50\tlatency=100\t]")
    assert updated == (0, "Updated toxic 'slow' on proxy 'one'")
    assert again == (0, f"{begin}1.00\tattributes=[\tjitter=25\tlatency=100\t]")
    assert removed == (0, "Removed toxic 'slow' on proxy 'one'")
    assert one("inspect", "one") == (0, "")


@pytest.mark.parametrize(
    ("kind", "attribute"),
    [
        ("latency", "latency=1"),
        ("bandwidth", "rate=1000"),
        ("slow_close", "delay=1"),
        ("timeout", "timeout=1"),
        ("reset_peer", "timeout=1"),
        ("slicer", "average_size=10"),
        ("limit_data", "bytes=10"),
    ],
)
def test_it_adds_every_toxic_upstream(one: Call, kind: str, attribute: str) -> None:
    added = one("toxic", "add", "-t", kind, "-u", "-a", attribute, "one")

    assert added == (0, f"Added upstream {kind} toxic '{kind}_upstream' on proxy 'one'")
    assert one("list")[1].endswith("\t1")


def test_it_toggles_and_deletes(one: Call) -> None:
    assert one("toggle", "one") == (0, "Proxy one is now disabled")
    assert one("list") == (0, "one\tADDRESS\tADDRESS\tdisabled\t0")
    assert one("toggle", "one") == (0, "Proxy one is now enabled")
    assert one("delete", "one") == (0, "Deleted proxy one")
    assert one("list") == (0, "")


def test_it_is_refused_as_it_expects(one: Call, echoing: Upstream) -> None:
    twice = one("create", "-l", "127.0.0.1:0", "-u", echoing.address, "one")
    nowhere = one("create", "-l", "nowhere", "-u", echoing.address, "two")
    nonsense = one("toxic", "add", "-t", "nonsense", "one")
    text = one("toxic", "add", "-t", "latency", "-a", "latency=soon", "one")
    gone = one("delete", "none")

    failed = "Failed to create proxy: Create: HTTP"
    to_one = "Failed to add toxic: failed to add toxic to proxy one: AddToxic: HTTP 400"
    assert twice == (1, f"{failed} 409: proxy already exists")
    assert nowhere == (1, f"{failed} 500: {NOWHERE}")
    assert nonsense == (1, f"{to_one}: invalid toxic type")
    assert text == (1, f"{to_one}: {TEXT}")
    assert gone == (1, "Failed to retrieve proxy none: HTTP 404: proxy not found")
