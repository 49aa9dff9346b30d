"""The original Go client, as it is, against our server and the real one."""

import os

from tests.proxy.clients.conftest import Tell
from tests.proxy.original import part
from tests.proxy.parts import GO_CLIENT

LATENCY = {
    "name": "latency_downstream",
    "type": "latency",
    "stream": "downstream",
    "toxicity": 1,
    "attributes": {"jitter": 0, "latency": 100},
}


def test_the_go_client_works_as_with_toxiproxy(tell: Tell) -> None:
    saw = tell([str(part(GO_CLIENT))], os.environ)

    assert saw == {
        "version": '{"version": "2.12.0"}\n',
        "enabled": True,
        "plain": "hello",
        "twice": "Create: HTTP 409: proxy already exists",
        "latency": LATENCY,
        "slow": True,
        "updated": {**LATENCY, "attributes": {"jitter": 5, "latency": 100}},
        "nonsense": "AddToxic: HTTP 400: invalid toxic type",
        "toxics": 1,
        "removed twice": "HTTP 404: toxic not found",
        "disabled": "refused",
        "enabled again": "hello",
        "cut": "closed",
        "reset": "hello",
        "populated": 2,
        "proxies": 2,
        "same port": True,
        "deleted": "HTTP 404: proxy not found",
    }
