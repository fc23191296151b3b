"""When a site is suspended, probed, and resumed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.builders import an_entity_row
from tests.support.rows import SITE
from trigger_provider.domain.delivery.results import FORBIDDEN_WITHOUT_CODE
from trigger_provider.domain.durations import DAY, HOUR, MINUTE, SECOND
from trigger_provider.domain.sites.site import AT_ONCE, NEVER, SiteRow, SiteState, unknown_site
from trigger_provider.domain.sites.suspension import (
    INSTALLED,
    PROBED,
    REMOVED,
    finish_resuming,
    install,
    is_probe_forwarded,
    probe_wait,
    resume,
    start_probe,
    suspend,
    uninstall,
)

NOW = 1_760_000_000_000
AT = NOW - 5 * SECOND
RETENTION = 45 * DAY
SETTLE_DELAY = 2 * MINUTE


def suspended(at: int = NOW, row: SiteRow | None = None) -> SiteRow:
    after = suspend(row or unknown_site(SITE), "forbidden", at, at, by_probe=False)
    assert after is not None
    return after


def in_vain(row: SiteRow, now: int) -> SiteRow:
    after = suspend(row, "unauthorized", now, now, by_probe=True)
    assert after is not None
    return after


def test_a_site_whose_calls_are_refused_is_suspended_and_remembered_until_it_is_resumed() -> None:
    row = suspended()
    assert (row.state, row.reason, row.changed_at) == (SiteState.SUSPENDED, "forbidden", NOW)
    assert (row.next_attempt_at, row.expires_at) == (NOW + MINUTE, NEVER)


def test_a_refusal_of_a_call_from_before_the_resumption_suspends_nothing() -> None:
    resuming = install(suspended(), SITE, AT, NOW + HOUR, RETENTION)
    assert resuming is not None
    assert suspend(resuming, "forbidden", NOW + HOUR - 1, NOW + HOUR + SECOND, by_probe=False) is None
    assert suspend(resuming, "forbidden", NOW + HOUR, NOW + HOUR + SECOND, by_probe=False) is not None


def test_a_suspended_site_is_not_changed_by_another_refusal_but_by_its_probes() -> None:
    row = start_probe(suspended(), an_entity_row().key, NOW)
    assert suspend(row, "unauthorized", NOW, NOW, by_probe=False) is None
    after = in_vain(row, NOW + MINUTE)
    assert (after.state, after.reason, after.probe, after.probes) == (SiteState.SUSPENDED, "unauthorized", None, 1)
    assert after.next_attempt_at == NOW + 3 * MINUTE
    assert after.changed_at == NOW


def test_probes_come_at_longer_and_longer_intervals_and_never_more_than_four_hours_apart() -> None:
    assert [probe_wait(probes) // MINUTE for probes in (0, 1, 2, 3, 7, 8, 1_000)] == [1, 2, 4, 8, 128, 240, 240]


def test_a_refusal_without_a_code_is_probed_each_minute_before_its_waits_double() -> None:
    waits = [probe_wait(probes, FORBIDDEN_WITHOUT_CODE) // MINUTE for probes in (0, 1, 4, 5, 6, 7, 1_000)]
    assert waits == [1, 1, 1, 1, 2, 4, 240]


def test_a_refusal_without_a_code_that_comes_back_soon_begins_with_quick_probes_again() -> None:
    """A throttle of seconds every ten minutes must not delay a site's events by hours."""
    row = replace(unknown_site(SITE), changed_at=NOW, probes=9)

    after = suspend(row, FORBIDDEN_WITHOUT_CODE, NOW + MINUTE, NOW + MINUTE, by_probe=False)

    assert after is not None
    assert (after.probes, after.next_attempt_at) == (0, NOW + 2 * MINUTE)


def test_a_probe_that_is_accepted_resumes_the_site_and_its_parked_rows_are_released_at_once() -> None:
    row = resume(start_probe(suspended(), an_entity_row().key, NOW), NOW + MINUTE)
    assert row is not None
    assert (row.state, row.reason, row.probe, row.next_attempt_at) == (SiteState.RESUMING, PROBED, None, AT_ONCE)


@pytest.mark.parametrize("state", [SiteState.ACTIVE, SiteState.RESUMING])
def test_an_answer_changes_no_site_that_is_not_suspended(state: SiteState) -> None:
    assert resume(replace(unknown_site(SITE), state=state), NOW) is None


def test_a_site_that_is_suspended_again_soon_after_it_was_resumed_goes_on_with_its_longer_waits() -> None:
    resumed = resume(in_vain(suspended(), NOW + MINUTE), NOW + 3 * MINUTE)
    assert resumed is not None
    assert suspended(NOW + 4 * MINUTE, resumed).next_attempt_at == NOW + 4 * MINUTE + probe_wait(2)
    assert suspended(NOW + 3 * MINUTE + HOUR, resumed).next_attempt_at == NOW + HOUR + 4 * MINUTE


