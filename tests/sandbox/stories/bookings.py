"""Bookings: one business event that feeds a real-time trigger and a scheduled one, as in Wix's sample flow."""

from __future__ import annotations

from tests.sandbox.business import BOOKINGS, a_booking, in_days
from tests.sandbox.stage import Stage
from tests.sandbox.tale import Tale, story
from trigger_provider.domain.ledger.ids import event_id


@story("A session is booked: one event at once, and one on its date")
def one_booking_two_triggers(stage: Stage, tale: Tale) -> None:
    site, starts_at = stage.new_site(), in_days(7)
    stage.put_event(BOOKINGS, "Session Booked", a_booking(site, "bk_20931", starts_at))
    tale.came_in(f"bus: Session Booked, booking bk_20931, starts {starts_at}")
    starting = stage.settled(stage.entity(site, "session_starting", "bk_20931"), "reported")
    tale.ledger(starting)
    (at_once,) = stage.until("session_booked is live", lambda: stage.wix.live_events(site, "session_booked"))
    (on_its_date,) = stage.wix.live_events(site, "session_starting")
    tale.wix(f"session_booked   {at_once.external_entity_id}")
    tale.wix(f"session_starting {on_its_date.external_entity_id}, on {on_its_date.payload['session_start']}")
    tale.expect(on_its_date.external_entity_id == event_id(starting), "the scheduled event is the ledger's")
    tale.expect(on_its_date.payload["session_start"] == starts_at, "on the session's date")
    tale.expect(at_once.external_entity_id != on_its_date.external_entity_id, "each trigger has its own event id")
