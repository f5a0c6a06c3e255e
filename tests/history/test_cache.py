"""What is kept changes how long reading takes, and nothing else."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from git_qoc.history.cache import Cache
from git_qoc.history.repository import Repository, discover
from git_qoc.history.walk import Derive, Entry, entries
from tests.conftest import Git
from tests.history.desk import make, record, recorded, seed, snapshot_path, trailers

DERIVE = Derive("1", lambda data: f"{len(data)} {data!r}")
KINDS = ("derived", "messages", "touches")


def kept(repo: Repository) -> dict[str, Path]:
    """The files of the cache by kind."""
    return {path.name.split("-")[1]: path for path in (repo.common_dir / "qoc").glob("cache-*")}


@contextmanager
def without_cache(repo: Repository) -> Iterator[None]:
    files = {path: path.read_bytes() for path in kept(repo).values()}
    for path in files:
        path.unlink()
    yield
    for path in kept(repo).values():
        path.unlink()
    for path, data in files.items():
        path.write_bytes(data)


def warm(repo: Repository, derive: Derive | None = DERIVE) -> list[Entry]:
    return entries(discover(repo.git_dir.parent), derive=derive)


def cold(repo: Repository) -> list[Entry]:
    with without_cache(repo):
        return warm(repo)


def by_hand(git: Git, path: str, text: str) -> None:
    (git.path / path).parent.mkdir(parents=True, exist_ok=True)
    (git.path / path).write_text(text)
    git("add", path)
    git("commit", "-q", "--allow-empty", "-m", "by hand")


def mixed(git: Git) -> Repository:
    """Recorded, edited, removed, moved and hand-made snapshots."""
    repo = recorded(git, 6)
    by_hand(git, snapshot_path(7), "hand\n")
    by_hand(git, snapshot_path(2), "edited\n")
    git("rm", "-q", snapshot_path(3))
    git("commit", "-q", "-m", "gone")
    (git.path / "snapshots" / "2026").mkdir()
    git("mv", snapshot_path(4), snapshot_path(4).replace("snapshots/", "snapshots/2026/"))
    git("commit", "-q", "-m", "moved")
    return repo


class Desk:
    """A repository to which everything happens that happens to repositories; a step is a method."""

    def __init__(self, git: Git, number: int) -> None:
        self.git = git
        self.repo = discover(git.path)
        self.chance = random.Random(number)  # noqa: S311
        self.count = 0
        self.record()

    @property
    def steps(self) -> tuple[Callable[[], None], ...]:
        often = (self.record, self.record, self.record, self.hand, self.edit)
        once = (
            self.lie,
            self.remove,
            self.amend,
            self.back,
            self.rebase,
            self.merge,
            self.move,
            self.collect,
        )
        return (*often, *once)

    def record(self) -> None:
        self.count += 1
        record(self.repo, snapshot_path(self.count), b"nav = %d\n" % self.chance.randrange(3))

    def hand(self) -> None:
        self.count += 1
        by_hand(self.git, snapshot_path(self.count), f"hand {self.chance.randrange(3)}\n")

    def edit(self) -> None:
        by_hand(self.git, self.any_path(), f"edited {self.chance.randrange(3)}\n")

    def lie(self) -> None:
        path, blob = self.any_path(), self.git("hash-object", "-w", "--stdin", stdin="nav = 1\n")
        self.git("commit", "-q", "--allow-empty", "-m", trailers(path, blob))

    def remove(self) -> None:
        self.git("rm", "-q", self.any_path())
        self.git("commit", "-q", "-m", "gone")
        self.record()

    def amend(self) -> None:
        if self.chance.random() < 0.5:
            (self.git.path / self.any_path()).write_text("amended\n")
        self.git(
            "commit", "-q", "-a", "--amend", "--allow-empty", "-m", self.git("log", "-1", "--format=%B") + " "
        )

    def back(self) -> None:
        self.git("reset", "-q", "--hard", f"HEAD~{self.chance.randrange(min(3, self.length()))}")

    def rebase(self) -> None:
        """The last commit again, on another parent."""
        if self.length() < 3:
            return
        tree, body = self.git("rev-parse", "HEAD^{tree}"), self.git("log", "-1", "--format=%B")
        parent = self.git("rev-parse", "HEAD~2")
        self.git("reset", "-q", "--hard", self.git("commit-tree", tree, "-p", parent, "-m", body))

    def merge(self) -> None:
        here = self.git("rev-parse", "HEAD")
        self.back()
        self.record()
        side = self.git("rev-parse", "HEAD")
        self.git("reset", "-q", "--hard", here)
        self.record()
        self.git(
            "merge", "-q", "-s", self.chance.choice(["ours", "recursive"]), "-X", "ours", "-m", "merge", side
        )

    def move(self) -> None:
        path = self.any_path()
        self.count += 1
        folder = f"snapshots/{self.count}"
        (self.git.path / folder).mkdir(exist_ok=True)
        self.git("mv", "-f", path, f"{folder}/{path.rpartition('/')[2]}")
        self.git("commit", "-q", "--allow-empty", "-m", "moved")

    def collect(self) -> None:
        self.git("reflog", "expire", "--expire=now", "--all")
        self.git("gc", "-q", "--prune=now")

    def any_path(self) -> str:
        paths = self.git("ls-files", "snapshots").splitlines()
        if not paths:
            self.record()
        return self.chance.choice(self.git("ls-files", "snapshots").splitlines())

    def length(self) -> int:
        return int(self.git("rev-list", "--count", "--first-parent", "HEAD"))


@pytest.mark.parametrize("number", range(6))
def test_whatever_happens_to_the_history_what_is_kept_gives_what_git_gives(git: Git, number: int) -> None:
    desk = Desk(git, number)
    for _ in range(18):
        desk.chance.choice(desk.steps)()
        if desk.chance.random() < 0.7:  # several changes at once now and then
            assert warm(desk.repo) == cold(desk.repo)
    assert warm(desk.repo) == cold(desk.repo)


def damaged(data: bytes, chance: random.Random) -> bytes:
    at, other = chance.randrange(len(data)), chance.randrange(1, 256)
    return chance.choice(
        [
            data[:at] + bytes([data[at] ^ other]) + data[at + 1 :],
            data[:at],
            data[:at] + data[at + chance.randrange(1, 50) :],
            data[:at] + bytes([other]) + data[at:],
            data[:at] + bytes(len(data) - at),
            data + bytes([other]),
        ]
    )


def test_no_damage_is_ever_believed_and_all_is_repaired(git: Git) -> None:
    repo = mixed(git)
    expected = warm(repo)
    files = kept(repo)
    assert set(files) == set(KINDS)
    good = {path: path.read_bytes() for path in files.values()}
    chance = random.Random(1)  # noqa: S311
    for _ in range(200):
        for path in chance.sample(sorted(good), chance.randrange(1, 4)):
            path.write_bytes(damaged(good[path], chance))
        assert warm(repo) == expected
        assert {path: path.read_bytes() for path in good} == good


def test_one_files_content_under_anothers_name_is_not_believed(git: Git) -> None:
    repo = mixed(git)
    expected = warm(repo)
    good = {kind: path.read_bytes() for kind, path in kept(repo).items()}
    for kind, path in kept(repo).items():
        for other in good.values():
            path.write_bytes(other)
            assert warm(repo) == expected
            assert path.read_bytes() == good[kind]


def test_what_another_repository_kept_misleads_nobody(git: Git, tmp_path: Path) -> None:
    other = mixed(make(tmp_path / "other"))
    warm(other)
    repo = recorded(git, 3)
    by_hand(git, snapshot_path(5), "hand\n")
    expected = cold(repo)
    for path in kept(other).values():
        shutil.copy(path, repo.private_dir / path.name)
    assert warm(repo) == expected


def test_what_another_version_made_is_made_again(git: Git) -> None:
    repo = recorded(git, 2)
    warm(repo)
    newer = Derive("2", lambda data: "other" * bool(data))
    assert [entry.derived for entry in warm(repo, newer)] == ["other", "other"]
    assert warm(repo) == cold(repo)


def test_only_new_contents_and_new_commits_are_read(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = recorded(git, 3)
    tip = git("rev-parse", "HEAD")
    read: list[bytes] = []

    def count(data: bytes) -> str:
        read.append(data)
        return ""

    counting = Derive("1", count)
    warm(repo, counting)
    record(repo, snapshot_path(3), b"new\n")
    read.clear()
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    assert len(warm(repo, counting)) == 4
    assert read == [b"new\n"]
    assert warm(repo, counting)
    walks = [line for line in (tmp_path / "trace").read_text().splitlines() if " built-in: git log" in line]
    assert [line.rpartition("--not ")[2] for line in walks] == [f"{tip} --"]


def test_commits_are_compared_once(git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = mixed(git)
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    for _ in range(2):
        warm(repo)
        monkeypatch.setenv("GIT_TRACE", str(tmp_path / "again"))
    assert "diff-tree" in (tmp_path / "trace").read_text()
    assert "diff-tree" not in (tmp_path / "again").read_text()


def test_desks_of_one_repository_and_revisions_are_kept_apart(git: Git) -> None:
    repo = discover(git.path)
    for root in ("a/", "b/"):
        record(repo, root + snapshot_path(0), root.encode())
        record(repo, root + snapshot_path(1), b"more")
    for _ in range(2):
        for root in ("a/", "b/"):
            found = entries(repo, root=root, derive=DERIVE)
            assert [entry.derived for entry in found] == [f"2 {root.encode()!r}", "4 b'more'"]
            assert len(entries(repo, "HEAD~1", root, DERIVE)) == (2 if root == "a/" else 1)


def test_linked_work_trees_share_one_cache_and_each_sees_its_own_branch(git: Git, tmp_path: Path) -> None:
    recorded(git, 2)
    git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = discover(tmp_path / "side")
    record(side, snapshot_path(8), b"side\n")
    record(discover(git.path), snapshot_path(9), b"main\n")
    for _ in range(2):
        assert [entry.path for entry in entries(discover(git.path), derive=DERIVE)][2:] == [snapshot_path(9)]
        assert [entry.path for entry in entries(side, derive=DERIVE)][2:] == [snapshot_path(8)]


def test_nothing_is_kept_where_git_shows_objects_as_others(git: Git, tmp_path: Path) -> None:
    repo = recorded(git, 3)
    expected = warm(repo)
    first, second = (git("rev-parse", f"HEAD:{snapshot_path(number)}") for number in (0, 1))
    git("replace", first, second)
    assert [entry.derived for entry in warm(repo)] == ["8 b'nav = 1\\n'"] * 2 + ["8 b'nav = 2\\n'"]
    git("replace", "-d", first)
    assert warm(repo) == expected
    grafts = git.path / ".git" / "info" / "grafts"
    grafts.write_text(git("rev-parse", "HEAD") + "\n")
    assert [entry.commit is None for entry in warm(repo)] == [entry.commit is None for entry in cold(repo)]
    grafts.unlink()
    assert warm(repo) == expected


def test_a_shallow_clone_keeps_nothing_and_tells_all_once_it_is_whole(git: Git, tmp_path: Path) -> None:
    repo = recorded(git, 4)
    expected = warm(repo)
    subprocess.run(
        ["git", "clone", "-q", "--depth=2", f"file://{git.path}", str(tmp_path / "clone")], check=True
    )
    clone = Git(tmp_path / "clone")
    cut = entries(discover(clone.path), derive=DERIVE)
    assert [entry.commit is None for entry in cut] == [True, True, False, False]
    assert not kept(discover(clone.path))
    clone("fetch", "-q", "--unshallow")
    assert entries(discover(clone.path), derive=DERIVE) == expected
    clone("fetch", "-q", "--depth=2")
    assert entries(discover(clone.path), derive=DERIVE) == cut


def block(path: Path, how: str) -> None:
    if how == "folder":
        path.mkdir()
    elif how == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to(path.parent.parent / "config")


@pytest.mark.parametrize("how", ["folder", "fifo", "link"])
def test_what_stands_in_the_way_is_no_failure_and_is_not_followed(git: Git, how: str) -> None:
    repo = recorded(git, 2)
    expected = warm(repo)
    before = (git.path / ".git" / "config").read_bytes()
    for path in kept(repo).values():
        path.unlink()
        block(path, how)
    assert warm(repo) == expected
    for path in [*kept(repo).values()]:
        new = path.with_name(f"{path.name}.new")
        if not new.exists():
            block(new, how)
    assert warm(repo) == warm(repo) == expected
    assert (git.path / ".git" / "config").read_bytes() == before


def test_without_a_folder_to_keep_things_in_reading_works(git: Git) -> None:
    seed(git)
    by_hand(git, snapshot_path(0), "hand\n")
    (git.path / ".git" / "qoc").write_text("a file")
    assert [entry.derived for entry in warm(discover(git.path))] == ["5 b'hand\\n'"]


def test_a_full_disk_keeps_nothing_and_leaves_nothing(git: Git) -> None:
    repo = recorded(git, 2)
    code = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from git_qoc.history.repository import discover; from git_qoc.history.walk import Derive, entries\n"
        "repo = discover(); resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))\n"
        "from git_qoc.history.cache import Cache\n"
        "Cache(repo, 'derived', '', '1').write(b'x' * 100)\n"
    )
    root = Path(__file__).parents[2]
    subprocess.run(
        [sys.executable, "-c", code], cwd=git.path, check=True, env={**os.environ, "PYTHONPATH": str(root)}
    )
    assert not kept(repo)
    assert len(warm(repo)) == 2


def test_files_are_the_users_alone(git: Git) -> None:
    repo = mixed(git)
    warm(repo)
    assert {path.stat().st_mode & 0o777 for path in kept(repo).values()} == {0o600}
    assert not list(repo.private_dir.glob("*.new"))


def test_what_no_snapshot_needs_any_more_is_dropped(git: Git) -> None:
    repo = recorded(git, 8)
    warm(repo)
    large = kept(repo)["derived"].stat().st_size
    git("rm", "-q", *(snapshot_path(number) for number in range(6)))
    git("commit", "-q", "-m", "gone")
    warm(repo)
    assert kept(repo)["derived"].stat().st_size < large - 6 * 50


def test_too_much_is_neither_written_nor_read(git: Git) -> None:
    seed(git)
    repo = discover(git.path)
    wide, narrow = Cache(repo, "derived", "", "1"), Cache(repo, "derived", "", "1", at_most=900)
    wide.write(b"x" * 1000)
    assert narrow.read() is None
    narrow.write(b"y" * 1000)
    assert wide.read() == b"x" * 1000


def test_a_temporary_left_by_a_killed_writer_is_used_again(git: Git) -> None:
    seed(git)
    cache = Cache(discover(git.path), "derived", "", "1")
    cache.write(b"first")
    (path,) = (git.path / ".git" / "qoc").iterdir()
    new = path.with_name(f"{path.name}.new")
    new.write_bytes(b"half of something" * 100)
    cache.write(b"second")
    assert cache.read() == b"second"
    assert not new.exists()


def test_readers_and_writers_at_once_see_the_record_as_it_is(git: Git) -> None:
    repo = recorded(git, 4)
    code = (
        "from git_qoc.history.repository import discover; from git_qoc.history.walk import Derive, entries\n"
        "for turn in range(12):\n"
        "    derive = Derive(str(turn % 3), lambda data: data.decode().strip() + '.' * (turn % 3) * 500)\n"
        "    found = entries(discover(), derive=derive)\n"
        "    assert len(found) >= 4 and all(entry.commit for entry in found)\n"
        "    for number, entry in enumerate(found):\n"
        "        assert entry.derived == f'nav = {number}' + '.' * (turn % 3) * 500, entry\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    readers = [subprocess.Popen([sys.executable, "-c", code], cwd=git.path, env=env) for _ in range(4)]
    for number in range(4, 10):
        record(repo, snapshot_path(number), b"nav = %d\n" % number)
    assert [reader.wait() for reader in readers] == [0] * 4
    assert warm(repo) == cold(repo)


def test_a_sha256_repository_keeps_its_own(tmp_path: Path) -> None:
    repo = mixed(make(tmp_path / "new", "--object-format=sha256"))
    first = warm(repo)
    assert set(kept(repo)) == set(KINDS)
    assert warm(repo) == first == cold(repo)
