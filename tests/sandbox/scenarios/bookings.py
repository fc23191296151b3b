"""Bookings: one business event that feeds a real-time trigger and a scheduled one, as in Wix's sample flow."""

from __future__ import annotations

from tests.sandbox.business import BOOKINGS, a_booking, in_days
from tests.sandbox.environment import Environment
from tests.sandbox.narrator import Narrator, scenario
from trigger_provider.domain.ledger.ids import event_id


@scenario("A session is booked: one event at once, and one on its date")
def one_booking_two_triggers(environment: Environment, narrator: Narrator) -> None:
    site, starts_at = environment.new_site(), in_days(7)
    environment.put_event(BOOKINGS, "Session Booked", a_booking(site, "bk_20931", starts_at))
    narrator.came_in(f"bus: Session Booked, booking bk_20931, starts {starts_at}")
    starting = environment.settled(environment.entity(site, "session_starting", "bk_20931"), "reported")
    narrator.ledger(starting)
    (at_once,) = environment.until(
        "session_booked is live", lambda: environment.wix.live_events(site, "session_booked")
    )
    (on_its_date,) = environment.wix.live_events(site, "session_starting")
    narrator.wix(f"session_booked   {at_once.external_entity_id}")
    narrator.wix(f"session_starting {on_its_date.external_entity_id}, on {on_its_date.payload['session_start']}")
    narrator.expect(on_its_date.external_entity_id == event_id(starting), "the scheduled event is the ledger's")
    narrator.expect(on_its_date.payload["session_start"] == starts_at, "on the session's date")
    narrator.expect(at_once.external_entity_id != on_its_date.external_entity_id, "each trigger has its own event id")
