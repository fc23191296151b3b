"""The slow walk: page by page, bounded, and from where the last run stopped."""

from __future__ import annotations

from dataclasses import replace

from tests.support.builders import NOW, POLICY, a_reported_row, an_entity_row
from tests.support.fixed_clock import FixedClock
from tests.support.memory_ledger import MemoryLedger
from tests.support.memory_outbox import MemoryOutbox
from tests.support.memory_sites import MemorySites
from tests.support.memory_walk import MemoryWalk
from tests.support.rows import SITE
from trigger_provider.domain.durations import DAY, HOUR, MINUTE
from trigger_provider.domain.ledger.rows import State
from trigger_provider.domain.sites.suspension import install, uninstall
from trigger_provider.errors import QueueUnavailable
from trigger_provider.use_cases.recovery.requeue import Requeue
from trigger_provider.use_cases.recovery.walk import Walk


class World:
    """A ledger with ten rows whose messages were lost, and a walk of pages of three."""

    def __init__(self, most_pages: int = 100) -> None:
        self.ledger, self.outbox, self.sites = MemoryLedger(), MemoryOutbox(), MemorySites()
        self.clock = FixedClock(NOW + DAY)
        rows = [an_entity_row(f"invoice {number}") for number in range(10)]
        self.ledger.rows |= {row.key: row for row in rows}
        requeue = Requeue(self.ledger, self.outbox, self.clock, lambda: "token")
        self.table = MemoryWalk(self.ledger)
        self.walk = Walk(requeue, self.sites, self.table, POLICY, most_pages)

    def run(self) -> int:
        return self.walk.run(self.clock.now() + MINUTE).requeued.rows


def test_every_row_of_the_table_is_looked_at_and_those_that_are_overlooked_get_a_message() -> None:
    world = World()
    assert world.run() == 10
    assert {message.key for message in world.outbox.sent} == set(world.ledger.rows)
    assert world.table.row.position is None
    assert world.run() == 0


def test_a_run_reads_so_many_pages_and_the_next_one_goes_on_from_there() -> None:
    world = World(most_pages=2)
    assert [world.run(), world.run(), world.run()] == [6, 4, 0]
    assert len(world.outbox.sent) == 10


def test_no_page_is_begun_once_the_time_is_over() -> None:
    world = World()
    assert world.walk.run(world.clock.now()).pages == 0
    assert world.run() == 10


def test_a_page_that_ended_in_an_error_is_read_again() -> None:
    world = World()
    world.outbox.down = True
    walked = world.walk.run(world.clock.now() + MINUTE)
    assert [type(error) for error in walked.requeued.errors] == [QueueUnavailable]
    assert walked.pages == 1
    world.outbox.down = False
    assert world.run() == 10


def test_a_row_that_can_not_be_read_is_named_and_keeps_no_other_back() -> None:
    world = World()
    damaged = sorted(world.ledger.rows)[4]
    world.ledger.unavailable.add(damaged)
    walked = world.walk.run(world.clock.now() + MINUTE)
    assert walked.requeued.rows == 9
    assert walked.requeued.unavailable == {damaged}


def test_a_row_that_has_moved_on_since_its_page_was_read_is_left_alone() -> None:
    world = World()
    (key, *_) = sorted(world.ledger.rows)
    stale = world.ledger.rows[key]
    world.ledger.rows[key] = replace(stale, state=State.REPORTED)
    page = world.table.page(None, NOW)
    world.table.page = lambda *_: page._replace(rows=[stale], position=None)  # type: ignore[method-assign]
    assert world.run() == 0


def test_the_next_walk_begins_a_day_later_but_sooner_once_a_site_has_installed_the_app_again() -> None:
    world = World()
    world.run()
    reported = a_reported_row("invoice 11", due_at=NOW + 90 * DAY)
    world.ledger.rows[reported.key] = reported
    now = world.clock.now()
    gone = uninstall(None, SITE, now + 1, now)
    back = install(gone, SITE, now + 2, now + 1, POLICY.retention)
    assert back is not None
    world.sites.rows[SITE] = back
    world.clock.wait(MINUTE)
    assert world.run() == 0
    assert world.table.row.is_wanted
    world.clock.wait(6 * HOUR)
    assert world.run() == 1
    assert world.ledger.rows[reported.key].state is State.PENDING
