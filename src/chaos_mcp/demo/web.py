"""The shop over HTTP: sell, say how it goes, and let an experiment turn its knobs."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chaos_mcp.demo.cache import CacheUnreachable
from chaos_mcp.demo.counter import Counter, NotSold
from chaos_mcp.demo.disk import DiskFull
from chaos_mcp.demo.orders import Order, RequestReused
from chaos_mcp.demo.prices import PriceUnknown
from chaos_mcp.demo.requests import BadRequest, read_checkout, read_switch

Answer = Callable[[Request], Awaitable[Response]]


def application(
    counter: Counter,
    lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]],
) -> Starlette:
    """Return the shop at `counter` as an ASGI application."""
    app = Starlette(
        routes=[
            Route("/health", _health),
            Route("/price/{item}", _price),
            Route("/checkout", _checkout, methods=["POST"]),
            Route("/orders", _orders),
            Route("/orders/{order}", _order),
            Route("/stats", _stats),
            Route("/admin/fallback", _fallback, methods=["POST"]),
            Route("/admin/warm", _warm, methods=["POST"]),
            Route("/admin/reset", _reset, methods=["POST"]),
        ],
        exception_handlers={
            BadRequest: _refusal(400),
            NotSold: _refusal(404),
            RequestReused: _refusal(409),
            PriceUnknown: _refusal(503),
            CacheUnreachable: _refusal(503),
            DiskFull: _refusal(507),
        },
        lifespan=lifespan,
    )
    app.state.counter = counter
    return app


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _price(request: Request) -> Response:
    price = await _counter(request).price(request.path_params["item"])
    return JSONResponse(asdict(price))


async def _checkout(request: Request) -> Response:
    key = request.headers.get("idempotency-key")
    checkout = read_checkout(await request.body(), key)
    order, new = await _counter(request).sell(checkout)
    return JSONResponse(_receipt(order), status_code=201 if new else 200)


async def _order(request: Request) -> Response:
    order = await _counter(request).orders.find(request.path_params["order"])
    if order is None:
        return JSONResponse({"error": "there is no such order"}, status_code=404)
    return JSONResponse(_receipt(order))


async def _orders(request: Request) -> Response:
    return JSONResponse(asdict(await _counter(request).orders.audit()))


async def _stats(request: Request) -> Response:
    return JSONResponse(_counter(request).stats())


async def _fallback(request: Request) -> Response:
    prices = _counter(request).prices
    prices.fallback = read_switch(await request.body())
    return JSONResponse({"fallback": prices.fallback})


async def _warm(request: Request) -> Response:
    return JSONResponse({"prices": await _counter(request).prices.warm()})


async def _reset(request: Request) -> Response:
    await _counter(request).reset()
    return JSONResponse({"reset": True})


def _counter(request: Request) -> Counter:
    counter: Counter = request.app.state.counter
    return counter


def _receipt(order: Order) -> dict[str, Any]:
    return {
        "order": order.id,
        "item": order.item,
        "quantity": order.quantity,
        "cents": order.cents,
        "stale": order.stale,
    }


def _refusal(status: int) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def refuse(_: Request, error: Exception) -> Response:
        return JSONResponse({"error": str(error)}, status_code=status)

    return refuse