def test_a_site_that_removed_the_app_is_suspended_and_not_probed() -> None:
    row = uninstall(None, SITE, AT, NOW)
    assert row is not None
    assert (row.state, row.reason, row.next_attempt_at, row.installed_at) == (SiteState.SUSPENDED, REMOVED, NEVER, AT)
    assert suspend(row, "forbidden", NOW, NOW, by_probe=True) is None
    assert resume(row, NOW) is None


def test_an_install_resumes_a_site_however_it_was_suspended_and_forgets_its_probes() -> None:
    for before in (uninstall(None, SITE, AT, NOW), in_vain(suspended(), NOW + MINUTE)):
        row = install(before, SITE, AT + SECOND, NOW + HOUR, RETENTION)
        assert row is not None
        assert (row.state, row.reason, row.next_attempt_at, row.probes) == (
            SiteState.RESUMING,
            INSTALLED,
            AT_ONCE,
            0,
        )


def test_of_an_older_removal_only_its_time_is_kept_and_an_older_install_changes_nothing() -> None:
    row = install(None, SITE, AT, NOW, RETENTION)
    assert row is not None
    known = uninstall(row, SITE, AT - 1, NOW)
    assert known == replace(row, removed_at=AT - 1)
    assert known is not None
    assert uninstall(known, SITE, AT - 1, NOW) is None
    assert uninstall(known, SITE, AT - 2, NOW) is None
    assert install(row, SITE, AT - 1, NOW, RETENTION) is None


def test_of_news_of_one_time_the_install_wins_in_whatever_order_they_come() -> None:
    row = install(uninstall(None, SITE, AT, NOW), SITE, AT, NOW, RETENTION)
    assert row is not None
    assert row.state is SiteState.RESUMING
    installed = install(None, SITE, AT, NOW, RETENTION)
    assert installed is not None
    assert uninstall(installed, SITE, AT, NOW) == replace(installed, removed_at=AT)


def test_an_install_of_an_active_site_is_remembered_so_that_an_older_removal_is_known_as_such() -> None:
    row = install(None, SITE, AT, NOW, RETENTION)
    assert row is not None
    assert (row.state, row.installed_at, row.next_attempt_at) == (SiteState.ACTIVE, AT, None)
    assert row.expires_at == NOW + RETENTION


def test_a_resuming_site_is_active_only_once_no_worker_can_park_any_more_of_its_rows() -> None:
    row = resume(suspended(), NOW)
    assert row is not None
    early = finish_resuming(row, NOW + SECOND, SETTLE_DELAY, RETENTION)
    assert (early.state, early.next_attempt_at) == (SiteState.RESUMING, NOW + SETTLE_DELAY)
    after = finish_resuming(row, NOW + SETTLE_DELAY, SETTLE_DELAY, RETENTION)
    assert (after.state, after.next_attempt_at, after.reason) == (SiteState.ACTIVE, None, "")
    assert after.expires_at == NOW + SETTLE_DELAY + RETENTION


@pytest.mark.parametrize("state", SiteState)
def test_an_install_that_is_known_changes_nothing_however_the_site_is_by_now(state: SiteState) -> None:
    row = replace(unknown_site(SITE), installed_at=AT, state=state, next_attempt_at=NOW + MINUTE)
    assert install(row, SITE, AT, NOW, RETENTION) is None


def test_a_removal_that_may_be_older_than_an_install_suspends_the_site_but_it_is_probed() -> None:
    row = uninstall(install(None, SITE, AT, NOW, RETENTION), SITE, AT + HOUR, NOW + HOUR)
    assert row is not None
    assert (row.state, row.reason, row.next_attempt_at) == (SiteState.SUSPENDED, REMOVED, NOW + HOUR + MINUTE)
    again = uninstall(row, SITE, AT + 3 * HOUR, NOW + 3 * HOUR)
    assert again is not None
    assert again.next_attempt_at == NOW + 3 * HOUR + MINUTE


def test_a_removal_is_beyond_doubt_once_wix_can_repeat_nothing_from_before_the_install_or_if_it_is_said_again() -> None:
    late = uninstall(install(None, SITE, AT, NOW, RETENTION), SITE, AT + 2 * DAY, NOW + 2 * DAY)
    twice = uninstall(uninstall(None, SITE, AT, NOW), SITE, AT + HOUR, NOW + HOUR)
    assert late is not None
    assert twice is not None
    assert late.next_attempt_at == twice.next_attempt_at == NEVER


def test_one_good_probe_brings_the_probes_of_sites_forward_that_were_refused_at_the_same_time() -> None:
    other = resume(start_probe(suspended(), an_entity_row().key, NOW), NOW + HOUR)
    assert other is not None
    waiting = in_vain(suspended(), NOW + MINUTE)
    assert is_probe_forwarded(waiting, [other])
    assert not is_probe_forwarded(waiting, [])
    assert not is_probe_forwarded(in_vain(waiting, NOW + HOUR + SECOND), [other])
    assert not is_probe_forwarded(replace(waiting, suspended_at=NOW - HOUR), [other])
    assert not is_probe_forwarded(start_probe(waiting, an_entity_row().key, NOW), [other])
    gone = uninstall(None, SITE, AT, NOW)
    assert gone is not None
    assert not is_probe_forwarded(gone, [other])
