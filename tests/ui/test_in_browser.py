"""`chaos ui` as a person has it: started, opened, clicked, and watched live."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from typing import IO, TYPE_CHECKING, Any, cast

import pytest

from chaos_mcp.machine import index
from tests import axe
from tests.browser import Seen, needs_chromium
from tests.journal.story import fine, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = needs_chromium
PATIENCE = 20.0


@pytest.fixture
def link(runs: Path) -> Iterator[str]:
    """Start the command and give the address that it prints."""
    command = [sys.executable, "-m", "chaos_mcp.cli", "ui", "--no-open"]
    with subprocess.Popen(
        [*command, "--runs", str(runs)], stdout=subprocess.PIPE, text=True
    ) as process:
        said = cast("IO[str]", process.stdout).readline()
        yield re.findall(r"http://\S+", said)[0]
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)


def opened(browser: Any, link: str, **context: Any) -> Seen:
    seen = Seen(browser.new_page(**context))
    seen.page.goto(link)
    return seen


def test_the_printed_address_opens_and_nothing_leaves_the_machine(
    browser: Any, link: str
) -> None:
    seen = opened(browser, link)

    assert "token" not in seen.page.url
    assert seen.page.get_by_role("heading", name="Runs").is_visible()
    assert seen.complaints == []
    assert all(url.startswith("http://127.0.0.1:") for url in seen.requests)


def test_a_report_and_a_comparison_are_a_click_away(browser: Any, link: str) -> None:
    seen = opened(browser, link)
    page = seen.page

    page.check('[name=a][value="r-passed"]')
    page.check('[name=b][value="r-failed"]')
    page.get_by_role("button", name="Compare A with B").click()
    assert page.get_by_role("heading", name="What changed from A to B").is_visible()

    page.get_by_role("link", name="Report of r-failed").click()
    page.locator("#charts canvas").first.wait_for()
    assert page.locator(".head .verdict").inner_text().endswith("FAILED")
    assert seen.complaints == []


def test_the_trend_is_a_click_away_and_leads_to_a_run(browser: Any, link: str) -> None:
    seen = opened(browser, link)
    page = seen.page

    page.get_by_role("link", name="How its runs have changed").click()
    page.locator("[data-metric=score] canvas").wait_for()
    page.locator("details summary").first.click()
    page.locator("details[open] tbody a").first.click()

    page.locator("#charts canvas").first.wait_for()
    assert "/runs/r-" in page.url
    assert seen.complaints == []


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_nobody_is_kept_from_using_it(browser: Any, link: str, mode: str) -> None:
    page = opened(browser, link, color_scheme=mode).page
    here = page.url.rstrip("/")

    trend = "/trend?experiment=The%20shop%20keeps%20selling&across=yes"
    pages = ("/", "/halt", "/compare?a=r-passed&b=r-failed&across=yes", trend)
    for path in pages:
        page.goto(here + path)
        assert axe.faults(page) == []


def test_a_run_is_watched_until_it_is_over(browser: Any, link: str, runs: Path) -> None:
    """The run is this test: it writes its journal event by event."""
    from chaos_mcp.journal.log import Journal  # noqa: PLC0415 - for this test

    folder = runs / "r-live"
    folder.mkdir()
    index.register(index.entry_of_us("r-live", folder, "Watched", 10, signals=False))
    journal = Journal(folder, "r-live")
    events = run(fine)
    for event in events[:12]:
        journal.record(event)
    seen = opened(browser, link)
    page = seen.page
    page.get_by_role("link", name="Watched").click()
    page.get_by_text("network.partition", exact=False).first.wait_for()

    for event in events[12:]:
        journal.record(event)
    journal.close()
    index.forget("r-live")

    page.get_by_role("link", name="over: see the report").wait_for(timeout=20_000)
    assert page.locator("#good").inner_text() == "50 of 50"
    assert page.locator("#chart canvas").is_visible()
    assert [one for one in seen.complaints if "favicon" not in one] == []


EXPERIMENT = """\
title: a fault that stands until somebody halts it
system:
  proxies:
    - {name: cache, upstream: "127.0.0.1:9"}
perturbations:
  - {fault: network.partition, proxy: cache, for: 60s}
blast-radius: {max-duration: 2m}
"""


def test_a_real_run_is_watched_and_halted(browser: Any, link: str, runs: Path) -> None:
    file = runs.parent / "it.yaml"
    file.write_text(EXPERIMENT)
    command = [sys.executable, "-m", "chaos_mcp.cli", "run", str(file), "--quiet"]
    with subprocess.Popen(
        [*command, "--runs", str(runs)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        page = opened(browser, link).page
        wanted = page.get_by_role("link", name="a fault that stands")
        while not wanted.count():
            assert process.poll() is None
            page.reload()
        wanted.click()
        page.get_by_text("was injected").first.wait_for()

        page.get_by_role("link", name="Halt all runs").click()
        page.fill("#reason", "seen enough")
        page.get_by_role("button", name="Halt all runs").click()
        page.get_by_text("seen enough").first.wait_for(timeout=60_000)
        process.communicate(timeout=PATIENCE)

        assert process.returncode == 3
        page.get_by_role("button", name="Lift it").click()
        page.get_by_role("row", name="ABORTED").first.wait_for()


def test_halting_asks_for_a_reason_and_can_be_lifted(browser: Any, link: str) -> None:
    page = opened(browser, link).page
    page.get_by_role("link", name="Halt all runs").click()
    page.fill("#reason", "incident 4711")

    page.get_by_role("button", name="Halt all runs").click()
    page.get_by_text("incident 4711").wait_for()

    page.get_by_role("button", name="Lift it").click()
    page.wait_for_load_state()
    assert page.get_by_text("incident 4711").count() == 0


def test_it_ends_at_once_when_told(runs: Path) -> None:
    command = [sys.executable, "-m", "chaos_mcp.cli", "ui", "--no-open"]
    with subprocess.Popen(
        [*command, "--runs", str(runs)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ},
    ) as process:
        cast("IO[str]", process.stdout).readline()
        process.send_signal(signal.SIGTERM)

        assert process.wait(PATIENCE) in (0, -signal.SIGTERM)
