from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from git_qoc.desk.found import Found, Trouble
from git_qoc.desk.secret_file import MAX_BYTES, read
from tests.checks.keys import ALNUM, PEM, made_of
from tests.desk.leaks import found_in

VALUE = made_of(ALNUM, 40, seed=12)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of ours alone, whatever the umask."""
    path = tmp_path / "secrets"
    path.mkdir(mode=0o700)
    return path


def kept(path: Path, content: bytes | str = f" {VALUE}\n", mode: int = 0o600) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(mode)
    return path


def doubts(path: Path) -> list[str]:
    found = read(path, str(path))
    assert isinstance(found, Found)
    return [doubt.state for doubt in found.doubts]


def trouble(path: Path) -> Trouble:
    found = read(path, str(path))
    assert isinstance(found, Trouble)
    assert found_in(repr(found), {"value": VALUE}) == []
    return found


@pytest.mark.parametrize("content", [VALUE, f" {VALUE}\n", f"\ufeff{VALUE}\r\n", f"{VALUE}\n\n\t"])
def test_white_space_and_a_byte_order_mark_around_the_value_do_not_count(folder: Path, content: str) -> None:
    found = read(kept(folder / "key", content), "key")
    assert isinstance(found, Found)
    assert (found.secret.reveal(), found.doubts) == (VALUE, ())


def test_a_key_of_several_lines_keeps_them(folder: Path) -> None:
    found = read(kept(folder / "key", PEM + "\n"), "key")
    assert isinstance(found, Found)
    assert found.secret.reveal() == PEM


@pytest.mark.parametrize(
    ("mode", "state"),
    [
        (0o644, "mode 0644, readable by others"),
        (0o604, "mode 0604, readable by others"),
        (0o640, "mode 0640, readable by its group"),
        (0o620, "mode 0620, writable by its group"),
        (0o602, "mode 0602, writable by others"),
        (0o666, "mode 0666, readable and writable by others"),
        (0o660, "mode 0660, readable and writable by its group"),
        (0o4755, "mode 4755, readable by others"),
    ],
)
def test_who_else_may_read_or_change_the_file_is_said_with_the_way_out(
    folder: Path, mode: int, state: str
) -> None:
    path = kept(folder / "a key", mode=mode)
    found = read(path, str(path))
    assert isinstance(found, Found)
    (doubt,) = found.doubts
    assert doubt.state == state
    assert (
        doubt.message == f"needs the file {path}, which has {state}. Run: chmod 600 {shlex.quote(str(path))}"
    )


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700, 0o711])
def test_a_file_for_its_owner_alone_is_no_matter(folder: Path, mode: int) -> None:
    assert doubts(kept(folder / "key", mode=mode)) == []


@pytest.mark.parametrize(("mode", "who"), [(0o777, "others"), (0o773, "others"), (0o770, "its group")])
def test_a_folder_above_in_which_the_file_can_be_replaced_is_said(folder: Path, mode: int, who: str) -> None:
    (folder / "below").mkdir(mode=0o700)
    path = kept(folder / "below" / "key")
    folder.chmod(mode)
    assert doubts(path) == [f"{who} may write to its folder {folder} (mode {mode:04o})"]


def test_a_folder_with_the_sticky_bit_is_no_matter(folder: Path) -> None:
    path = kept(folder / "key")
    folder.chmod(0o1777)
    assert doubts(path) == []


def test_of_a_symbolic_link_the_target_counts_and_who_may_redirect_the_link(folder: Path) -> None:
    target = kept(folder / "key", mode=0o644)
    (folder / "links").mkdir(mode=0o700)
    link = folder / "links" / "link"
    link.symlink_to(target)
    assert doubts(link) == ["mode 0644, readable by others"]
    target.chmod(0o600)
    (folder / "links").chmod(0o777)
    assert doubts(link) == [f"others may write to its folder {folder / 'links'} (mode 0777)"]


def test_a_fifo_that_nobody_writes_to_does_not_hang(folder: Path) -> None:
    os.mkfifo(folder / "fifo")
    assert trouble(folder / "fifo").state == "no regular file"


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/tty", "/"])
def test_a_device_or_folder_is_no_secret(path: str) -> None:
    told = trouble(Path(path))
    assert told.state == "no regular file" or told.state.startswith("cannot be read")


def test_a_file_is_read_up_to_64_kib(folder: Path) -> None:
    assert doubts(kept(folder / "key", b"k" * MAX_BYTES)) == []
    assert trouble(kept(folder / "key", VALUE.encode() + b"k" * MAX_BYTES)).state == "too large"
    with (folder / "key").open("ab") as file:
        file.truncate(2**40)
    assert trouble(folder / "key").state == "too large"


def test_what_cannot_be_read_says_why(folder: Path) -> None:
    assert trouble(folder / "none").message.endswith("which cannot be read: No such file or directory")
    assert trouble(kept(folder / "key") / "below").state == "cannot be read: Not a directory"
    assert trouble(folder / "nul\0").state == "cannot be read: no such name is possible"
    assert trouble(kept(folder / "key", VALUE.encode() + b"\xff")).state == "not UTF-8"
    (folder / "loop").symlink_to(folder / "loop")
    assert trouble(folder / "loop").state.startswith("cannot be read: Too many")
