"""Our models take, refuse and write what pydantic's own would."""

import copy
import json
import pickle
from collections.abc import Callable
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from chaos_mcp.checked.fields import field
from chaos_mcp.checked.marks import OneOf, Told, Within
from chaos_mcp.checked.model import Model
from chaos_mcp.checked.reader import Reader


def kebab(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


class Cat(Model, extra="forbid", alias=kebab):
    """A cat."""

    kind: Literal["cat"] = "cat"
    lives_left: Annotated[int, Within(ge=0, le=9)] = 9
    name: Annotated[str, Within(pattern="^[A-Z]")]
    likes: tuple[str, ...] = ()
    weight: float | None = None
    more: dict[str, Any] = field(default_factory=dict)
    hidden: bool = field(default=False, alias="secret", exclude=True)
    id: int | str = 0
    toys: list[str] = field(default_factory=list)


class TheirCat(BaseModel):
    """A cat."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=kebab, populate_by_name=True
    )

    kind: Literal["cat"] = "cat"
    lives_left: Annotated[int, Field(ge=0, le=9)] = 9
    name: Annotated[str, Field(pattern="^[A-Z]")]
    likes: tuple[str, ...] = ()
    weight: float | None = None
    more: dict[str, Any] = Field(default_factory=dict)
    hidden: bool = Field(default=False, alias="secret", exclude=True)
    id: int | str = 0
    toys: list[str] = Field(default_factory=list)


class Cow(Model, alias=kebab, plain=True):
    """One of very many."""

    name: Annotated[str, Within(pattern="^[A-Z]")]
    weight: float | None = None
    more: dict[str, Any] = field(default_factory=dict)
    hidden: bool = field(default=False, alias="secret", exclude=True)


class TheirCow(BaseModel):
    """One of very many."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=kebab, populate_by_name=True
    )

    name: Annotated[str, Field(pattern="^[A-Z]")]
    weight: float | None = None
    more: dict[str, Any] = Field(default_factory=dict)
    hidden: bool = Field(default=False, alias="secret", exclude=True)


class Dog(Model, extra="allow"):
    """A dog, which may have whatever else it likes."""

    kind: Literal["dog"] = "dog"
    age: int = 1
    puppies: int = 0

    def checked(self) -> None:
        if self.puppies > self.age:
            msg = "too many puppies"
            raise ValueError(msg)


def tell(value: Any) -> str | None:
    return value.get("who") if isinstance(value, dict) else None


class Named(Model):
    """Somebody who says who it is."""

    who: str


Pet = Annotated[Cat | Dog, OneOf("kind")]
Either = Annotated[Cat | Named, Told(tell, "tom", "spike")]


class Home(Model):
    """Who lives together."""

    pets: tuple[Pet, ...] = ()
    first: Cat | None = None
    either: Either | None = None


KEYS = ("kind", "lives-left", "lives_left", "name", "likes", "weight", "more", "toys")
keys = st.sampled_from([*KEYS, "secret", "id", "strange"])
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 12),
    st.floats(allow_nan=False),
    st.sampled_from(["cat", "Tom", "tom", "3", ""]),
    st.lists(st.sampled_from(["a", 1]), max_size=2),
    st.dictionaries(st.sampled_from(["a"]), st.integers(), max_size=1),
)


def told(cls: Any, data: Any) -> Any:
    """Return what a model makes of data, be it a model or a list of errors."""
    try:
        made = cls.model_validate(data)
    except ValidationError as error:
        return error.errors(include_url=False)
    return [
        made.model_dump(),
        made.model_dump(mode="json", by_alias=True, exclude_unset=True),
        made.model_dump(exclude_none=True, exclude={"name"}),
        made.model_dump_json(),
        made.model_fields_set,
        made.model_extra,
    ]


@given(st.dictionaries(keys, values))
def test_what_is_taken_and_what_is_refused_are_as_with_pydantic(data: Any) -> None:
    assert told(Cat, data) == told(TheirCat, data)
    assert told(Cat, {"name": "Tom", **data}) == told(TheirCat, {"name": "Tom", **data})


def test_the_json_schema_is_the_one_of_pydantic() -> None:
    theirs = TypeAdapter(TheirCat).json_schema(by_alias=True)

    assert TypeAdapter(Cat).json_schema(by_alias=True) == {**theirs, "title": "Cat"}


def test_a_model_can_be_a_field_of_pydantic_s_own() -> None:
    class Shelter(BaseModel):
        cats: tuple[Cat, ...]

    shelter = Shelter.model_validate({"cats": [{"name": "Tom"}]})

    assert shelter.cats == (Cat(name="Tom"),)
    assert "Cat" in Shelter.model_json_schema()["$defs"]


def test_a_word_under_a_key_tells_which_model_it_is() -> None:
    home = Home.model_validate(
        {"pets": [{"kind": "dog"}, {"kind": "cat", "name": "A"}]}
    )

    assert home.pets == (Dog(), Cat(name="A"))
    with pytest.raises(ValidationError, match="expected tags: 'cat', 'dog'"):
        Home.model_validate({"pets": [{"kind": "cow"}]})


