"""The gate: before an action Wix asks what is known by now, and is told the newest, or that nothing is wanted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from tests.sandbox.business import a_session, in_days
from tests.sandbox.stage import Stage
from tests.sandbox.tale import Tale, story
from tests.sandbox.wix import CANCELS, Trouble
from tests.sandbox.wix.engine.life import Activation
from tests.sandbox.wix.engine.refreshing import CalledOff, Refreshed
from trigger_provider.domain.ledger.ids import event_id
from trigger_provider.domain.ledger.rows import Row
from trigger_provider.domain.payload.rfc3339 import parse_nanoseconds

TRIGGER: Final = "session_starting"
BOOKING: Final = "bk_20931"
OLD_LINK: Final = "https://meet.example.com/old"
NEW_LINK: Final = "https://meet.example.com/new"
NOW: Final = datetime.now(UTC)


@story("The link to a session changes, but not its date: Wix is given the new one before it acts")
def the_newest_at_the_gate(stage: Stage, tale: Tale) -> None:
    site, starts_at = stage.new_site(), in_days(7)
    row = report(stage, tale, site, 1, starts_at, OLD_LINK)
    (changed,) = stage.invoke(a_session(site, BOOKING, version(2), starts_at, NEW_LINK))
    tale.came_in(f"invoke: report {TRIGGER} again, with {NEW_LINK}")
    tale.expect(changed["reason"] == "the gate will give this payload", "it is accepted, for the gate to give")
    tale.expect(changed["eventId"] == event_id(row), "and the event at Wix stays")
    (live,) = stage.wix.live_events(site, TRIGGER)
    tale.wix(f"holds {live.external_entity_id} with {live.payload['join_link']}")
    activation = at_its_date(stage, tale, site, starts_at)
    tale.expect(activation.payload["join_link"] == NEW_LINK, "Wix acts on the new link")
    tale.expect(activation.status == "ENDED", "and once")
    calls = stage.wix.journal.calls(site=site)
    sent = {entry.external_entity_id for call in calls for entry in call.items}
    tale.expect(sent == {event_id(row)}, "Wix was sent no other event")
    tale.expect(not any(call.route in CANCELS for call in calls), "and no cancel")


@story("Wix can't take the cancel of a session: its action is called off all the same")
def called_off_at_the_gate(stage: Stage, tale: Tale) -> None:
    site, starts_at, later = stage.new_site(), in_days(7), in_days(8)
    first = report(stage, tale, site, 1, starts_at, OLD_LINK)
    second = report(stage, tale, site, 2, later, OLD_LINK)
    tale.expect(ask(stage, tale, site, first) == CalledOff(), "the event of the old date would be called off")
    tale.expect(isinstance(ask(stage, tale, site, second), Refreshed), "that of the new date would not")
    cancel = {"action": "cancel", "triggerKey": TRIGGER, "instanceId": site, "entityId": BOOKING}
    with stage.wix.faults.during(Trouble.status(503, site=site), *CANCELS):
        stage.invoke({**cancel, "version": version(3).isoformat()})
        tale.came_in(f"invoke: cancel {TRIGGER}, and Wix answers 503")
        activation = at_its_date(stage, tale, site, later)
    tale.expect(activation.reason == "CANCELLED_BY_REFRESH_PAYLOAD", "Wix does not act, since it has asked")
    tale.ledger(stage.settled(stage.entity(site, TRIGGER, BOOKING), "cancelled"))
    tale.expect(not stage.wix.live_events(site), "and holds nothing any more once it takes the cancel")


def report(stage: Stage, tale: Tale, site: str, number: int, starts_at: str, link: str) -> Row:
    """Report a session, and wait until Wix holds it and nothing of it is left to do."""
    stage.invoke(a_session(site, BOOKING, version(number), starts_at, link))
    tale.came_in(f"invoke: report {TRIGGER}, {starts_at}, {link}")
    sent = parse_nanoseconds(version(number).isoformat())
    row = stage.settled(stage.entity(site, TRIGGER, BOOKING), "reported", sent)
    tale.ledger(row)
    return row


def version(number: int) -> datetime:
    return NOW + timedelta(seconds=number)


def ask(stage: Stage, tale: Tale, site: str, row: Row) -> object:
    """Ask at the gate, as Wix does before an action."""
    answer = stage.plugin.refresh(site, TRIGGER, event_id(row), {})
    tale.wix(f"asks about {event_id(row)}: {type(answer).__name__}")
    return answer


def at_its_date(stage: Stage, tale: Tale, site: str, date: str) -> Activation:
    """Turn the site's clock past a date, and give what has become of the newest activation."""
    stage.wix.runner.turn(site, (datetime.fromisoformat(date) + timedelta(hours=1)).timestamp())
    tale.wix(f"its clock is turned past {date}")
    *_, activation = stage.wix.engine(site).activations.all.values()
    tale.wix(f"{activation.status} {activation.reason or ''} with {activation.payload['join_link']}")
    return activation
