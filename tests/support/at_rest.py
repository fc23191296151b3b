"""When a row of the ledger is at rest: nothing more happens to it until a new request comes."""

from __future__ import annotations

from trigger_provider.domain.ledger.rows import ENDS, CancelledTwice, Row


def is_at_rest(row: Row) -> bool:
    """Return whether a row has come to an end, waits for no later look, and has no second cancel to come.

    `next_attempt_at` alone does not say it. Recovery removes it when it sends the row's message, and until that message
    is worked the second cancel is still to come. `second_cancel_at` stands until it is done.
    """
    second_cancel_at = row.second_cancel_at if isinstance(row, CancelledTwice) else None
    return row.state in ENDS and row.next_attempt_at is None and second_cancel_at is None
