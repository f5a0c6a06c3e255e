"""Secret references of `[connector.auth]` and the values they resolve to.

A reference says where a secret is kept; the secret itself is never written to a desk. The
four forms: `{ env = "NAME" }`, `{ file = "/path" }`, `{ keyring = "service/user" }` and
`{ git-credential = "https://host" }`. There is no command form: a cloned desk must not run
code. What opens the places is `git_qoc.desk.stores`.
"""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import quote, quote_plus

from git_qoc.errors import DeskError

FORMS = ("env", "file", "keyring", "git-credential")
MASK = "****"


class Secret:
    """A secret value; `reveal()` is the only way to it, and after `forget()` there is none.

    It cannot be printed, formatted, serialized or pickled; a copy is the secret itself, so
    that what is forgotten is forgotten everywhere. Two are equal only when they are one: the
    texts are never compared, so no timing tells how alike they are.
    """

    __slots__ = ("__weakref__", "_value")

    def __init__(self, value: str) -> None:
        self._value: str | None = value

    def reveal(self) -> str:
        """The text. The frame that holds it must not be one that can raise.

        Raises:
            DeskError: it was dropped, because the command is done with it.
        """
        if self._value is None:
            raise DeskError("holds a secret that was dropped after use")
        return self._value

    def forget(self) -> None:
        """Drop the text, for whoever still holds this value."""
        self._value = None

    @property
    def is_empty(self) -> bool:
        return not self._value

    @property
    def fits_a_header(self) -> bool:
        """Whether HTTP can carry it: a line of printable ASCII, so no key of several lines (PEM)."""
        value = self._value
        return bool(value) and value is not None and value.isascii() and value.isprintable()

    def __repr__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, _memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled")

    def __getstate__(self) -> NoReturn:
        raise TypeError("a Secret is not serialized")


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a secret is kept: `form` is one of `FORMS`, `target` its argument."""

    form: str
    target: str

    def __str__(self) -> str:
        return f'{{ {self.form} = "{self.target}" }}'


def struck(text: str, secrets: Iterable[Secret]) -> str:
    """The text without the secrets, as they are and in the forms that a server may echo them in."""
    for secret in secrets:
        for form in filter(None, _forms(secret)):
            text = text.replace(form, MASK)
    return text


def _forms(secret: Secret) -> list[str]:
    value = secret.reveal()
    return [value, quote(value, safe=""), quote(value), quote_plus(value), *_base64(value.encode())]


def _base64(raw: bytes) -> Iterator[str]:
    """The digits that hold nothing but `raw`, wherever it begins in a longer text (user:password)."""
    for before in range(3):
        first, end = -(-8 * before // 6), 8 * (before + len(raw)) // 6
        for encode in (b64encode, urlsafe_b64encode):
            yield encode(bytes(before) + raw).decode()[first:end]
