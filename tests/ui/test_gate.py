"""Nobody gets past the gate but the person to whom the address was printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chaos_mcp.machine.halt import halted

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from chaos_mcp.ui.access import Access

PAGES = ["/", "/runs/r-passed", "/compare", "/halt", "/static/ui.css", "/nothing"]


@pytest.mark.parametrize("page", PAGES)
def test_without_the_token_there_is_nothing(stranger: TestClient, page: str) -> None:
    answer = stranger.get(page)

    assert answer.status_code == 401
    assert "r-passed" not in answer.text


@pytest.mark.parametrize("token", ["", "wrong", "\u00fc", "' or 1=1"])
def test_a_wrong_token_lets_nobody_in(stranger: TestClient, token: str) -> None:
    answer = stranger.get("/", params={"token": token})

    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_the_token_is_exchanged_for_a_cookie_and_leaves_the_address(
    stranger: TestClient, access: Access
) -> None:
    answer = stranger.get(f"/compare?a=1&token={access.token}")

    cookie = answer.headers["set-cookie"].lower()
    assert answer.headers["location"] == "/compare?a=1"
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert access.token.lower() not in cookie


def test_the_way_on_never_leads_to_another_machine(
    stranger: TestClient, access: Access
) -> None:
    answer = stranger.get(f"{access.address}//elsewhere.example/?token={access.token}")

    assert answer.headers["location"].startswith("/elsewhere.example")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8475", "127.0.0.1", "127.0.0.1:1", ""]
)
def test_a_name_made_up_for_this_address_is_refused(
    client: TestClient, host: str
) -> None:
    answer = client.get("/", headers={"host": host})

    assert answer.status_code == 421


def test_localhost_is_this_machine_too(client: TestClient, access: Access) -> None:
    cookie = f"{access.cookie}={access.session}"

    answer = client.get("/", headers={"host": "localhost:8475", "cookie": cookie})

    assert answer.status_code == 200


@pytest.mark.parametrize("page", ["/", "/runs/r-failed", "/nothing"])
def test_no_page_may_be_framed_kept_or_load_from_elsewhere(
    client: TestClient, page: str
) -> None:
    headers = client.get(page).headers

    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("page", ["/halt", "/resume"])
@pytest.mark.parametrize(
    ("word", "headers"),
    [
        (False, {}),
        (True, {"origin": "http://evil.example"}),
        (True, {"origin": "http://127.0.0.1:8476"}),
        (True, {"origin": "null"}),
        (True, {"sec-fetch-site": "cross-site"}),
        (True, {"sec-fetch-site": "same-site"}),
    ],
)
def test_no_other_site_can_halt_or_resume(
    client: TestClient,
    access: Access,
    page: str,
    word: bool,  # noqa: FBT001 - a parameter of the test
    headers: dict[str, str],
) -> None:
    data = {"reason": "mine", "word": access.word if word else "guess"}

    answer = client.post(page, data=data, headers=headers)

    assert answer.status_code == 403
    assert halted() is None


def test_asking_to_halt_halts_nothing(client: TestClient) -> None:
    client.get("/halt")

    assert halted() is None


def test_halting_and_lifting_are_what_the_commands_do(
    client: TestClient, access: Access
) -> None:
    client.post("/halt", data={"reason": "incident 4711", "word": access.word})

    stood = halted()
    assert stood is not None
    assert stood.reason == "incident 4711"
    assert "incident 4711" in client.get("/").text

    client.post("/resume", data={"word": access.word})

    assert halted() is None


def test_an_endless_form_is_not_read(client: TestClient, access: Access) -> None:
    data = {"word": access.word, "reason": "x" * 1_000_000}

    assert client.post("/halt", data=data).status_code == 403
