"""The comparison at the end: what was asked for, what the ledger says, and what Wix holds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.proof.traffic.oracle import Expected
from tests.sandbox.wix import Effect, Entry, LiveEvent, WixSandbox
from tests.support.at_rest import is_at_rest
from trigger_provider.domain.ledger.ids import event_id, occurrence_id
from trigger_provider.domain.ledger.rows import Row, RowKey, State
from trigger_provider.use_cases.ports.ledger import Ledger

_ENDS_OF_A_CANCEL = frozenset({State.CANCELLED, State.SUPERSEDED})


@dataclass(frozen=True, slots=True)
class Audit:
    """What is wrong, by event id or row; `live` is how many events Wix holds, as it should."""

    live: int
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> dict[str, list[str]]:
        """What is wrong, by kind."""
        return {
            "lost": self.lost,
            "doubled": self.doubled,
            "stale live": self.stale,
            "untrue in the ledger": self.untrue,
        }

    @property
    def figures(self) -> dict[str, float]:
        """How many of each."""
        return {"live at Wix": self.live, **{kind: len(names) for kind, names in self.wrong.items()}}

    @property
    def is_clean(self) -> bool:
        """Return whether nothing was lost, nothing doubled, nothing stale is live, and the ledger says so."""
        return not any(self.wrong.values())

    @property
    def lines(self) -> str:
        """A line for each thing that is wrong."""
        return "".join(f"{kind}: {name}\n" for kind, names in self.wrong.items() for name in names)


def audit(
    expected: Sequence[Expected], rows: Mapping[RowKey, Row], live: Sequence[LiveEvent], reports: Iterable[Entry]
) -> Audit:
    """Compare what was asked for with the ledger's rows, with what is live at Wix, and with all it was ever told."""
    by_id: dict[str, list[LiveEvent]] = defaultdict(list)
    for event in live:
        by_id[event.external_entity_id or ""].append(event)
    audit = Audit(len(live), doubled=_reported_twice(reports))
    for each in expected:
        _look(each, rows.get(each.key), by_id, audit)
    audit.stale.extend(by_id)
    return audit


def audit_of(expected: Sequence[Expected], ledger: Ledger, wix: WixSandbox, sites: Iterable[str]) -> Audit:
    """Look at both as they are now."""
    live = [event for site in sites for event in wix.live_events(site)]
    return audit(expected, ledger.load_many([each.key for each in expected]), live, wix.journal.entries())


def _look(expected: Expected, row: Row | None, by_id: dict[str, list[LiveEvent]], audit: Audit) -> None:
    """Take what should be live out of what is: what is left over in the end is stale."""
    if expected.payload is None:
        if row is not None and not _is_settled(row, _ENDS_OF_A_CANCEL):
            audit.untrue.append(f"{_name(expected, row)} {row.state}: {row.reason}")
        return
    events = by_id.pop(_name(expected, row), [])
    if not any(event.payload == expected.payload for event in events):
        audit.lost.append(f"{_name(expected, row)} {row.state if row else 'no row'}")
    if len(events) > 1:
        audit.doubled.append(_name(expected, row))
    if row is None or not _is_settled(row, {State.REPORTED}):
        audit.untrue.append(f"{_name(expected, row)} {f'{row.state}: {row.reason}' if row else 'no row'}")


def _is_settled(row: Row, states: Iterable[State]) -> bool:
    return row.state in states and is_at_rest(row)


def _name(expected: Expected, row: Row | None) -> str:
    if row is not None:
        return event_id(row)
    return str(expected.key) if expected.is_scheduled else occurrence_id(expected.key)


def _reported_twice(reports: Iterable[Entry]) -> list[str]:
    """Return what ran twice at Wix, even if one of the two was cancelled."""
    times = Counter(entry.external_entity_id or "" for entry in reports if entry.effect is Effect.REPORTED)
    return [name for name, number in times.items() if number > 1]
