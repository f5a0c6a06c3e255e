"""`git qoc setup`: what it installs, what it leaves alone, and how it takes itself back."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from git_qoc.cli.main import COMMANDS
from git_qoc.history.drivers import MERGE_COMMAND, SETTINGS
from tests.cli.installed import ROOT, install, without_qoc
from tests.cli.qoc import Qoc
from tests.conftest import Git

BASH = ".local/share/bash-completion/completions/git-qoc"
ZSH = ".local/share/zsh/site-functions/_git-qoc"
FISH = ".config/fish/completions/git-qoc.fish"
MAN = ".local/share/man/man1/git-qoc.1"
UNSPECIFIED = "# nothing here\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a space in its name, and git-qoc on PATH."""
    home = tmp_path / "my home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "BASH_COMPLETION_USER_DIR", "GIT_CONFIG_GLOBAL"):
        monkeypatch.delenv(name, raising=False)
    install(tmp_path / "bin", monkeypatch)
    return home


@pytest.fixture
def old(desk: Qoc) -> Qoc:
    """A desk whose .gitattributes names no drivers, as those made before had it."""
    (desk.git.path / ".gitattributes").write_text("snapshots/** text eol=lf\n")
    desk.git("commit", "-q", "-a", "-m", "older")
    return desk


def files(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def states(qoc: Qoc, *args: str) -> dict[str, str]:
    """State by what was set up, with the last word of its place where two have one name."""
    return {step["what"]: step["state"] for step in qoc("setup", "--json", *args).json}


def attributes(git: Git, root: str = "") -> list[str]:
    paths = (f"{root}snapshots/2026-07-05T16-00-00Z.toml", f"{root}desk.toml")
    told = git("check-attr", "-z", "diff", "merge", "--", *paths).split("\0")
    return [told[2], told[5], told[8], told[11]]


def test_new_desk_names_the_drivers_and_without_setup_git_takes_plain_text(desk: Qoc) -> None:
    desk.ok("connect", "cash", "--name", "c", "--venue", "paper")
    assert attributes(desk.git) == ["qoc-snapshot", "unspecified", "unspecified", "qoc-desk"]
    assert '+name    = "c"' in desk.git("diff", "HEAD~1", "--", "desk.toml")
    desk.ok("snapshot")
    assert "+[meta]" in desk.git("show", "HEAD")
    desk.git("checkout", "-q", "-b", "topic", "HEAD~2")
    (desk.git.path / "desk.toml").write_text("# mine\n" + (desk.git.path / "desk.toml").read_text())
    desk.git("commit", "-q", "-a", "-m", "x")
    desk.git("merge", "-q", "--no-edit", "main")
    assert (desk.git.path / "desk.toml").read_text().startswith("# mine\n")


def test_init_tells_of_setup_and_sets_nothing_up(qoc: Qoc, home: Path) -> None:
    assert "git qoc setup" in qoc.ok("init").err
    assert files(home) == {}
    assert "qoc" not in (qoc.git.path / ".git/config").read_text()


def test_setup_says_each_thing_and_the_second_time_nothing_changes(old: Qoc, home: Path) -> None:
    first = old.ok("setup")
    assert len(first.out.splitlines()) == 10
    assert all(line.startswith("installed ") for line in first.out.splitlines())
    for key, value in SETTINGS.items():
        assert old.git("config", "--local", key) == value
    assert attributes(old.git) == ["qoc-snapshot", "unspecified", "unspecified", "qoc-desk"]
    made = files(home), files(old.git.path / ".git")
    assert set(made[0]) == {BASH, ZSH, FISH, MAN}
    second = old.ok("setup")
    assert all(line.startswith("present ") for line in second.out.splitlines())
    assert (files(home), files(old.git.path / ".git")) == made
    assert old.git("status", "--porcelain") == ""


def test_remove_takes_back_what_setup_made_to_the_byte(old: Qoc, home: Path) -> None:
    info = old.git.path / ".git/info/attributes"
    info.write_text("*.png binary")
    old.git("config", "diff.mine.textconv", "cat")
    (home / ".config").mkdir()
    (home / ".config/mine").write_text("x")
    before = files(home), files(old.git.path / ".git")
    old.ok("setup")
    removed = old.ok("setup", "--remove")
    assert all(line.startswith("removed ") for line in removed.out.splitlines())
    info.write_bytes(info.read_bytes().removesuffix(b"\n"))  # a last line gets its end
    assert (files(home), files(old.git.path / ".git")) == before
    assert not (home / ".config/fish").exists()
    again = old.ok("setup", "--remove")
    assert all(line.startswith("absent ") for line in again.out.splitlines())


def test_attributes_file_of_ours_alone_is_removed(old: Qoc) -> None:
    shutil.rmtree(old.git.path / ".git/info")
    old.ok("setup")
    old.ok("setup", "--remove")
    assert not (old.git.path / ".git/info/attributes").exists()


def test_values_and_files_of_the_users_are_kept_and_named_unless_forced(old: Qoc, home: Path) -> None:
    old.git("config", "diff.qoc-snapshot.textconv", "mine --all")
    (old.git.path / ".gitattributes").write_text("desk.toml merge=union\n")
    (home / BASH).parent.mkdir(parents=True)
    (home / BASH).write_text("mine")
    (home / MAN).parent.mkdir(parents=True)
    (home / MAN).write_text("mine")
    done = old("setup")
    assert done.code == 1
    kept = [line for line in done.out.splitlines() if line.startswith("kept ")]
    assert [line.split(": ", 1)[1] for line in kept] == [
        "diff.qoc-snapshot.textconv (yours is 'mine --all'; --force replaces it)",
        "/desk.toml merge=qoc-desk (yours is 'union'; --force replaces it)",
        "bash completion (a file of yours stands there; --force replaces it)",
        "man page (yours is 'a file'; --force replaces it)",
    ]
    assert old.git("config", "diff.qoc-snapshot.textconv") == "mine --all"
    assert attributes(old.git)[3] == "union"
    assert (home / BASH).read_text() == (home / MAN).read_text() == "mine"
    old.ok("setup", "--remove")
    assert old.git("config", "diff.qoc-snapshot.textconv") == "mine --all"
    assert (home / BASH).read_text() == (home / MAN).read_text() == "mine"
    forced = old.ok("setup", "--force")
    assert "replaced  git config --local: diff.qoc-snapshot.textconv (was 'mine --all')" in forced.out
    assert attributes(old.git)[3] == "qoc-desk"
    assert (home / MAN).is_symlink()


def test_files_of_an_earlier_version_are_updated(old: Qoc, home: Path) -> None:
    old.ok("setup")
    for name in (BASH, ZSH, FISH):
        (home / name).write_text((home / name).read_text() + "# older\n")
    (home / MAN).unlink()
    (home / MAN).symlink_to("/gone/share/man/man1/git-qoc.1")
    done = states(old)
    assert {what for what, state in done.items() if state == "updated"} == {
        "bash completion",
        "zsh completion",
        "fish completion",
        "man page",
    }


def test_print_writes_nothing_and_shows_what_it_would(old: Qoc, home: Path) -> None:
    before = files(home), files(old.git.path / ".git")
    out = old.ok("setup", "--print").out
    assert f"to be installed git config --local: merge.qoc-desk.driver = {MERGE_COMMAND}" in out
    assert (files(home), files(old.git.path / ".git")) == before
    old.ok("setup")
    made = files(home), files(old.git.path / ".git")
    assert "to be removed" in old.ok("setup", "--remove", "--print").out
    assert (files(home), files(old.git.path / ".git")) == made


def test_global_serves_every_desk_and_changes_no_repository(old: Qoc, home: Path) -> None:
    before = files(old.git.path / ".git")
    assert old.ok("setup", "--global").out.count("installed") == 10
    assert attributes(old.git) == ["qoc-snapshot", "unspecified", "unspecified", "qoc-desk"]
    assert files(old.git.path / ".git") == before
    assert set(states(old, "--global").values()) == {"present"}
    old.ok("setup", "--global", "--remove")
    assert set(files(home)) <= {".gitconfig"}
    assert "qoc" not in (home / ".gitconfig").read_text()


def test_global_attributes_go_where_git_looks_and_under_the_users_own(
    old: Qoc, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = home / "dot files" / "attributes"
    mine.parent.mkdir()
    mine.write_text("desk.toml merge=binary\n")
    link = home / "attributes"
    link.symlink_to(mine)
    old.git("config", "--global", "core.attributesFile", "~/attributes")
    old.ok("setup", "--global")
    assert link.is_symlink()
    assert attributes(old.git) == ["qoc-snapshot", "unspecified", "unspecified", "binary"]
    old.ok("setup", "--global", "--remove")
    assert mine.read_text() == "desk.toml merge=binary\n"
    old.git("config", "--global", "--unset", "core.attributesFile")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "xdg"))
    old.ok("setup", "--global")
    assert (home / "xdg/git/attributes").exists()
    assert attributes(old.git)[0] == "qoc-snapshot"


