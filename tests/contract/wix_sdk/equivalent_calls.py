"""The same call twice: as a call of Wix's SDK, and as our client takes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tests.sandbox.wix.samples import PAYLOAD, SITE, guid
from tests.support.wix_harness import KEY_TTL_MS, TRIGGER, Clock
from trigger_provider.adapters.wix.automations import WixAutomations
from trigger_provider.domain.delivery.results import EventReport

SdkCall: TypeAlias = tuple[object, ...]

HERE = SITE.instance_id
# All that a payload may hold: numbers are doubles at Wix, and text is any text.
RICH = {
    "amount": 1200.0,
    "share": 1e-7,
    "paid": False,
    "who": 'Zoë "Z" Ångström\n🧾 \u2028',
    "address": {"city": "İstanbul", "floor": -3},
    "lines": [{"name": "a", "price": 0.1}, {"name": "b"}],
}


def a_report(name: str, **payload: object) -> EventReport:
    return EventReport(guid(name), f"key of {name}", json.dumps({**PAYLOAD, **payload}))


def report_by_sdk(reports: Sequence[EventReport], trigger: str = TRIGGER) -> SdkCall:
    events = [
        {
            "payload": json.loads(report.payload),
            "externalEntityId": report.event_id,
            "idempotency": {"key": report.idempotency_key, "ttlInMilliseconds": str(KEY_TTL_MS)},
        }
        for report in reports
    ]
    return ("reportEvent", trigger, events[0]) if len(events) == 1 else ("bulkReportEvent", trigger, events)


def cancel_by_sdk(events: Sequence[str]) -> SdkCall:
    return ("cancelEvent", TRIGGER, events[0]) if len(events) == 1 else ("bulkCancelEvent", TRIGGER, events)


def soon() -> int:
    return Clock().now() + 60_000


REPORTS = [a_report(f"invoice {n}", **RICH, number=n) for n in range(101)]
IDS = [report.event_id for report in REPORTS]


@dataclass(frozen=True, slots=True)
class EquivalentCall:
    """What is wanted of Wix, by the route it should take."""

    route: str
    items: int
    by_sdk: SdkCall
    by_us: Callable[[WixAutomations], object]


def to_report(items: int) -> EquivalentCall:
    wanted = REPORTS[:items]
    route = "report" if items == 1 else "bulk-report"
    return EquivalentCall(route, items, report_by_sdk(wanted), lambda ours: ours.report(HERE, TRIGGER, wanted, soon()))


def to_cancel(items: int) -> EquivalentCall:
    wanted = IDS[:items]
    route = "cancel" if items == 1 else "bulk-cancel"
    return EquivalentCall(route, items, cancel_by_sdk(wanted), lambda ours: ours.cancel(HERE, TRIGGER, wanted, soon()))


CALLS = [*map(to_report, (1, 2, 100)), *map(to_cancel, (1, 2, 100))]
