"""Laws of the `http` toxic: what is not harmed passes byte for byte, however cut."""

import itertools
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.proxy.talking import Between, Said, between, conversations, cut

SIZES = st.lists(st.integers(1, 90), min_size=1, max_size=10)
MADE = b"HTTP/1.1 503 Service Unavailable\r\n"
ANYTHING = st.lists(
    st.tuples(
        st.sampled_from(["upstream", "downstream"]),
        st.binary(min_size=1, max_size=60)
        | st.sampled_from(
            [
                b"GET / HTTP/1.1\r\n",
                b"Host: x\r\n\r\n",
                b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
                b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n",
                b"5\r\nhello\r\n",
                b"0\r\n\r\n",
                b"\r\n",
                b"\n",
                b"HTTP/1.1 101 Switching\r\n\r\n",
                b"GET / HTTP/1.1\r\nUpgrade: x\r\n\r\n",
                b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
            ]
        ),
    ),
    max_size=12,
)


def hold(
    one: Between, said: list[Said], sizes: list[int], harmed: str = "none"
) -> None:
    """Have a conversation through a toxic, with all requests sent ahead of answers."""
    endless = itertools.cycle(sizes)
    for piece in cut(b"".join(each.request for each in said), endless):
        one.says("upstream", piece)
    answers = b"".join(each.answer for each in said if not each.path.startswith(harmed))
    for piece in cut(answers, endless):
        one.says("downstream", piece)
    one.ends("downstream")
    one.ends("upstream")


@given(conversations(), SIZES, st.booleans())
def test_what_is_not_matched_passes_byte_for_byte(
    said: list[Said], sizes: list[int], fresh: Any
) -> None:
    one = between(fresh=fresh, path="/nothing", status=503)

    hold(one, said, sizes)

    assert one.asked == b"".join(each.request for each in said)
    assert one.answered == b"".join(each.answer for each in said)
    assert one.ended == {"upstream": "end", "downstream": "end"}


@given(conversations(), SIZES)
def test_every_message_is_understood(said: list[Said], sizes: list[int]) -> None:
    one = between(path="/nothing", status=503)

    hold(one, said, sizes)

    assert one.toxic.effects.more == {"requests": len(said)}


@given(conversations(), SIZES)
def test_what_is_answered_here_is_in_its_place_and_reaches_nobody(
    said: list[Said], sizes: list[int]
) -> None:
    one = between(path="/harm*", status=503, body="no")

    hold(one, said, sizes, harmed="/harm")

    spared = [each for each in said if not each.path.startswith("/harm")]
    assert one.asked == b"".join(each.request for each in spared)
    assert one.answered == b"".join(
        made(each) if each.path.startswith("/harm") else each.answer for each in said
    )


def made(said: Said) -> bytes:
    """Return the answer that is made here, without a body to HEAD."""
    head = (
        MADE + b"Content-Type: text/plain; charset=utf-8\r\n" + b"Content-Length: 2\r\n"
    )
    return head + b"\r\n" + (b"" if said.method == "HEAD" else b"no")


@given(conversations(), SIZES)
def test_what_is_replaced_was_done_first(said: list[Said], sizes: list[int]) -> None:
    one = between(path="/harm*", status=503, body="no", when="after")

    hold(one, said, sizes)

    assert one.asked == b"".join(each.request for each in said)
    assert one.answered == b"".join(
        interim(each) + made(each) if each.path.startswith("/harm") else each.answer
        for each in said
    )


def interim(said: Said) -> bytes:
    """Return what comes before the final answer, and is never replaced."""
    head, found, _ = said.answer.partition(b"\r\n\r\n")
    return head + found if head.startswith(b"HTTP/1.1 1") else b""


@given(ANYTHING, st.booleans())
def test_whatever_is_said_nothing_is_lost_where_nothing_is_harmed(
    said: list[tuple[str, bytes]], fresh: Any
) -> None:
    one = between(fresh=fresh, path="/nothing", status=503)

    for side, data in said:
        one.says(side, data)
    one.ends("upstream")
    one.ends("downstream")
    one.waits()

    for side in ("upstream", "downstream"):
        assert one.got[side] == b"".join(data for who, data in said if who == side)


@given(ANYTHING)
def test_whatever_is_said_a_toxic_that_leaves_holds_nothing_back(
    said: list[tuple[str, bytes]],
) -> None:
    one = between(path="/nothing", status=503)
    for side, data in said:
        one.says(side, data)

    one.leaves()

    for side in ("upstream", "downstream"):
        assert one.got[side] == b"".join(data for who, data in said if who == side)


