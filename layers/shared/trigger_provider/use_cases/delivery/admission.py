"""Decides which jobs of a batch may call Wix, site by site: one load and one save for all sites before the calls.

After the calls each site is updated from its results: a refusal suspends it, a 429 lets it wait, and an accepted probe
resumes it. A site's row is saved before the rows of its events are. So no row is parked whose site isn't suspended.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from trigger_provider.domain.delivery.results import TIMED_OUT, ItemResult, JobResults, ResultKind
from trigger_provider.domain.durations import SECOND
from trigger_provider.domain.sites.admission import AdmissionDecision, CallDemand, admit_none, decide_admission
from trigger_provider.domain.sites.circuit_breaker import record_success, record_timeout
from trigger_provider.domain.sites.rate_limit import record_rate_limit
from trigger_provider.domain.sites.site import SiteRow, SiteState, unknown_site
from trigger_provider.domain.sites.suspension import extend_expiry, resume, suspend
from trigger_provider.use_cases.sites.permits import PermitPool
from trigger_provider.use_cases.sites.updates import SiteChange, change_sites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from trigger_provider.domain.delivery.jobs import Job
    from trigger_provider.domain.ledger.rows import RowKey
    from trigger_provider.use_cases.ports.clock import Clock
    from trigger_provider.use_cases.ports.ledger import Sites

    Results = Mapping[RowKey, JobResults]

_ACCEPTED: Final = frozenset({ResultKind.DONE, ResultKind.REFUSED})
_FROM_WIX: Final = _ACCEPTED | {ResultKind.RETRY, ResultKind.UNKNOWN, ResultKind.RATE_LIMITED}


class AdmittedBatch(NamedTuple):
    """The `jobs` that may call, and the results of all `refused` jobs, as if Wix had answered.

    `at` is the time of the decision, in milliseconds. `sites` holds the sites' rows as they are saved now.
    """

    at: int
    jobs: Sequence[Job]
    refused: Results
    sites: Mapping[str, SiteRow]


@dataclass(frozen=True, slots=True)
class Admission:
    """The use case. `most` calls of one site may be made in a minute. `retention` is in milliseconds."""

    sites: Sites
    clock: Clock
    new_token: Callable[[], str]
    most: int
    retention: int
    permits: PermitPool = field(init=False)

    def __post_init__(self) -> None:
        permits = PermitPool(self.sites, self.clock, self.new_token, self.most, self.retention)
        object.__setattr__(self, "permits", permits)

    def admit(self, jobs: Sequence[Job]) -> AdmittedBatch:
        """Decide which jobs may call Wix, of those that need a call, and prefetch permits for them."""
        at, by_site = self.clock.now(), _by_site(jobs)
        saved = change_sites(self.sites, self.new_token, by_site, lambda row: self._decide(row, by_site[row.site]))
        now = self.clock.now()
        admitted: list[Job] = []
        refused: dict[RowKey, JobResults] = {}
        for site, group in by_site.items():
            decision = saved.decisions.get(site) or admit_none(unknown_site(site), now)
            self._prefetch(site, decision)
            admitted += [job for job in group if job.row.key in decision.jobs]
            refused |= {job.row.key: _refuse(job, decision) for job in group if job.row.key not in decision.jobs}
        return AdmittedBatch(at, admitted, refused, saved.rows)

    def record_results(self, batch: AdmittedBatch, results: Results) -> Results:
        """Update each site from Wix's results, then rewrite results whose meaning depends on the site.

        These are a 429, a 403 and a time-out. Return all results.
        """
        self.permits.clear()
        by_site = _by_site(batch.jobs)
        groups = {site: {job.row.key: results[job.row.key] for job in jobs} for site, jobs in by_site.items()}
        telling = [site for site, group in groups.items() if _says_something(group.values(), batch.sites[site])]
        if not telling:
            return results
        saved = change_sites(
            self.sites, self.new_token, telling,
            lambda row: SiteChange(self._update(row, groups[row.site], batch.at)), batch.sites,
        )  # fmt: skip
        reworded = (
            (key, self._localise(item, saved.rows.get(site))) for site in telling for key, item in groups[site].items()
        )
        return {**results, **dict(reworded)}

    def _decide(self, row: SiteRow, jobs: Iterable[Job]) -> AdmissionDecision:
        now = self.clock.now()
        decision = decide_admission(row, [_demand(job) for job in jobs], now, self.most)
        if decision.row is row:
            return decision
        return decision._replace(row=extend_expiry(decision.row, now, self.retention))

    def _prefetch(self, site: str, decision: AdmissionDecision) -> None:
        if decision.lease is not None:
            self.permits.add(site, decision.lease, is_probe=decision.row.state is SiteState.SUSPENDED)

    def _update(self, row: SiteRow, group: Results, called_at: int) -> SiteRow:
        now, results = self.clock.now(), dict.fromkeys(result for job in group.values() for result in job.every_item())
        row = _record_answer(row, results, called_at, now)
        for result in results:
            if result.kind is ResultKind.RATE_LIMITED:
                row = record_rate_limit(row, result.retry_after, now)
        refusal = next((result for result in results if result.kind is ResultKind.FORBIDDEN), None)
        probe = () if row.probe is None or row.probe not in group else group[row.probe].every_item()
        if refusal is not None:
            return suspend(row, refusal.reason, called_at, now, by_probe=bool(probe)) or row
        is_accepted = any(result.kind in _ACCEPTED for result in probe)
        return (resume(row, now) if is_accepted else None) or row

    def _localise(self, results: JobResults, site: SiteRow | None) -> JobResults:
        cancels = tuple(self._reword(result, site) for result in results.cancels)
        return JobResults(cancels, None if results.report is None else self._reword(results.report, site))

    def _reword(self, result: ItemResult, site: SiteRow | None) -> ItemResult:
        """Return what a result means now that its site is updated. No row may be parked if its site isn't suspended."""
        now = self.clock.now()
        if result.kind is ResultKind.RATE_LIMITED:
            until = now + int((result.retry_after or 0) * SECOND) if site is None else site.waits_until or now
            return result._replace(kind=ResultKind.THROTTLED_LOCALLY, retry_after=max(SECOND, until - now) / SECOND)
        if result.kind is ResultKind.FORBIDDEN and (site is None or site.state is not SiteState.SUSPENDED):
            return result._replace(kind=ResultKind.RETRY)
        if result.reason == TIMED_OUT and site is not None and site.waits_until is not None:
            return result._replace(retry_after=max(0, site.waits_until - now) / SECOND)
        return result


