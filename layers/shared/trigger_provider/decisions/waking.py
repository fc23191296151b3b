"""When a row that waits is to be looked at again."""

from __future__ import annotations

from dataclasses import replace

from trigger_provider.decisions.moving import AnyRow


def woken(row: AnyRow, now: int) -> AnyRow | None:
    """Give the row as it waits no more, if its time has come: then a message looks after it."""
    return replace(row, again_at=None) if row.again_at is not None and row.again_at <= now else None
