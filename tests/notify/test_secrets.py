"""No secret is written anywhere, whatever is told, asked, refused or broken."""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

from chaos_mcp.experiment.redact import redactor
from chaos_mcp.notify.hiding import secrets
from chaos_mcp.notify.slack import Slack
from tests.command import call
from tests.notify.conftest import told
from tests.notify.receiver import Got, Says, receiving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.notify.receiver import Receiver

KEY = b64encode(b"planted-signing-key-of-32-bytes!").decode()
PLANTED = {
    "user": "planted-user-01",
    "password": "planted-password-02",
    "path": "Planted-path-03",
    "query": "planted-query-04",
    "key": KEY,
    "header": "planted-header-05",
    "slack": "Planted-slack-06",
    "github": "ghs_planted_07",
    "secret": "planted-secret-08",
    "other": "planted-other-09",
}
BASIC = b64encode(f"{PLANTED['user']}:{PLANTED['password']}".encode()).decode()
CHATTY = {
    "name": "chatty",
    "command": ["sh", "-c", "env; exec sleep 60"],
    "ready": {"probe": "process", "command": ["true"]},
}
SHOW = ["sh", "-c", "env; echo $0 >&2", "printed"]


def environment(url: str, folder: Path) -> dict[str, str]:
    """Return what a job has in its environment, a secret in every place for one."""
    p, rest = PLANTED, url.removeprefix("http://")
    hook = f"http://{p['user']}:{p['password']}@{rest}/{p['path']}?token={p['query']}"
    return {
        "CHAOS_NOTIFY_WEBHOOK_URL": hook,
        "CHAOS_NOTIFY_WEBHOOK_KEY": f"whsec_{KEY}",
        "CHAOS_NOTIFY_WEBHOOK_HEADERS": f"Authorization: Bearer {p['header']}",
        "CHAOS_NOTIFY_SLACK_URL": f"{url}/services/T0/{p['slack']}",
        "GITHUB_TOKEN": p["github"],
        "GITHUB_REPOSITORY": "somebody/shop",
        "GITHUB_API_URL": url,
        "GITHUB_SHA": "abc",
        "TEAM_HOOK": f"{url}/{p['other']}",
        "TEAM_SECRET": p["secret"],
        "CHAOS_STATE_DIR": str(folder / "state"),
        "GITHUB_STEP_SUMMARY": str(folder / "job-summary"),
        "TMPDIR": str(folder),
    }


def experiment(folder: Path) -> Path:
    """Write an experiment that tells all it knows, and fails."""
    secret = {"type": "env", "key": "TEAM_SECRET"}
    data: dict[str, Any] = {
        "title": "it",
        "secrets": {"team": {"token": secret}},
        "system": {"processes": [CHATTY]},
        "steady-state-hypothesis": {
            "probes": [
                {"name": "env", "probe": "process", "command": SHOW, "expect": "no"}
            ]
        },
        "perturbations": [
            {"action": "process", "name": "more", "command": SHOW},
            {"fault": "none"},
        ],
    }
    path = folder / "experiments" / "it.json"
    path.parent.mkdir()
    path.write_text(json.dumps(data), "utf-8")
    settings = """
[tool.chaos.notify.webhook]
[tool.chaos.notify.slack]
[tool.chaos.notify.github]
[tool.chaos.notify.team]
channel = "slack"
url = {type = "env", key = "TEAM_HOOK"}
"""
    (folder / "pyproject.toml").write_text(settings, "utf-8")
    return path


def found(folder: Path, *said: str) -> list[str]:
    """Return the secrets in all that was written, and where they are."""
    written = [(f.name, f.read_bytes()) for f in folder.rglob("*") if f.is_file()]
    everything = [*written, *(("said", one.encode()) for one in said)]
    return [*_in(everything)]


def _in(texts: list[tuple[str, bytes]]) -> Iterator[str]:
    for place, text in texts:
        for name, secret in {**PLANTED, "basic": BASIC}.items():
            if secret.encode() in text:
                yield f"{name} in {place}"


def _echoes(got: Got) -> Says:
    """Answer with all that was sent, as some servers do when they refuse."""
    return Says(400, f"{got.path} {got.headers}".encode())


