"""Half an hour without Wix and hours without the ledger, at a thousand events each."""

from __future__ import annotations

import pytest

from tests.support.builders import a_change, a_report
from tests.support.outage import BATCH, World
from trigger_provider.domain.durations import HOUR, MINUTE
from trigger_provider.domain.intake.commands import TriggerRequest
from trigger_provider.domain.ledger.rows import State

EVENTS = 1_000


def accepted(world: World) -> World:
    """Return the world as it has accepted all, half of them at a date."""
    half = EVENTS // 2
    requests: list[TriggerRequest] = [a_report(f"visit {number}", None) for number in range(half)]
    requests += [a_change(entity=f"invoice {number}") for number in range(half)]
    for start in range(0, EVENTS, BATCH):
        world.accept.submit(requests[start : start + BATCH])
    return world


@pytest.fixture(scope="module")
def world() -> World:
    """Return the world an hour after Wix has come back."""
    world = accepted(World(wix=30 * MINUTE))
    world.pass_until(world.wix.is_back_at + HOUR)
    return world


def test_an_outage_of_half_an_hour_ends_with_every_event_reported(world: World) -> None:
    assert len(world.ledger.rows) == EVENTS
    assert {row.state for row in world.ledger.rows.values()} == {State.REPORTED}
    assert all(row.next_attempt_at is None for row in world.ledger.rows.values())


def test_no_message_lies_in_a_dead_letter_queue_after_it_and_none_is_left(world: World) -> None:
    assert world.queue.died == 0
    assert (world.queue.dead, world.queue.letters) == ([], [])


def test_the_back_off_keeps_the_calls_far_below_the_events(world: World) -> None:
    """One site and one trigger: all that wait at the same time go in one call."""
    assert world.wix.calls < EVENTS


def test_hours_without_the_ledger_end_with_every_event_reported_though_each_message_was_given_up() -> None:
    world = accepted(World(ledger=3 * HOUR))
    world.pass_until(world.ledger_is_back_at)
    assert len(world.queue.dead) == EVENTS

    world.pass_until(world.ledger_is_back_at + 10 * MINUTE)

    assert {row.state for row in world.ledger.rows.values()} == {State.REPORTED}
    assert (world.queue.dead, world.queue.letters) == ([], [])
