"""Figures as a person reads them on the page; rounding is that of `pieces`, and the minus is a minus."""

from __future__ import annotations

from collections.abc import Callable

from git_qoc.report.page.html import Markup, el, join
from git_qoc.report.page.reading import Row, amount, number, row, string
from git_qoc.report.pieces import UNKNOWN, percent, ratio, usd
from git_qoc.report.values import Json

MINUS = "−"
NOT_COMPUTED = "not computed by this version"
Form = Callable[[Json], str]


def signed_percent(value: Json) -> str:
    found = number(value)
    return UNKNOWN if found is None else _minus(percent(found))


def plain_percent(value: Json) -> str:
    return signed_percent(value).removeprefix("+")


def ratio_text(value: Json) -> str:
    found = number(value)
    return UNKNOWN if found is None else _minus(ratio(found))


def money(value: Json) -> str:
    found = amount(value)
    return UNKNOWN if found is None else _minus(usd(found))


def signed_money(value: Json) -> str:
    found = amount(value)
    if found is None:
        return UNKNOWN
    shown = _minus(usd(found, signed=True))
    return shown if any(digit in shown for digit in "123456789") else shown.removeprefix("+")


def bare_money(value: Json) -> str:
    """Without the currency, for a column whose head names it."""
    return money(value).removesuffix(" USD")


def bare_signed_money(value: Json) -> str:
    return signed_money(value).removesuffix(" USD")


def quantity(value: Json) -> str:
    """At most eight decimals, as many as a satoshi has; an average price is a quotient without end."""
    found = amount(value)
    if found is None:
        return UNKNOWN
    rounded = round(found, 8) or found
    return _minus(f"{rounded.normalize():,f}")


def minute(time: object) -> str:
    """A time as `2026-03-02 16:05`."""
    return time[:16].replace("T", " ") if isinstance(time, str) else ""


def sign_class(shown: str) -> str | None:
    """The style of a signed figure; what rounds to zero has no sign and none."""
    return {"+": "up", MINUS: "down"}.get(shown[:1])


def reason(document: Row, key: str) -> str | None:
    """Why a figure is undefined, None when nothing is said."""
    said = string(row(document.get("reasons")).get(key))
    return said or (None if key in document else NOT_COMPUTED)


def or_reason(shown: str, why: str | None) -> Markup:
    """The figure; an undefined one with its reason beside it, in sight."""
    if shown != UNKNOWN or why is None:
        return join([shown])
    return join([shown, " ", el("span", why, class_="reason")])


def _minus(shown: str) -> str:
    return shown.replace("-", MINUS, 1)