@given(ANYTHING)
def test_whatever_is_said_an_end_comes_or_a_close(
    said: list[tuple[str, bytes]],
) -> None:
    """Even where everything is harmed: nobody is left waiting for good."""
    one = between(status=503, delay=50)
    for side, data in said:
        one.says(side, data)

    one.ends("upstream")
    one.ends("downstream")
    one.waits()

    assert one.ended["upstream"] in ("end", "close")
    assert "downstream" in one.ended or "close" in one.ended.values()


@given(conversations(), SIZES, st.integers(0, 100))
def test_delays_lose_nothing(said: list[Said], sizes: list[int], delay: int) -> None:
    for when in ("before", "after"):
        one = between(delay=delay, jitter=delay, when=when)

        hold(one, said, sizes)
        one.waits()

        assert one.asked == b"".join(each.request for each in said)
        assert one.answered == b"".join(each.answer for each in said)


@given(conversations(), SIZES, st.floats(0.01, 1))
def test_corruption_changes_bytes_of_bodies_and_nothing_else(
    said: list[Said], sizes: list[int], share: float
) -> None:
    one = between(corrupt=share)

    hold(one, said, sizes)

    intact = b"".join(each.answer for each in said)
    assert len(one.answered) == len(intact)
    if one.answered != intact:
        assert one.toxic.effects.connections == 1
    turned = [a ^ b for a, b in zip(one.answered, intact, strict=True)]
    assert set(turned) <= {0, 0xFF}


def test_a_request_that_breaks_while_it_is_kept_back_closes_the_connection() -> None:
    """Its end is nowhere to be found, and what follows is for nobody."""
    one = between(status=503)

    one.says("upstream", b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
    one.says("upstream", b"not a size\r\n")

    assert one.ended == {"upstream": "close"}
    assert one.asked == b""
    assert one.toxic.effects.more["not_http"] == 1


def test_an_answer_that_breaks_while_another_is_owed_closes_the_connection() -> None:
    one = between(path="/harm", status=503)
    for path in (b"/", b"/harm"):
        one.says("upstream", b"GET %s HTTP/1.1\r\n\r\n" % path)

    one.says("downstream", b"what is this?")

    assert one.answered == b"what is this?"
    assert one.ended == {"downstream": "close"}


def test_what_comes_after_an_end_that_waits_is_not_lost() -> None:
    """The upstream has hung up before the request was over that it does not get."""
    one = between(status=503)
    one.says("upstream", b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n")
    one.ends("downstream")
    assert one.ended == {}

    one.says("upstream", b"hello")

    assert one.answered.startswith(b"HTTP/1.1 503 ")
    assert one.ended == {"downstream": "end"}


def test_no_more_requests_are_read_than_may_wait_for_answers() -> None:
    one = between(path="/nothing")
    for _ in range(1000):
        assert not one.stages["upstream"].full
        one.says("upstream", b"GET / HTTP/1.1\r\n\r\n")
    assert one.stages["upstream"].full

    one.says("downstream", b"HTTP/1.1 204 No Content\r\n\r\n")

    assert not one.stages["upstream"].full
    assert one.woken["upstream"] > 0


def test_who_reads_on_is_asked_on() -> None:
    """Answers that waited have gone out: the client is read from again."""
    one = between(status=503, body="x" * 100_000, delay=50)
    while not one.stages["upstream"].full:
        one.says("upstream", b"GET / HTTP/1.1\r\n\r\n")

    one.waits()

    assert not one.stages["upstream"].full
    assert one.woken["upstream"] > 0


def test_what_follows_an_upgrade_that_was_refused_is_looked_at() -> None:
    one = between(path="/harm", status=503)
    one.says(
        "upstream", b"GET / HTTP/1.1\r\nUpgrade: x\r\n\r\nGET /harm HTTP/1.1\r\n\r\n"
    )
    assert one.asked == b"GET / HTTP/1.1\r\nUpgrade: x\r\n\r\n"

    one.says("downstream", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno")

    assert one.answered.startswith(
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nnoHTTP"
    )
    assert one.woken["upstream"] > 0


def test_a_toxic_that_leaves_in_the_middle_of_a_body_it_drops_closes() -> None:
    """The other half would be taken for an answer of its own."""
    one = between(status=503, when="after")
    one.says("upstream", b"GET / HTTP/1.1\r\n\r\n")
    one.says("downstream", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")

    one.leaves()

    assert "close" in one.ended.values()
    assert b"half" not in one.answered
