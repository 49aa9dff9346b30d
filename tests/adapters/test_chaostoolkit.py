"""Secrets of other kinds come through Chaos Toolkit's library."""

from pathlib import Path
from typing import Any

import pytest
from chaoslib import secret

from chaos_mcp.adapters.chaostoolkit import resolve
from chaos_mcp.errors import InvalidExperiment
from chaos_mcp.experiment.load import load_text

TEXT = """\
title: x
configuration: {vault_addr: "http://127.0.0.1:1"}
secrets:
  g:
    token: {type: vault, path: secret/x}
"""


def test_a_kind_that_nobody_knows_is_a_group() -> None:
    assert resolve({"type": "opaque", "a": "b"}, {}) == {"type": "opaque", "a": "b"}


def test_a_vault_without_its_package_says_what_to_install() -> None:
    if secret.HAS_HVAC:
        pytest.skip("hvac is installed")

    with pytest.raises(InvalidExperiment) as caught:
        load_text(TEXT, Path("x.yaml"), others=resolve)

    assert str(caught.value) == (
        "x.yaml:5:5: secrets.g.token: a Vault needs another package: "
        "pip install chaostoolkit-lib[vault]"
    )


class Vault:
    """A Vault with one secret, as hvac's client shows it."""

    def __init__(self, payload: Any) -> None:
        self.secrets = self.kv = self.v2 = self
        self.default_kv_version = "2"
        self._payload = payload

    def read_secret_version(self, **_: Any) -> Any:
        return self._payload


@pytest.mark.parametrize(
    ("entry", "payload", "value"),
    [
        ({"path": "x", "key": "k"}, {"data": {"data": {"k": "v"}}}, "v"),
        ({"path": "x"}, {"data": {"data": {"k": "v"}}}, {"k": "v"}),
    ],
    ids=["a key", "a path"],
)
def test_a_secret_in_a_vault_is_found(
    monkeypatch: pytest.MonkeyPatch, entry: Any, payload: Any, value: Any
) -> None:
    monkeypatch.setattr(secret, "HAS_HVAC", True)
    monkeypatch.setattr(secret, "create_vault_client", lambda _: Vault(payload))

    assert resolve({"type": "vault", **entry}, {}) == value


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"path": "x", "key": "no"}, "the secret cannot be had: 'no'"),
        ({"key": "k"}, "there is no secret at None"),
    ],
    ids=["no key", "no path"],
)
def test_a_secret_that_is_not_there_is_one_message(
    monkeypatch: pytest.MonkeyPatch, entry: Any, message: str
) -> None:
    vault = Vault({"data": {"data": {"k": "v"}}})
    monkeypatch.setattr(secret, "HAS_HVAC", True)
    monkeypatch.setattr(secret, "create_vault_client", lambda _: vault)

    with pytest.raises(ValueError, match=message):
        resolve({"type": "vault", **entry}, {})
