"""What the local Wix does after a report: every state and reason that Wix names, and when which action runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.wix import Switches
from tests.sandbox.wix.engine.activation_states import MOVES, Activation, Cause, Status, Target, WarningReason, moved
from tests.sandbox.wix.engine.automations import Kind
from tests.sandbox.wix.engine.changes import What
from tests.sandbox.wix.engine.durations import Duration, Unit
from tests.sandbox.wix.engine.effects import Done
from tests.sandbox.wix.engine.refreshing import CalledOff, NotRefreshed, Refreshed
from tests.sandbox.wix.samples import APP, PAYLOAD, guid
from tests.support.wix_site import A_CHAT, A_NOTE, ADA, AN_EMAIL, WixSite

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()
DAY = 86_400.0
WEEK = 7 * DAY
DUE = datetime(2026, 12, 24, 9, tzinfo=UTC).timestamp()
DUE_DATE = "2026-12-24T10:00:00+01:00"
A_WEEK = {"amount": 1, "unit": "WEEKS"}
A_DAY = {"amount": 1, "unit": "DAYS"}


def a_yard(**more: Any) -> WixSite:  # noqa: ANN401 - any field
    return WixSite(NOW, **more)


def switched(**switches: Any) -> WixSite:  # noqa: ANN401 - any switch
    return WixSite(NOW, replace(Switches(), **switches))


def statuses(activation: Activation) -> list[str]:
    return [str(each.status) for each in activation.steps]


def end(activation: Activation) -> tuple[Status | None, str | None]:
    return activation.status, activation.reason


# When actions run


def test_a_real_time_event_starts_its_action_at_the_report() -> None:
    wix_site = a_yard()
    wix_site.add("page_visited", A_NOTE)

    wix_site.report("page_visited", page="/pottery")

    assert wix_site.times == [NOW]
    assert wix_site.contents == [{"to": ["owner@example.com"], "title": "News", "text": "On /pottery"}]
    assert statuses(wix_site.only) == ["INITIATED", "STARTED", "ENDED"]
    assert wix_site.only.target is Target.IMMEDIATE


def test_a_real_time_event_may_start_its_action_after_a_delay() -> None:
    wix_site = a_yard()
    wix_site.add("page_visited", {**A_NOTE, "delay": A_DAY})

    wix_site.report("page_visited")
    wix_site.turn(NOW + DAY - 1)
    assert wix_site.contents == []
    assert statuses(wix_site.only) == ["INITIATED", "STARTED"]
    wix_site.turn(NOW + DAY)

    assert wix_site.times == [NOW + DAY]


@pytest.mark.parametrize(
    "written, at",
    [
        ({"scheduledEventOffset": A_WEEK}, DUE - WEEK),
        ({}, DUE),
        ({"actions": [{**AN_EMAIL, "delay": A_DAY}]}, DUE + DAY),
        ({"scheduledEventOffset": A_WEEK, "actions": [{**AN_EMAIL, "delay": A_DAY}]}, DUE - WEEK + DAY),
    ],
    ids=["before", "at", "after", "before, and a delay"],
)
def test_a_scheduled_event_runs_by_the_payloads_date(written: dict[str, Any], at: float) -> None:
    wix_site = a_yard()
    wix_site.add(**written)

    wix_site.report(due_date=DUE_DATE)
    wix_site.turn(at - 1)
    assert wix_site.contents == []
    wix_site.turn(DUE + WEEK)

    assert wix_site.times == [at]
    assert statuses(wix_site.only) == ["INITIATED", "SCHEDULED", "STARTED", "ENDED"]
    assert wix_site.only.target is Target.SCHEDULE


def test_actions_of_one_automation_run_in_their_order() -> None:
    wix_site = a_yard()
    wix_site.add("page_visited", A_NOTE, {**A_CHAT, "delay": A_DAY}, {**A_NOTE, "delay": A_DAY})

    wix_site.report("page_visited")
    wix_site.turn(NOW + WEEK)

    kinds = [each.kind for each in wix_site.engine.activations.sent]
    assert kinds == [Kind.NOTIFICATION, Kind.CHAT_MESSAGE, Kind.NOTIFICATION]
    assert wix_site.times == [NOW, NOW + DAY, NOW + 2 * DAY]


def test_due_actions_run_in_the_order_of_time_and_then_of_their_reports() -> None:
    wix_site = a_yard()
    wix_site.add()
    for name, day in [("a", 3), ("b", 1), ("c", 3), ("d", 2)]:
        wix_site.report(entity=name, due_date=f"2026-12-0{day}T00:00:00Z", amount=ord(name))

    wix_site.turn(NOW + 30 * DAY)

    order = [
        wix_site.engine.activations.all[each.activation_id].payload["amount"]
        for each in wix_site.engine.activations.sent
    ]
    assert order == [ord(each) for each in "bdac"]
    assert wix_site.times == sorted(wix_site.times)


def test_a_month_is_a_calendar_month_and_a_short_one_is_cut() -> None:
    march_31 = datetime(2026, 3, 31, 9, tzinfo=UTC).timestamp()

    before = Duration(1, Unit.MONTHS).before(march_31)

    assert datetime.fromtimestamp(before, UTC) == datetime(2026, 2, 28, 9, tzinfo=UTC)
    assert Duration(12, Unit.MONTHS).after(march_31) == datetime(2027, 3, 31, 9, tzinfo=UTC).timestamp()


# Every reason


def expired(wix_site: WixSite) -> None:
    wix_site.add(scheduledEventOffset={"amount": 1, "unit": "MONTHS"})
    wix_site.report(due_date=DUE_DATE)


def filtered(wix_site: WixSite) -> None:
    wix_site.add(filters=[{"fieldKey": "amount", "values": [1]}])
    wix_site.report(due_date=DUE_DATE)


def limited(wix_site: WixSite) -> None:
    wix_site.add(rateLimit={"maxActivations": 1, "uniqueIdentifier": "contact_id"})
    wix_site.report(due_date=DUE_DATE)
    wix_site.report(due_date=DUE_DATE)


def duplicated(wix_site: WixSite) -> None:
    wix_site.add()
    wix_site.report(due_date=DUE_DATE, duplicate=True)


def cancelled(wix_site: WixSite) -> None:
    wix_site.add()
    wix_site.report(due_date=DUE_DATE)
    wix_site.cancel()


def deactivated(wix_site: WixSite) -> None:
    automation = wix_site.add()
    wix_site.report(due_date=DUE_DATE)
    wix_site.engine.switch(automation.automation_id, wix_site.now, wix_site.switches, active=False)


def deleted(wix_site: WixSite) -> None:
    automation = wix_site.add()
    wix_site.report(due_date=DUE_DATE)
    wix_site.engine.delete(automation.automation_id, wix_site.now)


def called_off(wix_site: WixSite) -> None:
    wix_site.add()
    wix_site.answers = [CalledOff()]
    wix_site.report(due_date=DUE_DATE)
    wix_site.turn(DUE)


def forgotten(wix_site: WixSite) -> None:
    wix_site.add()
    wix_site.report(due_date=DUE_DATE)
    wix_site.engine.forget_contact(ADA, [APP], wix_site.now)


def failed_to_start(wix_site: WixSite) -> None:
    wix_site.switches = replace(wix_site.switches, refresh_fails_open=False)
    wix_site.add()
    wix_site.answers = [NotRefreshed("planted")]
    wix_site.report(due_date=DUE_DATE)
    wix_site.turn(DUE)


def undated(wix_site: WixSite) -> None:
    wix_site.add()
    wix_site.report(due_date="some day")


REACHED = {
    Cause.SCHEDULE_DATE_EXPIRED: (expired, Status.SKIPPED),
    Cause.TRIGGER_FILTERS_NOT_PASSED: (filtered, Status.SKIPPED),
    Cause.RATE_LIMIT_EXCEEDED: (limited, Status.SKIPPED),
    Cause.EVENT_ALREADY_PROCESSED: (duplicated, Status.SKIPPED),
    Cause.EVENT_CANCELLED: (cancelled, Status.CANCELLED),
    Cause.AUTOMATION_DEACTIVATED: (deactivated, Status.CANCELLED),
    Cause.AUTOMATION_DELETED: (deleted, Status.CANCELLED),
    Cause.CANCELLED_BY_REFRESH_PAYLOAD: (called_off, Status.CANCELLED),
    Cause.CANCELLED_BY_GDPR_REQUEST: (forgotten, Status.CANCELLED),
    Cause.UNEXPECTED_ERROR_REASON: (failed_to_start, Status.FAILED),
    Cause.SCHEDULE_DATE_EVALUATION_FAILED: (undated, Status.FAILED),
}


@pytest.mark.parametrize("cause", REACHED)
def test_each_reason_of_wix_ends_an_activation_with_its_status(cause: Cause) -> None:
    play, status = REACHED[cause]
    wix_site = a_yard()

    play(wix_site)

    assert end(wix_site.activations[-1]) == (status, cause)
    sent_so_far = len(wix_site.contents)
    wix_site.turn(DUE + 52 * WEEK)
    assert end(wix_site.activations[-1]) == (status, cause)
    others = len(wix_site.activations) - 1
    assert len(wix_site.contents) - sent_so_far == others, "of what was ended, nothing is sent"


def test_no_reason_of_the_table_is_left_out() -> None:
    named_by_wix = {cause for cause in MOVES if cause.value.isupper()}

    assert set(REACHED) == named_by_wix


@pytest.mark.parametrize("cause", Cause)
@pytest.mark.parametrize("status", [None, *Status])
def test_a_move_that_the_table_does_not_know_is_refused(status: Status | None, cause: Cause) -> None:
    wix_site = a_yard()
    wix_site.add()
    wix_site.report(due_date=DUE_DATE)
    activation = replace(wix_site.only, status=status)
    before, after = MOVES[cause]

    if status in before:
        assert moved(activation, cause, NOW).status is after
    else:
        with pytest.raises(ValueError, match="can't be moved"):
            moved(activation, cause, NOW)


# Who is started, and who isn't


def test_an_automation_switched_on_after_the_report_never_hears_of_it() -> None:
    wix_site = a_yard()
    wix_site.add(status="INACTIVE")
    late = wix_site.engine.automations.copy().popitem()[0]

    wix_site.report(due_date=DUE_DATE)
    wix_site.engine.switch(late, wix_site.now, wix_site.switches, active=True)
    wix_site.add()
    wix_site.turn(DUE)

    assert wix_site.activations == []


def test_switching_off_may_leave_what_is_pending() -> None:
    wix_site = switched(deactivation_cancels_activations=False)

    deactivated(wix_site)
    wix_site.turn(DUE)
    wix_site.report(due_date="2027-12-24T09:00:00Z")

    assert wix_site.only.status is Status.ENDED


def test_a_cancel_stops_what_is_left_and_undoes_nothing() -> None:
    wix_site = a_yard()
    wix_site.add("invoice_due", AN_EMAIL, {**AN_EMAIL, "delay": A_DAY})
    wix_site.report(due_date=DUE_DATE)
    wix_site.turn(DUE)

    wix_site.cancel()
    wix_site.turn(DUE + WEEK)

    assert wix_site.times == [DUE]
    assert end(wix_site.only) == (Status.CANCELLED, "EVENT_CANCELLED")


def test_what_is_cancelled_while_an_action_is_carried_out_goes_no_further() -> None:
    wix_site = a_yard()
    wix_site.add("invoice_due", AN_EMAIL, AN_EMAIL)
    wix_site.report(due_date=DUE_DATE)
    effect = wix_site.engine.activations.take(DUE, [], wix_site.switches)
    assert effect is not None

    wix_site.cancel()
    wix_site.engine.activations.settle(effect, Done(), wix_site.switches)
    wix_site.turn(DUE + WEEK)

    assert wix_site.times == [DUE]
    assert end(wix_site.only) == (Status.CANCELLED, "EVENT_CANCELLED")


@pytest.mark.parametrize(
    "values, payload, passes",
    [
        (["/a", "/b"], {"page": "/b"}, True),
        (["/a"], {"page": "/b"}, False),
        (["/a"], {}, False),
        ([1], {"page": True}, False),
    ],
)
def test_a_filter_lets_pass_what_has_one_of_its_values(
    values: list[object], payload: dict[str, Any], *, passes: bool
) -> None:
    wix_site = a_yard()
    wix_site.add("page_visited", A_NOTE, filters=[{"fieldKey": "page", "values": values}])

    wix_site.report("page_visited", **payload)

    assert (wix_site.only.status is Status.ENDED) == passes


def test_a_filter_on_a_list_looks_at_every_item() -> None:
    wix_site = a_yard()
    wix_site.add(filters=[{"fieldKey": "lines[0].name", "values": ["tea"]}])

    wix_site.report(due_date=DUE_DATE, lines=[{"name": "cups"}, {"name": "tea"}])
    wix_site.report(due_date=DUE_DATE, lines=[{"name": "cups"}])

    assert [each.status for each in wix_site.activations] == [Status.SCHEDULED, Status.SKIPPED]


def test_an_owners_limit_counts_each_contact_apart_and_within_its_time() -> None:
    wix_site = a_yard()
    wix_site.add(
        "page_visited",
        A_NOTE,
        rateLimit={"maxActivations": 1, "duration": A_DAY, "uniqueIdentifier": "contact_id"},
    )

    wix_site.report("page_visited", contact_id="ada")
    wix_site.report("page_visited", contact_id="finn")
    wix_site.report("page_visited", contact_id="ada")
    wix_site.turn(NOW + DAY)
    wix_site.report("page_visited", contact_id="ada")

    assert [each.status for each in wix_site.activations] == [
        Status.ENDED, Status.ENDED, Status.SKIPPED, Status.ENDED,
    ]  # fmt: skip


@pytest.mark.parametrize("counts", [True, False])
def test_what_was_cancelled_may_count_for_the_limit(*, counts: bool) -> None:
    wix_site = switched(limit_counts_cancelled=counts)
    wix_site.add(rateLimit={"maxActivations": 1, "uniqueIdentifier": "contact_id"})

    wix_site.report(due_date=DUE_DATE)
    wix_site.cancel()
    wix_site.report(due_date=DUE_DATE)

    assert wix_site.activations[-1].status is (Status.SKIPPED if counts else Status.SCHEDULED)


def test_what_is_skipped_uses_nothing_of_the_limit() -> None:
    wix_site = a_yard()
    wix_site.add(rateLimit={"maxActivations": 1}, filters=[{"fieldKey": "amount", "values": [7]}])

    wix_site.report(due_date=DUE_DATE, amount=1)
    wix_site.report(due_date=DUE_DATE, amount=7)

    assert [each.status for each in wix_site.activations] == [Status.SKIPPED, Status.SCHEDULED]


# What an action is given


def test_placeholders_read_the_payload_and_the_contact() -> None:
    wix_site = a_yard()
    wix_site.add(
        "invoice_due",
        {**AN_EMAIL, "subject": '{{var("contact.name.first")}}: {{var("amount")}}', "body": '{{var("nothing")}}!'},
    )

    wix_site.report(due_date=DUE_DATE)
    wix_site.turn(DUE)

    assert wix_site.contents == [{"to": "ada@example.com", "subject": "Ada: 12.5", "body": "!"}]


def test_a_contact_that_the_site_does_not_have_is_a_warning() -> None:
    wix_site = a_yard()
    wix_site.add("invoice_due", A_NOTE)

    wix_site.report(due_date=DUE_DATE, contact_id=guid("nobody"))
    wix_site.turn(DUE)

    assert wix_site.only.warnings == (WarningReason.GET_CONTACT_ENRICHMENT_FAILED,)
    assert wix_site.only.status is Status.ENDED


def test_an_activation_ends_although_an_action_failed() -> None:
    wix_site = a_yard(failing=frozenset({Kind.EMAIL}))
    wix_site.add("invoice_due", AN_EMAIL, A_CHAT)

    wix_site.report(due_date=DUE_DATE)
    wix_site.turn(DUE)

    assert [each.done.error for each in wix_site.engine.activations.sent] == ["planted", None]
    assert wix_site.only.status is Status.ENDED
    assert wix_site.only.failed_actions == 1


# Reading the payload again


def test_a_scheduled_action_uses_the_payload_as_it_is_when_it_runs() -> None:
    wix_site = a_yard()
    wix_site.add("invoice_due", {**AN_EMAIL, "body": '{{var("amount")}}'})
    wix_site.answers = [Refreshed({**PAYLOAD, "amount": 99})]

    wix_site.report(due_date=DUE_DATE)
    wix_site.turn(DUE)

    assert wix_site.contents[0]["body"] == "99"
    assert wix_site.answers == []


def test_an_immediate_action_is_not_preceded_by_a_question() -> None:
    wix_site = a_yard()
    wix_site.add("page_visited", A_NOTE)
    wix_site.answers = [CalledOff()]

    wix_site.report("page_visited")

    assert wix_site.only.status is Status.ENDED
    assert wix_site.answers == [CalledOff()]


@pytest.mark.parametrize("again", [True, False])
def test_after_a_delay_the_payload_may_be_read_again(*, again: bool) -> None:
    wix_site = switched(refresh_after_delays=again)
    wix_site.add("page_visited", {**A_NOTE, "delay": A_DAY})
    wix_site.answers = [CalledOff()]

    wix_site.report("page_visited")
    wix_site.turn(NOW + DAY)

    assert wix_site.only.status is (Status.CANCELLED if again else Status.ENDED)


def test_a_payload_that_cannot_be_read_again_is_a_warning_and_the_known_one_is_used() -> None:
    wix_site = a_yard()
    wix_site.add("invoice_due", {**AN_EMAIL, "body": '{{var("amount")}}'})
    wix_site.answers = [NotRefreshed("planted")]

    wix_site.report(due_date=DUE_DATE)
    wix_site.turn(DUE)

    assert wix_site.contents[0]["body"] == "12.5"
    assert wix_site.only.warnings == (WarningReason.REFRESH_PAYLOAD_FAILED,)


# The same in every run


DAYS = st.integers(min_value=-2, max_value=40)
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("report"), st.sampled_from("abc"), DAYS),
        st.tuples(st.just("cancel"), st.sampled_from("abc"), st.just(0)),
        st.tuples(st.just("turn"), st.just(""), st.integers(min_value=0, max_value=20)),
    ),
    max_size=25,
)


def played(deeds: list[tuple[str, str, int]], *, days_at_once: int) -> WixSite:
    wix_site = a_yard()
    wix_site.add(scheduledEventOffset=A_WEEK)
    wix_site.add("invoice_due", AN_EMAIL, {**A_CHAT, "delay": A_DAY}, rateLimit={"maxActivations": 3})
    for deed, entity, days in deeds:
        if deed == "report":
            date = datetime.fromtimestamp(NOW + days * DAY, UTC).isoformat()
            wix_site.report(entity=entity, due_date=date)
        elif deed == "cancel":
            wix_site.cancel(entity)
        else:
            until = wix_site.now + days * DAY
            while wix_site.now < until:
                wix_site.turn(min(until, wix_site.now + days_at_once * DAY))
    return wix_site


@given(DEEDS)
def test_one_history_always_ends_the_same_however_far_the_clock_is_turned_at_once(
    deeds: list[tuple[str, str, int]],
) -> None:
    in_leaps, in_steps = played(deeds, days_at_once=20), played(deeds, days_at_once=1)

    assert in_leaps.details == in_steps.details
    assert in_leaps.activations == in_steps.activations
    assert in_leaps.engine.activations.sent == in_steps.engine.activations.sent


@given(DEEDS)
def test_an_ended_activation_sent_all_and_every_other_less(deeds: list[tuple[str, str, int]]) -> None:
    wix_site = played(deeds, days_at_once=20)
    wix_site.turn(wix_site.now + 100 * DAY)

    sent = [each.activation_id for each in wix_site.engine.activations.sent]
    for activation in wix_site.activations:
        actions = len(wix_site.engine.automations[activation.automation_id].actions)
        count = sent.count(activation.activation_id)
        assert not activation.open
        assert count == actions if activation.status is Status.ENDED else count < actions
    assert wix_site.engine.activations.pending() == []
    moments = [at for what, at, _ in wix_site.details if what is What.ACTION]
    assert moments == sorted(moments)
