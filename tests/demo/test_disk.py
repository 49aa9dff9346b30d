"""A shop whose disk is full sells on while it has ballast to throw off."""

import errno
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from chaos_mcp.demo.disk import ORDER, Disk, DiskFull
from tests.demo.processes import Running, running

KIB = 1024


def sold() -> str:
    return "sold"


def fill(folder: Path, size: int) -> None:
    (folder / "fill").write_bytes(bytes(size))


def test_a_full_disk_takes_no_order(tmp_path: Path) -> None:
    disk = Disk(tmp_path, size=1024 * KIB)
    fill(tmp_path, 1024 * KIB - ORDER)

    assert disk.write(sold) == "sold"
    fill(tmp_path, 1024 * KIB - ORDER + 1)
    with pytest.raises(DiskFull, match="no room for another order"):
        disk.write(sold)


def test_ballast_is_thrown_off_once_and_taken_again_when_there_is_room(
    tmp_path: Path,
) -> None:
    ballast = tmp_path / "ballast"
    disk = Disk(tmp_path, size=1024 * KIB, ballast=128 * KIB)
    taken = ballast.stat().st_size
    fill(tmp_path, (1024 - 128) * KIB)

    assert disk.write(sold) == "sold"
    thrown_off = not ballast.exists()
    fill(tmp_path, 1024 * KIB)
    with pytest.raises(DiskFull):
        disk.write(sold)
    (tmp_path / "fill").unlink()
    disk.write(sold)

    assert taken == ballast.stat().st_size == 128 * KIB
    assert thrown_off
    disk.close()
    assert not ballast.exists()


def full_once() -> Callable[[], str]:
    """Return work that meets a full disk the first time."""
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    met = iter([error])

    def work() -> str:
        for one in met:
            raise one
        return "sold"

    return work


def test_a_real_disk_says_itself_that_it_is_full(tmp_path: Path) -> None:
    with closing(Disk(tmp_path, ballast=128 * KIB)) as disk:
        assert disk.write(full_once()) == "sold"
        assert not (tmp_path / "ballast").exists()
        with pytest.raises(DiskFull):
            disk.write(full_once())


def test_other_trouble_with_the_database_is_not_hidden(tmp_path: Path) -> None:
    def work() -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise error

    with pytest.raises(sqlite3.OperationalError, match="I/O"):
        Disk(tmp_path).write(work)


def test_no_room_for_ballast_is_no_reason_not_to_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)

    assert Disk(tmp_path, ballast=128 * KIB).write(sold) == "sold"


def test_customers_are_told_that_there_is_no_room(
    store: Running, tmp_path: Path
) -> None:
    where = ["--cache", store.listen, "--database", str(tmp_path / "data" / "it.db")]
    with running("shop", *where, "--disk", "1MiB") as shop:
        fill(tmp_path / "data", 1024 * KIB)
        refused = httpx.post(f"{shop.url}/checkout")
        (tmp_path / "data" / "fill").unlink()
        taken = httpx.post(f"{shop.url}/checkout")

    assert (refused.status_code, taken.status_code) == (507, 201)
    assert refused.json() == {"error": "there is no room for another order"}
