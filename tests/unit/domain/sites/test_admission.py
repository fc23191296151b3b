"""Who of a batch may call."""

from __future__ import annotations

from dataclasses import replace

from tests.support.builders import NOW
from tests.support.rows import SITE, entity_key_of
from trigger_provider.domain.delivery.results import ResultKind
from trigger_provider.domain.durations import SECOND
from trigger_provider.domain.ledger.rows import RowKey
from trigger_provider.domain.sites.admission import CallDemand, calls_for, decide_admission
from trigger_provider.domain.sites.rate_limit import acquire, record_rate_limit
from trigger_provider.domain.sites.site import SiteRow, SiteState, unknown_site

MOST = 10


def a_need(number: int, trigger: str = "due", cancels: int = 0, *, reports: bool = True) -> CallDemand:
    return CallDemand(entity_key_of(str(number)), trigger, cancels, reports)


def keys(*numbers: int) -> frozenset[RowKey]:
    return frozenset(entity_key_of(str(number)) for number in numbers)


def spent(calls: int) -> SiteRow:
    return acquire(unknown_site(SITE), calls, NOW, MOST)[0]


def test_a_hundred_events_of_a_trigger_are_one_call_and_cancels_are_calls_of_their_own() -> None:
    assert calls_for([a_need(number) for number in range(100)]) == 1
    assert calls_for([a_need(number) for number in range(101)]) == 2
    assert calls_for([a_need(1), a_need(2, "visited")]) == 2
    assert calls_for([a_need(1, cancels=60), a_need(2, cancels=60), a_need(3)]) == 3
    assert calls_for([a_need(1, cancels=1, reports=False)]) == 1
    assert calls_for([]) == 0


def test_all_may_call_whose_calls_are_there() -> None:
    entry = decide_admission(unknown_site(SITE), [a_need(1, cancels=3), a_need(2)], NOW, MOST)
    assert entry.jobs == keys(1, 2)
    assert entry.lease is not None
    assert entry.lease.calls == 2


def test_of_a_batch_that_asks_for_more_than_is_left_the_first_may_call_and_the_others_wait_for_their_time() -> None:
    needs = [a_need(1), a_need(2, "visited"), a_need(3, "visited"), a_need(4, "paid", cancels=1)]
    entry = decide_admission(spent(8), needs, NOW, MOST)
    assert entry.jobs == keys(1, 2, 3)
    assert entry.refusal is not None
    assert entry.refusal.kind is ResultKind.THROTTLED_LOCALLY
    assert entry.refusal.retry_after is not None
    assert entry.refusal.retry_after > 60


def test_a_site_that_waits_lets_nobody_call() -> None:
    entry = decide_admission(record_rate_limit(unknown_site(SITE), 20.0, NOW), [a_need(1)], NOW, MOST)
    assert entry.jobs == keys()
    assert entry.refusal is not None
    assert entry.refusal.retry_after == 20.0


def test_nobody_calls_a_parked_site_and_its_budget_stays_as_it_is() -> None:
    row = replace(unknown_site(SITE), state=SiteState.SUSPENDED, reason="forbidden")
    entry = decide_admission(row, [a_need(1)], NOW, MOST)
    assert (entry.row, entry.jobs, entry.lease) == (row, keys(), None)
    assert entry.refusal is not None
    assert (entry.refusal.kind, entry.refusal.reason) == (ResultKind.FORBIDDEN, "forbidden")


def test_the_probe_of_a_parked_site_may_call_and_nobody_else() -> None:
    probed = replace(unknown_site(SITE), state=SiteState.SUSPENDED, reason="forbidden", probe=entity_key_of("2"))
    entry = decide_admission(probed, [a_need(1), a_need(2), a_need(3)], NOW, MOST)
    assert entry.jobs == keys(2)
    assert entry.lease is not None
    assert entry.lease.calls == 1
    assert entry.refusal is not None
    assert entry.refusal.kind is ResultKind.FORBIDDEN


def test_a_resuming_site_is_called_as_ever() -> None:
    resuming = replace(unknown_site(SITE), state=SiteState.RESUMING, next_attempt_at=NOW + SECOND)
    assert decide_admission(resuming, [a_need(1)], NOW, MOST).jobs == keys(1)
