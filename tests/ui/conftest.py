"""What the tests of the pages share: runs in a folder, and pages over them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pytest

from chaos_mcp.machine.place import VARIABLE
from chaos_mcp.ui.access import Access
from chaos_mcp.ui.app import app
from chaos_mcp.ui.listing import Listing
from tests.browser import browser
from tests.journal.story import dead_between, fine, run
from tests.ui.written import written

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["browser"]

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # that there is a successor of httpx
    from starlette.testclient import TestClient


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder with a run that passed and one that failed, and no history."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "state"))
    written(tmp_path / "runs", "r-passed", run(fine))
    written(tmp_path / "runs", "r-failed", run(dead_between(10, 20), threshold=80))
    return tmp_path / "runs"


@pytest.fixture
def access() -> Access:
    return Access("127.0.0.1", 8475)


@pytest.fixture
def stranger(runs: Path, access: Access) -> TestClient:
    """Give a client that was not let in."""
    made = app(Listing(runs), access)
    return TestClient(made, base_url=access.address, follow_redirects=False)


@pytest.fixture
def client(stranger: TestClient, access: Access) -> TestClient:
    """Give a client that has opened the printed address."""
    assert stranger.get(access.link).status_code == 303
    return stranger