def _by_site(jobs: Iterable[Job]) -> dict[str, list[Job]]:
    groups: dict[str, list[Job]] = {}
    for job in jobs:
        if job.reports or job.cancel_ids:
            groups.setdefault(job.row.site, []).append(job)
    return groups


def _demand(job: Job) -> CallDemand:
    return CallDemand(job.row.key, job.row.trigger, len(job.cancel_ids), job.reports)


def _refuse(job: Job, decision: AdmissionDecision) -> JobResults:
    """Return the refusal as the result of the job's cancels, or of its report if it has none."""
    if decision.refusal is None:
        return JobResults()
    cancels = (decision.refusal,) * len(job.cancel_ids)
    return JobResults(cancels, None if cancels else decision.refusal)


def _says_something(group: Iterable[JobResults], row: SiteRow) -> bool:
    if row.state is SiteState.SUSPENDED or row.consecutive_timeouts:
        return True
    return any(_is_telling(result) for job in group for result in job.every_item())


def _is_telling(result: ItemResult) -> bool:
    return result.kind in (ResultKind.FORBIDDEN, ResultKind.RATE_LIMITED) or result.reason == TIMED_OUT


def _record_answer(row: SiteRow, results: Iterable[ItemResult], called_at: int, now: int) -> SiteRow:
    """Record whether Wix answered any call for the site, or all of them timed out."""
    came = [result.reason != TIMED_OUT for result in results if result.kind in _FROM_WIX]
    if any(came):
        return record_success(row, called_at)
    return record_timeout(row, called_at, now) if came else row
