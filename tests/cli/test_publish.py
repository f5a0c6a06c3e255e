"""What a server publishes after a push, with real git: the hook as `git qoc setup --hooks` puts it there."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.installed import COMMAND, install, without_qoc
from tests.cli.qoc import Qoc
from tests.conftest import Git

PAGES = {"badge.svg", "index.html", "retrospective.html"}
FILES = {*PAGES, "retrospective.json", "retrospective.md", "verify.txt"}
OLD = "one of before"


@dataclass
class Server:
    """A bare repository that publishes into `folder`, and a desk with two snapshots that pushes to it."""

    git: Git
    folder: Path
    desk: Qoc
    env: pytest.MonkeyPatch

    def push(self, *args: str) -> str:
        """What the server said; the push itself must succeed."""
        command = ["git", "push", *(args or ("origin", "main"))]
        done = subprocess.run(command, cwd=self.desk.git.path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        lines = [line.removeprefix("remote: ").rstrip() for line in done.stderr.splitlines()]
        return "\n".join(line for line in lines if not line.startswith((" ", "To ", "branch")))

    def snapshot(self) -> None:
        self.desk.pass_time(days=1)
        for role in ("AUTHOR", "COMMITTER"):
            self.env.setenv(f"GIT_{role}_DATE", self.desk.now.isoformat())
        self.desk.ok("snapshot")

    def commit(self, path: str, text: str) -> None:
        """By hand, where no hook is."""
        file = self.desk.git.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        self.desk.git("add", "-A")
        self.desk.git("commit", "-qm", "by hand")

    def unguarded(self) -> None:
        """As a server where only the report is wanted."""
        (self.git.path / "hooks" / "pre-receive").unlink()

    def end(self) -> str:
        """The last day of the report in the folder."""
        return str(json.loads((self.folder / "retrospective.json").read_text())["end"])

    def state(self) -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in self.folder.iterdir()}


@pytest.fixture
def server(desk: Qoc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    install(tmp_path / "bin", monkeypatch)
    bare = Git(tmp_path / "server.git")
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(bare.path)], check=True)
    folder = tmp_path / "www"
    folder.mkdir()
    bare("config", "qoc.publishDir", str(folder))
    Qoc(bare).ok("setup", "--hooks")
    desk.git("remote", "add", "origin", str(bare.path))
    desk.now = datetime(2017, 6, 26, 20, 5, tzinfo=UTC)
    desk.ok("connect", "equities", "--name", "stocks", "--venue", "paper")
    desk.ok("paper", "deposit", "stocks", "1000")
    desk.ok("paper", "buy", "stocks", "KO", "20")
    made = Server(bare, folder, desk, monkeypatch)
    made.snapshot()
    made.snapshot()
    return made


def test_a_push_puts_the_report_of_what_was_pushed_into_the_folder(server: Server) -> None:
    assert server.push() == "git-qoc: published the retrospective 2017-06-27 to 2017-06-28."
    assert {file.name for file in server.folder.iterdir()} >= FILES
    report = server.desk.ok("run", "retrospective", "--json")
    assert (server.folder / "retrospective.json").read_text() == report.out
    # 20 KO bought at 37.555, then 37.241 and 37.464 (closes.csv): 998.18 / 993.72.
    assert "TWR +0.45 % · max DD 0.00 %" in (server.folder / "badge.svg").read_text()
    head = server.desk.git("rev-parse", "HEAD")
    assert (server.folder / "verify.txt").read_text() == f"2 snapshots in {head}: nothing found.\n"
    server.snapshot()
    server.push()
    assert server.end() == "2017-06-29"


def test_the_notes_of_the_committed_report_are_published_with_it(server: Server) -> None:
    server.desk.ok("run", "retrospective", "--no-commit")
    file = server.desk.git.path / "research/retrospective.md"
    file.write_text(file.read_text().replace("<!-- qoc:notes -->\n", "<!-- qoc:notes -->\nA quiet week.\n"))
    server.desk.git("add", "-A")
    server.desk.git("commit", "-qm", "a note")
    server.push()
    assert "A quiet week." in (server.folder / "retrospective.md").read_text()


def test_where_no_folder_is_configured_nothing_is_said_or_done(server: Server) -> None:
    server.git("config", "--unset", "qoc.publishDir")
    assert server.push() == ""
    assert server.state() == {}


def test_only_what_changes_the_report_of_the_published_branch_publishes(server: Server) -> None:
    assert server.push("origin", "main:topic") == ""
    server.push()
    before = server.state()
    server.commit("notes.md", "no snapshot\n")
    assert server.push() == ""
    server.desk.git("checkout", "-q", "-b", "topic2")
    server.snapshot()
    assert server.push("origin", "topic2") == ""
    assert server.push("origin", "main:refs/tags/v1", ":topic") == ""
    assert server.state() == before
    server.git("config", "qoc.publishBranch", "live")
    server.push("origin", "topic2:live")
    assert server.end() == "2017-06-29"
    server.git("config", "--unset", "qoc.publishBranch")
    server.desk.git("checkout", "-q", "main")
    server.commit("desk.toml", (server.desk.git.path / "desk.toml").read_text() + "\n# chosen anew\n")
    server.push()
    assert server.end() == "2017-06-28"


def test_a_record_with_findings_is_not_published_and_both_sides_are_told(server: Server) -> None:
    server.push()
    before = server.state()
    server.unguarded()
    path = "snapshots/2017-06-27T20-05-00Z.toml"
    text = (server.desk.git.path / path).read_text()
    server.commit(path, text.replace("nav_usd", "nav_usd ", 1))
    said = server.push()
    assert path in said.splitlines()[0]
    assert OLD in said
    after = server.state()
    told = after.pop("verify.txt").decode()
    assert path in told
    assert "of before" in told.splitlines()[0]
    assert after == {name: data for name, data in before.items() if name != "verify.txt"}
    server.snapshot()
    assert OLD in server.push()
    server.git("config", "qoc.publishVerifyFrom", server.desk.git("rev-parse", "HEAD~1"))
    server.snapshot()
    server.push()
    assert server.end() == "2017-06-30"
    assert "nothing found" in (server.folder / "verify.txt").read_text()
    assert "restated" in (server.folder / "retrospective.json").read_text()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[workspace\n", "is not TOML"),
        ("[workspace]\nname = 1\n[retrospective]\nrisk_free = []\n", "desk.toml"),
        ("\xff", "desk.toml"),
    ],
)
def test_a_broken_desk_leaves_the_report_and_is_told_in_a_line(
    text: str, reason: str, server: Server
) -> None:
    server.push()
    before = server.state()
    server.unguarded()
    (server.desk.git.path / "desk.toml").write_bytes(text.encode("latin-1"))
    server.desk.git("commit", "-qam", "broken")
    said = server.push()
    assert said.startswith("git-qoc: not published: ")
    assert reason in said
    assert "received all the same" in said
    assert "Traceback" not in said
    assert server.state() == before


def test_a_push_cannot_choose_where_anything_is_written(server: Server, tmp_path: Path) -> None:
    """A tree that climbs out, a snapshot with an odd name, a desk called like a file of the report."""
    server.push()
    server.unguarded()
    git = server.desk.git
    blob = git("hash-object", "-w", "--stdin", stdin="[meta]\n")
    inner = git("mktree", stdin=f"100644 blob {blob}\tevil.toml\n")
    climbing = git("mktree", "-z", stdin=f"040000 tree {inner}\t..\0100644 blob {blob}\ta\n\x1b[2Jb.toml\0")
    top = git("ls-tree", "HEAD").replace("\t", "\t").splitlines()
    kept = [line for line in top if not line.endswith("\tsnapshots")]
    tree = git("mktree", stdin="\n".join([*kept, f"040000 tree {climbing}\tsnapshots", ""]))
    commit = git("commit-tree", "-p", "HEAD", "-m", "hostile", tree)
    outside = {file for file in tmp_path.rglob("*") if server.git.path not in file.parents}
    said = server.push("origin", f"{commit}:main")
    assert "\x1b" not in said
    assert OLD in said
    added = {file for file in tmp_path.rglob("*") if server.git.path not in file.parents} - outside
    assert {file for file in added if git.path not in file.parents} == set()


def test_a_link_in_the_folder_is_not_written_through(server: Server, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.write_text("mine")
    (server.folder / "retrospective.json").symlink_to(mine)
    assert "is a symbolic link" in server.push()
    assert mine.read_text() == "mine"


@pytest.mark.parametrize(
    ("setting", "way_out"),
    [("www", "absolute"), ("{file}.d", "Make it"), ("{file}", "Make it")],
)
def test_a_folder_that_cannot_be_used_is_told_with_the_way_out(
    setting: str, way_out: str, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    server.git("config", "qoc.publishDir", setting.format(file=tmp_path / "file"))
    said = server.push()
    assert said.count("\n") == 0
    assert way_out in said


def test_a_commit_that_is_none_and_a_head_that_is_no_branch_are_told(server: Server) -> None:
    server.git("config", "qoc.publishVerifyFrom", "nowhere")
    assert '"nowhere", which is no commit here' in server.push()
    server.git("config", "--unset", "qoc.publishVerifyFrom")
    server.git("update-ref", "--no-deref", "HEAD", "refs/heads/main")
    server.snapshot()
    assert "git config qoc.publishBranch main" in server.push()
    server.git("config", "qoc.publishBranch", "main")
    server.snapshot()
    server.push()
    assert server.end() == "2017-06-30"


def test_a_folder_that_may_not_be_written_is_told(server: Server) -> None:
    """A folder stands where a file belongs, which not even root can replace."""
    (server.folder / "retrospective.json").mkdir()
    said = server.push()
    assert said.startswith("git-qoc: not published: ")
    assert "retrospective.json" in said


KILLED = COMMAND.replace(
    "import sys\n",
    """\
