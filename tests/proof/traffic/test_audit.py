"""The audit finds what is wrong: without that, nothing that it finds clean would mean anything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.proof.traffic.audit import Audit, audit
from tests.proof.traffic.oracle import Expected, expectations
from tests.proof.traffic.producers import BOOKING, INVOICE, VISIT, Producers, Request
from tests.sandbox.wix import Effect, Entry, LiveEvent
from tests.sandbox.wix.tokens import Caller
from tests.support.rows import APP, SITE
from trigger_provider.domain.ledger.ids import event_id
from trigger_provider.domain.ledger.rows import Intent, RealtimeEvent, Row, ScheduledEntity, State

PAYLOAD = {"total": "1.00"}


def a_request(trigger: str, version: int | str, action: str = "report", **changes: Any) -> Request:  # noqa: ANN401 - any field
    named = {"triggerKey": trigger, "instanceId": SITE, "id": f"request {version}", "entityId": "a", "version": version}
    payload = {"payload": {"version": version}} if action == "report" else {}
    return {"action": action, **named, **payload, **changes}


def the_payloads(*requests: Request) -> list[object]:
    return [expected.payload for expected in expectations(APP, requests)]


# What must be


def test_of_a_scheduled_entity_the_newest_version_is_live() -> None:
    first, second = a_request(INVOICE, 1), a_request(INVOICE, 2)
    assert the_payloads(second, first, second) == [{"version": 2}]


def test_of_a_cancelled_entity_nothing_is_live() -> None:
    assert the_payloads(a_request(INVOICE, 2, "cancel"), a_request(INVOICE, 1)) == [None]


def test_a_cancel_stops_the_occurrences_before_it_and_no_others() -> None:
    item, two, three = (a_request(BOOKING, version) for version in ("1", "2", "3"))
    cancel = a_request(BOOKING, "2", "cancel", id="cancel")
    assert the_payloads(three, cancel, item, two) == [{"version": "3"}, None, None]


def test_what_can_not_be_cancelled_is_live() -> None:
    visit = {name: value for name, value in a_request(VISIT, 1).items() if name not in ("entityId", "version")}
    assert the_payloads(visit, visit) == [{"version": 1}]


# What is


@pytest.fixture
def row() -> ScheduledEntity:
    (key,) = (expected.key for expected in expectations(APP, [a_request(INVOICE, 1)]))
    return ScheduledEntity(
        key=key, site=SITE, trigger=INVOICE, entity="a", version=1, intent=Intent.REPORT, generation=2,
        oldest_open_generation=2,
        state=State.REPORTED, reason="acknowledged", accepted_at=0, expires_at=0,
    )  # fmt: skip


def live(row: Row, **changes: Any) -> LiveEvent:  # noqa: ANN401 - any field of the event
    event = LiveEvent(0, Caller(APP, SITE), row.trigger, event_id(row), PAYLOAD, (), 0.0, None)
    return replace(event, **changes)


def entry_of(row: Row) -> Entry:
    return Entry(event_id(row), None, None, Effect.REPORTED)


def audit_of(row: Row | None, *events: LiveEvent, payload: Any = PAYLOAD, reports: tuple[Entry, ...] = ()) -> Audit:  # noqa: ANN401
    key = row.key if row else expectations(APP, [a_request(INVOICE, 1)])[0].key
    return audit([Expected(key, payload)], {row.key: row} if row else {}, events, reports)


def test_what_is_as_it_should_be_is_clean(row: ScheduledEntity) -> None:
    assert audit_of(row, live(row), reports=(entry_of(row),)).is_clean


def test_what_wix_does_not_hold_is_lost(row: ScheduledEntity) -> None:
    assert len(audit_of(row).lost) == 1


def test_what_wix_holds_with_an_older_payload_is_lost(row: ScheduledEntity) -> None:
    assert len(audit_of(row, live(row, payload={"total": "0.00"})).lost) == 1


def test_what_nobody_wrote_down_is_lost_and_the_ledger_untrue() -> None:
    nothing = audit_of(None)
    assert (len(nothing.lost), len(nothing.untrue)) == (1, 1)


def test_what_is_live_twice_is_doubled(row: ScheduledEntity) -> None:
    assert audit_of(row, live(row), live(row)).doubled == [event_id(row)]


def test_what_ran_twice_is_doubled_even_if_it_is_live_once(row: ScheduledEntity) -> None:
    assert audit_of(row, live(row), reports=(entry_of(row), entry_of(row))).doubled == [event_id(row)]


def test_an_older_generation_is_stale(row: ScheduledEntity) -> None:
    older = replace(row, generation=1)
    assert audit_of(row, live(row), live(older)).stale == [event_id(older)]


def test_what_was_cancelled_is_stale_if_it_is_live(row: ScheduledEntity) -> None:
    cancelled = replace(row, state=State.CANCELLED)
    assert audit_of(cancelled, live(cancelled), payload=None).stale == [event_id(cancelled)]


@pytest.mark.parametrize("changes", [{"state": State.PENDING}, {"state": State.FAILED}, {"next_attempt_at": 1}])
def test_a_row_that_says_otherwise_is_untrue(row: ScheduledEntity, changes: dict[str, Any]) -> None:
    otherwise = replace(row, **changes)
    assert len(audit_of(otherwise, live(otherwise)).untrue) == 1


def test_an_occurrence_that_a_cancel_overtook_needs_no_row() -> None:
    (expected,) = expectations(APP, [a_request(VISIT, "1")])
    assert audit([replace(expected, payload=None)], {}, [], []).is_clean


def test_a_superseded_occurrence_is_as_good_as_a_cancelled_one() -> None:
    (expected,) = expectations(APP, [a_request(VISIT, "1")])
    row = RealtimeEvent(
        key=expected.key, site=SITE, trigger=VISIT, occurrence="request 1", state=State.SUPERSEDED, reason="",
        accepted_at=0, expires_at=0,
    )  # fmt: skip
    assert audit([replace(expected, payload=None)], {row.key: row}, [], []).is_clean


# What is sent


def test_the_mix_is_as_it_says() -> None:
    requests = Producers([SITE]).requests(4_000)
    names = [request["id"] for request in requests]
    cancels = sum(request["action"] == "cancel" for request in requests)
    later = sum(not name.endswith("/1") for name in set(names))
    assert len(names) - len(set(names)) == pytest.approx(200, abs=50)
    assert cancels == pytest.approx(400, abs=80)
    assert later - cancels == pytest.approx(800, abs=120)


def test_some_requests_are_overtaken_by_a_newer_one_of_their_entity() -> None:
    newest: dict[str, int] = {}
    overtaken = 0
    for request in Producers([SITE]).requests(4_000):
        number = int(request["id"].rpartition("/")[2])
        name = request["id"].rpartition("/")[0]
        overtaken += number < newest.get(name, 0)
        newest[name] = max(number, newest.get(name, 0))
    assert overtaken >= 200


def test_the_same_seed_sends_the_same() -> None:
    assert Producers([SITE], seed=3).requests(200) == Producers([SITE], seed=3).requests(200)
    assert Producers([SITE], seed=3).requests(200) != Producers([SITE], seed=4).requests(200)
