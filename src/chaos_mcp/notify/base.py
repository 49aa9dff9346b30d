"""What a channel is: where and how news are told, as data, and one verb."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from chaos_mcp.experiment.units import Duration
from chaos_mcp.notify.message import Happened

if TYPE_CHECKING:
    from chaos_mcp.notify.news import News
    from chaos_mcp.notify.post import Post


def _listed(value: Any) -> Any:
    """Read `failure,recovery`, as a variable of the environment has it."""
    if isinstance(value, str):
        return [one.strip() for one in value.split(",") if one.strip()]
    return value


def _address(value: Any) -> Any:
    """Refuse what is no address of the web, without saying what it is."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    scheme, _, rest = str(text).strip().partition("://")
    if scheme not in ("https", "http") or not rest or not str(text).isprintable():
        raise ValueError("is no URL with https:// or http://")
    return SecretStr(str(text).strip())


def _plain(value: Any) -> Any:
    """Refuse what could not stand in a header, without saying what it is."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if not str(text).strip().isascii() or not str(text).strip().isprintable():
        raise ValueError("has characters in it that no header may have")
    return SecretStr(str(text).strip())


Address = Annotated[SecretStr, BeforeValidator(_address)]
"""A URL, which is a secret: many have a token in them."""
Token = Annotated[SecretStr, BeforeValidator(_plain)]


class Channel(BaseModel):
    """Where news are told. Its fields are the keys of its settings."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=lambda name: name.replace("_", "-"),
        populate_by_name=True,
        hide_input_in_errors=True,
        defer_build=True,
    )

    kind: ClassVar[str]
    """The name by which settings call it, such as `slack`."""
    example: ClassVar[str]
    """Settings that use it, as TOML."""
    elsewhere: ClassVar[dict[str, tuple[str, ...]]] = {}
    """Variables of the environment that others set, by the fields they are for."""

    name: str = Field(
        default="", description="What its settings are called, if not as it is."
    )
    on: Annotated[frozenset[Happened], BeforeValidator(_listed)] = Field(
        default=frozenset({"failure", "regression", "recovery"}),
        description="What is told: failure, regression, recovery, success.",
    )
    within: Duration = Field(
        default=15.0,
        gt=0,
        le=300,
        description="How long it may take in all, tries anew among it.",
    )

    @property
    def called(self) -> str:
        """Return its name in what is said of it."""
        return self.name or self.kind

    def concerned(self, news: News) -> bool:
        """Tell whether this is to be told here."""
        return bool(self.on & news.happened)

    @abstractmethod
    async def tell(self, news: News, post: Post) -> None:
        """Tell it; raise `NotDelivered` if it was not taken."""
