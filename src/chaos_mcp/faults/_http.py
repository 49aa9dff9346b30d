"""Faults of single requests over HTTP/1.1, by what they ask for."""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from chaos_mcp.experiment.units import Share
from chaos_mcp.faults._toxic import ToxicFault
from chaos_mcp.proxy.toxics.http.rules import bad_headers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chaos_mcp.faults._toxic import Stream

When = Literal["before", "after"]
METHODS = re.compile(r"([A-Za-z]+(\s*,\s*[A-Za-z]+)*)?")


def _methods(text: str) -> str:
    if not METHODS.fullmatch(text):
        msg = f"{text!r} is no method; write one or several, such as `GET, POST`"
        raise ValueError(msg)
    return text


def _headers(given: dict[str, str]) -> dict[str, str]:
    for said in bad_headers(given):
        raise ValueError(said)
    return given


Methods = Annotated[str, AfterValidator(_methods)]
Headers = Annotated[dict[str, str], AfterValidator(_headers)]
"""Headers by name; an empty value removes one."""


class HttpFault(ToxicFault):
    """A fault of the requests that it is for; all others pass byte for byte."""

    toxic: ClassVar[str] = "http"

    method: Methods = Field(
        default="", description="Which methods, such as `GET` or `POST, PUT`; or all."
    )
    path: str = Field(
        default="", description="Which paths, with `*` and `?`; or all of them."
    )
    host: str = Field(
        default="", description="Which hosts, with `*` and `?`; or all of them."
    )
    share: Share = Field(
        default=1.0, description="The share of these requests that it meets."
    )
    skip_requests: int = Field(
        default=0, ge=0, description="How many of them are let through at first."
    )

    @model_validator(mode="after")
    def _looks_at_requests(self) -> Self:
        if self.skip_bytes:
            msg = "skip-bytes is for bytes; for requests say skip-requests"
            raise ValueError(msg)
        return self

    def streams(self) -> tuple[Stream, ...]:
        """Return one: it is at work on requests and answers anyway."""
        return ("downstream",)

    @abstractmethod
    def harm(self) -> Mapping[str, Any]:
        """Return what is done to a request, in the words of the proxy."""

    def attributes(self) -> Mapping[str, Any]:
        """Return which requests, and what is done to them."""
        which = {
            "method": self.method,
            "path": self.path,
            "host": self.host,
            "probability": self.share,
        }
        skips = {"skip_requests": self.skip_requests} if self.skip_requests else {}
        return {**which, **skips, **self.harm()}
