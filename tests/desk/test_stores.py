from __future__ import annotations

import os
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from git_qoc.desk.found import Found, Trouble
from git_qoc.desk.secrets import Reference
from git_qoc.desk.stores import Stores
from git_qoc.errors import DeskError
from tests.checks.keys import ALNUM, made_of
from tests.conftest import Git
from tests.desk.leaks import found_in, told

ROOT = Path(__file__).parents[2]
VALUE, OTHER = made_of(ALNUM, 40, seed=15), made_of(ALNUM, 40, seed=16)
SECRETS = {"value": VALUE, "other": OTHER}
EXTRACT = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from git_qoc.desk.secrets import Reference
from git_qoc.desk.stores import Stores
with Stores(os.environ, Path("/nonexistent"), Path("/nonexistent")) as stores:
    found = stores.find(Reference("keyring", sys.argv[2]), "api_key")
    print(found, found.secret.reveal() if hasattr(found, "secret") else "")
"""


@pytest.fixture
def stores(git: Git, tmp_path: Path) -> Stores:
    tmp_path.chmod(0o700)
    (tmp_path / "key").write_text(f"{VALUE}\n")
    (tmp_path / "key").chmod(0o600)
    environ = {**os.environ, "EQ_API_KEY": f" {VALUE}\n", "EQ_API_SECRET": OTHER, "EMPTY": " ", "NONE": ""}
    return Stores(environ, tmp_path, git.path / ".git")


def revealed(found: Found | Trouble) -> str:
    assert isinstance(found, Found), found
    return found.secret.reveal()


def trouble(found: Found | Trouble) -> Trouble:
    assert isinstance(found, Trouble)
    assert found_in(repr(found), SECRETS) == []
    return found


def test_a_variable_and_a_file_are_read_and_trimmed(stores: Stores, tmp_path: Path) -> None:
    assert revealed(stores.find(Reference("env", "EQ_API_KEY"), "api_key")) == VALUE
    assert revealed(stores.find(Reference("file", str(tmp_path / "key")), "api_key")) == VALUE


def test_a_relative_path_goes_from_the_folder_of_desk_toml(stores: Stores) -> None:
    for name in ("key", "./key", "repo/../key"):
        assert revealed(stores.find(Reference("file", name), "api_key")) == VALUE


def test_a_path_from_home_goes_from_home(
    stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert revealed(stores.find(Reference("file", "~/key"), "api_key")) == VALUE
    unknown = trouble(stores.find(Reference("file", "~no-such-user/key"), "api_key"))
    assert "no such name is possible" in unknown.message


def test_a_git_credential_gives_the_user_as_key_and_the_password_as_secret(
    git: Git, tmp_path: Path, stores: Stores
) -> None:
    (tmp_path / "credentials").write_text(f"https://{VALUE}:{OTHER}@api.example.com\n")
    git("config", "credential.helper", f"store --file={tmp_path}/credentials")
    reference = Reference("git-credential", "https://api.example.com")
    for key, value in {"api_key": VALUE, "user": VALUE, "api_secret": OTHER, "password": OTHER}.items():
        assert revealed(stores.find(reference, key, ("api_key", "api_secret"))) == value
    malformed = trouble(stores.find(Reference("git-credential", f"https://a:{VALUE}@b"), "api_key"))
    assert malformed.message.endswith("without a password")


@pytest.mark.parametrize(
    ("key", "keys"),
    [
        ("api_key", ("api_key",)),
        ("access_url", ("access_url",)),
        ("private_key", ("wallet_id", "private_key")),
        ("api_key", ("api_key", "api_token")),
    ],
)
def test_a_git_credential_gives_the_password_to_a_key_that_is_no_half_of_a_pair(
    git: Git, tmp_path: Path, stores: Stores, key: str, keys: tuple[str, ...]
) -> None:
    (tmp_path / "credentials").write_text(f"https://ada:{OTHER}@api.example.com\n")
    git("config", "credential.helper", f"store --file={tmp_path}/credentials")
    assert revealed(stores.find(Reference("git-credential", "https://api.example.com"), key, keys)) == OTHER


@pytest.mark.parametrize(
    ("form", "target", "state", "message"),
    [
        ("env", "CX_API_KEY", "not set", "needs CX_API_KEY, which is not set. Export it"),
        ("env", "EMPTY", "set but empty", "needs EMPTY, which is set but empty. Give it a value"),
        ("env", "NONE", "set but empty", "needs NONE, which is set but empty. Give it a value"),
        ("file", "none", "cannot be read: No such file or directory", "needs the file none, which cannot be"),
        ("keyring", "no-slash", "not service/user", "has a malformed keyring reference"),
        ("keyring", "/user", "not service/user", "has a malformed keyring reference"),
        ("git-credential", "https://x\nhost=evil", "not a URL", "has a malformed git-credential reference"),
    ],
)
def test_what_is_not_there_is_named_with_the_way_out(
    stores: Stores, form: str, target: str, state: str, message: str
) -> None:
    found = trouble(stores.find(Reference(form, target), "api_key"))
    assert found.state == state
    assert found.message.startswith(message)


def test_strict_refuses_what_is_otherwise_a_doubt(stores: Stores, git: Git, tmp_path: Path) -> None:
    (tmp_path / "key").chmod(0o644)
    found = stores.find(Reference("file", "key"), "api_key")
    assert isinstance(found, Found)
    strict = Stores({}, tmp_path, git.path / ".git", strict=True)
    assert trouble(strict.find(Reference("file", "key"), "api_key")) == found.doubts[0]


def test_a_file_that_git_tracks_is_refused_unread_and_one_that_git_add_would_take_is_a_doubt(
    git: Git, tmp_path: Path
) -> None:
    (git.path / "key").write_text(VALUE)
    (git.path / "key").chmod(0o600)
    reference = Reference("file", "key")
    tracked = Stores({}, git.path, git.path / ".git", known_to_git=lambda _: "tracked")
    assert trouble(tracked.find(reference, "api_key")).state == "tracked by git"
    loose = Stores({}, git.path, git.path / ".git", known_to_git=lambda _: "unignored")
    found = loose.find(reference, "api_key")
    assert isinstance(found, Found)
    assert "in the work tree and not ignored" in [doubt.state for doubt in found.doubts]


def test_what_was_found_is_forgotten_when_the_stores_close_and_what_comes_later_at_once(
    stores: Stores,
) -> None:
    with stores:
        found = stores.find(Reference("env", "EQ_API_KEY"), "api_key")
        assert revealed(found) == VALUE
    assert isinstance(found, Found)
    with pytest.raises(DeskError, match="dropped after use"):
        found.secret.reveal()
    trouble(stores.find(Reference("env", "EQ_API_SECRET"), "api_key"))


def test_a_traceback_over_a_store_with_the_locals_of_its_frames_shows_no_secret(stores: Stores) -> None:
    def fail(stores: Stores) -> None:
        keep = [stores.find(Reference("env", name), "api_key") for name in ("EQ_API_KEY", "EMPTY")]
        keep.append(stores.find(Reference("file", "key"), "api_key"))
        raise ValueError(keep, vars(stores))

    with pytest.raises(ValueError, match=r"\*\*\*\*") as caught:
        fail(stores)
    text = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "secret=****" in text
    assert found_in(text + told(caught.value), SECRETS) == []


def keyring(tmp_path: Path, backend: str, target: str = "service/user", *options: str) -> str:
    """What a process of its own says of a keyring reference, with the secret where it found one."""
    (tmp_path / "service").mkdir(exist_ok=True)
    (tmp_path / "service" / "user").write_text(f"{VALUE}\n")
    environ = {
        **os.environ,
        "PYTHON_KEYRING_BACKEND": backend,
        "PYTHONPATH": str(ROOT),
        "KEYRING_FOLDER": str(tmp_path),
        "HOME": str(tmp_path),
    }
    command = [sys.executable, *options, "-c", EXTRACT, str(ROOT), target]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.strip()


def test_a_keyring_gives_what_it_holds(tmp_path: Path) -> None:
    plain = "tests.desk.backends.Plain"
    assert keyring(tmp_path, plain).endswith(f"doubts=()) {VALUE}")
    none = keyring(tmp_path, plain, "other/user")
    assert "state='holds nothing'" in none
    assert "Run: keyring set other user" in none


@pytest.mark.parametrize(
    ("backend", "state"),
    [
        ("keyring.backends.null.Keyring", "holds nothing"),
        ("keyring.backends.fail.Keyring", "failed: NoKeyringError"),
        ("tests.desk.backends.Talking", "failed: RuntimeError"),
        ("no.such.backend", "failed: ModuleNotFoundError"),
    ],
)
def test_a_keyring_that_fails_is_named_by_the_kind_of_its_error_only(
    tmp_path: Path, backend: str, state: str
) -> None:
    said = keyring(tmp_path, backend)
    assert f"state={state!r}" in said
    assert found_in(said, SECRETS) == []


def test_without_the_keyring_extra_it_is_said(tmp_path: Path) -> None:
    said = keyring(tmp_path, "", "service/user", "-S")
    assert "state='keyring extra missing'" in said
    assert "pipx install 'git-qoc[keyring]'" in said
