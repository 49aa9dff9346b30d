"""What the demo's commands accept, and how they refuse the rest."""

import argparse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.demo.arguments import Address, address, duration, where_to_listen

hosts = st.sampled_from(["127.0.0.1", "localhost", "::1", "fe80::2"])


@given(hosts, st.integers(0, 65_535))
def test_an_address_is_read_back_as_it_was_written(host: str, port: int) -> None:
    where = Address(host, port)

    assert address(str(where)) == where


@pytest.mark.parametrize(
    "text", ["", "6379", ":6379", "host", "host:", "host:x", "h:-1", "h:65536", "h:²"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        address(text)


@pytest.mark.parametrize(("text", "seconds"), [("100ms", 0.1), ("1.5s", 1.5)])
def test_a_time_has_a_unit(text: str, seconds: float) -> None:
    assert duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "100", "0s", "0.0ms", "-1s", "1h", "ms", "1 s s"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="time with its unit"):
        duration(text)


def test_the_port_may_come_from_the_environment() -> None:
    parser = argparse.ArgumentParser()

    assert where_to_listen(None, parser, {"PORT": "81"}) == Address("127.0.0.1", 81)
    given_one = Address("127.0.0.1", 82)
    assert where_to_listen(given_one, parser, {"PORT": "81"}) == given_one


@pytest.mark.parametrize("environment", [{}, {"PORT": "http"}, {"PORT": "-1"}])
def test_nowhere_to_listen_ends_with_usage(
    environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        where_to_listen(None, argparse.ArgumentParser(), environment)

    assert ended.value.code == 2
    assert "PORT" in capsys.readouterr().err