@pytest.mark.parametrize(
    ("how", "form"),
    [("taken", "human"), ("echoed", "json"), ("broken", "human"), ("dead", "json")],
)
def test_no_secret_is_in_any_byte_that_was_written(
    how: str, form: str, receiver: Receiver, tmp_path: Path
) -> None:
    given = environment(receiver.url, tmp_path)
    match how:
        case "echoed":
            receiver.answer = _echoes
        case "broken":
            receiver.answer = lambda _: Says(302, headers={"location": "http://["})
        case "dead":
            given = environment("http://127.0.0.1:9", tmp_path)
            for name in ("WEBHOOK", "SLACK", "GITHUB", "TEAM"):
                given[f"CHAOS_NOTIFY_{name}_WITHIN"] = "200ms"
    path = experiment(tmp_path)

    done = call("run", path, "--verbose", "--format", form, cwd=tmp_path, **given)
    trial = call("notify", "test", cwd=tmp_path, **given)
    history = call("history", "--format", "json", cwd=tmp_path, **given)
    again = call("report", "last", "--format", "html", cwd=tmp_path, **given)

    assert done.returncode == 4, done.stderr
    calls = (done, trial, history, again)
    said = [text for one in calls for text in (one.stdout, one.stderr)]
    path.unlink()
    (tmp_path / "pyproject.toml").unlink()
    logs = {one for one in found(tmp_path, *said) if one.endswith("chatty.log")}
    assert {*found(tmp_path, *said)} == logs
    # Variables of the user's own are the process's as well: only ours are kept back.
    assert logs == {f"{one} in chatty.log" for one in ("github", "secret", "other")}
    assert (how == "taken") == ("told    " in trial.stdout), trial.stderr


def test_the_search_would_find_a_secret(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(f"x{PLANTED['query']}x", "utf-8")

    assert found(tmp_path, BASIC) == ["query in a", "basic in said"]


def test_what_is_told_has_no_secret_of_the_experiment_in_it(
    receiver: Receiver, tmp_path: Path
) -> None:
    given = environment(receiver.url, tmp_path)

    call("run", experiment(tmp_path), cwd=tmp_path, **given)

    bodies = [("told", one.body) for one in receiver.got]
    assert len(bodies) >= 3
    assert [*_in(bodies)] == []


@pytest.mark.parametrize("asked", ["{url}", "slack={url}", "xoxb-{token}"])
def test_what_stands_in_the_wrong_place_is_not_repeated(
    asked: str, tmp_path: Path
) -> None:
    url = f"https://example.com/{PLANTED['path']}"
    text = asked.format(url=url, token=PLANTED["query"])
    given = {**environment("http://127.0.0.1:9", tmp_path), "CHAOS_NOTIFY": text}
    path = experiment(tmp_path)
    path.with_name("keep").touch()

    by_variable = call("run", path, cwd=tmp_path, **given)
    by_option = call("run", path, "--notify", text, cwd=tmp_path, **given)

    assert (by_variable.returncode, by_option.returncode) == (2, 2)
    said = (one.stdout + one.stderr for one in (by_variable, by_option))
    assert found(tmp_path / "none", *said) == []
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("key", ["URL", "KEY", "HEADERS", "ON", "WITHIN"])
def test_a_setting_that_is_wrong_is_not_repeated(key: str, tmp_path: Path) -> None:
    wrong = f"bad\x01 {PLANTED['query']}"
    given = environment("http://127.0.0.1:9", tmp_path)
    given[f"CHAOS_NOTIFY_WEBHOOK_{key}"] = f"X: {wrong}" if key == "HEADERS" else wrong

    done = call("notify", "test", "webhook", cwd=tmp_path, **given)

    assert done.returncode == 2, done.stderr
    assert f"notify.webhook.{key.lower()}" in done.stderr
    assert found(tmp_path / "none", done.stdout, done.stderr) == []


def test_nothing_is_logged_of_what_is_sent(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = f"{receiver.url}/services/{PLANTED['slack']}"

    said = told(Slack.model_validate({"url": url}))

    assert said.told == ("slack",)
    assert PLANTED["slack"] not in caplog.text


def test_others_requests_are_logged_as_ever(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    import httpx  # noqa: PLC0415 - for this

    caplog.set_level(logging.INFO)
    told(Slack.model_validate({"url": receiver.url}))

    httpx.get(f"{receiver.url}/theirs", trust_env=False)

    assert "/theirs" in caplog.text


@pytest.mark.parametrize("url", ["https://u:p@h/hook?x=1", "https://h/services/now"])
def test_ordinary_words_are_no_secrets(url: str) -> None:
    hidden = redactor(secrets([Slack.model_validate({"url": url})]))

    assert hidden.text("the hook of services is down now") == (
        "the hook of services is down now"
    )


def test_a_channel_shows_no_secret_of_its_own() -> None:
    shown = repr(Slack.model_validate({"url": f"https://h/{PLANTED['slack']}"}))

    assert PLANTED["slack"] not in shown


def test_a_receiver_that_says_our_secret_is_not_quoted() -> None:
    with receiving(Says(404, PLANTED["slack"].lower().encode())) as one:
        said = told(Slack.model_validate({"url": f"{one.url}/{PLANTED['slack']}"}))

    assert PLANTED["slack"].lower() not in "".join(said.untold)
