"""Lets the work of a batch call Wix, site by site: one load and one save for all sites before the calls.

After the calls the sites learn from the answers: who was refused is parked, who was limited waits, and whose probe
was taken wakes. A site's row is saved before the rows of its events are: so none is parked whose site isn't.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from trigger_provider.domain.delivery.results import TIMED_OUT, ItemResult, ResultKind
from trigger_provider.domain.durations import SECOND
from trigger_provider.domain.sites.admission import AdmissionDecision, CallDemand, admit_none, decide_admission
from trigger_provider.domain.sites.circuit_breaker import record_success, record_timeout
from trigger_provider.domain.sites.rate_limit import record_rate_limit
from trigger_provider.domain.sites.site import SiteRow, SiteState
from trigger_provider.domain.sites.suspension import extend_expiry, resume, suspend
from trigger_provider.use_cases.sites.permits import PermitPool
from trigger_provider.use_cases.sites.updates import change_sites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from trigger_provider.use_cases.delivery.jobs import Job
    from trigger_provider.use_cases.ports.clock import Clock
    from trigger_provider.use_cases.ports.ledger import Sites

_LET_IN: Final = frozenset({ResultKind.DONE, ResultKind.REFUSED})
_FROM_WIX: Final = _LET_IN | {ResultKind.RETRY, ResultKind.UNKNOWN, ResultKind.RATE_LIMITED}


class AdmittedBatch(NamedTuple):
    """What one batch is let do: `jobs` may call, the others have got their answers. `at` is when it was decided."""

    at: int
    jobs: Sequence[Job]
    rows: Mapping[str, SiteRow]


@dataclass(frozen=True, slots=True)
class Admission:
    """The use case. `most` calls of one site may be made in a minute; `retention` is in milliseconds."""

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
        """Decide which jobs may call. The others get a result that says why, as if Wix had answered."""
        at, by_site = self.clock.now(), _by_site(jobs)
        needs = {site: [_need(job) for job in group] for site, group in by_site.items()}
        decided: dict[str, AdmissionDecision] = {}

        def decide(row: SiteRow) -> SiteRow:
            now = self.clock.now()
            decided[row.site] = decide_admission(row, needs[row.site], now, self.most)
            after = decided[row.site].row
            return after if after is row else extend_expiry(after, now, self.retention)

        rows = change_sites(self.sites, self.new_token, by_site, decide)
        now = self.clock.now()
        stand = {
            site: admission_decision if site in rows else admit_none(admission_decision.row, now)
            for site, admission_decision in decided.items()
        }
        return AdmittedBatch(
            at, [job for site, group in by_site.items() for job in self._decide(group, stand[site])], rows
        )

    def record_results(self, entry: AdmittedBatch) -> None:
        """Let the sites learn from the answers, and the answers from the sites: what they say then holds for rows."""
        self.permits.clear()
        by_site = {site: group for site, group in _by_site(entry.jobs).items() if site in entry.rows}
        wise = [site for site, group in by_site.items() if _says_something(group, entry.rows[site])]
        if not wise:
            return
        rows = change_sites(
            self.sites,
            self.new_token,
            wise,
            lambda row: self._update_site(row, by_site[row.site], entry.at),
            entry.rows,
        )
        for site in wise:
            for job in by_site[site]:
                self._localise(job, rows.get(site))

    def _decide(self, jobs: Sequence[Job], admission_decision: AdmissionDecision) -> list[Job]:
        """Return the work of a site that may call, once there are permits for it; turn the rest away."""
        if admission_decision.lease is not None:
            self.permits.add(
                admission_decision.row.site,
                admission_decision.lease,
                is_probe=admission_decision.row.state is SiteState.SUSPENDED,
            )
        for job in jobs:
            if job.row.key not in admission_decision.jobs and admission_decision.refusal is not None:
                _turn_away(job, admission_decision.refusal)
        return [job for job in jobs if job.row.key in admission_decision.jobs]

    def _update_site(self, row: SiteRow, jobs: Sequence[Job], called_at: int) -> SiteRow:
        now, answers = self.clock.now(), dict.fromkeys(answer for job in jobs for answer in _answers(job))
        row = _has_listened(row, answers, called_at, now)
        for answer in answers:
            if answer.kind is ResultKind.RATE_LIMITED:
                row = record_rate_limit(row, answer.retry_after, now)
        probe = [answer for job in jobs if job.row.key == row.probe for answer in _answers(job)]
        no = next((answer for answer in answers if answer.kind is ResultKind.FORBIDDEN), None)
        if no is not None:
            return suspend(row, no.reason, called_at, now, by_probe=bool(probe)) or row
        is_in = any(result.kind in _LET_IN for result in probe)
        return (resume(row, now) if is_in else None) or row

    def _localise(self, job: Job, row: SiteRow | None) -> None:
        job.cancels = tuple(self._holds(answer, row) for answer in job.cancels)
        if job.report is not None:
            job.report = self._holds(job.report, row)

    def _holds(self, answer: ItemResult, row: SiteRow | None) -> ItemResult:
        """Return what an answer means once its site has learnt from it: no row is parked whose site isn't."""
        now = self.clock.now()
        if answer.kind is ResultKind.RATE_LIMITED:
            until = now + int((answer.retry_after or 0) * SECOND) if row is None else row.waits_until or now
            return answer._replace(kind=ResultKind.THROTTLED_LOCALLY, retry_after=max(SECOND, until - now) / SECOND)
        if answer.kind is ResultKind.FORBIDDEN and (row is None or row.state is not SiteState.SUSPENDED):
            return answer._replace(kind=ResultKind.RETRY)
        if answer.reason == TIMED_OUT and row is not None and row.waits_until is not None:
            return answer._replace(retry_after=max(0, row.waits_until - now) / SECOND)
        return answer


def _by_site(jobs: Iterable[Job]) -> dict[str, list[Job]]:
    groups: dict[str, list[Job]] = {}
    for job in jobs:
        if job.cancel_ids() or job.may_report():
            groups.setdefault(job.row.site, []).append(job)
    return groups


def _need(job: Job) -> CallDemand:
    return CallDemand(job.row.key, job.row.trigger, len(job.cancel_ids()), job.may_report())


def _says_something(jobs: Sequence[Job], row: SiteRow) -> bool:
    if row.state is SiteState.SUSPENDED or row.consecutive_timeouts:
        return True
    return any(_is_telling(answer) for job in jobs for answer in _answers(job))


def _is_telling(answer: ItemResult) -> bool:
    return answer.kind in (ResultKind.FORBIDDEN, ResultKind.RATE_LIMITED) or answer.reason == TIMED_OUT


def _has_listened(row: SiteRow, answers: Iterable[ItemResult], called_at: int, now: int) -> SiteRow:
    """Note whether Wix has answered any call for the site, or let all of them wait in vain."""
    came = [answer.reason != TIMED_OUT for answer in answers if answer.kind in _FROM_WIX]
    if any(came):
        return record_success(row, called_at)
    return record_timeout(row, called_at, now) if came else row


def _answers(job: Job) -> tuple[ItemResult, ...]:
    return (*job.cancels, *((job.report,) if job.report is not None else ()))


def _turn_away(job: Job, answer: ItemResult) -> None:
    job.cancels = (answer,) * len(job.cancel_ids())
    if not job.cancels:
        job.report = answer
