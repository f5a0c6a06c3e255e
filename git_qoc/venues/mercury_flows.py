"""Mercury's transactions as flows. Pure.

A bank account earns interest and pays fees; everything else that is booked came from
somebody or went to somebody, and so crossed the border. Both legs of a transfer between two
accounts are booked, so that they net to zero where both accounts are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from git_qoc.errors import Unsupported
from git_qoc.model import Flow, FlowKind
from git_qoc.venues.mercury_account import Holdings
from git_qoc.venues.mercury_payloads import TransactionRow

# TransactionKind of the API. Income and cost change NAV, they do not cross its border.
INCOME_OR_COST = frozenset(
    {
        "interestPayment",
        "wireFee",
        "cardInternationalTransactionFee",
        "cardInternationalTransactionFeeRebate",
        "cardInternationalTransactionFeeReversal",
        "cardInternationalTransactionFeeRebateReversal",
        "personalBankingSubscriptionFee",
        "billingEngineSubscriptionFee",
    }
)
TREASURY_TRANSFER = "treasuryTransfer"
TRANSFERS = frozenset({"internalTransfer", TREASURY_TRANSFER})
CROSSING = frozenset(
    {
        "externalTransfer",
        "outgoingPayment",
        "creditCardCredit",
        "creditCardTransaction",
        "debitCardCredit",
        "debitCardTransaction",
        "incomingDomesticWire",
        "checkDeposit",
        "incomingInternationalWire",
        "currencyCloudReturn",
        "expenseReimbursement",
        "exogenousWireDrawdown",
        "other",
    }
)
# RelationKind of the API, from either end: what was booked came back as a transaction of its own.
CAME_BACK = frozenset(
    {
        "FailedPaymentToPaymentRefund",
        "PaymentRefundToFailedPayment",
        "OriginalTransactionToReturn",
        "ReturnToOriginalTransaction",
    }
)


def flows(rows: Iterable[TransactionRow], found: Holdings) -> tuple[Flow, ...]:
    """Money that crossed the border, oldest first, each transaction once; `rows` are what was booked.

    Raises:
        Unsupported: a booked transaction of a kind that is not known, or one that failed or was
            reversed after it was booked without saying how it came back.
    """
    booked = {row.id: row for row in rows if row.accountId in found.deposit_ids}
    crossed = [flow for row in booked.values() for flow in _flow(row, found)]
    return tuple(sorted(crossed, key=lambda flow: (flow.time, flow.flow_id)))


def _flow(row: TransactionRow, found: Holdings) -> Iterator[Flow]:
    if row.postedAt is None or row.status == "pending":
        return
    where = f"mercury /transactions: {row.id}"
    if row.status != "sent" and not any(one.relationKind in CAME_BACK for one in row.relatedTransactions):
        raise Unsupported(f"{where}: was booked, then {_word(row.status)}; how it came back is not stated")
    if row.kind not in INCOME_OR_COST | TRANSFERS | CROSSING:
        raise Unsupported(f"{where}: a kind of transaction that this version of git-qoc does not know")
    inside = row.kind == TREASURY_TRANSFER and found.whole
    if row.amount and row.kind not in INCOME_OR_COST and not inside:
        yield Flow(row.id, row.postedAt, _kind(row), row.amount)


def _kind(row: TransactionRow) -> FlowKind:
    if row.kind in TRANSFERS:
        return FlowKind.TRANSFER
    return FlowKind.DEPOSIT if row.amount > 0 else FlowKind.WITHDRAWAL


def _word(status: str) -> str:
    known = status in ("cancelled", "failed", "reversed", "blocked")
    return status if known else "went into a state that is not known"