import os, signal, sys
files, left = {files}, {count}
def die(event, args):
    global left
    if event == "os.rename" and args[1] in files:
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(die)
""",
    1,
)


@pytest.mark.parametrize("count", [0, 2, len(FILES) - 1])
def test_a_publisher_that_is_killed_leaves_whole_files_and_the_next_push_mends_it(
    count: int, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.push()
    old = server.state()
    server.snapshot()
    install(tmp_path / "killed", monkeypatch, KILLED.format(files=sorted(FILES), count=count))
    server.push()
    killed = {name: data for name, data in server.state().items() if name in FILES}
    install(tmp_path / "bin", monkeypatch)
    line = (
        f"{server.desk.git('rev-parse', 'HEAD~1')} {server.desk.git('rev-parse', 'HEAD')} refs/heads/main\n"
    )
    subprocess.run(["git-qoc", "hook", "post-receive"], cwd=server.git.path, input=line.encode(), check=True)
    new = server.state()
    assert set(new) == set(old)
    changed = [name for name in killed if killed[name] != old[name]]
    assert all(killed[name] in (old[name], new[name]) for name in killed)
    assert len(changed) == count
    assert server.end() == "2017-06-29"


def test_pushes_at_once_end_with_the_newest_and_readers_see_only_whole_files(server: Server) -> None:
    server.push()
    ids = [server.desk.git("rev-parse", "HEAD")]
    for _ in range(2):
        server.snapshot()
        ids.append(server.desk.git("rev-parse", "HEAD"))
    server.git("fetch", "-q", str(server.desk.git.path), "main:main")
    lines = [f"{old} {new} refs/heads/main\n" for old, new in (ids[:2], ids[1:])]
    running = []
    for line in lines:
        process = subprocess.Popen(
            ["git-qoc", "hook", "post-receive"],
            cwd=server.git.path,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        process.stdin.write(line)
        process.stdin.close()
        process.stdin = None
        running.append(process)
    ends = set()
    while any(process.poll() is None for process in running):
        ends.add(server.end())
        assert (server.folder / "badge.svg").read_text().endswith("</svg>\n")
    said = {process.communicate()[1] for process in running}
    assert said == {"git-qoc: published the retrospective 2017-06-27 to 2017-06-30.\n"}
    assert ends <= {"2017-06-28", "2017-06-30"}
    assert server.end() == "2017-06-30"


def test_the_desk_of_a_subfolder_is_found_and_of_several_the_one_that_is_named(server: Server) -> None:
    server.unguarded()
    git = server.desk.git
    (git.path / "books").mkdir()
    git("mv", "desk.toml", "snapshots", "books/")
    git("commit", "-qm", "into a folder")
    server.push()
    assert server.end() == "2017-06-28"
    before = server.state()
    server.commit("other/desk.toml", "")
    said = server.push()
    assert "several desks (books/, other/)" in said
    assert "git config qoc.publishDesk" in said
    assert server.state() == before
    server.git("config", "qoc.publishDesk", "books")
    server.commit("other/desk.toml", "# again\n")
    assert "published" in server.push()


def test_a_desk_without_a_snapshot_says_what_is_missing(desk: Qoc, server: Server, tmp_path: Path) -> None:
    desk.git("checkout", "-q", "--orphan", "empty")
    desk.git("rm", "-rq", "--cached", "snapshots")
    desk.git("commit", "-qm", "a new desk", "--", "desk.toml")
    server.git("config", "qoc.publishBranch", "empty")
    assert "no snapshot" in server.push("origin", "empty")
    assert server.state() == {}


def test_a_shallow_server_publishes_nothing(server: Server, tmp_path: Path) -> None:
    server.push()
    cut = tmp_path / "cut.git"
    url = f"file://{server.git.path}"
    subprocess.run(["git", "clone", "-q", "--bare", "--depth=1", url, cut], check=True)
    cut_server = Server(Git(cut), server.folder, server.desk, server.env)
    cut_server.git("config", "qoc.publishDir", str(server.folder))
    Qoc(cut_server.git).ok("setup", "--hooks")
    server.snapshot()
    before = server.state()
    assert "git fetch --unshallow" in cut_server.push(str(cut), "main")
    assert server.state() == before


def test_a_hook_that_was_there_runs_as_well_whatever_becomes_of_the_report(
    server: Server, tmp_path: Path
) -> None:
    Qoc(server.git).ok("setup", "--hooks", "--remove")
    hook = server.git.path / "hooks" / "post-receive"
    hook.write_text("#!/bin/sh\nsed 's/^/yours reads /' >&2\n")
    hook.chmod(0o755)
    Qoc(server.git).ok("setup", "--hooks")
    server.git("config", "qoc.publishDir", str(tmp_path / "none"))
    said = server.push().splitlines()
    assert "not published" in said[0]
    assert said[1].startswith("yours reads 0000")


def test_without_git_qoc_on_path_the_push_is_received_and_says_so(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.unguarded()
    monkeypatch.setenv("PATH", without_qoc())
    said = server.push()
    assert "not on PATH" in said
    assert "received" in said
    server.git("config", "--unset", "qoc.publishDir")
    server.commit("notes.md", "more\n")
    assert server.push() == ""
