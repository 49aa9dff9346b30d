"""What a customer may send to the shop, checked where it comes in."""

import json
from dataclasses import dataclass
from typing import Any

from chaos_mcp.demo.catalogue import DEFAULT_ITEM

_MOST = 1_000
_LONGEST_ID = 200


class BadRequest(Exception):
    """The customer sent something that makes no sense; the message says what."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """What to buy, and the customer's own id for this order, if there is one.

    A dataclass, not a pydantic model: pydantic would be a third of the shop's start.
    """

    item: str = DEFAULT_ITEM
    quantity: int = 1
    order: str | None = None

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        if not isinstance(self.item, str):
            raise BadRequest("item must be a string")
        if type(self.quantity) is not int or not 1 <= self.quantity <= _MOST:
            raise BadRequest(f"quantity must be a whole number from 1 to {_MOST}")
        if self.order is not None and not _is_id(self.order):
            raise BadRequest(
                f"order must be 1 to {_LONGEST_ID} printable characters, no spaces"
            )


def read_checkout(body: bytes, idempotency_key: str | None) -> Checkout:
    """Read a checkout; an empty body buys one of the default item.

    The `Idempotency-Key` header stands in for `order`. Raises `BadRequest`.
    """
    fields = _object(body) if body else {}
    unknown = sorted(fields.keys() - {"item", "quantity", "order"})
    if unknown:
        raise BadRequest(f"a checkout has item, quantity and order, no {unknown[0]}")
    if idempotency_key is not None:
        fields.setdefault("order", idempotency_key)
    return Checkout(**fields)


def read_switch(body: bytes) -> bool:
    """Read `{"enabled": true}` or `false`. Raises `BadRequest`."""
    fields = _object(body)
    if fields.keys() != {"enabled"} or not isinstance(fields["enabled"], bool):
        raise BadRequest('send {"enabled": true} or {"enabled": false}')
    return fields["enabled"]


def _object(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except ValueError as error:
        raise BadRequest(f"the body is not JSON: {error}") from error
    if not isinstance(read, dict):
        raise BadRequest("the body must be a JSON object")
    return read


def _is_id(text: object) -> bool:
    return (
        isinstance(text, str)
        and 0 < len(text) <= _LONGEST_ID
        and text.isprintable()
        and " " not in text
    )
