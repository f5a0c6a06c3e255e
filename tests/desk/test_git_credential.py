"""git's own credential helpers, asked as git-credential(1) says; real git, real helpers."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from git_qoc.desk.found import Found, Trouble
from git_qoc.desk.git_credential import Helpers, Url, parse
from tests.checks.keys import ALNUM, made_of
from tests.conftest import Git
from tests.desk.leaks import found_in

USER, VALUE = made_of(ALNUM, 20, seed=13), made_of(ALNUM, 40, seed=14)
SECRETS = {"user": USER, "value": VALUE}
HOST = "https://api.example.com"


@pytest.fixture
def config(git: Git, tmp_path: Path) -> Path:
    """The user's global git config: one helper, `git credential-store`, that has the pair for HOST."""
    store = tmp_path / "credentials"
    store.write_text(f"https://{USER}:{VALUE}@api.example.com\nhttp://{USER}:{VALUE}@127.0.0.1:8080\n")
    store.chmod(0o600)
    path = tmp_path / "gitconfig"
    path.write_text(f'[credential]\n\thelper = store --file="{store}"\n')
    return path


def helpers(git: Git, config: Path, **environ: str) -> Helpers:
    return Helpers({**os.environ, "GIT_CONFIG_GLOBAL": str(config), **environ}, git.path / ".git")


def with_helper(config: Path, script: str) -> None:
    """`script` is the helper's, whatever it is asked."""
    file = config.with_name("helper.sh")
    file.write_text(f'#!/bin/sh\ntest "$1" = get || exit 0\n{script}\n')
    file.chmod(0o755)
    config.write_text(f'[credential]\n\thelper = "{file}"\n')


def ask(
    git: Git, config: Path, target: str = HOST, wanted: str = "password", **environ: str
) -> Found | Trouble:
    url = parse(target)
    assert isinstance(url, Url)
    return helpers(git, config, **environ).ask(url, wanted, target)


def state(found: Found | Trouble) -> str:
    assert isinstance(found, Trouble), found
    assert found_in(repr(found), SECRETS) == []
    return found.state


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("https://api.example.com", Url("https", "api.example.com", "", "")),
        ("https://api.example.com:8443/", Url("https", "api.example.com:8443", "", "")),
        ("https://joe@api.example.com/a/b", Url("https", "api.example.com", "a/b", "joe")),
        ("https://joe%40example.com@h/a%20b", Url("https", "h", "a b", "joe@example.com")),
        ("http://127.0.0.1:8080", Url("http", "127.0.0.1:8080", "", "")),
        ("http://[::1]:80/x", Url("http", "[::1]:80", "x", "")),
        ("http://localhost", Url("http", "localhost", "", "")),
    ],
)
def test_a_url_is_taken_apart_as_git_takes_it(target: str, url: Url) -> None:
    assert parse(target) == url


@pytest.mark.parametrize(
    "target",
    [
        f"https://joe:{VALUE}@api.example.com",
        f"https://:{VALUE}@api.example.com",
        "ssh://api.example.com",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://api.example.com\nhost=evil.example.com",
        "https://api.example.com/%0ahost=evil.example.com",
        "https://joe%0a@api.example.com",
        "https://api.example.com/%00",
        "https://api.example.com?q=1",
        "https://api.example.com#f",
        "https://good\\@evil",
        "!touch /tmp/ran",
        VALUE,
        "",
    ],
)
def test_what_is_no_plain_url_is_refused_unrepeated(target: str) -> None:
    found = parse(target)
    assert isinstance(found, Trouble)
    assert found.state == "not a URL"
    assert target in ("", "https://") or target not in found.message


@pytest.mark.parametrize("host", ["api.example.com", "127.0.0.1.evil.com", "localhost.evil.com", "[::2]"])
def test_plain_http_is_for_loopback_only(host: str) -> None:
    found = parse(f"http://{host}")
    assert isinstance(found, Trouble)
    assert found.state == "not https"


def test_gits_own_store_gives_the_user_and_the_password(git: Git, config: Path) -> None:
    for target in (HOST, f"https://{USER}@api.example.com/v2", "http://127.0.0.1:8080"):
        for wanted, value in (("username", USER), ("password", VALUE)):
            found = ask(git, config, target, wanted)
            assert isinstance(found, Found)
            assert found.secret.reveal() == value


def test_a_host_or_user_that_no_helper_knows_is_said(git: Git, config: Path) -> None:
    for target in (
        "https://other.example.com",
        "https://api.example.com:8443",
        "https://eve@api.example.com",
    ):
        assert state(ask(git, config, target)) == "no helper has it"
    config.write_text("")
    assert state(ask(git, config)) == "no helper has it"


@pytest.mark.parametrize(
    "answer", ["host=evil.example.com", "protocol=http", "username=eve", "host=api.example.com:8443"]
)
def test_an_answer_about_another_host_or_user_is_refused(git: Git, config: Path, answer: str) -> None:
    """git itself goes on with whatever host and user a helper names."""
    with_helper(config, f"echo username=joe\necho password={VALUE}\necho {answer}")
    assert state(ask(git, config, "https://joe@api.example.com")).startswith("a helper answered for another")


