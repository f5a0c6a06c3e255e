"""Both readers give what git's own commands give."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from git_qoc.errors import HistoryError
from git_qoc.history.reader import GitReader, LibgitReader, Reader, open_reader
from git_qoc.history.repository import Repository, discover
from tests.conftest import Git
from tests.history.desk import make, record, recorded, seed, snapshot_path

Open = Callable[[Repository], Reader]
with_pygit2 = pytest.mark.skipif("QOC_NO_PYGIT2" in os.environ, reason="this run is without pygit2")
readers = pytest.mark.parametrize("opened", [GitReader, pytest.param(LibgitReader, marks=with_pygit2)])


def ls_tree(git: Git, prefix: str) -> list[tuple[str, str]]:
    git("read-tree", "HEAD")
    out = git("--literal-pathspecs", "ls-files", "-s", "-z", "--", *([prefix] if prefix else []))
    rows = [row.partition("\t") for row in out.split("\0") if row]
    return [(path, meta.split()[1]) for meta, _, path in rows if not meta.startswith("160000")]


@readers
def test_a_folder_is_listed_at_any_depth_without_submodules(git: Git, opened: Open) -> None:
    for name in ("snapshots/2026/07/b.toml", "snapshots/a.toml", "snapshots.toml", "z/snapshots/c.toml"):
        (git.path / name).parent.mkdir(parents=True, exist_ok=True)
        (git.path / name).write_text(name)
    (git.path / "snapshots" / "link").symlink_to("a.toml")
    git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},snapshots/module")
    seed(git)
    reader = opened(discover(git.path))
    paths = [file.path for file in reader.tree("HEAD", "snapshots/")]
    assert paths == ["snapshots/2026/07/b.toml", "snapshots/a.toml", "snapshots/link"]
    assert [file.path for file in reader.tree("main", "z/snapshots/")] == ["z/snapshots/c.toml"]
    assert len(reader.tree("HEAD", "")) == 6
    assert reader.tree("HEAD", "nowhere/") == reader.tree("HEAD", "snapshots/a.toml/") == []


@readers
def test_a_revision_that_is_none_is_refused(git: Git, opened: Open) -> None:
    reader = opened(discover(git.path))
    assert reader.resolve("HEAD") is None
    seed(git)
    assert reader.resolve("HEAD") == git("rev-parse", "HEAD")
    assert reader.resolve("gone") is None
    for rev in ("gone", "-r", "", "a\nb"):
        with pytest.raises(HistoryError):
            reader.tree(rev, "")


@readers
def test_blobs_come_in_the_order_asked_also_twice_and_also_large_ones(git: Git, opened: Open) -> None:
    large = b"0123456789abcdef" * 1_500_000
    (git.path / "large").write_bytes(large)
    (git.path / "empty").touch()
    (git.path / "lines").write_bytes(b"\n\0\n")
    seed(git, small="small\n")
    reader = opened(discover(git.path))
    by_path = {file.path: file.blob for file in reader.tree("HEAD", "")}
    asked = [by_path[name] for name in ("small", "large", "empty", "lines", "small")]
    answers = list(reader.blobs(asked))
    assert [blob for blob, _ in answers] == asked
    assert [data for _, data in answers] == [b"small\n", large, b"", b"\n\0\n", b"small\n"]
    assert list(reader.blobs([])) == []


@readers
def test_thousands_of_answers_are_read_without_waiting_for_each_other(git: Git, opened: Open) -> None:
    seed(git)
    blob = git("rev-parse", "HEAD:notes.md")
    assert sum(len(data) for _, data in opened(discover(git.path)).blobs([blob] * 5000)) == 5000 * 5


@readers
def test_a_missing_object_and_one_that_is_no_blob_are_errors(git: Git, opened: Open) -> None:
    seed(git)
    reader = opened(discover(git.path))
    for blob in ("1" * 40, git("rev-parse", "HEAD^{tree}"), "nonsense"):
        with pytest.raises(
            HistoryError, match=r"is missing from the repository or is no blob\. Run: git fsck"
        ):
            list(reader.blobs([blob]))


@readers
def test_packed_and_loose_blobs_are_read_in_one_go(git: Git, opened: Open) -> None:
    repo = recorded(git, 3)
    git("gc", "-q")
    record(repo, "snapshots/loose.toml", b"loose\n")
    blobs = [file.blob for file in opened(repo).tree("HEAD", "snapshots/")]
    contents = [data for _, data in opened(repo).blobs(blobs)]
    assert contents == [b"nav = 0\n", b"nav = 1\n", b"nav = 2\n", b"loose\n"]
    with pytest.raises(HistoryError, match="is no blob"):
        list(opened(repo).blobs([git("rev-parse", "HEAD~1")]))


@readers
def test_an_object_cut_short_by_a_crash_is_an_error_that_names_it(git: Git, opened: Open) -> None:
    noise = "".join(f"{number * number}\n" for number in range(50_000))
    blob = git("hash-object", "-w", "--stdin", stdin=noise)
    path = git.path / ".git" / "objects" / blob[:2] / blob[2:]
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:10_000])
    with pytest.raises(HistoryError, match=blob):
        list(opened(discover(git.path)).blobs([blob]))


@readers
def test_a_corrupt_object_is_an_error_that_names_it(git: Git, opened: Open) -> None:
    seed(git)
    blob = git("rev-parse", "HEAD:notes.md")
    path = git.path / ".git" / "objects" / blob[:2] / blob[2:]
    path.chmod(0o644)
    path.write_bytes(b"garbage")
    with pytest.raises(HistoryError, match=blob):
        list(opened(discover(git.path)).blobs([blob]))


@readers
def test_one_bad_object_among_many_is_the_one_that_is_named(git: Git, opened: Open) -> None:
    repo = recorded(git, 3)
    blobs = [git("rev-parse", f"HEAD:{snapshot_path(number)}") for number in range(3)]
    path = git.path / ".git" / "objects" / blobs[1][:2] / blobs[1][2:]
    path.chmod(0o644)
    path.write_bytes(b"garbage")
    answers = opened(repo).blobs(blobs)
    assert next(iter(answers)) == (blobs[0], b"nav = 0\n")
    with pytest.raises(HistoryError, match=blobs[1]):
        list(answers)


def test_a_consumer_that_stops_early_leaves_no_process_behind(git: Git) -> None:
    repo = recorded(git, 1)
    blob = git("ls-tree", "HEAD", "snapshots/").split()[2]
    stream = GitReader(repo).blobs([blob] * 3000)
    next(stream)
    stream.close()  # type: ignore[attr-defined]


NAMES = st.text(st.sampled_from("ab .-0é\"'\\\t*?[]:"), min_size=1, max_size=6).filter(
    lambda name: name not in (".", "..") and not name.startswith(":")
)
TREES = st.dictionaries(
    st.lists(NAMES, min_size=1, max_size=3).map("/".join), st.binary(max_size=40), min_size=1, max_size=8
)


@with_pygit2
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=TREES)
def test_on_any_tree_both_readers_agree_with_git(
    files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    git = make(tmp_path_factory.mktemp("trees"))
    stream = b"commit refs/heads/main\ncommitter A <a@example.com> 0 +0000\ndata 0\n"
    for path, data in files.items():
        quoted = '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"'
        stream += b"M 100644 inline " + quoted.encode() + b"\ndata %d\n" % len(data) + data + b"\n"
    subprocess.run(["git", "fast-import", "--quiet"], cwd=git.path, input=stream, check=True)
    prefixes = {"", *(path.partition("/")[0] + "/" for path in files if "/" in path)}
    for reader in (GitReader(discover(git.path)), LibgitReader(discover(git.path))):
        for prefix in prefixes:
            listed = reader.tree("HEAD", prefix)
            assert [(file.path, file.blob) for file in listed] == ls_tree(git, prefix)
            for blob, data in reader.blobs(file.blob for file in listed):
                assert data == subprocess.check_output(["git", "cat-file", "blob", blob], cwd=git.path)


def test_few_blobs_are_read_without_loading_pygit2(git: Git) -> None:
    repo = recorded(git, 2)
    code = (
        "import sys; from git_qoc.history.repository import discover; from git_qoc.history import walk;"
        "assert len(walk.entries(discover())) == 2; assert 'pygit2' not in sys.modules"
    )
    env = {"PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", code], cwd=git.path, check=True, env=repo.environ(env))


@with_pygit2
def test_pygit2_is_taken_for_many_blobs_and_never_where_it_cannot_or_would_not_see_the_same(
    git: Git, tmp_path: Path
) -> None:
    seed(git)
    assert isinstance(open_reader(discover(git.path), 1_000_000), LibgitReader)
    assert isinstance(open_reader(discover(git.path), 1_000), GitReader)
    new = seed(make(tmp_path / "new", "--object-format=sha256"))
    assert isinstance(open_reader(discover(new.path), 1_000_000), GitReader)
    git("config", "core.repositoryFormatVersion", "1")
    git("config", "extensions.partialClone", "origin")
    assert isinstance(open_reader(discover(git.path), 1_000_000), GitReader)
    git("config", "--unset", "extensions.partialClone")
    other = git("hash-object", "-w", "--stdin", stdin="replaced\n")
    alternates = git.path / ".git" / "objects" / "info" / "alternates"
    alternates.write_text(f"{git.path / '.git' / 'objects'}\n")
    assert isinstance(open_reader(discover(git.path), 1_000_000), GitReader)
    alternates.unlink()
    assert isinstance(open_reader(discover(git.path), 1_000_000), LibgitReader)
    git("replace", git("rev-parse", "HEAD:notes.md"), other)
    assert isinstance(open_reader(discover(git.path), 1_000_000), GitReader)