def test_global_needs_no_desk_and_local_says_so(qoc: Qoc, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    outside = qoc("setup", cwd=tmp_path / "empty")
    assert outside.code == 128
    assert "git qoc setup --global" in outside.err
    assert qoc("setup").code == 128
    assert qoc("setup", "--global", cwd=tmp_path / "empty").code == 0


def test_contrary_options_are_usage(desk: Qoc) -> None:
    assert desk("setup", "--local", "--global").code == 129
    assert desk("setup", "--remove", "--force").code == 129


def test_a_global_config_that_is_no_file_is_left_alone(desk: Qoc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    done = desk("setup", "--global")
    assert done.code == 128
    assert f"GIT_CONFIG_GLOBAL={os.devnull} is no file" in done.err


def test_xdg_folders_are_honoured(desk: Qoc, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "conf"))
    desk.ok("setup")
    assert set(files(home)) == {
        "data/bash-completion/completions/git-qoc",
        "data/zsh/site-functions/_git-qoc",
        "conf/fish/completions/git-qoc.fish",
        MAN,
    }
    monkeypatch.setenv("BASH_COMPLETION_USER_DIR", str(home / "bash"))
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    desk.ok("setup")
    assert {"bash/completions/git-qoc", ZSH} <= set(files(home))


@pytest.mark.parametrize("value", ["missing", ""])
def test_a_home_that_is_missing_is_not_made_and_the_rest_is_set_up(
    old: Qoc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("HOME", value and str(tmp_path / value))
    done = old("setup")
    assert done.code == 1
    assert done.out.count("installed ") == 6
    assert done.out.count(". Set HOME, then run this again") == 4
    assert not (tmp_path / "missing").exists()
    assert attributes(old.git)[3] == "qoc-desk"
    everywhere = old("setup", "--global")
    assert everywhere.code == 128
    assert "there is no global configuration. Set HOME" in everywhere.err
    assert not (tmp_path / "missing").exists()


@pytest.mark.skipif(not Path("/sys/kernel").is_dir(), reason="no folder that refuses root too")
def test_a_home_that_cannot_be_written_is_named_and_the_rest_is_set_up(
    old: Qoc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/sys/kernel")
    done = old("setup")
    assert done.code == 1
    assert done.out.count("installed ") == 6
    refused = [line for line in done.out.splitlines() if line.startswith("failed ")]
    assert len(refused) == 4
    assert all("not permitted" in line or "denied" in line or "Read-only" in line for line in refused)
    assert old("setup", "--remove").code == 0


@pytest.mark.parametrize("name", ["books", 'my "books', "a*b[c]?", "!b\\c é"])
def test_desk_in_a_folder_gets_lines_for_that_folder_alone(old: Qoc, name: str) -> None:
    assert old("init", name).code == 0
    old.git("rm", "-q", "--", f":(literal){name}/.gitattributes")
    done = old("setup", cwd=old.git.path / name)
    assert done.code == 0, done.out
    assert attributes(old.git, f"{name}/") == ["qoc-snapshot", "unspecified", "unspecified", "qoc-desk"]
    assert attributes(old.git)[::3] == ["unspecified", "unspecified"]
    assert old("setup", cwd=old.git.path).code == 0
    assert attributes(old.git)[::3] == ["qoc-snapshot", "qoc-desk"]
    old.ok("setup", "--remove")
    assert attributes(old.git, f"{name}/")[::3] == attributes(old.git)[::3] == ["unspecified", "unspecified"]


def test_linked_work_tree_and_bare_repository_are_set_up(old: Qoc, tmp_path: Path) -> None:
    old.git("worktree", "add", "-q", str(tmp_path / "second"))
    assert old("setup", cwd=tmp_path / "second").code == 0
    assert attributes(old.git)[3] == "qoc-desk"
    subprocess.run(["git", "clone", "-q", "--bare", str(old.git.path), str(tmp_path / "b")], check=True)
    done = old("setup", cwd=tmp_path / "b")
    assert done.code == 0, done.out
    assert attributes(Git(tmp_path / "b"))[3] == "qoc-desk"


def test_two_clones_set_up_merge_a_venue_each(old: Qoc, tmp_path: Path) -> None:
    old.ok("connect", "cash", "--name", "first", "--venue", "paper")
    subprocess.run(["git", "clone", "-q", str(old.git.path), str(tmp_path / "clone")], check=True)
    clone = Qoc(Git(tmp_path / "clone"))
    clone.ok("setup")
    old.ok("connect", "crypto", "--name", "mine", "--venue", "paper")
    clone.ok("connect", "crypto", "--name", "yours", "--venue", "paper")
    clone.git("pull", "-q", "--no-rebase", "--no-edit")
    rows = tomllib.loads((clone.git.path / "desk.toml").read_text())["connector"]
    assert [row["name"] for row in rows] == ["first", "yours", "mine"]


def test_textconv_is_what_git_diff_shows(old: Qoc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old.ok("connect", "cash", "--name", "c", "--venue", "paper")
    old.ok("snapshot")
    old.ok("setup")
    install(tmp_path / "bin", monkeypatch)
    shown = old.git("show", "HEAD")
    assert re.search(r"^\+nav_usd +0\.00$", shown, re.MULTILINE)
    assert "+[meta]" not in shown
    assert "+[meta]" in old.git("show", "--no-textconv", "HEAD")
    monkeypatch.setenv("PATH", without_qoc())
    assert old.git("show", "HEAD") == old.git("show", "--no-textconv", "HEAD")


def test_hunk_headers_name_the_section(old: Qoc) -> None:
    old.ok("setup")
    old.git("config", "--unset", "diff.qoc-snapshot.textconv")
    file = old.git.path / "snapshots" / "a.toml"
    file.write_text("[meta]\n" + "".join(f"k{n} = {n}\n" for n in range(20)))
    old.git("add", "-A")
    old.git("commit", "-q", "-m", "x")
    file.write_text(file.read_text().replace("k15 = 15", "k15 = 16"))
    assert "@@ [meta]" in old.git("diff")


def test_man_page_is_found_by_git(old: Qoc, home: Path) -> None:
    old.ok("setup")
    page = home / MAN
    assert page.read_bytes() == (ROOT / "man/git-qoc.1").read_bytes()
    if shutil.which("man") is None:
        return
    environ = {**os.environ, "MANPATH": f"{home}/.local/share/man", "MANPAGER": "cat", "GIT_PAGER": "cat"}
    done = subprocess.run(
        ["git", "help", "-m", "qoc"],
        cwd=old.git.path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "the books of a trading desk" in done.stdout


def test_man_page_is_package_data() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"]["man/git-qoc.1"] == "git_qoc/data/man/git-qoc.1"


GITS_OWN = Path("/usr/share/bash-completion/completions/git")
COMPLETE = """\
case $1 in git) source /usr/share/bash-completion/completions/git ;; esac
source "$HOME/.local/share/bash-completion/completions/git-qoc"
mode=$1; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
case $mode in git) __git_wrap__git_main ;; plain) _git_qoc ;; command) _git_qoc_command ;; esac
printf '%s\\n' "${COMPREPLY[@]}"
"""
MODES = [
    pytest.param(
        "git", marks=pytest.mark.skipif(not GITS_OWN.exists(), reason="git's completion is not here")
    ),
    "plain",
    "command",
]


def complete(qoc: Qoc, mode: str, typed: str) -> list[str]:
    """What bash offers for the last word of `git qoc …`, or of `git-qoc …`."""
    words = typed.split(" ") if mode != "command" else ["git-qoc", *typed.split(" ")[2:]]
    done = subprocess.run(
        ["bash", "--norc", "-c", COMPLETE, "bash", mode, *words],
        cwd=qoc.git.path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return [line.rstrip() for line in done.stdout.splitlines() if line]


TYPED = {
    "git qoc sna": ["snapshot"],
    "git qoc connect ": ["equities", "options", "crypto", "futures", "cash"],
    "git qoc connect crypto --name x --env": ["--env-prefix"],
    "git qoc run ": ["benchmark", "retrospective"],
    "git qoc run retrospective --si": ["--since"],
    "git qoc status --snapshot ": ["latest"],
    "git qoc paper dep": ["deposit"],
    "git qoc paper deposit ": ["main-cash", "b.2"],
    "git qoc paper buy m": ["main-cash"],
    "git qoc --ver": ["--version"],
    "git qoc connect --name sna": [],
}


@pytest.mark.parametrize("mode", MODES)
def test_bash_completes_commands_options_and_connectors(desk: Qoc, mode: str) -> None:
    desk.ok("setup")
    for name in ("main-cash", "b.2"):
        desk.ok("connect", "cash", "--name", name, "--venue", "paper")
    with (desk.git.path / "desk.toml").open("a") as file:
        file.write('\n[[schedule]]\nname = "no-connector"\ncron = "5 16 * * 1-5"\ntask = "snapshot"\n')
    for typed, expected in TYPED.items():
        found = complete(desk, mode, typed)
        assert found == expected or (typed.endswith("--name sna") and "snapshot" not in found), typed
    every = complete(desk, mode, "git qoc ")
    assert every == list(COMMANDS)


@pytest.mark.skipif(not GITS_OWN.exists(), reason="git's completion is not here")
def test_bash_completes_behind_git_s_own_options(desk: Qoc, tmp_path: Path) -> None:
    desk.ok("setup")
    assert complete(desk, "git", f"git -C {tmp_path} --no-pager qoc sna") == ["snapshot"]


@pytest.mark.parametrize("mode", MODES)
def test_a_cloned_desk_runs_nothing_by_completion(desk: Qoc, tmp_path: Path, mode: str) -> None:
    desk.ok("setup")
    trap = tmp_path / "trap"
    evil = [f"$(touch {trap})", f"`touch {trap}`", f"x;touch {trap}", "-rf", "$HOME", "*", "good"]
    (desk.git.path / "desk.toml").write_text("".join(f"[[connector]]\nname = '{name}'\n" for name in evil))
    assert complete(desk, mode, "git qoc paper deposit ") == ["good"]
    assert not trap.exists()


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_accept_their_script(desk: Qoc, home: Path, shell: str) -> None:
    desk.ok("setup")
    file = home / (ZSH if shell == "zsh" else FISH)
    assert "snapshot" in file.read_text()
    if shutil.which(shell) is not None:
        subprocess.run([shell, "-n", str(file)], check=True)


def test_every_script_names_every_command_and_option(desk: Qoc, home: Path) -> None:
    desk.ok("setup")
    for command in ("connect", "status", "snapshot", "check"):
        options = {word.strip(",") for word in desk.ok(command, "-h").out.split() if word.startswith("--")}
        for name in (BASH, ZSH, FISH):
            text = (home / name).read_text()
            wanted = {
                option.removeprefix("--") for option in options if option[2:].replace("-", "").isalpha()
            }
            assert all(option in text for option in wanted), (name, command)
