"""Books that git-qoc 0.2 and before wrote: a table of flows and one of fills, nothing else.

They are turned into today's in place, in one transaction; a kill leaves the old or the new ones.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from git_qoc.market.accounting import traded
from git_qoc.market.books import Books, writing
from git_qoc.market.instruments import find
from git_qoc.market.orders import Booking, BookingKind, Execution, MarketOrder, NewOrder
from git_qoc.market.tickets import Ticket
from git_qoc.model import OrderStatus, OrderType, Side
from git_qoc.money import ZERO


def are_old(path: Path) -> bool:
    """Whether the file (which may be missing) holds books in the old form."""
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=20)) as db:
            rows = db.execute("select name from sqlite_master where type = 'table'").fetchall()
    except sqlite3.Error:
        return False  # whoever reads them next says what is wrong
    return ("fill",) in rows


def renew(path: Path, account_id: str) -> None:
    """Turn old books into today's; nothing is lost, and none that are new already are touched.

    Raises:
        VenueError: they cannot be written.
    """
    with writing(path, create=True) as books:
        if books.begun:
            return
        entries = books.take_old()
        books.begin(account_id)
        for time, entry in entries:
            books.time = datetime.fromisoformat(time)
            if len(entry) == len(("id", "kind", "amount")):
                _add_flow(books, datetime.fromisoformat(time), *entry)
            else:
                _add_fill(books, datetime.fromisoformat(time), *entry)


def _add_flow(books: Books, time: datetime, flow_id: str, kind: str, amount: str) -> None:
    books.add_cash(Decimal(amount))
    books.add_booking(Booking(books.next_number(), flow_id, BookingKind(kind), time, Decimal(amount)))


def _add_fill(  # a row of the old table
    books: Books, time: datetime, client_id: str, symbol: str, side: str, quantity: str, price: str
) -> None:
    size, paid = Decimal(quantity), Decimal(price)
    instrument = find(symbol, time)
    assert instrument is not None  # noqa: S101  # the old venue traded stocks and coins of the data only
    change = size if side == Side.BUY else -size
    held, cash = traded(books.held(symbol), instrument, change, paid)
    books.put_held(symbol, held)
    books.add_cash(cash)
    asked = NewOrder(client_id, symbol, Side(side), size, OrderType.MARKET)
    order = MarketOrder(client_id, asked, OrderStatus.FILLED, time, time, size, paid, filled_at=time)
    books.tickets.put(Ticket(books.next_number(), order, size, paid, size * paid))
    execution_id = f"fill-{client_id}"
    number = books.next_number()
    books.add_execution(
        Execution(
            number, execution_id, client_id, client_id, symbol, Side(side), size, paid, time, size, ZERO
        )
    )
