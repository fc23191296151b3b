"""What a message that was set aside asks for, and whether it may go through the inbox once more."""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from tests.support.builders import NOW, OTHER_SITE
from tests.support.fixtures import TRIGGERS
from tests.support.handlers import a_visit
from tests.support.noise import noise
from tests.support.rows import SITE
from trigger_provider.adapters.catalogue_files import load_catalogue
from trigger_provider.domain.aws_limits import SQS_MESSAGE_BYTES
from trigger_provider.domain.catalogue.trigger import Catalogue
from trigger_provider.domain.delivery.policy import IDEMPOTENCY_KEY_TTL
from trigger_provider.domain.durations import DAY, HOUR
from trigger_provider.domain.intake.message_body import FittedMessage, fit, size_of, unpack
from trigger_provider.domain.operations.dead_letter import FIRST_SENT, ParsedDeadLetter, QueueName, read
from trigger_provider.domain.operations.redrive import Choice, Eligibility, eligibility, fit_replay, replay_of
from trigger_provider.domain.operations.request_targets import RequestTarget
from trigger_provider.domain.operations.values import DeadLetter
from trigger_provider.domain.payload.rfc3339 import format_seconds

CATALOGUE = load_catalogue(TRIGGERS)
LATER = NOW + DAY
ANY = Choice()
INVOICE: dict[str, Any] = {
    "source": "com.example.billing",
    "detail-type": "Invoice Issued",
    "time": format_seconds(NOW / 1000),
    "detail": {"instanceId": SITE.upper(), "invoice": {"id": "INV-1"}},
}


def a_message(body: object, sent_at: int = NOW, **changes: Any) -> DeadLetter:  # noqa: ANN401 - any field of it
    text = body if isinstance(body, str) else json.dumps(body)
    return DeadLetter("message 1", "receipt 1", text, sent_at, **changes)


def a_read(body: object, name: QueueName = QueueName.INBOX, **changes: Any) -> ParsedDeadLetter:  # noqa: ANN401 - the same
    return read(name, a_message(body, **changes), CATALOGUE)


def a_record(event: object) -> dict[str, Any]:
    return {
        "version": "1.0",
        "requestContext": {"condition": "RetriesExhausted"},
        "requestPayload": event,
        "responsePayload": {"errorType": "LedgerUnavailable", "errorMessage": "planted"},
    }


def test_a_request_says_itself_which_trigger_and_site_it_is_for() -> None:
    letter = a_read(a_visit())

    assert letter.asks == (RequestTarget("page_visited", SITE),)
    assert letter.group == SITE


def test_an_event_is_read_by_the_bindings_even_if_its_request_would_be_refused() -> None:
    assert a_read(INVOICE, QueueName.UNDELIVERED).asks == (RequestTarget("invoice_due", SITE),)


def test_an_event_may_feed_several_triggers() -> None:
    booked = {**INVOICE, "source": "com.example.bookings", "detail-type": "Session Booked"}

    assert {ask.trigger for ask in a_read(booked).asks} == {"session_booked", "session_starting"}


def test_a_request_in_an_envelope_is_read_as_a_request() -> None:
    assert a_read({**INVOICE, "detail-type": "Wix Trigger Request", "detail": a_visit()}).asks == (
        RequestTarget("page_visited", SITE),
    )


@pytest.mark.parametrize("site", ["planted", 7, None, "a b"])
def test_what_is_no_site_makes_no_group(site: object) -> None:
    assert a_read(a_visit(instanceId=site)).group is None


def test_the_group_that_a_message_was_sent_with_counts_first() -> None:
    assert a_read(a_visit(), group="a group").group == "a group"


@pytest.mark.parametrize("body", ["{", "", "[]", '"text"', "7", "[" * 100_000])
def test_what_is_no_json_object_can_never_be_taken(body: str) -> None:
    for name in QueueName:
        letter = a_read(body, name)
        assert (letter.body, eligibility(letter, ANY, LATER)) == (None, Eligibility.UNREADABLE)


