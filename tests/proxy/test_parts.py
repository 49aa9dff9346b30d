"""Parts that cannot be had are said, in time; those that can are made once."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.proxy.parts import NotToBeHad, Part

Build = Callable[[Path], tuple[list[str], Mapping[str, str]]]


def part(command: list[str], *needs: str) -> Part:
    return Part("it", (), "result", needs, lambda _: (command, {}))


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAOS_TEST_PARTS", str(tmp_path))


def test_a_part_is_made_once() -> None:
    made = part(["sh", "-c", "echo made >> result"])

    made.had()

    assert made.had().read_text("utf-8") == "made\n"


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (part(["true"], "no-such-program"), "it needs no-such-program"),
        (part(["sh", "-c", "echo no way >&2; exit 1"]), "it cannot be had: no way"),
        (part(["false"]), "it cannot be had: false failed without a word"),
        (part(["sleep", "60"]), "it cannot be had: sleep was not done in 0 s"),
    ],
)
def test_why_a_part_cannot_be_had_is_said(wanted: Part, why: str) -> None:
    with pytest.raises(NotToBeHad, match=why):
        wanted.had(patience=0.1)


def test_what_could_not_be_had_is_not_tried_at_once_again(tmp_path: Path) -> None:
    tried = part(["sh", "-c", "echo x >> tries; exit 1"])

    for _ in range(2):
        with pytest.raises(NotToBeHad):
            tried.had()

    assert [one.read_text("utf-8") for one in tmp_path.rglob("tries")] == ["x\n"]
