"""Backends for `PYTHON_KEYRING_BACKEND`, as a system's keyring may be."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from keyring.backend import KeyringBackend


class Plain(KeyringBackend):
    """Holds for service/user what the file of that name below KEYRING_FOLDER holds."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        file = Path(os.environ["KEYRING_FOLDER"], service, username)
        return file.read_text() if file.exists() else None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError


class Talking(Plain):
    """Fails, and says the secret in its error."""

    def get_password(self, service: str, username: str) -> str | None:
        password = super().get_password(service, username)
        raise RuntimeError(f"cannot unlock with {password}")


class Hanging(Plain):
    """Waits for somebody who is away."""

    def get_password(self, service: str, username: str) -> str | None:
        threading.Event().wait()
        raise AssertionError
