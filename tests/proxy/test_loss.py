"""Loss as stalls: retransmission timers of RFC 6298, drawn from a seed."""

from itertools import pairwise
from math import sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.proxy.toxics.loss import TRIES, retransmissions, stalled
from tests.proxy.running import Proxied, Server
from tests.proxy.stages import data, gives, stage
from tests.proxy.upstreams import exactly

MANY = 20_000
STALLS = {0.0, 0.2, 0.6, 1.4, 3.0, 6.2, 12.6}


def test_the_timer_doubles_up_to_a_minute() -> None:
    """RFC 6298, 5.5 and 2.5."""
    waits = [stalled(times, 0.2) for times in range(TRIES + 1)]

    each = [after - before for before, after in pairwise(waits)]
    assert each[:9] == pytest.approx([0.2 * 2**number for number in range(9)])
    assert each[9:] == pytest.approx([60.0] * (TRIES - 9))


@pytest.mark.parametrize(
    ("loss", "packets"), [(0.01, 1), (0.1, 1), (0.3, 4), (0.5, 45)]
)
def test_stalls_are_as_frequent_as_losses(loss: float, packets: int) -> None:
    """P(no more than k) is (1 - loss^(k+1))^packets, whatever the draw is used for."""
    chance = Random(3)  # noqa: S311 - repeatable
    counts = [retransmissions(chance.random(), packets, loss) for _ in range(MANY)]

    for most in range(6):
        share = sum(one <= most for one in counts) / MANY
        expected = (1 - loss ** (most + 1)) ** packets
        error = sqrt(expected * (1 - expected) / MANY)
        assert share == pytest.approx(expected, abs=4 * error + 1e-9)


DRAWS = st.floats(0, 1, exclude_max=True)


@given(DRAWS, DRAWS, st.integers(1, 100), st.floats(1e-6, 0.999))
def test_a_greater_draw_has_no_fewer_retransmissions(
    one: float, two: float, packets: int, loss: float
) -> None:
    less, more = sorted((one, two))

    few, many = (retransmissions(draw, packets, loss) for draw in (less, more))
    assert 0 <= few <= many <= TRIES


def lossy(loss: float, gap: float = 1000.0, rto: int = 200) -> list[float]:
    """Return for how long each of a hundred packets was stalled."""
    one = stage("loss", loss=loss, rto=rto)
    for number in range(100):
        one.take(number * gap, data(100))
    return [due - number * gap for number, (due, _) in enumerate(gives(one))]


def test_no_loss_is_no_stall() -> None:
    assert set(lossy(0.0)) == {0.0}


def test_a_packet_alone_waits_for_whole_timers() -> None:
    stalls = lossy(0.3)

    assert {round(one, 6) for one in stalls} <= STALLS
    assert 10 <= sum(one > 0 for one in stalls) <= 50


def test_the_first_timer_can_be_had_longer() -> None:
    assert {round(one, 6) for one in lossy(0.3, rto=1000)} <= {0.0, 1.0, 3.0, 7.0, 15.0}


def test_what_comes_after_a_lost_packet_waits_behind_it() -> None:
    """Head-of-line blocking: a stream has no gaps."""
    one = stage("loss", loss=0.2)
    for number in range(200):
        one.take(number * 0.01, data(100))

    came = [due for due, _ in gives(one)]

    assert came == sorted(came)
    behind = sum(now == before for before, now in pairwise(came))
    assert behind > 20


@given(st.floats(0, 0.9), st.lists(st.integers(1, 70_000), max_size=15))
def test_nothing_is_lost_but_time(loss: float, sizes: list[int]) -> None:
    one = stage("loss", loss=loss)
    for number, size in enumerate(sizes):
        one.take(float(number), data(size))
    one.take(float(len(sizes)), "end")

    came = list(gives(one))

    assert [len(chunk) for _, chunk in came[:-1]] == sizes
    assert came[-1][1] == "end"
    assert all(due >= number for number, (due, _) in enumerate(came))


def test_a_seed_loses_the_same_packets_again() -> None:
    assert lossy(0.3) == lossy(0.3)


def test_over_a_socket_what_is_stalled_arrives_and_is_counted(proxy: Proxied) -> None:
    name = proxy.add("loss", more={"attributes": {"loss": 0.5, "rto": 5}})
    with proxy.connect() as client:
        for _ in range(30):
            client.sendall(b"hello")
            assert exactly(client, 5) == b"hello"

    done = proxy.effects(name)
    assert done["connections"] == 1
    assert 5 <= done["chunks"] <= 25
    assert done["delayed_seconds"] >= 0.005 * done["chunks"]
    assert done["dropped_bytes"] == 0


@pytest.mark.parametrize("loss", [-0.1, 1, 2])
def test_a_share_that_is_none_is_refused(server: Server, loss: float) -> None:
    proxy = server.proxy("127.0.0.1:9")
    body = {"type": "loss", "attributes": {"loss": loss}}

    answer = server.call("POST", f"{proxy.path}/toxics", body)

    assert answer.status == 400
    assert "loss must be a share of packets" in answer.json["error"]
    assert proxy.toxics() == []
