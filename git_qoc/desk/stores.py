"""The four places where secrets are kept, opened for one command.

In goes a reference, out comes a `Found` or a `Trouble`, never an exception, whatever a
keyring or a helper does: where a store fails, no traceback has a frame with a secret in it.
`close` drops every secret that was found, whoever still holds it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from git_qoc.desk import git_credential, secret_file
from git_qoc.desk.environment import Environment
from git_qoc.desk.found import Found, Trouble
from git_qoc.desk.secrets import Reference, Secret

KnownToGit = Literal["tracked", "unignored", ""]


def _outside(_path: Path) -> KnownToGit:
    return ""


class Stores:
    """Use it in a `with`; several threads may ask at once.

    `folder` is desk.toml's, from which relative paths go; `known_to_git` says of a file
    whether it is in the desk's work tree, tracked or about to be. With `strict` what is
    otherwise a doubt is refused. A store may take as long as it likes: the caller gives up.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        folder: Path,
        git_dir: Path,
        *,
        strict: bool = False,
        known_to_git: Callable[[Path], KnownToGit] = _outside,
    ) -> None:
        self._environ = Environment(environ)
        self._folder = folder
        self._strict = strict
        self._known_to_git = known_to_git
        self._helpers = git_credential.Helpers(environ, git_dir)
        self._held: list[Secret] = []
        self._closed = False
        self._lock = threading.Lock()

    def __enter__(self) -> Stores:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Drop what was found, and what a store that is late may still find."""
        self._helpers.close()
        with self._lock:
            self._closed = True
            for secret in self._held:
                secret.forget()

    def find(self, reference: Reference, key: str, keys: Collection[str] = ()) -> Found | Trouble:
        """The secret a reference names, without white space around it.

        `key` is the auth key it stands under, `keys` are all that its venue needs: of a git
        credential, `api_key` beside an `api_secret` (and any key that ends in `_id` or `user`)
        takes the username. Everything else takes the password: so does a lone token.
        """
        target = reference.target
        found: Found | Trouble
        if reference.form == "env":
            found, name = self._from_environ(target), target
        elif reference.form == "file":
            found, name = self._from_file(target), f"the file {target}"
        elif reference.form == "keyring":
            found, name = _from_keyring(target), f"keyring {target}"
        else:
            found, name = self._from_git(target, key, keys), f"a git credential for {target}"
        if isinstance(found, Found):
            self._hold(found.secret)
            if found.secret.is_empty:
                how = "set but empty" if reference.form == "env" else "empty"
                return Trouble(how, f"needs {name}, which is {how}. Give it a value")
        return found

    def _hold(self, secret: Secret) -> None:
        with self._lock:
            self._held.append(secret)
            if self._closed:
                secret.forget()

    def _from_environ(self, target: str) -> Found | Trouble:
        if target not in self._environ:
            return Trouble("not set", f"needs {target}, which is not set. Export it")
        return Found(Secret(self._environ[target].strip()))

    def _from_file(self, target: str) -> Found | Trouble:
        try:
            path = self._folder / Path(target).expanduser()
            known = self._known_to_git(path)
        except (OSError, ValueError, RuntimeError):
            told = f"needs the file {target}, which cannot be read: no such name is possible"
            return Trouble("cannot be read: no such name is possible", told)
        if known == "tracked":
            told = f"needs the file {target}, which git tracks: the secret is in the desk's history"
            remedy = "Revoke it, and keep the new one outside of the work tree"
            return Trouble("tracked by git", f"{told}. {remedy}")
        found = secret_file.read(path, target)
        if isinstance(found, Trouble):
            return found
        doubts = found.doubts
        if known:
            told = f"needs the file {target}, which git add would take. Move it out of the work tree"
            doubts += (Trouble("in the work tree and not ignored", told),)
        return doubts[0] if doubts and self._strict else Found(found.secret, doubts)

    def _from_git(self, target: str, key: str, keys: Collection[str]) -> Found | Trouble:
        url = git_credential.parse(target)
        if isinstance(url, Trouble):
            return url
        paired = key == "api_key" and "api_secret" in keys
        wanted = "username" if paired or key.endswith(("_id", "user")) else "password"
        return self._helpers.ask(url, wanted, target)


def _from_keyring(target: str) -> Found | Trouble:
    service, _, user = target.rpartition("/")
    if not service or not user:
        told = 'has a malformed keyring reference: write { keyring = "service/user" }'
        return Trouble("not service/user", told)
    if find_spec("keyring") is None:
        return Trouble("keyring extra missing", "needs the keyring extra: pipx install 'git-qoc[keyring]'")
    try:
        import keyring

        value = keyring.get_password(service, user)
        secret = None if value is None else Secret(str(value).strip())
    except Exception as exc:  # noqa: BLE001  # backends raise what they like, and what it says may be the secret
        kind = type(exc).__name__
        return Trouble(f"failed: {kind}", f"needs keyring {target}, which failed: {kind}")
    if secret is None:
        told = f"needs keyring {target}, which holds nothing. Run: keyring set {service} {user}"
        return Trouble("holds nothing", told)
    return Found(secret)
