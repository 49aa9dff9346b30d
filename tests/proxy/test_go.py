"""How Go reads JSON and addresses: what needs no server to be seen."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.proxy.addresses import AddressError, parse, write
from chaos_mcp.proxy.gojson import BadBody, Float32, decode, float32
from chaos_mcp.proxy.gosyntax import complaint
from chaos_mcp.proxy.gotext import encode

JSON = st.recursive(
    st.none() | st.booleans() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner)
    ),
    max_leaves=10,
)


@given(JSON)
def test_what_is_written_is_read_again(value: object) -> None:
    assert json.loads(encode(value)) == value


@given(JSON)
def test_html_is_never_in_what_is_written(value: object) -> None:
    assert not set("<>&\u2028\u2029") & set(encode(value).decode())


@given(JSON)
def test_of_json_there_is_nothing_to_complain(value: object) -> None:
    assert complaint(json.dumps(value).encode()) is None


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_32_bit_number_is_read_as_what_it_was(number: float) -> None:
    written = encode(Float32(number))

    assert float32(float(written)) == number


@pytest.mark.parametrize("number", [1e39, -1e39, 3.5e38, float("inf")])
def test_what_32_bits_cannot_hold_is_none(number: float) -> None:
    assert float32(number) is None


@given(st.binary(max_size=30) | st.text('{}[]",:0123.eE+-tfn \\u').map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        decode(body)
    except BadBody as refused:
        assert str(refused).startswith("bad request body: ")  # noqa: PT017 - or not


@given(st.text('{}[]",:0123.eE+-tfn \\u', max_size=12))
def test_what_python_cannot_read_is_complained_about(text: str) -> None:
    try:
        json.JSONDecoder().raw_decode(text.lstrip(" "))
    except json.JSONDecodeError:
        assert complaint(text.lstrip(" ").encode()) is not None


@pytest.mark.parametrize("number", [b"1e", b"1.", b"-", b"1e+", b"0.x"])
def test_half_a_number_is_none(number: bytes) -> None:
    with pytest.raises(BadBody):
        decode(number)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:80", "127.0.0.1", 80),
        (":0", "", 0),
        ("", "", 0),
        ("[::1]:80", "::1", 80),
        ("[]:80", "", 80),
        ("localhost:http", "localhost", 80),
        ("localhost:HTTP", "localhost", 80),
        ("host:", "host", 0),
        ("host:+80", "host", 80),
    ],
)
def test_an_address_is_read_as_go_reads_it(text: str, host: str, port: int) -> None:
    address = parse(text)

    assert (address.host, address.port) == (host, port)


@given(st.text())
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        port = parse(text).port
    except AddressError:
        return
    assert 0 <= port <= 65535


@given(st.ip_addresses(), st.integers(0, 65535))
def test_an_address_that_is_written_is_read_again(host: object, port: int) -> None:
    address = parse(write(str(host), port))

    assert (address.host, address.port) == (str(host), port)
