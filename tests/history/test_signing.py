"""Signed commits: real keys, git's own verdict. git is told to sign; how is its own affair."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from git_qoc.errors import HistoryError
from git_qoc.history.repository import discover
from tests.conftest import Git
from tests.history.desk import record, seed, snapshot_path

PATH, DATA = snapshot_path(0), b"nav = 1\n"
X509 = """\
Key-Type: RSA
Key-Length: 2048
Key-Usage: sign
Serial: random
Name-DN: CN=Ada Trader
Name-Email: ada@example.com
Hash-Algo: sha256
"""


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A throw-away GNUPGHOME; its path is short, because a socket's must be."""
    with tempfile.TemporaryDirectory(prefix="gpg") as folder:
        monkeypatch.setenv("GNUPGHOME", folder)
        yield Path(folder)
        subprocess.run(["gpgconf", "--kill", "all"], capture_output=True, check=False)


def run(*args: str, stdin: bytes = b"") -> bytes:
    done = subprocess.run(args, input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def untouched(git: Git, head: str) -> None:
    assert git("rev-parse", "HEAD") == head
    assert git("status", "--porcelain") == ""
    assert not (git.path / "snapshots").exists()
    assert git("fsck", "--strict", "--no-dangling") == ""
    assert not list((git.path / ".git" / "qoc").glob("journal*"))


@needs("gpg")
def test_an_openpgp_key_signs_and_git_verifies(git: Git, keys: Path) -> None:
    seed(git)
    who = "Ada Trader <ada@example.com>"
    run("gpg", "--batch", "--passphrase", "", "--quick-generate-key", who, "ed25519", "sign", "never")
    git("config", "commit.gpgSign", "true")
    record(discover(git.path), PATH, DATA)
    git("verify-commit", "HEAD")
    assert git("log", "-1", "--format=%GS") == who
    assert git("log", "-1", "--format=%G?") in ("G", "U")
    assert git("status", "--porcelain") == ""


@needs("gpg")
def test_the_key_of_user_signingkey_is_the_one_that_signs(git: Git, keys: Path) -> None:
    seed(git)
    for who in ("Ada Trader <ada@example.com>", "Desk Key <desk@example.com>"):
        run("gpg", "--batch", "--passphrase", "", "--quick-generate-key", who, "ed25519", "sign", "never")
    git("config", "commit.gpgSign", "true")
    git("config", "user.signingKey", "desk@example.com")
    record(discover(git.path), PATH, DATA)
    assert git("log", "-1", "--format=%GS") == "Desk Key <desk@example.com>"


@needs("ssh-keygen")
def test_an_ssh_key_signs_and_git_verifies(git: Git, tmp_path: Path) -> None:
    seed(git)
    key = tmp_path / "key"
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key))
    (tmp_path / "signers").write_text("ada@example.com " + key.with_suffix(".pub").read_text())
    for name, value in (
        ("gpg.format", "ssh"),
        ("user.signingKey", str(key)),
        ("gpg.ssh.allowedSignersFile", str(tmp_path / "signers")),
        ("commit.gpgSign", "true"),
    ):
        git("config", name, value)
    record(discover(git.path), PATH, DATA)
    git("verify-commit", "HEAD")
    assert git("log", "-1", "--format=%G?") == "G"


@needs("gpgsm")
def test_an_x509_certificate_signs_and_git_verifies(git: Git, keys: Path) -> None:
    seed(git)
    (keys / "gpg-agent.conf").write_text("allow-loopback-pinentry\nallow-mark-trusted\n")
    (keys / "gpgsm.conf").write_text("disable-crl-checks\nbatch\npinentry-mode loopback\n")
    quiet = ("--batch", "--pinentry-mode", "loopback", "--passphrase-fd", "0")
    (keys / "request").write_text(X509)
    made = run("gpgsm", *quiet, "--generate-key", "--output", str(keys / "cert"), str(keys / "request"))
    assert made == b""
    run("gpgsm", "--batch", "--import", str(keys / "cert"))
    listing = run("gpgsm", "--batch", "--with-colons", "--list-keys").decode().splitlines()
    fingerprint = next(line.split(":")[9] for line in listing if line.startswith("fpr:"))
    (keys / "trustlist.txt").write_text(f"{fingerprint} S relax\n")
    run("gpgconf", "--kill", "all")
    git("config", "gpg.format", "x509")
    git("config", "commit.gpgSign", "true")
    git("config", "user.signingKey", fingerprint)
    record(discover(git.path), PATH, DATA)
    assert "-----BEGIN SIGNED MESSAGE-----" in git("cat-file", "commit", "HEAD")
    git("verify-commit", "HEAD")


def test_gpg_program_is_the_program_that_is_asked(git: Git, tmp_path: Path) -> None:
    seed(git)
    program = tmp_path / "signer"
    program.write_text(
        '#!/bin/sh\ncat >/dev/null\necho "[GNUPG:] SIG_CREATED " >&2\n'
        "printf -- '-----BEGIN PGP SIGNATURE-----\\nours\\n-----END PGP SIGNATURE-----\\n'\n"
    )
    program.chmod(0o755)
    git("config", "gpg.program", str(program))
    record(discover(git.path), PATH, DATA)
    assert "gpgsig" not in git("cat-file", "commit", "HEAD")
    git("config", "commit.gpgSign", "true")
    record(discover(git.path), snapshot_path(1), DATA)
    assert "gpgsig -----BEGIN PGP SIGNATURE-----\n ours" in git("cat-file", "commit", "HEAD")


@pytest.mark.parametrize("script", ["exit 2", "cat >/dev/null; exit 0", "kill -9 $$"])
def test_a_signer_that_fails_leaves_nothing_behind(git: Git, tmp_path: Path, script: str) -> None:
    seed(git)
    program = tmp_path / "signer"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    git("config", "gpg.program", str(program))
    git("config", "commit.gpgSign", "yes")
    head = git("rev-parse", "HEAD")
    with pytest.raises(HistoryError, match=r"git commit-tree failed: .*sign"):
        record(discover(git.path), PATH, DATA)
    untouched(git, head)


def test_signing_switched_on_for_one_command_counts(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    seed(git)
    for name, value in (("COUNT", "2"), ("KEY_0", "commit.gpgSign"), ("VALUE_0", "true")):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    monkeypatch.setenv("GIT_CONFIG_KEY_1", "gpg.program")
    monkeypatch.setenv("GIT_CONFIG_VALUE_1", "false")
    head = git("rev-parse", "HEAD")
    with pytest.raises(HistoryError, match="git commit-tree failed"):
        record(discover(git.path), PATH, DATA)
    untouched(git, head)


def test_author_and_committer_of_the_environment_are_honoured(
    git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", f"{role} Ö")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", f"{role.lower()}@example.com")
        monkeypatch.setenv(f"GIT_{role}_DATE", f"@{len(role)}000000 +0230")
    record(discover(git.path), PATH, DATA)
    assert (
        git("log", "-1", "--format=%an|%ae|%at|%ai")
        == "AUTHOR Ö|author@example.com|6000000|1970-03-11 13:10:00 +0230"
    )
    assert git("log", "-1", "--format=%cn|%ce|%ct") == "COMMITTER Ö|committer@example.com|9000000"
