"""Secret references of `[connector.auth]` and the values they resolve to.

A reference says where a secret is kept; the secret itself is never written to a desk. The
four forms: `{ env = "NAME" }`, `{ file = "/path" }`, `{ keyring = "service/user" }` and
`{ git-credential = "https://host" }`. There is no command form: a cloned desk must not run
code. A resolved `Secret` cannot be printed, logged or pickled.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from git_qoc.errors import DeskError

FORMS = ("env", "file", "keyring", "git-credential")
MASK = "****"
HELPER_TIMEOUT_S = 30.0


class Secret:
    """A secret value; `reveal()` is the only way to it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return MASK

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled")


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a secret is kept: `form` is one of `FORMS`, `target` its argument."""

    form: str
    target: str

    def __str__(self) -> str:
        return f'{{ {self.form} = "{self.target}" }}'


def resolve(reference: Reference, key: str, environ: Mapping[str, str]) -> Secret:
    """The secret a reference names, surrounding white space removed.

    `key` is the auth key it stands under: of a git credential, `api_key` (and any key that
    ends in `_key`, `_id` or `user`) takes the username, every other key the password.

    Raises:
        DeskError: it is not there, not readable or empty; the message never holds a value.
    """
    if reference.form == "env":
        value = environ.get(reference.target)
        if value is None:
            raise DeskError(f"needs {reference.target}, which is not set. Export it")
    elif reference.form == "file":
        value = _from_file(reference.target)
    elif reference.form == "keyring":
        value = _from_keyring(reference.target)
    elif reference.form == "git-credential":
        value = _from_git(reference.target, key, environ)
    else:
        raise DeskError(f"has an unknown secret reference form {reference.form!r}")
    if not value.strip():
        raise DeskError(f"needs {reference}, which is empty. Give it a value")
    return Secret(value.strip())


def _from_file(target: str) -> str:
    path = Path(target).expanduser()
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8 text"
        raise DeskError(f"needs the file {target}, which cannot be read: {why}") from None


def _from_keyring(target: str) -> str:
    service, separator, user = target.rpartition("/")
    if not separator or not service or not user:
        raise DeskError('has a malformed keyring reference: write { keyring = "service/user" }')
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise DeskError("needs the keyring extra: pipx install 'git-qoc[keyring]'") from None
    try:
        value = keyring.get_password(service, user)
    except KeyringError as exc:
        raise DeskError(f"needs keyring {target}, which failed: {type(exc).__name__}") from None
    if value is None:
        raise DeskError(f"needs keyring {target}, which holds nothing. Run: keyring set {service} {user}")
    return value


def _from_git(target: str, key: str, environ: Mapping[str, str]) -> str:
    quiet = {**environ, "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "false", "SSH_ASKPASS": "false"}
    if "\n" in target or "\0" in target:
        raise DeskError("has a malformed git-credential reference: write a URL")
    try:
        done = subprocess.run(
            ["git", "credential", "fill"],
            input=f"url={target}\n\n".encode(),
            capture_output=True,
            env=quiet,
            timeout=HELPER_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        raise DeskError(f"needs a git credential for {target}, but git credential did not answer") from None
    wanted = "username" if key.endswith(("_key", "_id", "user")) else "password"
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        name, _, value = line.partition("=")
        if name == wanted and done.returncode == 0:
            return value
    raise DeskError(f"needs a git credential for {target}, which no helper has. Run: git credential approve")
