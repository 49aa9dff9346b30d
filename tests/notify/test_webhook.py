"""A webhook arrives once, signed, tried anew where that helps, and never redirected."""

from __future__ import annotations

import json
import re
import socket
import time
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from pydantic import ValidationError

from chaos_mcp.notify.message import schema
from chaos_mcp.notify.webhook import Webhook, signature
from chaos_mcp.registry import CHANNELS, Registry
from tests.notify.conftest import BAD, told
from tests.notify.receiver import Says, receiving, verified
from tests.running import run

if TYPE_CHECKING:
    from tests.notify.receiver import Receiver

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
LONG = 60.0
"""Seconds that a busy machine may take for what takes one."""
DOCS = Path(__file__).parents[2] / "docs"
PUBLISHED = DOCS / "schema/notification.json"
PAGE = (DOCS / "howto/notifications.md").read_text("utf-8")


def webhook(url: str, **fields: object) -> Webhook:
    return Webhook.model_validate({"url": url, "key": KEY, **fields})


def test_a_signature_is_the_one_that_the_specification_shows() -> None:
    signed = signature(
        KEY, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_receiver_can_verify_what_it_gets(receiver: Receiver) -> None:
    said = told(webhook(f"{receiver.url}/hook", headers={"X-Team": "shop"}))

    (got,) = receiver.got
    assert (said.told, said.untold) == (("webhook",), ())
    assert verified(got, KEY)
    assert not verified(got, "whsec_" + "A" * 32)
    assert abs(int(got.headers["webhook-timestamp"]) - time.time()) < 60
    assert (got.method, got.path) == ("POST", "/hook")
    assert got.headers["content-type"] == "application/json"
    assert got.headers["x-team"] == "shop"
    assert got.json["type"] == "chaos.test"


def test_what_is_sent_is_what_the_published_schema_says(
    receiver: Receiver, tmp_path: Path
) -> None:
    result = run(tmp_path, BAD, notify=(webhook(receiver.url),))

    (got,) = receiver.got
    published = json.loads(PUBLISHED.read_text("utf-8"))
    jsonschema.validate(got.json, published)
    assert got.json["type"] == "chaos.failure"
    assert got.json["data"]["run"] == result.run
    assert got.json["data"]["verdict"] == result.verdict == "INCONCLUSIVE"
    assert published == schema()


def test_a_receiver_that_breaks_twice_gets_the_same_message_a_third_time() -> None:
    with receiving(Says(500), Says(500), Says(200)) as receiver:
        said = told(webhook(receiver.url))

        assert said.told == ("webhook",)
        assert len(receiver.got) == 3
        assert len({one.headers["webhook-id"] for one in receiver.got}) == 1
        assert len({one.body for one in receiver.got}) == 1
        assert all(verified(one, KEY) for one in receiver.got)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
def test_what_is_refused_is_not_sent_again(status: int) -> None:
    with receiving(Says(status)) as receiver:
        said = told(webhook(receiver.url))

        assert said.untold == (f"webhook: it answered {status}",)
        assert len(receiver.got) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int, receiver: Receiver) -> None:
    elsewhere = {"location": f"{receiver.url}/elsewhere"}
    with receiving(Says(status, headers=elsewhere)) as first:
        said = told(webhook(first.url))

        why = f"webhook: it answered {status}, and redirects are not followed"
        assert said.untold == (why,)
        assert len(first.got) == 1
    assert receiver.got == []


def test_a_receiver_that_asks_to_wait_is_waited_for() -> None:
    with receiving(Says(429, headers={"retry-after": "1"})) as receiver:
        began = time.monotonic()
        said = told(webhook(receiver.url))

        assert said.told == ("webhook",)
        assert time.monotonic() - began >= 1
        assert len(receiver.got) == 2


@pytest.mark.parametrize("how", ["seconds", "date"])
def test_whoever_asks_to_wait_too_long_is_not_waited_for(how: str) -> None:
    date = formatdate(time.time() + 3600, usegmt=True)
    later = "3600" if how == "seconds" else date
    with receiving(Says(503, headers={"retry-after": later})) as receiver:
        began = time.monotonic()
        said = told(webhook(receiver.url, within="100s"))

        (why,) = said.untold
        assert why.startswith("webhook: it answered 503, and asks to wait 3")
        assert time.monotonic() - began < LONG
        assert len(receiver.got) == 1


def test_a_date_that_is_none_is_no_reason_to_give_up() -> None:
    with receiving(Says(503, headers={"retry-after": "soon"})) as receiver:
        assert told(webhook(receiver.url)).told == ("webhook",)


def test_a_receiver_that_never_answers_is_given_up_in_time() -> None:
    with receiving(Says(never=True)) as receiver:
        began = time.monotonic()
        said = told(webhook(receiver.url, within="3s"))

        assert said.untold == ("webhook: not taken within 3 s",)
        assert 3 <= time.monotonic() - began < LONG
        assert len(receiver.got) == 1


def test_where_nobody_listens_it_is_tried_until_the_time_is_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    said = told(webhook(f"http://127.0.0.1:{port}/", within="3s"))

    (why,) = said.untold
    assert why.startswith("webhook: not taken within 3 s (no connection: ")


def test_one_dead_receiver_keeps_nobody_else_from_hearing(receiver: Receiver) -> None:
    with receiving(Says(never=True)) as dead:
        quick = webhook(receiver.url, name="quick")
        said = told(webhook(dead.url, name="dead", within="300ms"), quick)

    assert said.told == ("quick",)
    assert said.untold == ("dead: not taken within 300 ms",)


@pytest.mark.parametrize("key", ["", "whsec_c2hvcnQ=", "not base64!", KEY[:9]])
def test_a_key_that_is_none_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(ValidationError) as refused:
        webhook("https://example.com", key=key)

    assert "openssl rand" in str(refused.value)
    assert not key or key not in str(refused.value).replace("whsec_$(", "")


@pytest.mark.parametrize("url", ["", "example.com/x", "ftp://example.com", "https://"])
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="is no URL"):
        webhook(url)


def test_the_page_verifies_what_is_sent(receiver: Receiver) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (code,) = (one for one in blocks if "def genuine" in one)
    shown: dict[str, Any] = {}
    exec(code, shown)  # noqa: S102 - ours

    told(webhook(receiver.url))

    (got,) = receiver.got
    assert shown["genuine"](got.headers, got.body, KEY)
    assert not shown["genuine"](got.headers, got.body + b" ", KEY)
    old = {**got.headers, "webhook-timestamp": "1614265330"}
    assert not shown["genuine"](old, got.body, KEY)


@pytest.mark.parametrize("kind", CHANNELS)
def test_the_page_explains_every_key(kind: str) -> None:
    channel = Registry().get("channel", kind).load()

    keys = {info.alias for info in channel.model_fields.values()} - {"name"}

    assert f"### {kind}" in PAGE
    assert all(f"`{key}`" in PAGE for key in keys), keys
