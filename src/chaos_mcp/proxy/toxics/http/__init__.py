"""Harm single requests of HTTP/1.1: other answers, late ones, broken ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from chaos_mcp.proxy.toxics.base import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chaos_mcp.proxy.toxics.place import Place
    from chaos_mcp.proxy.toxics.toxic import Toxic


class Http(Stage):
    """Looks at requests and answers, and harms those that it is for.

    It is for requests whose `method` (`GET`, or `GET,POST`), `path` and `host` (with
    `*` and `?`) are such, with a `probability`, after the first `skip_requests`. All
    that is said otherwise, and all that is not HTTP/1, passes byte for byte.

    - `status`: the answer has it, with `headers` and `body`, and is made here. The
      upstream does not get the request or, with `when` being `after`, gets it, does
      its work, and has its answer replaced.
    - `delay` (give or take `jitter`, by `distribution`): the request waits, or the
      answer with `after` or where there is a `status`.
    - `headers` (an empty one is removed), `body`, `truncate` (to so many bytes, then
      a close) and `corrupt` (a share of the bytes) change the upstream's answer.
    """

    defaults: ClassVar = {
        "method": "string",
        "path": "string",
        "host": "string",
        "probability": "float64",
        "when": "string",
        "status": "int64",
        "delay": "int64",
        "jitter": "int64",
    }
    extras: ClassVar = {
        "distribution": "string",
        "headers": "map[string]string",
        "body": "string",
        "truncate": "int64",
        "corrupt": "float64",
        "skip_requests": "int64",
    }
    initial: ClassVar = {"probability": 1.0, "when": "before"}
    both_ways: ClassVar = True

    @classmethod
    def check(cls, attributes: Mapping[str, Any]) -> None:
        """See that all this can be had together."""
        from chaos_mcp.proxy.toxics.http.rules import (  # noqa: PLC0415 - who needs it
            check,
        )

        check(attributes)

    @classmethod
    def on(cls, toxic: Toxic, place: Place) -> Stage:
        """Return what works on requests, or on the answers to the same."""
        from chaos_mcp.proxy.toxics.http.talk import (  # noqa: PLC0415 - who needs it
            Talk,
        )

        return Talk.of(toxic, place).side(place)
