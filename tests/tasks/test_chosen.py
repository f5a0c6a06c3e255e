"""What the command line asks for, over what the desk chose."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from git_qoc.errors import UsageError
from git_qoc.report.names import stem
from git_qoc.retrospective.choices import Choices
from git_qoc.tasks.chosen import Asked, Record, choices

NEWEST = datetime(2026, 3, 31, 20, 5, tzinfo=UTC)
TAGGED = datetime(2025, 12, 31, 21, 5, tzinfo=UTC)
DESK = '[workspace]\nname = "books"\ntimezone = "America/New_York"\n'


def chosen(desk: str = DESK, /, **asked: str | bool) -> Choices:
    record = Record(lambda: NEWEST, lambda rev: TAGGED if rev == "2025-close" else None)
    return choices(desk, "HEAD:desk.toml", Asked(**asked), record)  # type: ignore[arg-type]


def origins(found: Choices) -> dict[str, tuple[str, str]]:
    return {name: (value, origin) for name, value, origin in found.listed()}


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2026-03-05", date(2026, 3, 5), date(2026, 3, 5)),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        # Thirty days before the newest snapshot, by the calendar of New York over its change of clocks.
        ("30d", datetime(2026, 3, 1, 21, 5, tzinfo=UTC), datetime(2026, 3, 1, 21, 5, tzinfo=UTC)),
        ("1m", datetime(2026, 2, 28, 21, 5, tzinfo=UTC), datetime(2026, 2, 28, 21, 5, tzinfo=UTC)),
        ("2025-close", TAGGED, TAGGED),
    ],
)
def test_a_bound_is_a_date_a_span_or_a_revision(text: str, since: object, until: object) -> None:
    assert chosen(since=text).since == since
    assert chosen(until=text).until == until


@pytest.mark.parametrize(
    "text", ["", "foo", "2026-02-30", "today", "now", "Yesterday", "30 lightyears", "-3d"]
)
def test_what_is_none_of_them_is_refused_and_so_is_the_clock(text: str) -> None:
    with pytest.raises(UsageError, match=r"^--since: expected 2026-07-05"):
        chosen(since=text)


def test_without_a_snapshot_a_span_cannot_be_counted_back() -> None:
    with pytest.raises(UsageError):
        choices(DESK, "x", Asked(since="30d"), Record(lambda: None, lambda _: None))


def test_since_after_until_is_refused() -> None:
    with pytest.raises(UsageError, match="Swap them"):
        chosen(since="2026-03-05", until="2026-02")


def test_every_choice_says_where_it_was_made() -> None:
    desk = DESK + '[retrospective]\nrisk_free = 0.03\npartial = "carry"\nday_cutoff = "16:05"\n'
    listed = origins(chosen(desk, since="30d", connector="a", live_only=True))
    assert listed["zone"] == ("America/New_York", "desk.toml")
    assert listed["risk_free"] == ("0.03", "desk.toml")
    assert listed["day_cutoff"] == ("16:05", "desk.toml")
    assert listed["since"] == ("2026-03-01T21:05:00Z", "command line: 30d")
    assert listed["connector"] == ("a", "command line")
    assert listed["symbol"] == ("none", "default")
    assert chosen().desk == "books"


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ({}, "retrospective"),
        ({"since": "30d"}, "retrospective-since-30d"),
        ({"since": "2026-01-01", "until": "2026-03"}, "retrospective-since-2026-01-01-until-2026-03"),
        ({"connector": "main", "symbol": "AAPL", "live_only": True}, "retrospective-main-AAPL-live-only"),
    ],
)
def test_each_question_has_a_file_of_its_own(asked: dict[str, str | bool], name: str) -> None:
    assert stem(chosen(**asked)) == name


def test_a_name_is_safe_and_differs_where_the_symbols_differ() -> None:
    names = [
        stem(chosen(symbol=text)) for text in ("BTC/USD", "BTC-USD", "../../etc", "a b", ".", "É", "x" * 99)
    ]
    assert len(set(names)) == len(names)
    assert names[1] == "retrospective-BTC-USD"
    for name in names:
        assert name.isascii()
        assert not set(name) & set("/\\ :")
        assert ".." not in name
        assert len(name) < 100
