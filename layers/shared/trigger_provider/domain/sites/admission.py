"""Which jobs of a batch may call Wix now: from the site's row and the jobs' needs follows who calls and who waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from trigger_provider.domain.delivery.results import ItemResult, ResultKind
from trigger_provider.domain.durations import SECOND
from trigger_provider.domain.sites.circuit_breaker import half_open
from trigger_provider.domain.sites.rate_limit import Lease, acquire
from trigger_provider.domain.sites.site import SiteRow, SiteState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trigger_provider.domain.ledger.rows import RowKey

MOST_ITEMS: Final = 100
"""The most items of one bulk call to Wix, of reports and of cancels alike."""

USED_UP: Final = "the site's calls are used up"
TIMED_OUT: Final = "Wix gives no answer for the site"
BUSY: Final = "others use the site's calls"


class CallDemand(NamedTuple):
    """The calls that one job needs: a number of cancels, and perhaps a report."""

    key: RowKey
    trigger: str
    cancels: int
    reports: bool


class AdmissionDecision(NamedTuple):
    """The jobs of these keys may call, by the permits of `lease`. All others get the result `refusal`.

    `row` is the site's row to save.
    """

    row: SiteRow
    jobs: frozenset[RowKey]
    refusal: ItemResult | None = None
    lease: Lease | None = None


def decide_admission(row: SiteRow, demands: Sequence[CallDemand], now: int, limit: int) -> AdmissionDecision:
    """Decide for all jobs of one site, whose rate limit is `limit` calls in a minute.

    A suspended site gets its probe alone, and a site that timed out gets one job. All others get as many jobs as the
    rate limit allows.
    """
    if row.state is not SiteState.SUSPENDED and row.consecutive_timeouts:
        return _admit_one_job(row, demands, now, limit)
    if row.state is not SiteState.SUSPENDED:
        return _within_limit(row, demands, now, limit)
    probe = [demand for demand in demands if demand.key == row.probe]
    parked = ItemResult(ResultKind.FORBIDDEN, row.reason)
    if not probe:
        return AdmissionDecision(row, frozenset(), parked)
    allowed = _within_limit(row, probe, now, limit)
    return AdmissionDecision(allowed.row, allowed.jobs, parked, allowed.lease)


def admit_none(row: SiteRow, now: int) -> AdmissionDecision:
    """Admit no job of a site, since other workers kept changing its row and the decision was not saved."""
    return AdmissionDecision(row, frozenset(), busy(now))


def calls_for(demands: Iterable[CallDemand]) -> int:
    """Return how many calls the jobs need. A bulk call is for one trigger, and for either cancels or reports."""
    cancels: dict[str, int] = {}
    reports: dict[str, int] = {}
    for demand in demands:
        cancels[demand.trigger] = cancels.get(demand.trigger, 0) + demand.cancels
        reports[demand.trigger] = reports.get(demand.trigger, 0) + demand.reports
    return sum(-(-count // MOST_ITEMS) for count in (*cancels.values(), *reports.values()))


def waiting(next_attempt_at: int, now: int, reason: str = USED_UP) -> ItemResult:
    """Return the result of a job that must wait, since its site may not be called before `next_attempt_at`."""
    return ItemResult(ResultKind.THROTTLED_LOCALLY, reason, retry_after=(next_attempt_at - now) / SECOND)


def busy(now: int) -> ItemResult:
    """Return the result if other workers kept changing the site's row, so that the remaining permits are unknown."""
    return waiting(now + SECOND, now, BUSY)


def _admit_one_job(row: SiteRow, demands: Sequence[CallDemand], now: int, limit: int) -> AdmissionDecision:
    """Admit one job, which tries a site that timed out. All others wait."""
    admission_decision = _within_limit(row, demands[:1], now, limit)
    if not admission_decision.jobs:
        return admission_decision
    waiting_row = half_open(admission_decision.row, now)
    return AdmissionDecision(
        waiting_row,
        admission_decision.jobs,
        waiting(waiting_row.waits_until or now, now, TIMED_OUT),
        admission_decision.lease,
    )


def _within_limit(row: SiteRow, demands: Sequence[CallDemand], now: int, limit: int) -> AdmissionDecision:
    wanted = calls_for(demands)
    after, lease = acquire(row, wanted, now, limit)
    if lease.calls == wanted:
        return AdmissionDecision(after, frozenset(demand.key for demand in demands), lease=lease)
    jobs = frozenset(demand.key for demand in _affordable(demands, lease.calls))
    return AdmissionDecision(after, jobs, waiting(lease.next_attempt_at, now), lease)


def _affordable(demands: Sequence[CallDemand], calls: int) -> Sequence[CallDemand]:
    """Return as many of the first jobs as the calls suffice for. One job needs two calls at most."""
    low, high = 0, len(demands)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if calls_for(demands[:middle]) <= calls else (low, middle - 1)
    return demands[:low]
