"""The errors git-qoc raises, and the exit codes they end in.

    QocError                 128  cannot go on: the message says where, what, what to do
    ├── UsageError           129  the command line asks for something that cannot be meant
    ├── ReaderGone           141  nobody reads stdout any more; nothing is printed
    ├── Refused                1  a negative answer: a check found faults, nothing could be read
    ├── DeskError            128  desk.toml (or a secret it names) cannot be used
    ├── HistoryError         128  the repository cannot be read or written
    │   └── HeadMoved        128  somebody committed in between; the writer tries again
    ├── SnapshotError        128  a snapshot text is not a snapshot; readers list it and go on
    └── VenueError           128  one venue cannot be read; collecting makes it DEGRADED
        ├── CredentialsRefused    401; a token may be asked for anew
        ├── RateLimited           429; ``retry_after_s`` says when
        ├── Unsupported           the venue does not offer what was asked
        ├── OrderRejected         the venue said no; the order does not exist there
        └── OrderUnknown          no answer; look it up by client order id, never send again

A leaf exists because a caller acts on it. A library's exception becomes one of these in
the one module that may import that library. No message ever holds a secret, an
authorization header or a raw response body.
"""

from __future__ import annotations

EXIT_NEGATIVE = 1
EXIT_FATAL = 128
EXIT_USAGE = 129
EXIT_INTERRUPT = 130
EXIT_BROKEN_PIPE = 141


def printable(text: str) -> str:
    """Text for a terminal: what a file or a venue put into it cannot move the cursor or hide.

    Line ends and tabs stay; other control, format and unpaired surrogate characters are escaped.
    """
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in text)


class QocError(Exception):
    """Something a person must act on; ``str()`` is the whole message."""

    exit_code = EXIT_FATAL


class UsageError(QocError):
    exit_code = EXIT_USAGE


class Refused(QocError):
    exit_code = EXIT_NEGATIVE


class ReaderGone(QocError):
    exit_code = EXIT_BROKEN_PIPE


class DeskError(QocError):
    pass


class HistoryError(QocError):
    pass


class HeadMoved(HistoryError):
    pass


class SnapshotError(QocError):
    pass


class VenueError(QocError):
    pass


class RateLimited(VenueError):
    """``retry_after_s`` is the venue's own figure in seconds, None where it gave none."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class CredentialsRefused(VenueError):
    pass


class Unsupported(VenueError):
    pass


class OrderRejected(VenueError):
    pass


class OrderUnknown(VenueError):
    pass
