"""The list of venues for a person, in markdown, and as plain values for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from git_qoc.cli.output import table
from git_qoc.model import OrderType, VenueType
from git_qoc.tasks.venues import Listed
from git_qoc.venues.offers import Capabilities

HEADERS = ("venue", "type", "orders", "also", "needs")
_CAN = (
    ("fractional", "fractions"),
    ("shorting", "short"),
    ("multi_leg", "multi-leg"),
    ("transfers", "transfers"),
    ("fills", "fills"),
    ("flows", "flows"),
    ("history", "history"),
    ("closes", "closes"),
)


def as_text(rows: Sequence[Listed]) -> str:
    lines = [cells for row in rows for cells in _cells(row)]
    notes = [f"{row.name}: {note}" for row in rows for note in _notes(row)]
    return "\n\n".join(filter(None, (table(lines, HEADERS), "\n".join(notes))))


def as_markdown(rows: Sequence[Listed]) -> str:
    lines = ["| " + " | ".join(HEADERS) + " |", "|" + "---|" * len(HEADERS)]
    for row in rows:
        for number, (name, *cells) in enumerate(_cells(row)):
            shown = (f"[`{name}`]({row.api})" if row.api else f"`{name}`") if number == 0 else ""
            lines.append("| " + " | ".join((shown, *cells)) + " |")
    return "\n".join(lines)


def as_dicts(rows: Sequence[Listed]) -> list[dict[str, Any]]:
    return [
        {
            "name": row.name,
            "title": row.title,
            "api": row.api or None,
            "auth": row.auth,
            "extra": row.extra or None,
            "installed": row.installed,
            "sandbox": row.sandbox,
            "plugin": row.plugin,
            "default_for": row.default_for,
            "trouble": row.trouble or None,
            "types": {kind: _offers(offers) for kind, offers in row.offers.items()},
        }
        for row in rows
    ]


def _offers(offers: Capabilities) -> dict[str, Any]:
    return {
        "order_types": [kind for kind in OrderType if kind in offers.order_types],
        "time_in_force": sorted(offers.time_in_force),
        "client_order_id": offers.client_order_id or None,
        "quotes": offers.quotes,
        **{name: getattr(offers, name) for name, _ in _CAN},
    }


def _cells(row: Listed) -> Iterator[tuple[str, ...]]:
    """One line for each type of account; equal ones together."""
    merged: dict[tuple[str, str], list[str]] = {}
    for kind, offers in row.offers.items():
        orders = ", ".join(t.replace("_", "-") for t in OrderType if t in offers.order_types) or "none"
        also = ", ".join(word for name, word in _CAN if getattr(offers, name))
        merged.setdefault((orders, also), []).append(_kind(row, kind))
    needs = ", ".join((*row.auth, *([f"git-qoc[{row.extra}]"] if row.extra else []))) or "nothing"
    for number, ((orders, also), kinds) in enumerate(merged.items()):
        first = number == 0
        yield row.name if first else "", ", ".join(kinds), orders, also, needs if first else ""
    if row.trouble:
        yield row.name, "", "", "", ""


def _kind(row: Listed, kind: VenueType) -> str:
    return f"{kind}*" if kind in row.default_for else str(kind)


def _notes(row: Listed) -> Iterator[str]:
    if row.trouble:
        yield row.trouble
    elif not row.installed:
        yield f"needs the {row.extra} extra: pipx install 'git-qoc[{row.extra}]'"
