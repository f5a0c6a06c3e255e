from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from git_qoc.desk.secrets import Reference, Secret, resolve
from git_qoc.errors import DeskError


def test_a_secret_cannot_be_printed_or_pickled() -> None:
    secret = Secret("hunter2")
    assert "hunter2" not in f"{secret} {secret!r} {[secret]}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    assert secret.reveal() == "hunter2"


def test_an_environment_variable_and_a_file_are_read_and_trimmed(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(" hunter2\n")
    assert resolve(Reference("env", "K"), "api_key", {"K": "hunter2"}).reveal() == "hunter2"
    assert resolve(Reference("file", str(tmp_path / "key")), "api_key", {}).reveal() == "hunter2"


def test_git_credential_gives_the_user_as_key_and_the_password_as_secret(tmp_path: Path) -> None:
    config = tmp_path / "gitconfig"
    config.write_text(
        '[credential "https://api.example.com"]\n'
        '\thelper = "!f() { echo username=the-user; echo password=the-password; }; f"\n'
    )
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": str(config)}
    reference = Reference("git-credential", "https://api.example.com")
    assert resolve(reference, "api_key", environ).reveal() == "the-user"
    assert resolve(reference, "api_secret", environ).reveal() == "the-password"
    with pytest.raises(DeskError, match="which no helper has"):
        resolve(Reference("git-credential", "https://other.example.com"), "api_key", environ)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        (Reference("env", "EQ_API_KEY"), "needs EQ_API_KEY, which is not set. Export it"),
        (Reference("env", "EMPTY"), "which is empty"),
        (Reference("file", "/nonexistent/key"), "needs the file /nonexistent/key, which cannot be read"),
        (Reference("keyring", "no-slash"), "malformed keyring reference"),
        (Reference("git-credential", "https://x\nhost=evil"), "malformed git-credential reference"),
    ],
)
def test_what_is_not_there_is_named(reference: Reference, message: str) -> None:
    with pytest.raises(DeskError) as caught:
        resolve(reference, "api_key", {"EMPTY": " "})
    assert message in str(caught.value)
