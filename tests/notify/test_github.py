"""One comment where the change is, kept up to date, and nobody else's touched."""

from __future__ import annotations

import json
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from chaos_mcp.notify.github import LONGEST, PAGE, GitHub
from chaos_mcp.notify.news import News, trial
from tests.notify.conftest import BAD, GOOD, told
from tests.notify.receiver import Got, Receiver, Says, receiving
from tests.running import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "ghs_0123456789abcdefghij"  # noqa: S105 - nobody's
BOT = {"login": "github-actions[bot]", "type": "Bot"}
SHA = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """As much of GitHub as this needs: comments on issues and commits."""

    def __init__(self, me: dict[str, str] | None = None) -> None:
        self.me = me
        self.numbers = count(1)
        self.comments: dict[str, list[dict[str, Any]]] = {}

    def answer(self, got: Got) -> Says:
        if got.headers.get("authorization") != f"Bearer {TOKEN}":
            return Says(401)
        path, _, query = got.path.partition("?")
        if path == "/user":
            return _says(200, self.me) if self.me else Says(403)
        if got.method == "PATCH":
            return self._changed(int(path.rpartition("/")[2]), got.json["body"])
        place = path.removeprefix("/repos/somebody/shop/").removesuffix("/comments")
        here = self.comments.setdefault(place, [])
        if got.method == "POST":
            user = self.me or BOT
            made = {"id": next(self.numbers), "body": got.json["body"], "user": user}
            here.append(made)
            return _says(201, made)
        page = int(query.rpartition("page=")[2])
        return _says(200, here[(page - 1) * PAGE : page * PAGE])

    def _changed(self, number: int, body: str) -> Says:
        for one in (one for many in self.comments.values() for one in many):
            if one["id"] == number:
                one["body"] = body
                return _says(200, one)
        return Says(404)

    def add(self, place: str, body: str, **user: str) -> None:
        made = {"id": next(self.numbers), "body": body, "user": user}
        self.comments.setdefault(place, []).append(made)


def _says(status: int, data: Any) -> Says:
    return Says(status, json.dumps(data).encode())


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def served(hub: Hub) -> Iterator[Receiver]:
    with receiving() as receiver:
        receiver.answer = hub.answer
        yield receiver


def github(receiver: Receiver, **fields: Any) -> GitHub:
    data = {"api": receiver.url, "repository": "somebody/shop", "token": TOKEN}
    return GitHub.model_validate({**data, **fields})


def bodies(hub: Hub, place: str) -> list[str]:
    return [one["body"] for one in hub.comments.get(place, [])]


def test_one_comment_is_brought_up_to_date_run_after_run(
    hub: Hub, served: Receiver, tmp_path: Path
) -> None:
    channel = github(served, issue=7)
    run(tmp_path, BAD, notify=(channel,))
    (first,) = bodies(hub, "issues/7")
    run(tmp_path, BAD, notify=(channel,))
    (second,) = bodies(hub, "issues/7")
    run(tmp_path, GOOD, notify=(channel,))
    (third,) = bodies(hub, "issues/7")

    assert first.startswith("<!-- chaos-mcp:it -->\n### ❔ INCONCLUSIVE: it")
    assert first != second
    assert third.startswith("<!-- chaos-mcp:it -->\n### ✅ PASSED: it")


def test_each_experiment_has_a_comment_of_its_own(
    hub: Hub, served: Receiver, tmp_path: Path
) -> None:
    for title in ("one", "two", "one"):
        run(tmp_path, {**BAD, "title": title}, notify=(github(served, issue=7),))

    assert len(bodies(hub, "issues/7")) == 2


def test_a_run_that_passes_mends_a_comment_and_makes_none(
    hub: Hub, served: Receiver, tmp_path: Path
) -> None:
    run(tmp_path, GOOD, notify=(github(served, issue=7),))
    assert bodies(hub, "issues/7") == []

    hub.add("issues/7", "<!-- chaos-mcp:it -->\nit failed once", **BOT)
    run(tmp_path, GOOD, notify=(github(served, issue=7),))

    (body,) = bodies(hub, "issues/7")
    assert "PASSED" in body


