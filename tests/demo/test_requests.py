"""What a customer may send."""

import pytest

from chaos_mcp.demo.requests import BadRequest, Checkout, read_checkout, read_switch


def test_an_empty_checkout_buys_one_of_the_default_item() -> None:
    assert read_checkout(b"", None) == Checkout(item="coffee", quantity=1, order=None)


def test_the_header_stands_in_for_the_order_in_the_body() -> None:
    assert read_checkout(b"", "a1").order == "a1"
    assert read_checkout(b'{"order": "b2"}', "a1").order == "b2"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[]", "JSON object"),
        (b'{"colour": "red"}', "no colour"),
        (b'{"item": 3}', "item"),
        (b'{"quantity": 0}', "quantity"),
        (b'{"quantity": 1.5}', "quantity"),
        (b'{"quantity": true}', "quantity"),
        (b'{"order": ""}', "order"),
        (b'{"order": "a b"}', "order"),
        (b'{"order": "a\\nb"}', "order"),
        (b'{"order": 7}', "order"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(body: bytes, problem: str) -> None:
    with pytest.raises(BadRequest, match=problem):
        read_checkout(body, None)


def test_a_switch_is_on_or_off() -> None:
    assert read_switch(b'{"enabled": true}') is True
    assert read_switch(b'{"enabled": false}') is False


@pytest.mark.parametrize("body", [b"", b"{}", b'{"enabled": 1}', b'{"on": true}'])
def test_a_switch_is_nothing_else(body: bytes) -> None:
    with pytest.raises(BadRequest):
        read_switch(body)