def test_a_helper_is_asked_with_protocol_host_user_and_path(git: Git, config: Path, tmp_path: Path) -> None:
    with_helper(config, f"cat > '{tmp_path}/asked'\necho username=joe\necho password={VALUE}")
    with config.open("a") as file:
        file.write("\tuseHttpPath = true\n")
    assert isinstance(ask(git, config, "https://joe@api.example.com:8443/a/b"), Found)
    asked = (tmp_path / "asked").read_text().splitlines()
    assert set(asked) >= {"protocol=https", "host=api.example.com:8443", "username=joe", "path=a/b"}


def test_a_helper_that_says_no_ends_it_or_fails_with_words_shows_none(git: Git, config: Path) -> None:
    for script in ("echo quit=1", f"echo {VALUE} >&2; exit 3", f"echo nonsense {VALUE}"):
        with_helper(config, script)
        assert state(ask(git, config)) == "no helper has it"
    with_helper(config, "printf 'username=joe\\npassword=\\377\\376\\n'")
    assert state(ask(git, config)) == "no answer"
    assert state(ask(git, config, PATH="/nonexistent")) == "no answer"


def test_nobody_is_ever_asked(git: Git, config: Path, tmp_path: Path) -> None:
    """Not by GIT_ASKPASS, core.askPass or SSH_ASKPASS, and a helper learns that it must not either."""
    asked = tmp_path / "asked"
    prompt = tmp_path / "prompt"
    prompt.write_text(f"#!/bin/sh\necho $0 >> '{asked}'\necho {VALUE}\n")
    prompt.chmod(0o755)
    with_helper(config, f"env > '{tmp_path}/env'; git config credential.interactive >> '{tmp_path}/env'")
    with config.open("a") as file:
        file.write(f'\tinteractive = true\n[core]\n\taskPass = "{prompt}"\n')
    loud = {name: str(prompt) for name in ("GIT_ASKPASS", "SSH_ASKPASS")}
    loud |= {"GIT_TERMINAL_PROMPT": "1", "GCM_INTERACTIVE": "always", "DISPLAY": ":0"}
    assert state(ask(git, config, **loud)) == "no helper has it"
    assert not asked.exists()
    told = (tmp_path / "env").read_text().splitlines()
    assert {"GIT_TERMINAL_PROMPT=0", "GCM_INTERACTIVE=never", "GCM_GUI_PROMPT=false"} <= set(told)
    assert told[-1] == "false"


def test_a_helper_is_in_a_session_of_its_own_and_so_without_a_terminal(
    git: Git, config: Path, tmp_path: Path
) -> None:
    with_helper(config, f"cut -d ' ' -f 6 /proc/$$/stat > '{tmp_path}/session'")
    assert state(ask(git, config)) == "no helper has it"
    assert int((tmp_path / "session").read_text()) != os.getsid(0)


def test_no_file_of_the_work_tree_is_ever_run_as_a_helper(
    git: Git, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by a config file in it, not by a helper's name, not with `.` on PATH."""
    run = f"#!/bin/sh\ntouch '{tmp_path}/ran'\necho username=eve\necho password=x\n"
    for name in ("git-credential-evil", "evil", ".gitconfig", ".git-credentials"):
        (git.path / name).write_text(run)
        (git.path / name).chmod(0o755)
    hostile = f'[credential]\n\thelper = "!{git.path}/evil"\n'
    for name in (".gitconfig", "gitconfig", ".gitmodules", "config", ".gitattributes"):
        (git.path / name).write_text(hostile)
    git("add", ".")
    config.write_text("[credential]\n\thelper = evil\n\thelper = ./evil\n")
    path = f".:{os.environ['PATH']}:"
    for folder in (git.path, tmp_path):
        monkeypatch.chdir(folder)
        assert state(ask(git, config, PATH=path)) == "no helper has it"
    clone = tmp_path / "clone"
    git("commit", "-qm", "hostile")
    git("config", "credential.helper", f"!{git.path}/evil")
    subprocess.run(["git", "clone", "-q", str(git.path), str(clone)], check=True)
    assert state(ask(Git(clone), config, PATH=path)) == "no helper has it"
    assert not (tmp_path / "ran").exists()
    # What .git/config names is the user's own word, and is not cloned.
    assert isinstance(ask(git, config), Found)


def test_a_helper_that_hangs_ends_with_the_command_and_all_it_started(
    git: Git, config: Path, tmp_path: Path
) -> None:
    fifo = tmp_path / "started"
    os.mkfifo(fifo)
    with_helper(config, f"sleep 60 &\necho $! > '{fifo}'\nwait")
    asked = helpers(git, config)
    url = parse(HOST)
    assert isinstance(url, Url)
    results: list[Found | Trouble] = []
    thread = threading.Thread(target=lambda: results.append(asked.ask(url, "password", HOST)))
    thread.start()
    sleeper = int(fifo.read_text())
    asked.close()
    thread.join(10)
    assert [state(found) for found in results] == ["no helper has it"]
    assert is_gone_soon(sleeper)
    assert state(asked.ask(url, "password", HOST)) == "no answer"


def is_gone_soon(pid: int) -> bool:
    """A signal that was sent need not have arrived yet."""
    until = time.monotonic() + 10
    while not is_gone(pid) and time.monotonic() < until:
        os.sched_yield()
    return is_gone(pid)


def is_gone(pid: int) -> bool:
    """Ended, though perhaps nobody has asked for its exit code yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
