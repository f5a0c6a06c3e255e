"""Orders taken, replaced and ended, inside of one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from git_qoc.market.entry import checked, new_ticket, refuse_unaffordable
from git_qoc.market.matching import ended, make_id, match
from git_qoc.market.orders import NewOrder, Refusal, RefusalKind
from git_qoc.market.standing import Standing
from git_qoc.market.tickets import Ticket
from git_qoc.model import OrderStatus
from git_qoc.money import plain


def take(standing: Standing, asked: NewOrder, replaces: str | None = None) -> Ticket:
    """Take an order and fill what can be filled now; `replaces` is the order it takes the place of.

    Raises:
        Refusal: it is not taken.
    """
    tickets = standing.books.tickets
    if tickets.by_client_id(asked.client_order_id) is not None:
        raise Refusal(RefusalKind.DUPLICATE_ID, f"there is an order {asked.client_order_id} already")
    instruments = checked(asked, standing)
    number = standing.books.next_number()
    ticket = new_ticket(asked, instruments, standing, number, make_id(standing, "order", number))
    ticket = replace(ticket, order=replace(ticket.order, replaces=replaces))
    refuse_unaffordable(ticket, standing)
    tickets.put(ticket)
    ticket = match(standing, ticket)
    if ticket.is_open and asked.time_in_force in ("ioc", "fok"):
        ticket = end(standing, ticket, OrderStatus.CANCELED)
    return ticket


def take_over(
    standing: Standing, old: Ticket, quantity: Decimal | None, changes: Mapping[str, Any]
) -> Ticket:
    """A new order for the rest of `old`, with these fields changed; `quantity` counts what is filled.

    Raises:
        Refusal: the new one is not taken.
    """
    filled = old.order.filled_quantity
    if quantity is not None and quantity <= filled:
        raise Refusal(
            RefusalKind.BAD_REQUEST,
            f"quantity {plain(quantity)}: {plain(filled)} is filled already; expected more",
        )
    rest = (old.size if quantity is None else quantity) - filled
    made = {"client_order_id": make_id(standing, "client", standing.books.next_number())}
    asked = replace(old.order.asked, **{**made, "quantity": rest, "notional": None, **changes})
    canceled = end(standing, old, OrderStatus.CANCELED)
    new = take(standing, asked, replaces=old.order.order_id)
    order = replace(canceled.order, replaced_by=new.order.order_id)
    standing.books.tickets.put(replace(canceled, order=order))
    return new


def open_ticket(standing: Standing, order_id: str) -> Ticket:
    """Raises `Refusal`: NOT_FOUND, or DONE when nothing can be done about it any more."""
    ticket = standing.books.tickets.by_order_id(order_id)
    if ticket is None:
        raise Refusal(RefusalKind.NOT_FOUND, f"there is no order {order_id}")
    if not ticket.is_open:
        raise Refusal(RefusalKind.DONE, f"order {order_id} is {ticket.order.status.value} already")
    return ticket


def end(standing: Standing, ticket: Ticket, status: OrderStatus) -> Ticket:
    done = ended(ticket, status, standing.now)
    standing.books.tickets.put(done, ticket)
    return done
