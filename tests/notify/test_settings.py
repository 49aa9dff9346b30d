"""Settings come from the project, the environment and the command, in that order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chaos_mcp.errors import ChaosError
from chaos_mcp.notify.settings import channels
from chaos_mcp.notify.slack import Slack
from chaos_mcp.notify.tables import tables, wanted
from chaos_mcp.notify.webhook import Webhook

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://hooks.example/services/T0/B0/abcDEF123456"
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SLACK = {"CHAOS_NOTIFY_SLACK_URL": URL}


def project(folder: Path, text: str) -> Path:
    (folder / "pyproject.toml").write_text(text, "utf-8")
    inner = folder / "chaos" / "experiments"
    inner.mkdir(parents=True, exist_ok=True)
    return inner.parent


def only(asked: str, environment: dict[str, str], root: Path) -> Any:
    (made,) = channels([asked], environment, root).channels
    return made


def test_nobody_is_asked_for_by_default(tmp_path: Path) -> None:
    assert wanted((), {**SLACK}, project(tmp_path, "[project]\nname = 'x'\n")) == ()


@pytest.mark.parametrize(
    ("given", "variable", "asked"),
    [
        ((), "", ("ops",)),
        ((), "slack github=failure", ("slack", "github=failure")),
        (("webhook",), "slack", ("webhook",)),
        (("none",), "slack", ()),
        ((), "none", ()),
    ],
)
def test_the_command_outweighs_the_environment_and_that_the_project(
    given: tuple[str, ...], variable: str, asked: tuple[str, ...], tmp_path: Path
) -> None:
    root = project(tmp_path, "[tool.chaos.notify.ops]\nchannel = 'slack'\n")

    assert wanted(given, {"CHAOS_NOTIFY": variable}, root) == asked


def test_a_project_may_lie_deep_in_its_repository(tmp_path: Path) -> None:
    root = project(tmp_path, "[tool.chaos.notify.slack]\non = ['failure']\n")

    assert only("slack", SLACK, root).on == {"failure"}


def test_a_secret_may_lie_in_a_variable_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n", "utf-8")
    text = f"""
[tool.chaos.notify.webhook]
url = {{type = "env", key = "HOOK"}}
key = {{type = "file", path = "{tmp_path / "key"}"}}
"""

    made = only("webhook", {"HOOK": URL}, project(tmp_path, text))

    assert isinstance(made, Webhook)
    assert made.url.get_secret_value() == URL
    assert made.key.get_secret_value() == KEY


def test_the_environment_outweighs_the_file_key_by_key(tmp_path: Path) -> None:
    text = "[tool.chaos.notify.slack]\nurl = 'https://old'\nwithin = '3s'\n"
    environment = {**SLACK, "CHAOS_NOTIFY_SLACK_ON": "recovery,failure"}

    made = only("slack", environment, project(tmp_path, text))

    assert made.url.get_secret_value() == URL
    assert (made.within, made.on) == (3.0, {"recovery", "failure"})


def test_events_may_be_said_with_the_name(tmp_path: Path) -> None:
    assert only("slack=regression,recovery", SLACK, tmp_path).on == {
        "regression",
        "recovery",
    }


def test_headers_may_stand_in_a_variable(tmp_path: Path) -> None:
    environment = {
        "CHAOS_NOTIFY_WEBHOOK_URL": URL,
        "CHAOS_NOTIFY_WEBHOOK_KEY": KEY,
        "CHAOS_NOTIFY_WEBHOOK_HEADERS": "Authorization: Bearer abc\nX-Team: shop",
    }

    made = only("webhook", environment, tmp_path)

    said = {name: one.get_secret_value() for name, one in made.headers.items()}
    assert said == {"Authorization": "Bearer abc", "X-Team": "shop"}


def test_two_channels_of_a_kind_have_variables_of_their_own(tmp_path: Path) -> None:
    text = "[tool.chaos.notify.on-call]\nchannel = 'slack'\non = ['failure']\n"
    environment = {"CHAOS_NOTIFY_ON_CALL_URL": URL}

    made = only("on-call", environment, project(tmp_path, text))

    assert isinstance(made, Slack)
    assert made.called == "on-call"


def test_github_knows_its_job(tmp_path: Path) -> None:
    environment = {
        "GITHUB_TOKEN": "ghs_1",
        "GITHUB_REPOSITORY": "somebody/shop",
        "GITHUB_SHA": "abc",
        "GITHUB_API_URL": "https://github.example/api/v3",
    }

    made = only("github", environment, tmp_path)

    assert (made.repository, made.commit) == ("somebody/shop", "abc")
    assert made.api == "https://github.example/api/v3"


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_secret_that_is_missing_is_said_and_refuses_nothing(
    value: str | None, tmp_path: Path
) -> None:
    environment = {} if value is None else {"CHAOS_NOTIFY_SLACK_URL": value}

    found = channels(["slack", "github"], environment, tmp_path)

    assert found.channels == ()
    assert found.unready == (
        "slack: not set: CHAOS_NOTIFY_SLACK_URL",
        "github: not set: GITHUB_TOKEN, GITHUB_REPOSITORY",
    )


def test_a_variable_that_is_missing_is_said_by_its_name(tmp_path: Path) -> None:
    text = '[tool.chaos.notify.slack]\nurl = {type = "env", key = "TEAM_SLACK"}\n'

    found = channels(["slack"], {}, project(tmp_path, text))

    assert found.unready == ("slack: not set: TEAM_SLACK",)


@pytest.mark.parametrize(
    ("asked", "settings", "says"),
    [
        ("slak", "", "there are: github, slack, webhook"),
        ("slack=failures", "", "notify.slack.on"),
        ("slack", "[tool.chaos.notify.slack]\ncolour = 'red'", "notify.slack.colour"),
        ("slack", "[tool.chaos.notify.slack]\nwithin = 'soon'", "notify.slack.within"),
        ("slack", "[tool.chaos.notify.slack]\nwithin = '1h'", "notify.slack.within"),
        ("slack", "[tool.chaos.notify]\nslack = true", "holds tables"),
        ("slack", "[tool.chaos.notify", "pyproject.toml"),
        (
            "slack",
            "[tool.chaos.notify.slack]\nurl = {type='file', path='nowhere'}",
            "cannot read",
        ),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_run(
    asked: str, settings: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(ChaosError) as refused:
        channels([asked], SLACK, project(tmp_path, settings))

    assert says in str(refused.value)


def test_a_url_in_place_of_a_name_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(ChaosError) as refused:
        channels([URL], {}, tmp_path)

    assert "abcDEF" not in str(refused.value)
    assert "slack" in str(refused.value)


def test_a_project_without_settings_has_none(tmp_path: Path) -> None:
    assert tables(project(tmp_path, "[tool.chaos]\nother = 1\n")) == {}
