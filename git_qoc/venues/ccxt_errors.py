"""What an exchange's refusal means, in our errors; ccxt's classes by their names. Pure.

`names` are the class of ccxt's exception and its bases (docs.ccxt.com, "Error Hierarchy"). The text of an
exception holds URLs and bodies, so none of it is said: `said` is the venue's own reason, secrets struck out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from http import HTTPStatus

from git_qoc.errors import OrderRejected, OrderUnknown, RateLimited, Unsupported, VenueError
from git_qoc.venues.answers import REMEDIES, Answer, meaning
from git_qoc.venues.ccxt_ask import NoSuchOrder

BUSY = (418, 429)

# Of a request that may move money: the venue looked at it and said no. What is not here (its own
# trouble, words that ccxt does not know) may have been taken.
_NO = frozenset(
    {
        "AuthenticationError",
        "BadRequest",
        "OperationRejected",
        "InsufficientFunds",
        "InvalidAddress",
        "InvalidOrder",
        "InvalidNonce",
        "NotSupported",
    }
)


def of_status(where: str, answer: Answer, said: str, *, once: bool, is_json: bool) -> VenueError:
    """What a status means that ccxt has no word on."""
    what = "the answer is not JSON" if answer.ok else meaning(answer.status)
    if once:
        if answer.status >= HTTPStatus.BAD_REQUEST and _clear(answer.status) and is_json:
            return OrderRejected(f"{where}: {answer.status} ({said or what})")
        return unknown(where, f"{answer.status} ({what})")
    message = f"{where}: {answer.status} ({what})"
    if answer.status in BUSY:
        return RateLimited(message, answer.retry_after_s)
    return VenueError(message + REMEDIES.get(answer.status, ""))


def of_order(names: Collection[str], where: str, answer: Answer | None, said: str) -> VenueError:
    """What ccxt's exception means of a request that left and may have moved money."""
    status = answer.status if answer is not None else "no answer"
    if answer is not None and not _clear(answer.status):
        return unknown(where, f"{status} ({said or meaning(answer.status)})")
    if "OrderNotFound" in names:
        return NoSuchOrder(f"{where}: {status} ({said or 'no such order'})")
    if _NO.intersection(names) and "DuplicateOrderId" not in names:
        return OrderRejected(f"{where}: {status} ({said or 'refused, no reason given'})")
    return unknown(where, f"{status} ({said or 'no clear answer'})")


def of_read(names: Collection[str], where: str, answer: Answer | None, said: str) -> VenueError:
    """What ccxt's exception means of a read."""
    if answer is None or "BaseError" not in names or (answer.ok and not said):
        return VenueError(f"{where}: the answer cannot be read")
    known = next((make for name, make in _READ if name in names), None)
    if answer.status in BUSY:
        known = _limited
    elif answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        known = _down
    if known is not None:
        return known(f"{where}: {answer.status}", f" ({said})" if said else "", answer)
    reason = said or "refused, no reason given"
    return VenueError(f"{where}: {answer.status} ({reason}){REMEDIES.get(answer.status, '')}")


def _clear(status: int) -> bool:
    """Whether a venue that answers with this status has made up its mind about an order."""
    return status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in (HTTPStatus.REQUEST_TIMEOUT, *BUSY)


def unknown(where: str, what: str) -> OrderUnknown:
    return OrderUnknown(f"{where}: {what}. It may have been done: look the order up, never send it again")


def renewed(error: Exception) -> VenueError:
    """The same error without the frames it passed, some of which saw secrets."""
    if isinstance(error, RateLimited):
        return RateLimited(str(error), error.retry_after_s)
    return type(error)(str(error)) if isinstance(error, VenueError) else VenueError(str(error))


def _refused(where: str, said: str, _: Answer) -> VenueError:
    return VenueError(f"{where} (credentials refused){said}{REMEDIES[401]}")


def _limited(where: str, said: str, answer: Answer) -> VenueError:
    return RateLimited(f"{where} ({meaning(429)}){said}", answer.retry_after_s)


def _absent(where: str, said: str, _: Answer) -> VenueError:
    return NoSuchOrder(f"{where} (no such order){said}")


def _late(where: str, said: str, _: Answer) -> VenueError:
    return VenueError(f"{where} (time stamp or nonce refused){said}. Set this machine's clock")


def _down(where: str, said: str, _: Answer) -> VenueError:
    return VenueError(f"{where} ({meaning(503)}){said}")


def _lacking(where: str, said: str, _: Answer) -> VenueError:
    return Unsupported(f"{where}: not offered{said}")


_READ: tuple[tuple[str, Callable[[str, str, Answer], VenueError]], ...] = (
    ("AuthenticationError", _refused),
    ("OrderNotFound", _absent),
    ("DDoSProtection", _limited),
    ("RateLimitExceeded", _limited),
    ("InvalidNonce", _late),
    ("ExchangeNotAvailable", _down),
    ("RequestTimeout", _down),
    ("NotSupported", _lacking),
)