def test_a_body_goes_as_it_came() -> None:
    body = '{"action": "report",   "é": 1}'
    assert a_read(body, QueueName.REFUSED).body == body


def test_a_failed_event_is_taken_out_of_lambdas_record() -> None:
    letter = a_read(a_record(INVOICE), QueueName.FAILED)

    assert letter.body is not None
    assert json.loads(letter.body) == INVOICE
    assert letter.asks == (RequestTarget("invoice_due", SITE),)
    assert a_read(INVOICE, QueueName.FAILED).body is None


def test_a_reason_tells_the_rule_the_code_or_the_kind_of_error_and_no_value() -> None:
    refused = {"outcome": "invalid", "pointer": "/payload/due_date", "rule": "format"}
    assert a_read(a_visit(), QueueName.REFUSED, attributes=refused).reason == "invalid: /payload/due_date format"
    assert a_read(a_visit(), QueueName.REFUSED).reason == "?: / ?"
    code = {"ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": "planted"}
    assert a_read(INVOICE, QueueName.UNDELIVERED, attributes=code).reason == "NO_PERMISSIONS"
    assert a_read(a_record(INVOICE), QueueName.FAILED).reason == "RetriesExhausted: LedgerUnavailable"
    assert a_read(a_visit()).reason == "the intake function failed on it"


def test_a_message_is_as_old_as_the_earliest_that_is_known_of_it() -> None:
    event = {**INVOICE, "time": format_seconds(NOW / 1000)}

    assert a_read(event, sent_at=LATER).at == NOW
    assert a_read(a_record(event), QueueName.FAILED, sent_at=LATER).at == NOW
    assert a_read(a_visit(), sent_at=LATER, attributes={FIRST_SENT: str(NOW)}).at == NOW
    assert a_read(a_visit(), sent_at=NOW, attributes={FIRST_SENT: "planted"}).at == NOW
    assert a_read({**INVOICE, "time": "planted"}, sent_at=LATER).at == LATER


@pytest.mark.parametrize(
    "age,expected", [(IDEMPOTENCY_KEY_TTL, Eligibility.TOO_OLD), (IDEMPOTENCY_KEY_TTL - 1, Eligibility.REPLAY)]
)
def test_what_wix_may_have_forgotten_is_left_out_unless_it_is_asked_for(age: int, expected: Eligibility) -> None:
    letter = a_read(a_visit())

    assert eligibility(letter, ANY, NOW + age) is expected
    assert eligibility(letter, Choice(even_if_too_old=True), NOW + age) is Eligibility.REPLAY


FIRST = {FIRST_SENT: str(NOW)}
ROOM = SQS_MESSAGE_BYTES - size_of('{"a":""}', FIRST)


def replayed(letter: ParsedDeadLetter) -> FittedMessage | None:
    replay = replay_of(letter)
    assert replay is not None
    return fit_replay(replay)


