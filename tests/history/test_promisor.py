"""Partial clones: what is missing comes in one fetch; without the remote one clear sentence says so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from git_qoc.errors import HistoryError
from git_qoc.history.promisor import promisors
from git_qoc.history.reader import GitReader, open_reader
from git_qoc.history.repository import discover
from git_qoc.history.staged import contents, introduced
from git_qoc.history.walk import desk_blobs, entries
from tests.cli.qoc import Qoc
from tests.conftest import Git
from tests.history.desk import record, seed, snapshot_path
from tests.history.shapes import clone, desk_in

SNAPSHOTS = 6


class Partial(Git):
    """A clone without blobs that counts how often its remote was called."""

    def __init__(self, origin: Git, path: Path) -> None:
        for name in ("allowFilter", "allowAnySHA1InWant"):
            origin("config", f"uploadpack.{name}", "true")
        super().__init__(clone(origin.path, path, "--filter=blob:none", "--no-checkout").path)
        self.origin = origin
        self.calls = path.with_name("calls")
        script = path.with_name("upload-pack")
        script.write_text(f'#!/bin/sh\necho >>"{self.calls}"\nexec {shutil.which("git")} upload-pack "$@"\n')
        script.chmod(0o755)
        self("config", "remote.origin.uploadpack", str(script))

    @property
    def fetches(self) -> int:
        return len(self.calls.read_text()) if self.calls.exists() else 0

    def go_offline(self) -> None:
        self.origin.path.rename(self.origin.path.with_name("away"))


@pytest.fixture
def partial(git: Git, tmp_path: Path) -> Partial:
    """Six snapshots and as many versions of desk.toml, none of them here."""
    for number in range(SNAPSHOTS):
        seed(git, desk__toml=f"# {number}\n")
        record(discover(git.path), snapshot_path(number), b"nav = %d\n" % number)
    return Partial(git, tmp_path / "clone")


def test_many_missing_snapshots_come_in_one_fetch_and_then_in_none(partial: Partial) -> None:
    repo = discover(partial.path)
    found = entries(repo)
    assert [entry.data for entry in found] == [b"nav = %d\n" % number for number in range(SNAPSHOTS)]
    assert partial.fetches == 1
    assert [entry.data for entry in entries(repo)] == [entry.data for entry in found]
    assert partial.fetches == 1


def test_every_version_of_the_desk_comes_in_one_fetch(partial: Partial) -> None:
    repo = discover(partial.path)
    commits = partial("rev-list", "HEAD").split()
    found = desk_blobs(repo, commits)
    assert len(set(found.values())) == SNAPSHOTS
    assert partial.fetches == 1
    contents = [data for _, data in open_reader(repo, 1).blobs(found.values())]
    assert b"# 0\n" in contents
    assert partial.fetches == 1


def test_the_checks_of_history_fetch_once(partial: Partial) -> None:
    repo = discover(partial.path)
    versions = [change for _, change in introduced(repo, ("HEAD",)) if change.path == "desk.toml"]
    assert len(list(contents(repo, versions))) == SNAPSHOTS
    assert partial.fetches == 1


def test_whole_commands_call_the_remote_a_few_times_whatever_the_number_of_snapshots(
    git: Git, tmp_path: Path
) -> None:
    desk_in(git, snapshots=5)
    partial = Partial(git, tmp_path / "clone")
    qoc = Qoc(partial)
    partial("checkout", "-q", "HEAD", "--", "desk.toml")
    before = partial.fetches
    assert len(qoc.ok("log", "--json").json) == 5
    assert partial.fetches == before + 1
    qoc.ok("run", "retrospective", "--json")
    qoc.ok("log")
    qoc.ok("status", "--snapshot", "latest")
    assert partial.fetches <= before + 2


def test_without_its_remote_a_partial_clone_says_what_is_missing(partial: Partial) -> None:
    repo = discover(partial.path)
    partial.go_offline()
    with pytest.raises(
        HistoryError, match=r"^this clone is partial: 6 objects .* Connect to it and try again$"
    ):
        entries(repo)
    blob = partial("rev-parse", f"HEAD:{snapshot_path(1)}")
    with pytest.raises(HistoryError, match=r"still with the remote .*does not give it .*Connect to it"):
        list(GitReader(repo).blobs([blob]))


def test_what_is_here_is_read_without_the_remote(partial: Partial) -> None:
    repo = discover(partial.path)
    assert len(entries(repo)) == SNAPSHOTS
    partial.go_offline()
    assert len(entries(repo)) == SNAPSHOTS
    assert record(repo, snapshot_path(SNAPSHOTS), b"nav = 1\n") is not None


def test_the_reason_of_a_remote_that_refuses_is_told(partial: Partial) -> None:
    repo = discover(partial.path)
    blobs = [file.blob for file in GitReader(repo).tree("HEAD", "snapshots/")]
    with pytest.raises(HistoryError, match=r"7 objects .*not our ref 1111"):
        list(GitReader(repo).blobs([*blobs, "1" * 40]))


def test_a_whole_clone_has_no_promisor_and_pygit2_never_reads_a_partial_one(
    git: Git, partial: Partial
) -> None:
    assert promisors(discover(git.path)) == []
    assert promisors(discover(partial.path)) == ["origin"]
    assert isinstance(open_reader(discover(partial.path), 1_000_000), GitReader)
