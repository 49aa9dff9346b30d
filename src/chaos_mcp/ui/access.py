"""Who may see the pages: whoever has the token, from this machine's own address.

Every page can be asked for by any program on this machine, and by any site that is open
in the browser. So each request needs the token, which only the terminal shows: once in
the address, and from then on in a cookie that no script can read and no other site can
send. A name that was made to lead here (DNS rebinding) is refused by its Host header,
and whatever changes something needs a word that is only on our own pages.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from starlette.requests import Request

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
TOKEN = "token"  # noqa: S105 - the name of a parameter
OWN = {"same-origin", "none"}
"""What a browser says of a request that no other site has caused."""


@dataclass(frozen=True, slots=True)
class Access:
    """What a request is held against."""

    host: str
    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @property
    def cookie(self) -> str:
        """Return the cookie's name: cookies know no ports, so it is in there."""
        return f"chaos-ui-{self.port}"

    @property
    def address(self) -> str:
        """Return where it is served."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def link(self) -> str:
        """Return the address that lets a browser in."""
        return f"{self.address}/?{urlencode({TOKEN: self.token})}"

    @property
    def session(self) -> str:
        """Return what the cookie holds: it does not give the token away."""
        return self._derived("session")

    @property
    def word(self) -> str:
        """Return what a form of ours has, and no other site can know."""
        return self._derived("form")

    def _derived(self, purpose: str) -> str:
        key, message = self.token.encode(), purpose.encode()
        return hmac.new(key, message, hashlib.sha256).hexdigest()

    def names_us(self, host: str) -> bool:
        """Tell whether a Host header names this server, and no name made up for it."""
        names = {self.host} | (LOOPBACK if self.host in LOOPBACK else set())
        allowed = {f"[{name}]" if ":" in name else name for name in names}
        return host in {f"{name}:{self.port}" for name in allowed}

    def opens(self, request: Request) -> bool:
        """Tell whether the address has the token."""
        return _same(request.query_params.get(TOKEN, ""), self.token)

    def knows(self, request: Request) -> bool:
        """Tell whether the browser was let in before."""
        return _same(request.cookies.get(self.cookie, ""), self.session)

    def is_ours(self, request: Request, word: str) -> bool:
        """Tell whether a form was sent from our own page."""
        origin = request.headers.get("origin")
        site = request.headers.get("sec-fetch-site", "none")
        here = f"http://{request.headers.get('host', '')}"
        return _same(word, self.word) and origin in (None, here) and site in OWN


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())