@pytest.mark.parametrize("letter", ["x", "ж", "買"])
def test_a_body_is_replayed_as_it_is_up_to_what_a_message_holds_and_compressed_beyond(letter: str) -> None:
    fits = '{"a":"' + letter * (ROOM // len(letter.encode())) + '"}'
    longer = fits.replace('"}', letter + '"}')
    assert replayed(a_read(fits)) == (fits, FIRST)
    message = replayed(a_read(longer))
    assert message is not None
    assert unpack(*message) == longer
    assert {eligibility(a_read(body), ANY, LATER) for body in (fits, longer)} == {Eligibility.REPLAY}


def test_what_no_message_of_the_inbox_holds_stays_where_it_is() -> None:
    assert eligibility(a_read({"a": noise(ROOM - 10)}), ANY, LATER) is Eligibility.REPLAY
    assert eligibility(a_read({"a": noise(ROOM + 1)}), ANY, LATER) is Eligibility.TOO_LARGE


def test_a_compressed_body_is_read_as_what_it_was() -> None:
    body = json.dumps(a_visit(page_title="ж" * SQS_MESSAGE_BYTES), ensure_ascii=False)
    packed = fit(body, {"rule": "format"})
    assert packed is not None
    letter = a_read(packed.body, QueueName.REFUSED, attributes=packed.attributes)
    assert (letter.body, letter.asks) == (body, (RequestTarget("page_visited", SITE),))
    broken = a_read(packed.body[:-4], QueueName.REFUSED, attributes=packed.attributes)
    assert eligibility(broken, ANY, LATER) is Eligibility.UNREADABLE


def test_a_failed_event_is_replayed_to_the_letter_as_lambda_wrote_it() -> None:
    event = json.dumps(INVOICE).replace('"INV-1"', '1e400, "notes": "\\u0436 ж", "n": 1.795507200123456789E18')
    record = json.dumps(a_record("?")).replace('"?"', event)
    assert a_read(record, QueueName.FAILED).body == event


def test_a_failed_direct_invocation_is_replayed_as_a_whole_and_says_what_it_asks_for() -> None:
    letter = a_read(a_record({"requests": [a_visit(), a_visit(id="2"), "planted"]}), QueueName.FAILED)
    assert letter.asks == (RequestTarget("page_visited", SITE), RequestTarget(None, None))
    assert json.loads(letter.body or "") == {"requests": [a_visit(), a_visit(id="2"), "planted"]}


def test_an_error_that_was_not_foreseen_is_told_by_its_kind_and_place() -> None:
    record = a_record(INVOICE) | {
        "responsePayload": {"errorType": "UnforeseenError", "errorMessage": "TypeError at parser.py:88"}
    }
    assert a_read(record, QueueName.FAILED).reason == "RetriesExhausted: TypeError at parser.py:88"


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+01:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z"])
def test_a_message_is_never_from_a_time_that_can_not_be_shown(time: str) -> None:
    assert a_read({**INVOICE, "time": time}, sent_at=NOW).at == NOW


def test_an_event_that_a_binding_breaks_on_is_shown_like_any_other() -> None:
    class Breaking:
        def search(self, _: object) -> object:
            raise TypeError

    trigger = CATALOGUE.triggers["invoice_due"]
    members: Any = MappingProxyType({"entityId": Breaking()})
    bindings = tuple(replace(binding, members=members) for binding in trigger.bindings)
    catalogue = Catalogue({"invoice_due": replace(trigger, bindings=bindings)})
    assert read(QueueName.REFUSED, a_message(INVOICE), catalogue).asks == (RequestTarget("invoice_due", None),)


@pytest.mark.parametrize(
    "choice,expected",
    [
        (Choice(trigger="page_visited"), True),
        (Choice(trigger="invoice_due"), False),
        (Choice(site=SITE), True),
        (Choice(site=OTHER_SITE), False),
        (Choice(trigger="page_visited", site=SITE, reason="FORMAT"), True),
        (Choice(reason="required"), False),
        (Choice(since=NOW, until=NOW + 1), True),
        (Choice(since=NOW + 1), False),
        (Choice(until=NOW), False),
    ],
)
def test_only_what_is_asked_for_is_replayed(choice: Choice, *, expected: bool) -> None:
    letter = a_read(a_visit(), QueueName.REFUSED, attributes={"outcome": "invalid", "rule": "format"})

    assert eligibility(letter, choice, NOW + HOUR) is (Eligibility.REPLAY if expected else Eligibility.OTHER)


def test_trigger_and_site_must_be_asked_for_by_one_and_the_same_request() -> None:
    letter = ParsedDeadLetter(
        a_message("{}"), "{}", (RequestTarget("page_visited", OTHER_SITE), RequestTarget("invoice_due", SITE)), "", NOW
    )

    assert eligibility(letter, Choice(trigger="page_visited", site=SITE), LATER) is Eligibility.OTHER
