"""The pages: all runs, one run, two side by side, and one as it goes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import anyio
import pytest

from chaos_mcp.events import RunEnded
from chaos_mcp.history.entering import enter
from chaos_mcp.history.store import store
from chaos_mcp.report.journals import reading_of
from chaos_mcp.ui.live import followed
from tests.journal.story import fine, run
from tests.report import stories
from tests.ui.written import line_of, written

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.testclient import TestClient


def test_runs_of_a_folder_are_listed_without_a_history(client: TestClient) -> None:
    page = client.get("/").text

    for words in ("r-passed", "r-failed", "PASSED", "FAILED", "The shop keeps selling"):
        assert words in page


def test_runs_of_the_history_are_listed_wherever_they_are(
    client: TestClient, tmp_path: Path
) -> None:
    folder = written(tmp_path / "elsewhere", "r-entered", run(fine))
    assert enter(reading_of(folder), folder) == ""

    assert "r-entered" in client.get("/").text
    assert client.get("/runs/r-entered").status_code == 200
    assert [one.run for one in store().entries()] == ["r-entered"]


def test_a_history_that_cannot_be_read_is_said(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "broken.sqlite").write_text("no database")
    monkeypatch.setenv("CHAOS_STORE", f"sqlite:///{tmp_path}/broken.sqlite")

    page = client.get("/").text

    assert "history cannot be read" in page
    assert "r-passed" in page


def test_a_report_is_made_from_the_journal(client: TestClient) -> None:
    answer = client.get("/runs/r-failed")

    assert "FAILED" in answer.text
    assert "'sha256-" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("run", ["nothing", "..%2f..%2fetc", "%2e%2e", "r-passed%00"])
def test_only_runs_that_are_listed_can_be_asked_for(
    client: TestClient, run: str
) -> None:
    assert client.get(f"/runs/{run}").status_code == 404
    assert client.get(f"/runs/{run}/events").status_code == 404


def test_the_trend_of_an_experiment_is_that_of_the_latest_profile_unless_asked(
    client: TestClient,
) -> None:
    address = "/trend?experiment=The%20shop%20keeps%20selling"

    latest, all_of_them = client.get(address).text, client.get(f"{address}&across=yes")

    assert "1 runs without it, or measured by other things, are left out." in latest
    assert 'href="/runs/r-passed"' in all_of_them.text
    assert 'href="/runs/r-failed"' in all_of_them.text


def test_the_trend_of_nothing_is_not_found(client: TestClient) -> None:
    answer = client.get("/trend?experiment=<script>")

    assert answer.status_code == 404
    assert "There are no runs of that experiment." in answer.text


def test_two_runs_are_compared(client: TestClient) -> None:
    page = client.get("/compare?a=r-passed&b=r-failed&across=yes").text

    assert "stability score" in page
    assert "worse" in page


def test_runs_of_different_profiles_are_compared_only_if_asked(
    client: TestClient, runs: Path
) -> None:
    written(runs, "r-other", run(fine, rto=99.0))

    page = client.get("/compare?a=r-passed&b=r-other").text

    assert "measured by different things" in page
    assert "stability score" not in page


def test_comparing_nothing_is_said(client: TestClient) -> None:
    assert client.get("/compare?a=r-passed").status_code == 404


def test_what_a_target_says_is_only_text(client: TestClient, runs: Path) -> None:
    written(runs, "r-hostile", stories.hostile().events)

    for page in ("/", "/compare?a=r-hostile&b=r-hostile"):
        text = client.get(page).text
        assert "<script>alert" not in text
        assert "\u202e" not in text
        assert "\x1b" not in text


def told(text: str) -> list[tuple[str, dict[str, object]]]:
    """Return server-sent events as names and data."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
        if "event" in fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


@pytest.mark.anyio
async def test_a_run_is_followed_as_it_is_written(tmp_path: Path) -> None:
    """Half a line is nothing yet; it is told once it is whole."""
    events = run(fine)
    lines = [line_of(event) for event in events]
    file = tmp_path / "events.jsonl"
    half = lines[3][:20]
    file.write_bytes(b"".join(lines[:3]) + half)
    seen: list[tuple[str, dict[str, object]]] = []

    with anyio.fail_after(30):
        async for text in followed(file, over=lambda: False):
            seen += told(text)
            if len(seen) == 3:
                with file.open("ab") as journal:
                    journal.write(lines[3][20:] + b"".join(lines[4:]))

    assert isinstance(events[-1], RunEnded)
    assert [name for name, _ in seen].count("traffic") == 32
    assert seen[-1][0] == "over"
    assert seen[-2][1]["kind"] == "run.ended"


@pytest.mark.anyio
async def test_a_run_that_died_is_followed_to_its_death(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chaos_mcp.ui.live.QUIET", 1)
    file = tmp_path / "events.jsonl"
    file.write_bytes(b"".join(line_of(event) for event in run(fine)[:5]))

    with anyio.fail_after(30):
        seen = [text async for text in followed(file, over=lambda: True)]

    assert told(seen[-1]) == [("over", {})]
