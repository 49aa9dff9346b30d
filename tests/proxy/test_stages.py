"""What toxics make of chunks and times: by their own clock, to the millisecond."""

import pytest

from tests.proxy.stages import gives, stage


def test_bandwidth_is_smooth() -> None:
    """A slice every five milliseconds, not everything after a tenth of a second."""
    one = stage("bandwidth", rate=100)
    one.take(0.0, memoryview(bytes(50_000)))

    times = [due for due, _ in gives(one)]

    assert times == [pytest.approx(0.005 * number) for number in range(1, 101)]


def test_a_timeout_counts_from_the_last_data() -> None:
    one = stage("timeout", timeout=300)
    for at in (0.1, 0.2, 0.4):
        one.take(at, memoryview(b"x"))

    [(at, what)] = gives(one)
    assert at == pytest.approx(0.7)
    assert what == "close"


@pytest.mark.parametrize("variation", [0, 3])
def test_the_slicer_cuts_to_size(variation: int) -> None:
    one = stage("slicer", average_size=10, size_variation=variation, delay=3000)
    one.take(0.0, memoryview(bytes(2000)))

    pieces = list(gives(one))

    sizes = [len(piece) for _, piece in pieces]
    assert sum(sizes) == 2000
    assert set(sizes[:-1]) == set(range(10 - variation, 11 + variation))
    assert [due for due, _ in pieces] == [
        pytest.approx(0.003 * number) for number in range(len(pieces))
    ]
