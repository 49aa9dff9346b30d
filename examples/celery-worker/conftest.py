"""A real Redis, a real worker, and the shop in this process."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import tasks

if TYPE_CHECKING:
    from collections.abc import Iterator

    import redis

    import chaos_mcp

SERVER = shutil.which("redis-server") or ""
LONG = 60.0
"""Seconds that a busy machine may take; nothing waits for them to be over."""


@pytest.fixture(scope="session")
def broker(chaos_session: chaos_mcp.Session) -> str:
    """Start a Redis for all tests and return its URL."""
    if not SERVER:
        pytest.skip("there is no redis-server here (apt install redis-server)")
    quiet = ["--save", "", "--appendonly", "no", "--loglevel", "warning"]
    command = [SERVER, "--port", "${redis.port}", "--bind", "127.0.0.1", *quiet]
    started = chaos_session.system([{"name": "redis", "command": command}])
    return f"redis://{started['redis'].address}/0"


@pytest.fixture(scope="session")
def worker(chaos_session: chaos_mcp.Session, broker: str) -> Iterator[str]:
    """Start a worker that has done its first task."""
    pool = ["--pool", "prefork", "--concurrency", "1"]
    command = ["python", "-m", "celery", "-A", "tasks", "worker", *pool]
    spec = {
        "name": "worker",
        "command": command,
        "cwd": str(Path(__file__).parent),
        "env": {"BROKER_URL": broker},
        # It listens nowhere: that it works is what shows that it is there.
        "ready": {"probe": "process", "command": ["true"]},
    }
    chaos_session.system([spec])
    tasks.app.conf.update(broker_url=broker, result_backend=broker)
    tasks.receipt.delay(0).get(timeout=LONG)
    yield "worker"
    # Results unsubscribe when they are collected: while there is a Redis to ask.
    gc.collect()


@pytest.fixture
def written(worker: str) -> Iterator[redis.Redis]:
    """Give a way to look at what was written, which no fault is in."""
    assert worker
    yield tasks.app.backend.client
    tasks.app.backend.client.flushdb()
