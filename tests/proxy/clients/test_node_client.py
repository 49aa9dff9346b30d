"""The Node client, as it is, against our server and the real one."""

import os
from pathlib import Path

from tests.proxy.clients.conftest import Tell
from tests.proxy.original import part
from tests.proxy.parts import NODE_CLIENT

PROGRAM = Path(__file__).parent / "node" / "client.js"
LATENCY = {
    "name": "latency_downstream",
    "type": "latency",
    "stream": "downstream",
    "toxicity": 1,
    "attributes": {"jitter": 0, "latency": 100},
}
UPDATED = {**LATENCY, "attributes": {"jitter": 5, "latency": 100}}


def test_the_node_client_works_as_with_toxiproxy(tell: Tell) -> None:
    modules = part(NODE_CLIENT).parent

    saw = tell(["node", str(PROGRAM)], {**os.environ, "NODE_PATH": str(modules)})

    assert saw == {
        "version": '{"version": "2.12.0"}\n',
        "proxy": {"name": "one", "enabled": True},
        "plain": "hello",
        "twice": "Request failed with status code 409",
        "latency": LATENCY,
        "slow": True,
        "updated": UPDATED,
        "shown": UPDATED,
        "nonsense": "Request failed with status code 400",
        "removedTwice": "Request failed with status code 404",
        "disabled": {"enabled": False, "heard": "ECONNREFUSED"},
        "reset": "hello",
        "populated": ["one", "two"],
        "samePort": True,
        "all": ["one", "two"],
        "gone": "Request failed with status code 404",
    }
