"""Which work of a batch may call Wix now: the site's row and what the work needs in, who calls and who doesn't out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from trigger_provider.domain.delivery.results import Answer, Verdict
from trigger_provider.domain.durations import SECOND
from trigger_provider.domain.sites.circuit_breaker import tried
from trigger_provider.domain.sites.rate_limit import Grant, granted
from trigger_provider.domain.sites.site import SiteRow, SiteState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trigger_provider.domain.ledger.rows import RowKey

MOST_ITEMS: Final = 100
"""What one bulk call to Wix carries, of reports and of cancels alike."""

USED_UP: Final = "the site's calls are used up"
SILENT: Final = "Wix gives no answer for the site"
BUSY: Final = "others use the site's calls"


class Need(NamedTuple):
    """What one piece of work would ask of Wix: so many cancels, and perhaps a report."""

    key: RowKey
    trigger: str
    cancels: int
    reports: bool


class Admitted(NamedTuple):
    """The first `works` may call, by `grant`; whoever may not gets the answer `refusal`. `row` is to be saved."""

    row: SiteRow
    works: frozenset[RowKey]
    refusal: Answer | None = None
    grant: Grant | None = None


def admitted(row: SiteRow, needs: Sequence[Need], now: int, most: int) -> Admitted:
    """Decide for all work of one site: nobody but its probe while it is parked, else as many as the budget allows."""
    if row.state is not SiteState.PARKED and row.consecutive_timeouts:
        return _by_one(row, needs, now, most)
    if row.state is not SiteState.PARKED:
        return _within_budget(row, needs, now, most)
    probe = [one for one in needs if one.key == row.probe]
    parked = Answer(Verdict.PARKED, row.reason)
    if not probe:
        return Admitted(row, frozenset(), parked)
    allowed = _within_budget(row, probe, now, most)
    return Admitted(allowed.row, allowed.works, parked, allowed.grant)


def nobody_admitted(row: SiteRow, now: int) -> Admitted:
    """Let nobody call a site whose row others kept changing: what was decided for it does not stand."""
    return Admitted(row, frozenset(), busy(now))


def calls_for(needs: Iterable[Need]) -> int:
    """Give how many calls some work needs: bulk calls are of one trigger, cancels go before reports."""
    cancels: dict[str, int] = {}
    reports: dict[str, int] = {}
    for one in needs:
        cancels[one.trigger] = cancels.get(one.trigger, 0) + one.cancels
        reports[one.trigger] = reports.get(one.trigger, 0) + one.reports
    return sum(-(-count // MOST_ITEMS) for count in (*cancels.values(), *reports.values()))


def waiting(next_attempt_at: int, now: int, reason: str = USED_UP) -> Answer:
    """Give the answer to what is to come again at a time, since its site may not be called before."""
    return Answer(Verdict.WAITS, reason, retry_after=(next_attempt_at - now) / SECOND)


def busy(now: int) -> Answer:
    """Give the answer where others kept changing the site's row, so that nobody knows what is left."""
    return waiting(now + SECOND, now, BUSY)


def _by_one(row: SiteRow, needs: Sequence[Need], now: int, most: int) -> Admitted:
    """Let a silent site be tried by one piece of work, and all others wait meanwhile."""
    one = _within_budget(row, needs[:1], now, most)
    if not one.works:
        return one
    held = tried(one.row, now)
    return Admitted(held, one.works, waiting(held.waits_until or now, now, SILENT), one.grant)


def _within_budget(row: SiteRow, needs: Sequence[Need], now: int, most: int) -> Admitted:
    after, grant = granted(row, calls_for(needs), now, most)
    works = frozenset(one.key for one in _affordable(needs, grant.calls))
    return Admitted(after, works, waiting(grant.next_attempt_at, now), grant)


def _affordable(needs: Sequence[Need], calls: int) -> Sequence[Need]:
    """Give the longest beginning of a list of work that so many calls are enough for; one alone needs two at most."""
    if calls_for(needs) <= calls:
        return needs
    low, high = 0, len(needs)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if calls_for(needs[:middle]) <= calls else (low, middle - 1)
    return needs[:low]