def test_a_function_tells_which_model_it_is() -> None:
    home = Home.model_validate({"either": {"who": "spike"}, "first": {"name": "A"}})

    assert home.either == Named(who="spike")
    with pytest.raises(ValidationError, match=r"tell\(\)"):
        Home.model_validate({"either": {}})


def test_a_reader_makes_the_model_that_a_text_writes() -> None:
    pets: Reader[Any] = Reader(Pet)

    assert pets.validate_json('{"kind": "dog", "age": 3}') == Dog(age=3)


def test_fields_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(ValidationError, match="too many puppies"):
        Dog(age=1, puppies=2)


def test_what_is_allowed_besides_the_fields_is_kept() -> None:
    dog = Dog.model_validate({"age": 2, "bone": "big"})

    assert dog.model_extra == {"bone": "big"}
    assert dog.model_dump() == {"kind": "dog", "age": 2, "puppies": 0, "bone": "big"}
    assert repr(dog) == "Dog(kind='dog', age=2, puppies=0, bone='big')"
    assert dog != Dog(age=2)


def test_nothing_can_be_changed() -> None:
    cat = Cat(name="Tom")

    with pytest.raises(AttributeError, match="frozen"):
        cat.name = "Jerry"  # type: ignore[misc]
    with pytest.raises(AttributeError, match="frozen"):
        del cat.name
    assert cat.name == "Tom"


def written(make: Callable[[Any], Any], data: Any) -> Any:
    """Return all that is written of what is made of data, or its mistakes."""
    try:
        made = make(data)
    except ValidationError as error:
        return [(one["type"], one["loc"], one["msg"]) for one in error.errors()]
    return made.model_dump(), made.model_dump(mode="json"), made.model_dump_json()


MAKING: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "called": (lambda data: Cow(**data), lambda data: TheirCow(**data)),
    "checked": (Cow.model_validate, TheirCow.model_validate),
    "read": (
        lambda data: Reader[Any](Cow).validate_json(json.dumps(data)),
        lambda data: TheirCow.model_validate_json(json.dumps(data)),
    ),
}


@given(st.dictionaries(keys, values), st.sampled_from([*MAKING]))
def test_a_plain_one_takes_and_refuses_the_same(data: Any, how: str) -> None:
    ours, theirs = MAKING[how]

    assert written(ours, data) == written(theirs, data)


@pytest.mark.parametrize("extra", ["allow", "forbid"])
def test_a_plain_one_keeps_nothing_but_its_fields(extra: Any) -> None:
    with pytest.raises(TypeError, match="keeps its fields and no more"):
        type("Odd", (Cow,), {}, extra=extra)

    cow = Cow.model_validate({"name": "Elsa", "bell": True})
    assert cow.model_extra is None
    assert not hasattr(cow, "bell")
    assert not hasattr(cow, "model_fields_set")


def test_a_copy_has_some_fields_replaced_and_the_rest_as_it_was() -> None:
    dog = Dog.model_validate({"age": 2, "bone": "big"})

    older = dog.model_copy(update={"age": 3})

    assert (older.age, older.model_extra, dog.age) == (3, {"bone": "big"}, 2)
    assert Dog().model_copy(update={"age": 3}).model_fields_set == {"age"}


def through_pickle(model: Any) -> Any:
    return pickle.loads(pickle.dumps(model))  # noqa: S301 - our own


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, through_pickle])
def test_equal_ones_are_equal_however_they_were_copied(copied: Any) -> None:
    cat = Cat(name="Tom", likes=("milk",))
    made = copied(cat)

    assert made == cat
    assert made.model_fields_set == {"name", "likes"}
    assert made != Cat(name="Tom")
    assert made != "Tom"
    assert hash(Named(who="a")) == hash(copied(Named(who="a")))
    cow = Cow(name="Elsa", more={"likes": "grass"})
    assert copied(cow) == cow
    assert copied(cow).model_copy(update={"weight": 1.0}) == Cow(
        name="Elsa", more={"likes": "grass"}, weight=1.0
    )


def test_fields_tell_what_they_are() -> None:
    facts = Cat.model_fields

    assert [name for name, one in facts.items() if one.is_required()] == ["name"]
    assert facts["lives_left"].alias == "lives-left"
    assert facts["lives_left"].annotation is int
    assert facts["toys"].annotation == list[str]
    assert facts["more"].get_default() == {}
    assert facts["more"].get_default(call_default_factory=False) is ...
    assert facts["lives_left"].get_default() == 9


def test_an_annotation_that_means_nothing_to_us_is_said_at_once() -> None:
    class Strange(Model):
        many: set[int] = field(default_factory=set)

    with pytest.raises(TypeError, match="no model of ours may hold"):
        Strange()
