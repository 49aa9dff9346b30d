"""Failure, regression, recovery: which is news, and to whom."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from chaos_mcp.events import BaselineJudged
from chaos_mcp.history.store import Query, store
from chaos_mcp.notify.news import message_of
from chaos_mcp.notify.slack import Slack
from chaos_mcp.report.reading import read
from tests.notify.conftest import BAD, GOOD
from tests.running import run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.notify.receiver import Receiver


def happened(receiver: Receiver) -> list[list[str]]:
    return [one.json["data"]["happened"] for one in receiver.got]


def hook(receiver: Receiver, **fields: Any) -> Any:
    from chaos_mcp.notify.webhook import Webhook  # noqa: PLC0415 - for this

    key = "whsec_" + "A" * 32
    return Webhook.model_validate({"url": receiver.url, "key": key, **fields})


def test_nobody_is_told_unless_somebody_asks(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAOS_NOTIFY_SLACK_URL", receiver.url)

    result = run(tmp_path, BAD)

    assert receiver.got == []
    assert (result.told, result.untold) == ((), ())


def test_a_run_that_passes_is_no_news(receiver: Receiver, tmp_path: Path) -> None:
    result = run(tmp_path, GOOD, notify=(hook(receiver),))

    assert (result.verdict, result.told) == ("PASSED", ())
    assert receiver.got == []


def test_a_run_that_passes_after_one_that_did_not_is_a_recovery(
    receiver: Receiver, tmp_path: Path
) -> None:
    first = run(tmp_path, BAD, notify=(hook(receiver),))
    run(tmp_path, GOOD, notify=(hook(receiver),))
    run(tmp_path, GOOD, notify=(hook(receiver),))

    assert happened(receiver) == [["failure"], ["success", "recovery"]]
    before = {"run": first.run, "verdict": "INCONCLUSIVE"}
    assert receiver.got[1].json["data"]["before"] == before
    assert receiver.got[1].json["type"] == "chaos.recovery"


def test_another_experiments_failure_is_nothing_to_recover_from(
    receiver: Receiver, tmp_path: Path
) -> None:
    run(tmp_path, {**BAD, "title": "it and another"})

    run(tmp_path, GOOD, notify=(hook(receiver),))

    assert receiver.got == []


@pytest.mark.parametrize(
    ("on", "told"),
    [
        (["failure"], [["failure"]]),
        (["recovery"], [["success", "recovery"]]),
        (["regression"], []),
        ("failure, success", [["failure"], ["success", "recovery"]]),
    ],
)
def test_each_channel_hears_what_it_wants(
    on: Any, told: list[list[str]], receiver: Receiver, tmp_path: Path
) -> None:
    for experiment in (BAD, GOOD):
        run(tmp_path, experiment, notify=(hook(receiver, on=on),))

    assert happened(receiver) == told


def test_worse_than_the_baseline_is_a_regression(tmp_path: Path) -> None:
    result = run(tmp_path, GOOD)
    metric = {"verdict": "deviated", "words": "response-time is 20 % worse"}
    judged = BaselineJudged(baseline="nightly", against="earlier", metrics=[metric])

    message = message_of(read([*result.events, judged]), None, "", 0.0)

    assert message.type == "chaos.regression"
    assert message.data.happened == ["failure", "regression"]
    assert message.data.baseline == "nightly"
    assert message.data.regressions == ["response-time is 20 % worse"]


def test_a_history_that_cannot_be_read_keeps_nobody_from_hearing(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAOS_STORE", "sqlite:////nowhere/at/all.db")

    result = run(tmp_path, BAD, notify=(hook(receiver),))

    assert result.told == ("webhook",)
    assert result.unentered


def test_a_receiver_that_is_dead_changes_no_verdict(tmp_path: Path) -> None:
    dead = Slack.model_validate({"url": "http://127.0.0.1:9/", "within": "200ms"})

    result = run(tmp_path, GOOD, notify=(dead.model_copy(update={"on": {"success"}}),))

    assert (result.verdict, result.exit_code) == ("PASSED", 0)
    assert result.untold[0].startswith("slack: not taken within 200 ms")


def test_a_channel_that_breaks_changes_no_verdict(tmp_path: Path) -> None:
    class Broken(Slack):
        async def tell(self, *_: object) -> None:
            raise RuntimeError(self.url.get_secret_value())

    broken = Broken.model_validate({"url": "https://example.com/token-9000"})

    result = run(tmp_path, BAD, notify=(broken,))

    assert result.verdict == "INCONCLUSIVE"
    assert result.untold == ("slack: it broke (RuntimeError)",)


def test_all_is_put_back_and_written_down_before_anybody_is_told(
    tmp_path: Path,
) -> None:
    seen: list[tuple[bool, bool]] = []

    class Looks(Slack):
        async def tell(self, news: Any, _: object) -> None:
            entered = store().entries(Query(title="it"))
            folder = tmp_path / "runs" / news.message.data.run
            seen.append(((folder / "report.html").exists(), len(entered) == 1))

    looks = Looks.model_validate({"url": "https://example.com"})

    result = run(tmp_path, BAD, notify=(looks,))

    assert result.told == ("slack",)
    assert seen == [(True, True)]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_it_is_told_on_any_event_loop(
    backend: str, receiver: Receiver, tmp_path: Path
) -> None:
    from chaos_mcp import runs  # noqa: PLC0415 - for this
    from tests.running import write  # noqa: PLC0415 - for this

    path = write(tmp_path, BAD)
    chosen = runs.Options(runs=tmp_path / "runs", notify=(hook(receiver),))
    result = anyio.run(runs.run, path, chosen, backend=backend)

    assert result.told == ("webhook",)
    assert len(receiver.got) == 1


def test_the_history_is_asked_for_the_run_before_this_one_only(tmp_path: Path) -> None:
    results = [run(tmp_path, GOOD) for _ in range(2)]
    second = results[1].reading.started.wall

    found = store().entries(Query(title="it", until=second, most=1))

    assert [one.run for one in found] == [results[0].run]
    assert store().entries(replace(Query(), title="i")) == []
