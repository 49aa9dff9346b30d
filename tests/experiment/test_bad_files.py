"""Files that are no experiments: each is one clear message, at its place."""

from pathlib import Path

import pytest

from chaos_mcp.errors import InvalidExperiment
from chaos_mcp.experiment.file import LARGEST
from chaos_mcp.experiment.load import load

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 10)}]\n"
    for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)


def refusal(path: Path) -> str:
    with pytest.raises(InvalidExperiment) as caught:
        load(path)
    return str(caught.value)


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_missing_file_names_its_neighbour(tmp_path: Path) -> None:
    written(tmp_path, "partition.yaml", "title: x")

    said = refusal(tmp_path / "partitoin.yaml")

    assert said == (
        f"{tmp_path}/partitoin.yaml: there is no such file\n"
        f"    did you mean {tmp_path}/partition.yaml?"
    )


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    said = refusal(tmp_path / "no" / "x.yaml")

    assert f"there is no directory {tmp_path / 'no'} either" in said


def test_a_directory_is_refused(tmp_path: Path) -> None:
    written(tmp_path, "a.yaml", "title: x")

    said = refusal(tmp_path)

    assert "this is a directory" in said
    assert str(tmp_path / "a.yaml") in said


def test_a_file_of_100_mib_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(100 * 2**20)

    said = refusal(path)

    assert "larger than 10 MiB" in said


def test_a_file_that_hides_its_size_is_read_no_further_than_it_may_be() -> None:
    said = refusal(Path("/dev/zero"))

    assert "larger than 10 MiB" in said


def test_a_file_of_just_the_largest_size_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "x.yaml", "title: x\n#" + "x" * (LARGEST - 10))

    assert load(path).experiment.title == "x"


def test_an_unreadable_file_says_why(tmp_path: Path) -> None:
    loop = tmp_path / "loop.yaml"
    loop.symlink_to(loop)

    said = refusal(loop)

    assert "cannot be read: " in said


def test_a_name_that_no_file_can_have_is_refused() -> None:
    assert "cannot be read: " in refusal(Path("a\0b"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.yaml", "", ": the file is empty\n    `chaos init`"),
        ("x.yaml", "# only a comment\n", ": the file is empty"),
        ("x.json", "  \n", ": the file is empty"),
        ("x.yaml", b"title: \x89PNG\r\n\x1a\n", ":1:8: the file is not text (UTF-8)"),
        ("x.yaml", "title: x".encode("utf-16"), ":1:1: the file is not text (UTF-8)"),
        ("x.yaml", b"title: x\nb: \x00\x01", ":2:4: not text: control characters"),
        ("x.json", b'{"title": "\x00"}', ":1:12: not valid JSON: Invalid control"),
        ("x.yaml", "- a\n- b\n", ":1:1: an experiment is a mapping of keys to values"),
        ("x.yaml", "42", ":1:1: an experiment is a mapping of keys to values, not 42"),
        ("x.json", "[]", ":1:1: an experiment is a mapping of keys to values, not []"),
        ("x.yaml", "title: [x", ":2:1: not valid YAML: "),
        ("x.yaml", "a: 1\n\tb: 2", ":2:1: not valid YAML: "),
        ("x.json", '{"title": }', ":1:11: not valid JSON: Expecting value"),
        ("x.json", '{"title": NaN}', ":1:2: title: nan is no finite number"),
        ("x.json", '{"seed": 1e999}', ":1:2: seed: inf is no finite number"),
        ("x.yaml", "seed: .inf", ":1:7: seed: .inf is no finite number"),
        (
            "x.yaml",
            "title: x\nseed: 1\ntitle: y",
            ":3:1: title: the key 'title' is written twice (first in line 1)",
        ),
        (
            "x.json",
            '{"title": "x",\n "a": {"b": 1, "b": 2}}',
            ":2:16: a.b: the key 'b' is written twice (first in line 2)",
        ),
        (
            "x.yaml",
            "title: !!python/object/apply:os.system [id]",
            ":1:8: title: the tag !!python/object/apply:os.system is not allowed",
        ),
        ("x.yaml", "title: !vault x", ":1:8: title: the tag !vault is not allowed"),
        ("x.yaml", "a: !!set {b}", ":1:4: a: the tag !!set is not allowed"),
        ("x.yaml", "a: !!int x", ":1:4: a: 'x' cannot be read\n    put it in quotes"),
        (
            "x.yaml",
            BOMB,
            "it comes to more than 1,000,000 values\n    aliases",
        ),
        ("x.yaml", "a: &a [*a]", "the alias *a stands for nothing written before it"),
        ("x.yaml", "[" * 5000, ":1:102: it is nested too deeply here"),
        ("x.json", "[" * 500 + "]" * 500, ": it is nested too deeply"),
        ("x.json", "[" * 99_999 + "]" * 99_999, ": cannot be read: "),
        ("x.yaml", "title: x\n---\ntitle: y", ":2:1: a second document begins here"),
        ("x.yaml", "5: x", ":1:1: 5: a key must be text, and 5 is not"),
        ("x.yaml", "title: x\nnull: x", ":2:1: null: a key must be text"),
        ("x.yaml", "? [a]\n: b", ":1:3: a key must be text\n    write `key: value`"),
        ("x.yaml", "a: {<<: 5}", ":1:5: a.<<: only mappings can be merged"),
        ("x.json", '{"title": "\\ud800"}', ":1:2: title: it holds half a character"),
        ("x.json", '{"\\ud800": 1}', ": a key holds half a character"),
        ("x.json", '{"seed": ' + "9" * 5000 + "}", ": cannot be read: "),
    ],
)
def test_a_bad_file_is_one_clear_mistake(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    path = written(tmp_path, name, content)

    with pytest.raises(InvalidExperiment) as caught:
        load(path)

    assert len(caught.value.mistakes) == 1
    assert str(caught.value).startswith(f"{path}:")
    assert message in str(caught.value)
