"""The pages, and what is behind each of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import (
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from chaos_mcp.engine.recovering import halt_all
from chaos_mcp.errors import ChaosError
from chaos_mcp.history.compare import DifferentProfiles, compare
from chaos_mcp.history.trend_html import data, sections
from chaos_mcp.history.trend_panels import panels
from chaos_mcp.machine.halt import halted, resume
from chaos_mcp.report import FORMATS
from chaos_mcp.report.html.element import plain
from chaos_mcp.report.html.policy import ASSETS, policy
from chaos_mcp.report.journals import FILE, reading_of
from chaos_mcp.ui import shown
from chaos_mcp.ui.gate import Gate
from chaos_mcp.ui.live import followed

if TYPE_CHECKING:
    from starlette.requests import Request

    from chaos_mcp.ui.access import Access
    from chaos_mcp.ui.listing import Listing

HERE = Path(__file__).parent
STATIC = {
    "base.css": (ASSETS, "text/css"),
    "ui.css": (HERE / "assets", "text/css"),
    "live.js": (HERE / "assets", "text/javascript"),
    "trend.css": (ASSETS, "text/css"),
    "trend.js": (ASSETS, "text/javascript"),
    "uPlot.iife.min.js": (ASSETS, "text/javascript"),
    "uPlot.min.css": (ASSETS, "text/css"),
}
MOST = 10_000
"""Bytes of a form."""
NOT_FOUND, FORBIDDEN, SEE_OTHER, NO_CONTENT = 404, 403, 303, 204


def app(listing: Listing, access: Access) -> Starlette:
    """Return the application, behind its gate."""
    pages = Pages(listing, access)
    return Starlette(
        routes=[
            Route("/", pages.runs),
            Route("/runs/{run}", pages.report),
            Route("/runs/{run}/live", pages.live),
            Route("/runs/{run}/events", pages.events),
            Route("/compare", pages.compare),
            Route("/trend", pages.trend),
            Route("/halt", pages.ask_to_halt),
            Route("/halt", pages.halt, methods=["POST"]),
            Route("/resume", pages.resume, methods=["POST"]),
            Route("/static/{name}", pages.static),
            Route("/favicon.ico", _no_icon),
        ],
        middleware=[Middleware(Gate, access=access)],
    )


@dataclass(frozen=True, slots=True)
class Pages:
    """One method a page; those that read files run beside the loop."""

    listing: Listing
    access: Access

    def runs(self, request: Request) -> Response:
        """Show the runs, those under way first."""
        del request
        entries = self.listing.over()
        return self._page(
            "runs.html",
            running=self.listing.running(),
            groups=shown.groups(entries),
            trouble=self.listing.trouble,
            folder=self.listing.folder,
        )

    def report(self, request: Request) -> Response:
        """Show a run's report, made anew from its journal."""
        folder = self.listing.place(request.path_params["run"])
        if folder is None:
            return self._missing("There is no such run.")
        try:
            text = FORMATS["html"].render(reading_of(folder))
        except ChaosError as error:
            return self._missing(str(error))
        ours = f"{policy()}; frame-ancestors 'none'"
        return HTMLResponse(text, headers={"content-security-policy": ours})

    def live(self, request: Request) -> Response:
        """Show a run under way."""
        run = request.path_params["run"]
        busy = next((one for one in self.listing.running() if one.run == run), None)
        if busy is None:
            return RedirectResponse(f"/runs/{run}", SEE_OTHER)
        return self._page("live.html", run=busy)

    def events(self, request: Request) -> Response:
        """Stream what a run writes down."""
        run = request.path_params["run"]
        folder = self.listing.place(run)
        if folder is None:
            return PlainTextResponse("no such run\n", NOT_FOUND)

        def over() -> bool:
            return all(one.run != run for one in self.listing.running())

        stream = followed(folder / FILE, over)
        return StreamingResponse(stream, media_type="text/event-stream")

    def compare(self, request: Request) -> Response:
        """Show two runs side by side."""
        asked = request.query_params
        before, after = (self.listing.entry(asked.get(name, "")) for name in "ab")
        if before is None or after is None:
            return self._missing("Choose two runs that are over.")
        across = asked.get("across") == "yes"
        try:
            found = compare(before, after, across_profiles=across)
        except DifferentProfiles as error:
            told: dict[str, Any] = {"refused": plain(error), "found": []}
        else:
            told = {"refused": "", "found": list(shown.differences(found))}
        sides = shown.row(before), shown.row(after)
        return self._page("compare.html", a=sides[0], b=sides[1], **told)

    def trend(self, request: Request) -> Response:
        """Show how the runs of an experiment have changed."""
        title = request.query_params.get("experiment", "")
        across = request.query_params.get("across") == "yes"
        entries = [one for one in self.listing.over() if one.title == title]
        if not entries:
            return self._missing("There are no runs of that experiment.")
        found = panels(entries[::-1], across_profiles=across)
        return self._page(
            "trend.html",
            title=plain(title),
            sections=sections(found, lambda run: f"/runs/{quote(run, safe='')}"),
            data=data(found),
        )

    def ask_to_halt(self, request: Request) -> Response:
        """Ask why all runs are to be stopped."""
        del request
        return self._page("halt.html", running=self.listing.running())

    async def halt(self, request: Request) -> Response:
        """Stop all runs, put everything back, and let none start, as `chaos halt`."""
        form = await _form(request)
        if not self.access.is_ours(request, form.get("word", "")):
            return PlainTextResponse("not from a page of chaos ui\n", FORBIDDEN)
        await halt_all(form.get("reason", "").strip() or "halted in chaos ui")
        return RedirectResponse("/", SEE_OTHER)

    async def resume(self, request: Request) -> Response:
        """Let runs start again, as `chaos resume`."""
        form = await _form(request)
        if not self.access.is_ours(request, form.get("word", "")):
            return PlainTextResponse("not from a page of chaos ui\n", FORBIDDEN)
        resume()
        return RedirectResponse("/", SEE_OTHER)

    def static(self, request: Request) -> Response:
        """Give a style sheet or a script, of those that there are."""
        name = request.path_params["name"]
        if name not in STATIC:
            return PlainTextResponse("no such file\n", NOT_FOUND)
        folder, kind = STATIC[name]
        return Response((folder / name).read_bytes(), media_type=kind)

    def _missing(self, why: str) -> Response:
        return self._page("missing.html", status=NOT_FOUND, why=plain(why))

    def _page(self, name: str, status: int = 200, **found: Any) -> Response:
        text = TEMPLATES.get_template(name).render(
            halt=halted(), word=self.access.word, **found
        )
        return HTMLResponse(text, status)


def _no_icon(request: Request) -> Response:
    """Say that there is no icon: browsers ask of their own accord."""
    del request
    return Response(status_code=NO_CONTENT)


async def _form(request: Request) -> dict[str, str]:
    """Return a form's fields; nothing of one that is too long or broken."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST:
            return {}
    pairs = parse_qs(body.decode("utf-8", "replace"), max_num_fields=20)
    return {name: values[0] for name, values in pairs.items()}


TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters["plain"] = plain
