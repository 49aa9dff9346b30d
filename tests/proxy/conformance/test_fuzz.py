"""Sequences of requests that nobody has thought of: both servers must do the same.

`CHAOS_SEQUENCES=5000` makes so many; the suite is content with fewer.
"""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, example, given, note, settings

from tests.proxy.conformance.exchange import Request
from tests.proxy.conformance.requests import SEQUENCES
from tests.proxy.conformance.test_api import unexplained
from tests.proxy.original import running_original
from tests.proxy.running import Server

SHRINK = [Phase.shrink] if "CHAOS_SEQUENCES" in os.environ else []
"""In the suite the sequence that fails is told as it is: to shrink it takes minutes."""
MANY = int(os.environ.get("CHAOS_SEQUENCES", "100"))


@pytest.fixture(scope="module")
def lasting() -> Iterator[Server]:
    """Give one real Toxiproxy for all sequences."""
    with running_original() as made:
        yield made


@pytest.mark.timeout(max(120, MANY))
@settings(
    max_examples=MANY,
    phases=[Phase.explicit, Phase.generate, *SHRINK],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(script=SEQUENCES)
@example(
    script=[
        Request("POST", "/proxies", b'{"name":"a","upstream":"x","listen":":0"}'),
        Request("POST", "/proxies/a/toxics", b"[{}]"),
        Request("POST", "/proxies/a/toxics", b"[]"),
    ]
)
def test_any_sequence_is_answered_as_toxiproxy_does(
    one_server: Server, lasting: Server, script: list[Request]
) -> None:
    note("\n".join(map(str, script)))

    assert unexplained(script, one_server, lasting) == ""
