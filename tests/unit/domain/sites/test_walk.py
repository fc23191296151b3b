"""When the slow walk begins, how it goes on, and which rows it finds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.support.builders import (
    NOW,
    POLICY,
    a_cancelled_row,
    a_reported_row,
    a_tombstone,
    an_entity_row,
    an_occurrence,
)
from tests.support.rows import SITE
from trigger_provider.domain.delivery.policy import IDEMPOTENCY_KEY_TTL
from trigger_provider.domain.delivery.resumption import ANEW, FORGOTTEN, OVERLOOKED
from trigger_provider.domain.durations import DAY, HOUR, MINUTE
from trigger_provider.domain.ledger.rows import Row, RowKey, State
from trigger_provider.domain.sites.site import AT_ONCE, NEVER, SiteRow, SiteState, unknown_site
from trigger_provider.domain.sites.walk import (
    NEVER_WALKED,
    REINSTALLED,
    advance,
    begin_if_due,
    find_overlooked,
)

POSITION = RowKey("p", "r")
ACTIVE = replace(unknown_site(SITE), state=SiteState.ACTIVE)
GONE = replace(ACTIVE, state=SiteState.SUSPENDED, next_attempt_at=NEVER, removed_at=NOW)
BACK = replace(ACTIVE, removed_at=NOW)


def find(row: Row, site: SiteRow | None = ACTIVE, now: int = NOW + DAY) -> Row | None:
    return find_overlooked(row, site, now, POLICY)


def test_a_walk_begins_a_day_after_the_last_one_began() -> None:
    first = begin_if_due(NEVER_WALKED, NOW)
    assert first is not None
    done = advance(first, None, NOW + HOUR)
    assert begin_if_due(done, NOW + DAY - 1) is None
    assert begin_if_due(done, NOW + DAY) == replace(done, began_at=NOW + DAY)


def test_a_walk_begins_sooner_if_a_site_has_installed_the_app_again() -> None:
    first = begin_if_due(NEVER_WALKED, NOW)
    assert first is not None
    wanted = replace(advance(first, None, NOW), is_wanted=True)
    assert begin_if_due(wanted, NOW + 6 * HOUR - 1) is None
    again = begin_if_due(wanted, NOW + 6 * HOUR)
    assert again is not None
    assert not again.is_wanted


def test_a_walk_goes_on_where_the_last_page_ended_until_the_table_ends() -> None:
    walk = begin_if_due(NEVER_WALKED, NOW)
    assert walk is not None
    halfway = advance(walk, POSITION, NOW + 1)
    assert begin_if_due(halfway, NOW + 9 * DAY) == halfway
    assert halfway.position == POSITION
    assert begin_if_due(advance(halfway, None, NOW + 2), NOW + 2) is None


LOST = [an_entity_row(), an_occurrence(), a_tombstone()]


@pytest.mark.parametrize("row", LOST)
def test_a_row_on_the_way_to_which_nothing_happened_for_a_day_gets_another_message(row: Row) -> None:
    assert find(row, now=NOW + DAY - 1) is None
    after = find(row)
    assert after is not None
    assert (after.state, after.next_attempt_at, after.resumed_at) == (State.PENDING, None, NOW + DAY)
    assert after.timeline[-1].reason == OVERLOOKED
    assert find(after, now=NOW + DAY + HOUR) is None


def test_a_lost_row_that_may_have_been_sent_before_its_site_removed_the_app_gets_a_new_key() -> None:
    row = an_entity_row(due_at=NOW + 30 * DAY)
    after = find(row, BACK)
    assert after is not None
    assert (after.state, after.reason) == (State.PENDING, REINSTALLED)
    cancel = find(a_cancelled_row(), BACK)
    assert cancel is not None
    assert cancel.timeline[-1].reason == OVERLOOKED


def test_a_second_cancel_whose_message_was_lost_gets_another() -> None:
    row = a_reported_row(second_cancel_at=NOW)
    assert find(row, now=NOW + DAY - 1) is None
    after = find(row)
    assert after is not None
    assert (after.state, after.next_attempt_at) == (State.REPORTED, None)


@pytest.mark.parametrize(
    "row",
    [
        an_entity_row(next_attempt_at=NOW),
        a_reported_row(),
        a_cancelled_row(state=State.CANCELLED),
        an_occurrence(state=State.REPORTED),
        an_entity_row(state=State.FAILED),
    ],
)
def test_a_row_that_waits_or_is_at_rest_is_left_alone(row: Row) -> None:
    assert find(row, now=NOW + 9 * DAY) is None


def test_what_wix_may_have_forgotten_is_not_sent_under_its_old_key() -> None:
    later = NOW + IDEMPOTENCY_KEY_TTL
    scheduled, occurrence = find(an_entity_row(), now=later), find(an_occurrence(), now=later)
    assert scheduled is not None
    assert occurrence is not None
    assert (scheduled.state, scheduled.reason) == (State.PENDING, ANEW)
    assert (occurrence.state, occurrence.reason) == (State.EXPIRED, FORGOTTEN)


@pytest.mark.parametrize("site", [None, ACTIVE])
def test_a_parked_row_of_a_site_that_is_not_suspended_is_released(site: SiteRow | None) -> None:
    row = an_entity_row(state=State.PARKED, parked_at=NOW, next_attempt_at=NOW)
    assert find(row, site, NOW + HOUR - 1) is None
    after = find(row, site, NOW + HOUR)
    assert after is not None
    assert (after.state, after.parked_at, after.next_attempt_at) == (State.PENDING, None, None)


@pytest.mark.parametrize("state", [SiteState.SUSPENDED, SiteState.RESUMING])
def test_a_parked_row_of_a_site_in_trouble_stays_parked(state: SiteState) -> None:
    row = an_entity_row(state=State.PARKED, parked_at=NOW, next_attempt_at=NOW)
    assert find(row, replace(ACTIVE, state=state, next_attempt_at=AT_ONCE), NOW + 90 * DAY) is None


def test_events_of_a_site_that_removed_the_app_long_ago_end_by_name() -> None:
    parked: dict[str, Any] = {"state": State.PARKED, "parked_at": NOW, "next_attempt_at": NOW}
    later = NOW + IDEMPOTENCY_KEY_TTL
    for row in (an_occurrence(**parked), an_entity_row(due_at=later, **parked)):
        assert find(row, GONE) is None
        after = find(row, GONE, later)
        assert after is not None
        assert (after.state, after.reason, after.next_attempt_at) == (State.EXPIRED, FORGOTTEN, None)
    assert find(an_entity_row(due_at=later + 1, **parked), GONE, later) is None


def test_what_is_due_later_of_a_site_that_installed_the_app_again_is_reported_anew() -> None:
    row = a_reported_row(due_at=NOW + 30 * DAY)
    after = find(row, BACK)
    assert after is not None
    assert (after.state, after.reason, after.next_attempt_at) == (State.PENDING, REINSTALLED, None)
    assert find(after, BACK, NOW + DAY + HOUR) is None


@pytest.mark.parametrize(
    "row,site",
    [
        (a_reported_row(due_at=NOW + 30 * DAY), ACTIVE),
        (a_reported_row(due_at=NOW + 30 * DAY), GONE),
        (a_reported_row(due_at=NOW + 30 * DAY), None),
        (a_reported_row(due_at=NOW + DAY), BACK),
        (a_reported_row(due_at=NOW + 30 * DAY, accepted_at=NOW + MINUTE + 1), BACK),
        (a_cancelled_row(state=State.CANCELLED), BACK),
        (an_occurrence(state=State.REPORTED), BACK),
    ],
)
def test_what_wix_still_holds_or_needs_no_more_is_not_reported_anew(row: Row, site: SiteRow | None) -> None:
    assert find(row, site) is None
