"""The gate: before an action Wix asks for the newest payload, and gets it, or gets a cancel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from tests.sandbox.business import a_session, in_days
from tests.sandbox.environment import Environment
from tests.sandbox.narrator import Narrator, scenario
from tests.sandbox.wix import CANCELS, Trouble
from tests.sandbox.wix.engine.activation_states import Activation
from tests.sandbox.wix.engine.refreshing import CalledOff, Refreshed
from trigger_provider.domain.ledger.ids import event_id
from trigger_provider.domain.ledger.rows import Row
from trigger_provider.domain.payload.rfc3339 import parse_nanoseconds

TRIGGER: Final = "session_starting"
BOOKING: Final = "bk_20931"
OLD_LINK: Final = "https://meet.example.com/old"
NEW_LINK: Final = "https://meet.example.com/new"
NOW: Final = datetime.now(UTC)


@scenario("The link to a session changes, but not its date: Wix is given the new one before it acts")
def the_newest_at_the_gate(environment: Environment, narrator: Narrator) -> None:
    site, starts_at = environment.new_site(), in_days(7)
    row = report(environment, narrator, site, 1, starts_at, OLD_LINK)
    (changed,) = environment.invoke(a_session(site, BOOKING, version(2), starts_at, NEW_LINK))
    narrator.came_in(f"invoke: report {TRIGGER} again, with {NEW_LINK}")
    narrator.expect(changed["reason"] == "the gate will give this payload", "it is accepted, for the gate to give")
    narrator.expect(changed["eventId"] == event_id(row), "and the event at Wix stays")
    (live,) = environment.wix.live_events(site, TRIGGER)
    narrator.wix(f"holds {live.external_entity_id} with {live.payload['join_link']}")
    activation = at_its_date(environment, narrator, site, starts_at)
    narrator.expect(activation.payload["join_link"] == NEW_LINK, "Wix acts on the new link")
    narrator.expect(activation.status == "ENDED", "and once")
    calls = environment.wix.journal.calls(site=site)
    sent = {entry.external_entity_id for call in calls for entry in call.items}
    narrator.expect(sent == {event_id(row)}, "Wix was sent no other event")
    narrator.expect(not any(call.route in CANCELS for call in calls), "and no cancel")


@scenario("Wix can't take the cancel of a session: its action is called off all the same")
def called_off_at_the_gate(environment: Environment, narrator: Narrator) -> None:
    site, starts_at, later = environment.new_site(), in_days(7), in_days(8)
    first = report(environment, narrator, site, 1, starts_at, OLD_LINK)
    second = report(environment, narrator, site, 2, later, OLD_LINK)
    narrator.expect(
        ask(environment, narrator, site, first) == CalledOff(), "the event of the old date would be called off"
    )
    narrator.expect(isinstance(ask(environment, narrator, site, second), Refreshed), "that of the new date would not")
    cancel = {"action": "cancel", "triggerKey": TRIGGER, "instanceId": site, "entityId": BOOKING}
    with environment.wix.faults.during(Trouble.status(503, site=site), *CANCELS):
        environment.invoke({**cancel, "version": version(3).isoformat()})
        narrator.came_in(f"invoke: cancel {TRIGGER}, and Wix answers 503")
        activation = at_its_date(environment, narrator, site, later)
    narrator.expect(activation.reason == "CANCELLED_BY_REFRESH_PAYLOAD", "Wix does not act, since it has asked")
    narrator.ledger(environment.settled(environment.entity(site, TRIGGER, BOOKING), "cancelled"))
    narrator.expect(not environment.wix.live_events(site), "and holds nothing any more once it takes the cancel")


def report(environment: Environment, narrator: Narrator, site: str, number: int, starts_at: str, link: str) -> Row:
    """Report a session, and wait until Wix holds it and nothing of it is left to do."""
    environment.invoke(a_session(site, BOOKING, version(number), starts_at, link))
    narrator.came_in(f"invoke: report {TRIGGER}, {starts_at}, {link}")
    sent = parse_nanoseconds(version(number).isoformat())
    row = environment.settled(environment.entity(site, TRIGGER, BOOKING), "reported", sent)
    narrator.ledger(row)
    return row


def version(number: int) -> datetime:
    return NOW + timedelta(seconds=number)


def ask(environment: Environment, narrator: Narrator, site: str, row: Row) -> object:
    """Ask at the gate, as Wix does before an action."""
    answer = environment.plugin.refresh(site, TRIGGER, event_id(row), {})
    narrator.wix(f"asks about {event_id(row)}: {type(answer).__name__}")
    return answer


def at_its_date(environment: Environment, narrator: Narrator, site: str, date: str) -> Activation:
    """Turn the site's clock past a date, and give what has become of the newest activation."""
    environment.wix.runner.turn(site, (datetime.fromisoformat(date) + timedelta(hours=1)).timestamp())
    narrator.wix(f"its clock is turned past {date}")
    *_, activation = environment.wix.engine(site).activations.all.values()
    narrator.wix(f"{activation.status} {activation.reason or ''} with {activation.payload['join_link']}")
    return activation
