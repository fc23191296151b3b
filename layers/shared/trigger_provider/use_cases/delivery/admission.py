"""Lets the work of a batch call Wix, site by site: one load and one save for all sites before the calls.

After the calls the sites learn from the answers: who was refused is parked, who was limited waits, and whose probe
was taken wakes. A site's row is saved before the rows of its events are: so none is parked whose site isn't.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from trigger_provider.domain.delivery.results import TIMED_OUT, Answer, Verdict
from trigger_provider.domain.durations import SECOND
from trigger_provider.domain.sites.admission import (
    Admitted,
    Need,
    admitted,
    nobody_admitted,
)
from trigger_provider.domain.sites.circuit_breaker import heard, silent
from trigger_provider.domain.sites.rate_limit import limited
from trigger_provider.domain.sites.site import SiteRow, SiteState
from trigger_provider.domain.sites.suspension import answered, kept_for, refused
from trigger_provider.use_cases.sites.permits import Purse
from trigger_provider.use_cases.sites.updates import change_sites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from trigger_provider.use_cases.delivery.jobs import Work
    from trigger_provider.use_cases.ports.clock import Clock
    from trigger_provider.use_cases.ports.ledger import Sites

_LET_IN: Final = frozenset({Verdict.DONE, Verdict.REFUSED})
_FROM_WIX: Final = _LET_IN | {Verdict.RETRY, Verdict.UNSURE, Verdict.LIMITED}


class Entry(NamedTuple):
    """What one batch is let do: `works` may call, the others have got their answers. `at` is when it was decided."""

    at: int
    works: Sequence[Work]
    rows: Mapping[str, SiteRow]


@dataclass(frozen=True, slots=True)
class Admission:
    """The use case. `most` calls of one site may be made in a minute; `retention` is in milliseconds."""

    sites: Sites
    clock: Clock
    new_token: Callable[[], str]
    most: int
    retention: int
    purse: Purse = field(init=False)

    def __post_init__(self) -> None:
        purse = Purse(self.sites, self.clock, self.new_token, self.most, self.retention)
        object.__setattr__(self, "purse", purse)

    def admit(self, works: Sequence[Work]) -> Entry:
        """Decide who may call; whoever may not gets an answer that says why, as if Wix had given it."""
        at, by_site = self.clock.now(), _by_site(works)
        needs = {site: [_need(work) for work in group] for site, group in by_site.items()}
        decided: dict[str, Admitted] = {}

        def decide(row: SiteRow) -> SiteRow:
            now = self.clock.now()
            decided[row.site] = admitted(row, needs[row.site], now, self.most)
            after = decided[row.site].row
            return after if after is row else kept_for(after, now, self.retention)

        rows = change_sites(self.sites, self.new_token, by_site, decide)
        now = self.clock.now()
        stand = {site: one if site in rows else nobody_admitted(one.row, now) for site, one in decided.items()}
        return Entry(at, [work for site, group in by_site.items() for work in self._let(group, stand[site])], rows)

    def learn(self, entry: Entry) -> None:
        """Let the sites learn from the answers, and the answers from the sites: what they say then holds for rows."""
        self.purse.empty()
        by_site = {site: group for site, group in _by_site(entry.works).items() if site in entry.rows}
        wise = [site for site, group in by_site.items() if _says_something(group, entry.rows[site])]
        if not wise:
            return
        rows = change_sites(
            self.sites, self.new_token, wise, lambda row: self._learnt(row, by_site[row.site], entry.at), entry.rows
        )
        for site in wise:
            for work in by_site[site]:
                self._reword(work, rows.get(site))

    def _let(self, works: Sequence[Work], one: Admitted) -> list[Work]:
        """Give the work of a site that may call, once there are permits for it; turn the rest away."""
        if one.grant is not None:
            self.purse.fill(one.row.site, one.grant, is_probe=one.row.state is SiteState.PARKED)
        for work in works:
            if work.row.key not in one.works and one.refusal is not None:
                _turn_away(work, one.refusal)
        return [work for work in works if work.row.key in one.works]

    def _learnt(self, row: SiteRow, works: Sequence[Work], called_at: int) -> SiteRow:
        now, answers = self.clock.now(), dict.fromkeys(one for work in works for one in _answers(work))
        row = _listened(row, answers, called_at, now)
        for one in answers:
            if one.verdict is Verdict.LIMITED:
                row = limited(row, one.retry_after, now)
        probe = [one for work in works if work.row.key == row.probe for one in _answers(work)]
        no = next((one for one in answers if one.verdict is Verdict.PARKED), None)
        if no is not None:
            return refused(row, no.reason, called_at, now, by_probe=bool(probe)) or row
        is_in = any(one.verdict in _LET_IN for one in probe)
        return (answered(row, now) if is_in else None) or row

    def _reword(self, work: Work, row: SiteRow | None) -> None:
        work.cancels = tuple(self._holds(answer, row) for answer in work.cancels)
        if work.report is not None:
            work.report = self._holds(work.report, row)

    def _holds(self, answer: Answer, row: SiteRow | None) -> Answer:
        """Give what an answer means once its site has learnt from it: no row is parked whose site isn't."""
        now = self.clock.now()
        if answer.verdict is Verdict.LIMITED:
            until = now + int((answer.retry_after or 0) * SECOND) if row is None else row.waits_until or now
            return answer._replace(verdict=Verdict.WAITS, retry_after=max(SECOND, until - now) / SECOND)
        if answer.verdict is Verdict.PARKED and (row is None or row.state is not SiteState.PARKED):
            return answer._replace(verdict=Verdict.RETRY)
        if answer.reason == TIMED_OUT and row is not None and row.waits_until is not None:
            return answer._replace(retry_after=max(0, row.waits_until - now) / SECOND)
        return answer


def _by_site(works: Iterable[Work]) -> dict[str, list[Work]]:
    groups: dict[str, list[Work]] = {}
    for work in works:
        if work.cancel_ids() or work.may_report():
            groups.setdefault(work.row.site, []).append(work)
    return groups


def _need(work: Work) -> Need:
    return Need(work.row.key, work.row.trigger, len(work.cancel_ids()), work.may_report())


def _says_something(works: Sequence[Work], row: SiteRow) -> bool:
    if row.state is SiteState.PARKED or row.consecutive_timeouts:
        return True
    return any(_is_telling(one) for work in works for one in _answers(work))


def _is_telling(answer: Answer) -> bool:
    return answer.verdict in (Verdict.PARKED, Verdict.LIMITED) or answer.reason == TIMED_OUT


def _listened(row: SiteRow, answers: Iterable[Answer], called_at: int, now: int) -> SiteRow:
    """Note whether Wix has answered any call for the site, or let all of them wait in vain."""
    came = [one.reason != TIMED_OUT for one in answers if one.verdict in _FROM_WIX]
    if any(came):
        return heard(row, called_at)
    return silent(row, called_at, now) if came else row


def _answers(work: Work) -> tuple[Answer, ...]:
    return (*work.cancels, *((work.report,) if work.report is not None else ()))


def _turn_away(work: Work, answer: Answer) -> None:
    work.cancels = (answer,) * len(work.cancel_ids())
    if not work.cancels:
        work.report = answer
