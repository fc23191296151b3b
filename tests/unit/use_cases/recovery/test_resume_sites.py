"""Sites that are suspended or resuming: an install before any probe, and no site waits for another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tests.support.builders import NOW, POLICY, an_entity_row
from tests.support.fixed_clock import FixedClock
from tests.support.memory_ledger import MemoryLedger
from tests.support.memory_outbox import MemoryOutbox
from tests.support.memory_sites import MemorySites
from trigger_provider.domain.durations import HOUR, MINUTE, SECOND
from trigger_provider.domain.ledger.rows import State, Waiting
from trigger_provider.domain.sites.site import unknown_site
from trigger_provider.domain.sites.suspension import install, resume, start_probe, suspend
from trigger_provider.errors import LedgerUnavailable
from trigger_provider.use_cases.concurrency import Item, Result
from trigger_provider.use_cases.recovery.requeue import Requeue
from trigger_provider.use_cases.recovery.resume_sites import ResumedSites, ResumeSites

PATIENCE = 7 * SECOND
PARKED_AT = NOW - HOUR


class SlowLedger(MemoryLedger):
    """A ledger whose every look at a site's parked rows takes a while; for one site it does not answer."""

    def __init__(self, clock: FixedClock, silent: str = "") -> None:
        super().__init__()
        self.clock, self.silent = clock, silent

    def parked(self, site: str, limit: int) -> Sequence[Waiting]:
        self.clock.wait(SECOND // 100)
        if site == self.silent:
            raise LedgerUnavailable("planted")
        return super().parked(site, limit)


class World:
    """Suspended sites that are due for a probe, each with one parked row."""

    def __init__(self, sites: int, silent: str = "") -> None:
        self.clock = FixedClock(NOW)
        self.ledger, self.sites, self.outbox = SlowLedger(self.clock, silent), MemorySites(), MemoryOutbox()
        for number in range(sites):
            self.park(f"site {number}")
            row = suspend(unknown_site(f"site {number}"), "forbidden", PARKED_AT, PARKED_AT, by_probe=False)
            assert row is not None
            self.sites.rows[row.site] = row

    def park(self, site: str, rows: int = 1) -> None:
        for number in range(rows):
            row = an_entity_row(
                f"{site}, {number}", site=site, state=State.PARKED, parked_at=PARKED_AT, next_attempt_at=PARKED_AT
            )
            self.ledger.rows[row.key] = row

    def run(self) -> ResumedSites:
        requeue = Requeue(self.ledger, self.outbox, self.clock, lambda: "token", one_by_one)
        resume_sites = ResumeSites(requeue, self.sites, POLICY, 20_000, one_by_one)
        return resume_sites.run(self.clock.now() + PATIENCE)

    def sent(self) -> list[str]:
        return [message.site for message in self.outbox.sent]


def one_by_one(do: object, items: Sequence[Item]) -> list[Result]:
    return [do(item) for item in items]  # type: ignore[operator]


def test_a_site_that_was_just_installed_waits_for_none_of_a_thousand_that_are_due_for_a_probe() -> None:
    world = World(1_000)
    world.park("new", rows=50)
    row = install(unknown_site("new"), "new", NOW, NOW, POLICY.retention)
    assert row is not None
    suspended = suspend(row, "forbidden", NOW, NOW, by_probe=False)
    assert suspended is not None
    installed = install(suspended, "new", NOW + 1, NOW, POLICY.retention)
    assert installed is not None
    world.sites.rows["new"] = installed
    world.run()
    assert world.sent()[:50] == ["new"] * 50
    assert len(world.sent()) > 500


def test_a_probe_that_fails_keeps_no_other_site_from_its_own() -> None:
    world = World(3, silent="site 1")
    resumed = world.run()
    assert world.sent() == ["site 0", "site 2"]
    assert [type(error) for error in resumed.requeued.errors] == [LedgerUnavailable]


def test_once_a_probe_is_accepted_the_sites_that_were_refused_with_it_are_probed_at_once() -> None:
    world = World(4)
    first, *others = list(world.sites.rows.values())
    probed = resume(start_probe(first, an_entity_row().key, NOW), NOW)
    assert probed is not None
    world.sites.rows[first.site] = probed
    for row in others:
        waits = {"next_attempt_at": NOW + 2 * MINUTE, "probes": 2}
        world.sites.rows[row.site] = replace(row, **waits)  # type: ignore[arg-type]
    unrelated = others[-1].site
    world.sites.rows[unrelated] = replace(world.sites.rows[unrelated], suspended_at=PARKED_AT - HOUR)
    world.run()
    assert set(world.sent()) == {first.site, *(row.site for row in others[:-1])}
