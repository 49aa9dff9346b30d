"""The gate before all pages: nothing passes that is not from the person we serve."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from chaos_mcp.ui.access import TOKEN

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from chaos_mcp.ui.access import Access

HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # With less, browsers do not say where a form came from.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
MISDIRECTED = 421
ASK = "Open the address that `chaos ui` has printed: it lets this browser in.\n"


class Gate:
    """Lets requests through to the pages, or answers them itself."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        """Stand before an application."""
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _protect(MutableHeaders(scope=message))
            await send(message)

        refusal = self._refusal(Request(scope))
        await (refusal or self.app)(scope, receive, guarded)

    def _refusal(self, request: Request) -> Response | None:
        """Return what is answered in place of the page, if anything."""
        if not self.access.names_us(request.headers.get("host", "")):
            return PlainTextResponse("not the address of chaos ui\n", MISDIRECTED)
        if self.access.opens(request) and request.method == "GET":
            return self._let_in(request)
        if not self.access.knows(request):
            return PlainTextResponse(ASK, 401)
        return None

    def _let_in(self, request: Request) -> Response:
        """Return a way on to the same page without the token in its address."""
        rest = [(k, v) for k, v in request.query_params.multi_items() if k != TOKEN]
        # Two slashes at the beginning would lead to another machine.
        path = "/" + request.url.path.lstrip("/")
        target = path + (f"?{urlencode(rest)}" if rest else "")
        response = RedirectResponse(target, 303)
        response.set_cookie(
            self.access.cookie, self.access.session, httponly=True, samesite="strict"
        )
        return response


def _protect(headers: MutableHeaders) -> None:
    for name, value in HEADERS.items():
        headers[name] = value
    headers.setdefault("content-security-policy", POLICY)