def test_what_is_not_to_be_told_of_recoveries_is_not_asked_about(
    served: Receiver, tmp_path: Path
) -> None:
    run(tmp_path, GOOD, notify=(github(served, issue=7, on=["failure"]),))

    assert served.got == []


@pytest.mark.parametrize("me", [None, {"login": "me", "type": "User"}])
def test_what_somebody_else_began_so_is_left_alone(
    me: dict[str, str] | None, tmp_path: Path
) -> None:
    hub = Hub(me)
    theirs = "<!-- chaos-mcp:it -->\nall is well, believe me"
    hub.add("issues/7", theirs, login="mallory", type="User")
    with receiving() as served:
        served.answer = hub.answer
        for _ in range(2):
            run(tmp_path, BAD, notify=(github(served, issue=7),))

    left, ours = bodies(hub, "issues/7")
    assert left == theirs
    assert "INCONCLUSIVE" in ours


def test_the_comment_is_found_behind_hundreds_of_others(
    hub: Hub, served: Receiver
) -> None:
    for number in range(2 * PAGE + 3):
        hub.add("issues/7", f"comment {number}", **BOT)

    told(github(served, issue=7))
    told(github(served, issue=7))

    assert len(bodies(hub, "issues/7")) == 2 * PAGE + 4


@pytest.mark.parametrize(
    ("event", "place"),
    [
        ({"pull_request": {"number": 12}}, "issues/12"),
        ({"issue": {"number": 13}}, "issues/13"),
        ({"schedule": "17 3 * * *"}, f"commits/{SHA}"),
        ([], f"commits/{SHA}"),
    ],
)
def test_it_is_told_where_the_job_is_about(
    event: Any, place: str, hub: Hub, served: Receiver, tmp_path: Path
) -> None:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(event), "utf-8")

    said = told(github(served, event=file, commit=SHA))

    assert said.told == ("github",)
    assert len(bodies(hub, place)) == 1
    told(github(served, event=file, commit=SHA))
    assert len(bodies(hub, place)) == 1 or place.startswith("commits")


def test_a_commits_comment_is_changed_where_commits_comments_are(
    served: Receiver,
) -> None:
    told(github(served, commit=SHA))
    told(github(served, commit=SHA))

    assert served.got[-1].method == "PATCH"
    assert served.got[-1].path == "/repos/somebody/shop/comments/1"


def test_without_a_place_it_says_what_to_set(served: Receiver) -> None:
    (why,) = told(github(served)).untold

    assert why.endswith("no pull request, issue or commit is known: set `issue`")
    assert served.got == []


@pytest.mark.parametrize(
    ("status", "says"),
    [(401, "not valid"), (403, "issues: write"), (404, "repository"), (422, "422")],
)
def test_a_refusal_says_what_is_missing(status: int, says: str) -> None:
    with receiving(*[Says(status)] * 3) as receiver:
        (why,) = told(github(receiver, issue=7)).untold

    assert says in why


def test_the_token_goes_nowhere_else() -> None:
    with receiving() as elsewhere:
        to = {"location": f"{elsewhere.url}/repos"}
        with receiving(Says(403), Says(301, headers=to)) as moved:
            (why,) = told(github(moved, issue=7)).untold

        assert "301" in why
        assert elsewhere.got == []


def test_a_comment_is_no_longer_than_github_takes(hub: Hub, served: Receiver) -> None:
    news = trial(0.0)
    told(
        github(served, issue=7),
        news=News(news.message, f"{news.markdown}{'x' * 100_000}"),
    )

    (body,) = bodies(hub, "issues/7")
    assert len(body) < LONGEST + 10
