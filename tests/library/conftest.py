"""An upstream to put a proxy before, and a session in a folder of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import chaos_mcp as chaos
from tests.echo import echo_server

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    with echo_server() as address:
        yield address


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chaos.Session]:
    """Give the session that most tests share; starting one takes a while."""
    with chaos.session(seed=7, runs=tmp_path_factory.mktemp("runs")) as one:
        yield one


@pytest.fixture
def inner(session: chaos.Session) -> Iterator[chaos.Session]:
    """Give a part of it that ends with the test."""
    with session.scope() as scope:
        yield scope


@pytest.fixture
def proxy(inner: chaos.Session, upstream: str) -> chaos.Proxy:
    return inner.proxy(upstream, name="cache")
