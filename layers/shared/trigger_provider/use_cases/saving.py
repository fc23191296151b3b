"""How rows are saved: only over the revision that the decision was made on, and only after their messages are sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from trigger_provider.domain.delivery.policy import MOST_ROUNDS
from trigger_provider.domain.ledger.rows import Row, VersionedItem
from trigger_provider.domain.ledger.transitions import next_revision

if TYPE_CHECKING:
    from trigger_provider.domain.delivery.messages import Message
    from trigger_provider.domain.ledger.rows import RowKey
    from trigger_provider.use_cases.ports.ledger import Ledger
    from trigger_provider.use_cases.ports.messaging import Outbox

Key = TypeVar("Key")
Item = TypeVar("Item", bound=VersionedItem)
Item_co = TypeVar("Item_co", bound=VersionedItem, covariant=True)


class Decision(Protocol[Item_co]):
    """A decision about a row. `row` is the row to save."""

    @property
    def row(self) -> Item_co: ...


AnyDecision = TypeVar("AnyDecision", bound=Decision[Any])


class Saved(NamedTuple, Generic[Key, Item, AnyDecision]):
    """The decisions that stand, the rows as they are stored now, and the keys that others kept changing."""

    decisions: Mapping[Key, AnyDecision]
    rows: Mapping[Key, Item]
    unsaved: frozenset[Key]


def save_until_unchanged(
    load: Callable[[Iterable[Key]], Mapping[Key, Item]],
    save: Callable[[Sequence[Item]], frozenset[Key]],
    new_token: Callable[[], str],
    rows: Mapping[Key, Item],
    decide: Callable[[Item], AnyDecision | None],
    most_rounds: int = MOST_ROUNDS,
) -> Saved[Key, Item, AnyDecision]:
    """Decide about each row, and save it on condition that it is unchanged; else load it and decide again.

    `decide` takes the row as it is now. It returns None if nothing is to be saved any more. `load` and `save` are those
    of a port of the table. After `most_rounds` a row that others keep changing is left unsaved.
    """
    decisions: dict[Key, AnyDecision] = {}
    saved: dict[Key, Item] = {}
    current = dict(rows)
    for _ in range(most_rounds):
        made = {key: decision for key, row in current.items() if (decision := decide(row)) is not None}
        token = new_token()
        changed = {key: next_revision(made[key].row, token) for key in made if made[key].row != current[key]}
        conflicts = save(list(changed.values())) if changed else frozenset()
        decisions |= {key: decision for key, decision in made.items() if key not in conflicts}
        saved |= {key: changed.get(key, row) for key, row in current.items() if key not in conflicts}
        if not conflicts:
            return Saved(decisions, saved, frozenset())
        current = dict(load(conflicts))
    return Saved(decisions, saved, frozenset(current))


def send_then_save(
    outbox: Outbox, ledger: Ledger, messages: Sequence[Message], rows: Sequence[Row]
) -> frozenset[RowKey]:
    """Send messages, then save rows. Return the keys of the rows that others changed meanwhile.

    In this order, a crash between the steps leaves a message that finds nothing to do. In the other order it would lose
    a change. Raise `QueueUnavailable` or `LedgerUnavailable`.
    """
    if messages:
        outbox.send(messages)
    return ledger.save_many(rows) if rows else frozenset()
