"""Spoil answers: other bodies, half of them, wrong bytes, other headers."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from chaos_mcp.experiment.units import Share, Size
from chaos_mcp.faults._http import Headers, HttpFault


class HttpBody(HttpFault):
    """Change the upstream's answers to requests through a proxy.

    Replace the body, or truncate it and close, or corrupt a share of its bytes; and
    set headers, or remove those that are empty. Status and all else stay.
    """

    kind: ClassVar[str] = "http.body"
    example: ClassVar[str] = """\
fault: http.body
proxy: front
path: /price/*
truncate: 10 B
for: 10s
"""

    replace: str | None = Field(default=None, description="The text that is sent.")
    truncate: Size | None = Field(
        default=None, description="How much is sent before the close."
    )
    corrupt: Share = Field(default=0.0, description="The share of bytes that is wrong.")
    headers: Headers = Field(default_factory=dict, description="Headers by name.")

    @model_validator(mode="after")
    def _spoils_something(self) -> Self:
        spoilt = self.truncate is not None or bool(self.corrupt)
        if self.replace is not None and spoilt:
            msg = "a body that is replaced is neither truncated nor corrupted"
            raise ValueError(msg)
        if self.replace is None and not spoilt and not self.headers:
            msg = "say what is done: replace, truncate, corrupt or headers"
            raise ValueError(msg)
        return self

    def harm(self) -> Mapping[str, Any]:
        """Return what is done, and only that."""
        given = {
            "body": self.replace,
            "truncate": self.truncate,
            "corrupt": self.corrupt or None,
            "headers": dict(self.headers) or None,
        }
        return {key: value for key, value in given.items() if value is not None}
