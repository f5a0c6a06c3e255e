"""`git qoc ci`: the workflows that it writes, held against the forges' schemas, and their steps run."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from git_qoc import __version__
from git_qoc.tasks.ci import FILES, is_ours, templates
from tests.cli.forge import Ran, Runner, load
from tests.cli.installed import ROOT, install
from tests.cli.qoc import Qoc
from tests.conftest import Git

FORGES = ("github", "gitlab", "forgejo")
SCHEMAS = {
    "github": ("vendor.github-workflows",),
    "forgejo": ("vendor.github-workflows",),
    "gitlab": ("vendor.gitlab-ci", "--data-transform", "gitlab-ci"),
}
PINNED = re.compile(r"[^@\s]+@[0-9a-f]{40}")


def valid(file: Path, *schema: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", *schema, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def uses(workflow: Any) -> Iterator[str]:
    for job in workflow["jobs"].values():
        yield from (step["uses"] for step in job["steps"] if "uses" in step)


def scripts(workflow: Any) -> Iterator[str]:
    for job in workflow["jobs"].values():
        yield from (step["run"] for step in job["steps"] if "run" in step)


@pytest.mark.parametrize("forge", FORGES)
def test_one_file_is_committed_alone_and_a_second_run_says_the_same(forge: str, desk: Qoc) -> None:
    (desk.git.path / "mine.md").write_text("mine\n")
    desk.git("add", "mine.md")
    result = desk.ok("ci", forge)
    assert FILES[forge] in result.out
    assert desk.git("show", "--format=%s", "--name-only", "HEAD").splitlines() == [
        f"ci {forge}: publish the retrospective on every push",
        "",
        FILES[forge],
    ]
    assert desk.git("status", "--porcelain") == "A  mine.md"
    state = desk.state()
    again = desk.ok("ci", forge)
    assert "says the same" in again.out
    assert desk.state() == state


@pytest.mark.parametrize("forge", FORGES)
@pytest.mark.parametrize("root", ["", "books/main desk/"])
def test_it_is_what_the_forge_reads_and_names_the_desks_own_folder(forge: str, root: str, desk: Qoc) -> None:
    folder = desk.git.path / root
    if root:
        folder.mkdir(parents=True)
        desk.git("mv", "desk.toml", root)
        desk.git("commit", "-qm", "into a folder")
    desk.ok("ci", forge, "--no-commit") if not root else desk("ci", forge, "--no-commit", cwd=folder)
    file = desk.git.path / FILES[forge]
    valid(file, *SCHEMAS[forge])
    text = file.read_text()
    assert "${{" not in re.sub(r"\$\{\{ (github\.ref|steps\.deployment\.outputs\.page_url) \}\}", "", text)
    assert re.search(r"\$\{[A-Z]", text) is None
    assert f"git-qoc[charts]=={__version__}'" in text
    made = load(file)
    if forge == "gitlab":
        assert made["qoc-retrospective"]["variables"]["GIT_DEPTH"] == "0"
        rules = made["qoc-retrospective"]["rules"]
        assert rules[0]["changes"][:2] == [f"{root}snapshots/**", f"{root}desk.toml"]
        assert made["pages"]["rules"] == rules
        assert made["pages"]["artifacts"]["paths"] == ["public"]
        return
    assert made["on"]["push"]["paths"] == [f"{root}snapshots/**", f"{root}desk.toml", FILES[forge]]
    report = made["jobs"]["report"]
    assert report["defaults"]["run"]["working-directory"] == (root.rstrip("/") or ".")
    assert report["steps"][0]["with"] == {"fetch-depth": 0, "persist-credentials": False}


@pytest.mark.parametrize("forge", ["github", "forgejo"])
def test_a_workflow_has_no_more_rights_than_it_needs(forge: str, desk: Qoc) -> None:
    desk.ok("ci", forge)
    made = load(desk.git.path / FILES[forge])
    assert set(made["on"]) == {"push", "workflow_dispatch"}
    assert all(PINNED.fullmatch(action) for action in uses(made))
    assert all("${{" not in script for script in scripts(made))
    assert all(job["timeout-minutes"] == 20 for job in made["jobs"].values())
    assert made["concurrency"]["cancel-in-progress"] is False
    if forge == "github":
        assert made["permissions"] == {"contents": "read"}
        assert "permissions" not in made["jobs"]["report"]
        assert made["jobs"]["deploy"]["permissions"] == {"pages": "write", "id-token": "write"}
    assert "secrets." not in (desk.git.path / FILES[forge]).read_text()


@pytest.mark.parametrize("file", ["action.yml", ".github/workflows/qoc.yml"])
def test_an_audit_for_known_ways_in_finds_none(file: str, desk: Qoc) -> None:
    desk.ok("ci", "github")
    path = (ROOT if file == "action.yml" else desk.git.path) / file
    command = [str(Path(sys.executable).with_name("zizmor")), "--offline", "--persona=pedantic", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "No findings" in done.stdout


def test_every_template_is_for_a_forge_and_is_yaml_as_it_stands() -> None:
    assert {file.stem for file in templates().iterdir()} == set(FORGES)
    for file in templates().iterdir():
        assert load(file)


def test_a_file_that_somebody_changed_is_kept_unless_forced(desk: Qoc) -> None:
    desk.ok("ci", "github")
    file = desk.git.path / FILES["github"]
    made = file.read_bytes()
    file.write_bytes(made.replace(b"timeout-minutes: 20", b"timeout-minutes: 5"))
    state = desk.state()
    kept = desk("ci", "github")
    assert (kept.code, kept.out) == (1, f"{FILES['github']} is yours and was kept.\n")
    assert "--force" in kept.err
    hint = next(line for line in kept.err.splitlines() if "git diff" in line).partition(": ")[2]
    ours = desk.ok("ci", "github", "--print").out
    command, cwd = ["sh", "-c", hint.partition(" | ")[2]], desk.git.path / "research"
    diff = subprocess.run(command, input=ours, cwd=cwd, capture_output=True, text=True, check=False)
    assert "-    timeout-minutes: 5\n" in diff.stdout
    assert desk.state() == state
    desk.ok("ci", "github", "--force")
    assert file.read_bytes() == made
    file.write_text("mine\n")
    assert desk("ci", "github").code == 1
    assert file.read_text() == "mine\n"


def test_the_file_of_an_earlier_version_is_brought_up_to_date(desk: Qoc) -> None:
    import hashlib

    desk.ok("ci", "github")
    file = desk.git.path / FILES["github"]
    now = file.read_text()
    body = now.partition("\n")[2].replace(f"=={__version__}'", "==0.0.9'")
    head = now.partition("\n")[0][:-32]
    file.write_text(f"{head}{hashlib.sha256(body.encode()).hexdigest()[:32]}\n{body}")
    desk.git("commit", "-qam", "as 0.0.9 made it")
    assert desk.ok("ci", "github").out.startswith("updated ")
    assert file.read_text() == now
    assert is_ours(now.encode())
    assert not is_ours(b"x" + now.encode())


def test_a_gitlab_ci_of_the_users_is_never_touched(desk: Qoc) -> None:
    mine = desk.git.path / ".gitlab-ci.yml"
    mine.write_text("test:\n  script: [make test]\n")
    desk.git("add", "-A")
    desk.git("commit", "-qm", "mine")
    result = desk.ok("ci", "gitlab")
    assert mine.read_text() == "test:\n  script: [make test]\n"
    assert "include:\n  - local: .gitlab/qoc.yml" in result.out
    made = desk.git.path / ".gitlab/qoc.yml"
    valid(made, *SCHEMAS["gitlab"])
    assert load(made)["pages"]["rules"][0]["changes"][2] == ".gitlab/qoc.yml"
    mine.write_text(mine.read_text() + "include:\n  - local: .gitlab/qoc.yml\n")
    assert "include" not in desk.ok("ci", "gitlab").out
    assert desk("ci", "gitlab", "--force").code == 0
    assert "make test" in mine.read_text()


def test_what_is_printed_is_what_would_be_written_and_nothing_is(desk: Qoc) -> None:
    state = desk.state()
    printed = desk.ok("ci", "forgejo", "--print").out
    assert desk.state() == state
    told = desk.ok("ci", "forgejo", "--json", "--no-commit").json
    assert (told["path"], told["state"], told["commit"]) == (FILES["forgejo"], "written", None)
    assert told["text"] == printed == (desk.git.path / FILES["forgejo"]).read_text()
    assert "committed" in desk.ok("ci", "forgejo").out
    assert desk("ci", "forgejo", "--print", "--force").code == 129
    assert desk("ci", "jenkins").code == 129


def test_a_folder_that_a_workflow_would_read_as_something_else_is_refused(desk: Qoc) -> None:
    for name in ("${{ github.token }}", "a*", 'a"', "a\nb", "-> x", " a"):
        folder = desk.git.path / name
        folder.mkdir()
        (folder / "desk.toml").write_text("")
        refused = desk("ci", "github", "--print", cwd=folder)
        assert refused.code == 128, name
        assert "Rename it" in refused.err or "line break" in refused.err


def test_a_link_on_the_way_is_not_written_through(desk: Qoc, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (desk.git.path / ".github").symlink_to(tmp_path / "elsewhere")
    assert "is a symbolic link" in desk("ci", "github").err
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.fixture
def pushed(desk: Qoc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """A desk in a folder with two snapshots and the workflows of all forges, as a forge has it."""
    install(tmp_path / "bin", monkeypatch)
    folder = desk.git.path / "books"
    folder.mkdir()
    desk.git("mv", "desk.toml", "books")
    desk.git("commit", "-qm", "into a folder")
    inside = Qoc(Git(folder), datetime(2017, 6, 26, 20, 5, tzinfo=UTC))
    inside.ok("connect", "equities", "--name", "stocks", "--venue", "paper")
    inside.ok("paper", "deposit", "stocks", "1000")
    for _ in range(2):
        inside.pass_time(days=1)
        for role in ("AUTHOR", "COMMITTER"):
            monkeypatch.setenv(f"GIT_{role}_DATE", inside.now.isoformat())
        inside.ok("snapshot")
    for forge in FORGES:
        inside.ok("ci", forge)
    bare = tmp_path / "forge.git"
    desk.git("clone", "-q", "--bare", str(desk.git.path), str(bare))
    return Git(bare)


def run(forge: str, pushed: Git, folder: Path, *options: str) -> Ran:
    runner = Runner(folder / "work")
    runner.checkout(f"file://{pushed.path}", *options)
    made = load(runner.workspace / FILES[forge])
    if forge == "gitlab":
        return runner.gitlab(made["qoc-retrospective"])
    return runner.github(made["jobs"]["report"])


@pytest.mark.parametrize("forge", FORGES)
def test_the_steps_run_by_hand_make_the_page(forge: str, pushed: Git, tmp_path: Path) -> None:
    ran = run(forge, pushed, tmp_path)
    assert ran.code == 0, ran.out
    public = tmp_path / "work" / "public"
    assert {"index.html", "retrospective.md", "retrospective.json"} <= {
        file.name for file in public.iterdir()
    }
    assert any(f"git-qoc[charts]=={__version__}" in line for line in ran.installed)
    report = ran.summary if forge == "github" else ran.out
    assert "# Retrospective 2017-06-27 to 2017-06-28" in report
    if forge == "github":
        assert "each is as it was recorded" in report
    assert Git(tmp_path / "work")("status", "--porcelain") == "?? public/"


@pytest.mark.parametrize("forge", FORGES)
def test_the_steps_stop_at_a_checkout_that_is_cut(forge: str, pushed: Git, tmp_path: Path) -> None:
    ran = run(forge, pushed, tmp_path, "--depth=1")
    assert (ran.step, ran.code) == ("script" if forge == "gitlab" else "Verify the record", 128)
    assert "git fetch --unshallow" in ran.out
    assert not (tmp_path / "work" / "public").exists()


@pytest.mark.parametrize("forge", FORGES)
def test_the_steps_stop_at_a_record_with_findings_and_name_them(
    forge: str, pushed: Git, desk: Qoc, tmp_path: Path
) -> None:
    path = "books/snapshots/2017-06-27T20-05-00Z.toml"
    file = desk.git.path / path
    file.write_text(file.read_text() + "# more\n")
    desk.git("commit", "-qam", "by hand")
    desk.git("push", "-q", str(pushed.path), "HEAD")
    ran = run(forge, pushed, tmp_path)
    assert (ran.step, ran.code) == ("script" if forge == "gitlab" else "Verify the record", 1)
    assert path in ran.out
    if forge == "github":
        assert path in ran.summary
    assert not (tmp_path / "work" / "public").exists()


def test_the_action_is_what_the_forge_reads() -> None:
    valid(ROOT / "action.yml", "vendor.github-actions")


@pytest.mark.parametrize(
    ("version", "asked"), [("", "/actions/git-qoc[charts]"), ("0.1.0", "git-qoc[charts]==0.1.0")]
)
def test_the_steps_of_the_action_run_by_hand_make_the_page(
    version: str, asked: str, pushed: Git, tmp_path: Path
) -> None:
    runner = Runner(tmp_path / "work")
    runner.checkout(f"file://{pushed.path}")
    pip = tmp_path / "runner/git-qoc/bin/python"
    pip.parent.mkdir(parents=True)
    pip.write_text('#!/bin/sh\necho "$*" >>"$INSTALLED"\n')
    pip.chmod(0o755)
    inputs = {"folder": "books", "html": "site", "args": "--since 2017-06-28", "version": version}
    ran = runner.github(load(ROOT / "action.yml")["runs"], inputs)
    assert ran.code == 0, ran.out
    assert ran.installed[1].endswith(f" {asked}")
    assert "# Retrospective" in ran.summary
    assert (tmp_path / "work/site/index.html").exists()
