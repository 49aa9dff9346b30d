"""What people see in a chat: blocks, plain text beside them, no command in either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.notify.news import trial
from chaos_mcp.notify.slack import HEADER, SECTION, Slack, harmless, written
from tests.notify.conftest import BAD, told
from tests.notify.receiver import Says, receiving
from tests.running import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.notify.receiver import Receiver

HOSTILE = (
    "<!channel> <https://evil.example|your bank> @here & *all* https://evil.example"
)


def slack(url: str) -> Slack:
    return Slack.model_validate({"url": url})


def texts(block: Any) -> Iterator[dict[str, Any]]:
    """Yield all texts in what is sent."""
    if isinstance(block, dict):
        if isinstance(block.get("text"), str) and "type" in block:
            yield block
        for inner in block.values():
            yield from texts(inner)
    if isinstance(block, list):
        for inner in block:
            yield from texts(inner)


def test_it_has_blocks_and_a_text_for_who_shows_none(
    receiver: Receiver, tmp_path: Path
) -> None:
    result = run(tmp_path, BAD, notify=(slack(receiver.url),))

    sent = receiver.got[0].json
    assert result.told == ("slack",)
    assert [one["type"] for one in sent["blocks"]] == ["header", "section", "context"]
    assert sent["text"].startswith("❔ INCONCLUSIVE: it\n• room deviated")
    assert sent["blocks"][2]["elements"][0]["text"].startswith(f"run {result.run}")


def test_what_a_target_said_commands_nobody(receiver: Receiver, tmp_path: Path) -> None:
    run(tmp_path, {**BAD, "title": HOSTILE}, notify=(slack(receiver.url),))

    sent = receiver.got[0].json
    for text in [sent["text"], *(one["text"] for one in texts(sent["blocks"]))]:
        assert not set("<>") & set(text)
        assert "@here" not in text
        assert "://" not in text
    assert {one["type"] for one in texts(sent["blocks"])} == {"plain_text"}
    assert "&lt;!channel&gt;" in sent["text"]


@given(st.text(st.sampled_from("<>&@:/ax\n"), max_size=400), st.integers(1, 300))
def test_no_text_is_too_long_and_no_escape_is_cut(text: str, most: int) -> None:
    made = harmless(text, most)

    assert len(made) <= most
    bare = made.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert not set("<>&") & set(bare)


def test_the_longest_story_stays_within_what_slack_takes() -> None:
    message = trial(0.0).message
    run_ = message.data.model_copy(
        update={"reasons": ["&" * 240] * 20, "next_step": "<" * 240}
    )
    title = run_.experiment.model_copy(update={"title": "&" * 200})
    run_ = run_.model_copy(update={"experiment": title})

    sent = written(message.model_copy(update={"data": run_}))

    assert len(sent["blocks"][0]["text"]["text"]) <= HEADER
    assert len(sent["blocks"][1]["text"]["text"]) <= SECTION
    assert len(sent["text"]) <= SECTION


def test_the_job_is_linked(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_REPOSITORY": "somebody/something",
        "GITHUB_RUN_ID": "17",
    }.items():
        monkeypatch.setenv(name, value)

    run(tmp_path, BAD, notify=(slack(receiver.url),))

    link = receiver.got[0].json["blocks"][-1]["text"]["text"]
    job = "https://github.example/somebody/something/actions/runs/17"
    assert link == f"<{job}|the job>"


@pytest.mark.parametrize(
    ("body", "says"),
    [(b"no_service", "404: no_service"), (b"<html>You & I</html>", "404")],
)
def test_what_slack_says_is_said_and_what_others_say_is_not(
    body: bytes, says: str
) -> None:
    with receiving(Says(404, body)) as receiver:
        assert told(slack(receiver.url)).untold == (f"slack: it answered {says}",)
