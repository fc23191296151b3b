"""The other readings of what Wix doesn't say, driven without HTTP."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.sandbox.wix import App, AppDriver, Effect, Switches, Verdict, WixSandbox, WixState
from tests.sandbox.wix.answers import Answer
from tests.sandbox.wix.calls import Request, Route
from tests.sandbox.wix.engine.automations import plain
from tests.sandbox.wix.formats import checker, is_date_time, is_guid, is_lenient_date_time
from tests.sandbox.wix.outcomes import Outcome
from tests.sandbox.wix.samples import APP, NEIGHBOUR, OTHER_SITE, PAYLOAD, SITE, guid
from tests.sandbox.wix.switches import ScopeList

INVOICE = guid("an invoice")


@dataclass
class Wix:
    """The pure state with a clock at hand, spoken to as an app on a site."""

    switches: Switches = field(default_factory=Switches)
    app: App = APP
    now: float = 1_000.0

    def __post_init__(self) -> None:
        self.state = WixState([self.app, NEIGHBOUR], [SITE, OTHER_SITE], self.switches)

    def fetch_token(self, site: str = SITE.instance_id, **changes: object) -> Answer:
        fields = {
            "grant_type": "client_credentials",
            "client_id": self.app.app_id,
            "client_secret": self.app.secret,
            "instance_id": site,
            **changes,
        }
        return self.send("token", fields, None).answer

    def token(self, site: str = SITE.instance_id) -> str:
        answer = self.fetch_token(site)
        assert isinstance(answer.body, dict)
        return str(answer.body["access_token"])

    def send(self, route: str, fields: object, authorization: str | None) -> Outcome:
        return self.state.handle(Request.read(Route(route), authorization, json.dumps(fields).encode()), self.now)

    def ask(self, route: str, site: str = SITE.instance_id, key: str = "invoice_due", **fields: object) -> Outcome:
        return self.send(route, {"triggerKey": key, **fields}, self.token(site))

    def report(self, site: str = SITE.instance_id, **fields: object) -> Outcome:
        event: dict[str, Any] = {"externalEntityId": INVOICE, "payload": PAYLOAD, **fields}
        return self.ask("report", site, **event)

    def bulk_report(self, *events: dict[str, object]) -> Outcome:
        return self.ask("bulk-report", eventsInfo=[{"payload": PAYLOAD, **event} for event in events])

    def cancel(self) -> Outcome:
        return self.ask("cancel", externalEntityId=INVOICE)

    def live(self, site: str = SITE.instance_id) -> int:
        return len(self.state.live_events(site, None, self.now))


def a_wix(**switches: Any) -> Wix:  # noqa: ANN401 - whatever type the switch has
    return Wix(replace(Switches(), **switches))


def body(outcome: Outcome) -> dict[str, Any]:
    assert isinstance(outcome.answer.body, dict)
    return outcome.answer.body


def reasons(wix: Wix) -> list[str | None]:
    return [each.reason for each in wix.state.engines[SITE.instance_id].activations.all.values()]


def effect(outcome: Outcome) -> Effect:
    return outcome.results[0].effect


KEY: dict[str, Any] = {"idempotency": {"key": "one"}}


def test_every_switch_says_what_it_decides_and_where_that_is_written() -> None:
    for name, _, doc in Switches.describe():
        assert doc.endswith("."), name
        assert doc.startswith(("Section", "Question")), name


def test_a_switch_can_be_set_while_wix_runs() -> None:
    with WixSandbox(apps=[APP], sites=[SITE]) as wix:
        driver = AppDriver(wix.url, APP, SITE.instance_id)
        driver.fetch_token()
        assert driver.report("unheard_of").status_code == 404

        wix.switches = replace(wix.switches, unknown_trigger_status=428)
        assert driver.report("unheard_of").status_code == 428


def test_tokens_may_live_shorter() -> None:
    wix = a_wix(token_lifetime_seconds=5)
    token = wix.token()
    assert '"expires_in": 5' in json.dumps(wix.fetch_token().body)

    wix.now += 5
    assert wix.send("report", {"triggerKey": "page_visited"}, token).answer.status == 401


def test_a_bearer_prefix_may_be_refused() -> None:
    wix = a_wix(bearer_prefix_accepted=False)

    assert wix.send("report", {"triggerKey": "page_visited"}, f"Bearer {wix.token()}").answer.status == 401
    assert wix.send("report", {"triggerKey": "page_visited"}, wix.token()).answer.status == 200


def test_the_token_endpoint_may_refuse_otherwise() -> None:
    wix = a_wix(unknown_client_status=400, unknown_instance_status=403, unknown_instance_error="unauthorized_client")

    assert wix.fetch_token(client_secret="wrong").status == 400
    refused = wix.fetch_token(guid("nowhere"))
    assert isinstance(refused.body, dict)
    assert (refused.status, refused.body["error"]) == (403, "unauthorized_client")


@pytest.mark.parametrize("scope_list, status", [(ScopeList.DOCS, 403), (ScopeList.SDK, 200)])
def test_the_list_of_scopes_may_be_the_one_of_the_sdk(scope_list: ScopeList, status: int) -> None:
    reader = replace(APP, scopes=frozenset({"SCOPE.DEV_CENTER.APP-INSTANCE-READ-BASIC-INFO"}))
    wix = Wix(Switches(scope_list=scope_list), reader)

    assert wix.report().answer.status == status
    assert wix.cancel().answer.status == status


def test_unknown_and_foreign_triggers_may_be_told_apart() -> None:
    wix = a_wix(unknown_trigger_status=428, foreign_trigger_status=403)

    assert wix.report(key="unheard_of").answer.status == 428
    assert wix.report(key="course_started").answer.status == 403


def test_an_entity_that_is_no_guid_may_be_taken() -> None:
    wix = a_wix(non_guid_entity_refused=False)

    assert wix.report(externalEntityId="invoice 7").answer.status == 200
    assert effect(wix.ask("cancel", externalEntityId="invoice 7")) is Effect.CANCELLED


def test_a_numeric_ttl_may_be_taken() -> None:
    wix = a_wix(numeric_ttl_accepted=True)
    event: dict[str, Any] = {"idempotency": {"key": "one", "ttlInMilliseconds": 2000}}

    wix.report(**event)
    wix.now += 2
    assert effect(wix.report(**event)) is Effect.REPORTED
    assert wix.report(idempotency={"key": "k", "ttlInMilliseconds": True}).answer.status == 400


@pytest.mark.parametrize(
    "switch, payload",
    [
        ("missing_required", {}),
        ("schema_mismatch", {**PAYLOAD, "amount": "much"}),
        ("malformed_payload", {**PAYLOAD, "_hidden": 1}),
    ],
)
@pytest.mark.parametrize("verdict, status", [(Verdict.REQUIRED_PROPERTY, 400), (Verdict.SCHEMA_VALIDATION_FAILED, 428)])
def test_each_breach_of_a_payload_may_get_either_error(
    switch: str, payload: dict[str, object], verdict: Verdict, status: int
) -> None:
    outcome = a_wix(**{switch: verdict}).report(payload=payload)

    assert outcome.answer.status == status
    assert body(outcome)["details"]["applicationError"]["code"] == verdict


@pytest.mark.parametrize(
    "switch, payload",
    [
        ("missing_required", {}),
        ("schema_mismatch", {**PAYLOAD, "amount": "much"}),
        ("malformed_payload", {**PAYLOAD, "_hidden": 1}),
    ],
)
def test_a_bad_payload_may_be_a_200_after_which_nothing_runs(switch: str, payload: dict[str, object]) -> None:
    wix = a_wix(**{switch: Verdict.RUNS_NOTHING})

    outcome = wix.report(payload=payload)

    assert (outcome.answer.status, body(outcome)) == (200, {})
    assert effect(outcome) is Effect.RUNS_NOTHING
    assert wix.live() == 0


def test_first_level_objects_may_be_refused() -> None:
    wix = a_wix(first_level_objects_accepted=False)

    assert wix.report(payload={**PAYLOAD, "address": {"city": "Ulm"}}).answer.status == 428
    assert wix.report(payload={**PAYLOAD, "lines": [{"name": "a"}]}).answer.status == 200


def test_nulls_may_count_as_left_out() -> None:
    wix = a_wix(null_values_accepted=True)

    assert wix.report(payload={**PAYLOAD, "amount": None, "address": {"city": None}}).answer.status == 200
    assert wix.report(payload={**PAYLOAD, "contact_id": None}).answer.status == 400


@pytest.mark.parametrize("text", ["2030-03-01T09:00:00", "2030-03-01T09:00:00.5+0000", "2030-03-01T09:00:00Z"])
def test_date_times_may_be_read_leniently(text: str) -> None:
    wix = a_wix(lenient_date_times=True)

    assert wix.report(payload={**PAYLOAD, "due_date": text}).answer.status == 200
    assert wix.report(payload={**PAYLOAD, "due_date": "2030-03-01"}).answer.status == 428


@pytest.mark.parametrize(
    "text, conforms", [("ada@example.com", True), ("\u0436\u0443\u043a@example.com", False), ("ada", False)]
)
def test_e_mail_addresses_beyond_ascii_may_be_refused(text: str, conforms: bool) -> None:  # noqa: FBT001
    assert checker(lenient=False, ascii_emails=True).conforms(text, "email") == conforms
    assert checker(lenient=False, ascii_emails=False).conforms(text, "email") == ("@" in text)


def test_idempotency_keys_may_belong_to_a_site() -> None:
    wix = a_wix(idempotency_per_site=True)

    wix.report(**KEY)
    assert effect(wix.report(OTHER_SITE.instance_id, **KEY)) is Effect.REPORTED
    assert effect(wix.report(**KEY)) is Effect.DUPLICATE


def test_a_cancel_may_free_the_key() -> None:
    wix = a_wix(cancel_frees_key=True)

    wix.report(**KEY)
    wix.cancel()
    assert effect(wix.report(**KEY)) is Effect.REPORTED


def test_a_duplicate_may_repeat_the_first_activations() -> None:
    wix = a_wix(duplicate_repeats_activation_ids=True)

    assert body(wix.report(**KEY)) == body(wix.report(**KEY)) != {}


def test_a_duplicate_in_a_bulk_call_may_be_a_failure() -> None:
    wix = a_wix(bulk_duplicate_succeeds=False)

    outcome = wix.bulk_report(KEY, KEY)

    assert body(outcome)["results"][1]["itemMetadata"]["error"]["code"] == "EVENT_ALREADY_PROCESSED"
    assert [result.effect for result in outcome.results] == [Effect.REPORTED, Effect.DUPLICATE]
    assert wix.report(**KEY).answer.status == 200


def test_an_unknown_entity_may_be_not_found() -> None:
    wix = a_wix(unknown_entity_not_found=True)

    assert wix.cancel().answer.status == 404
    [result] = body(wix.ask("bulk-cancel", externalEntityIds=[INVOICE]))["results"]
    assert result["itemMetadata"]["error"]["code"] == "NOT_FOUND"
    wix.report()
    assert wix.cancel().answer.status == 200
    assert wix.cancel().answer.status == 404


def test_a_second_report_may_replace_the_first() -> None:
    wix = a_wix(same_entity_replaces=True)

    wix.report()
    wix.report()
    wix.report(externalEntityId=None)
    wix.report(externalEntityId=None)
    assert wix.live() == 3
    assert reasons(wix) == ["EVENT_CANCELLED", None, None, None]


def test_a_cancel_may_overtake_a_report_that_was_already_answered() -> None:
    wix = a_wix(report_applies_after_seconds=2.0)

    wix.report()
    assert (effect(wix.cancel()), wix.live()) == (Effect.NOTHING_TO_CANCEL, 0)
    wix.now += 2
    assert wix.live() == 1
    assert (effect(wix.cancel()), wix.live()) == (Effect.CANCELLED, 0)


def test_bulk_reports_may_apply_later_than_single_ones() -> None:
    wix = a_wix(bulk_report_applies_after_seconds=2.0)

    wix.report()
    wix.bulk_report({"externalEntityId": INVOICE})
    assert wix.live() == 1
    wix.cancel()
    wix.now += 2
    assert wix.live() == 1


def test_a_cancel_may_swallow_the_report_that_follows_it() -> None:
    wix = a_wix(cancel_lingers_seconds=2.0)

    wix.cancel()
    wix.now += 1
    swallowed = wix.report()
    wix.now += 1

    assert (swallowed.answer.status, effect(swallowed)) == (200, Effect.SWALLOWED)
    assert reasons(wix) == ["EVENT_CANCELLED"]
    assert (effect(wix.report()), wix.live()) == (Effect.REPORTED, 1)


@pytest.mark.parametrize("cancels", [True, False])
def test_removing_the_app_may_leave_its_events_live(*, cancels: bool) -> None:
    wix = a_wix(removal_cancels_events=cancels)
    own = plain(APP.app_id, "invoice_due", "The owner's own")
    wix.state.engines[SITE.instance_id].add(own, wix.now)
    wix.report()

    wix.state.remove_app(APP.app_id, SITE.instance_id)

    assert wix.live() == int(not cancels)
    assert reasons(wix) == ["AUTOMATION_DELETED", "EVENT_CANCELLED" if cancels else None]


@pytest.mark.parametrize("named", [True, False])
def test_an_answer_may_name_what_was_skipped_at_once(*, named: bool) -> None:
    wix = a_wix(skipped_have_ids=named)
    wix.now = 2e9

    assert len(wix.report(payload={**PAYLOAD, "due_date": "2030-01-01T00:00:00Z"}).results[0].activation_ids) == named
    assert reasons(wix) == ["SCHEDULE_DATE_EXPIRED"]


def test_answers_may_spell_out_their_defaults() -> None:
    wix = a_wix(defaults_left_out=False)
    wix.state.set_automations(SITE.instance_id, "invoice_due", 0)

    assert body(wix.report()) == {"activationIds": []}
    answer = body(wix.bulk_report({}, {"externalEntityId": "no guid"}))
    good, bad = answer["results"]
    assert good["itemMetadata"] == {"originalIndex": 0, "success": True}
    assert good["activationIds"] == []
    assert bad["itemMetadata"]["success"] is False
    assert answer["bulkActionMetadata"] == {"totalSuccesses": 1, "totalFailures": 1, "undetailedFailures": 0}


def test_failures_beyond_a_number_may_have_no_details() -> None:
    wix = a_wix(detailed_failures_at_most=1)

    answer = body(wix.bulk_report({"externalEntityId": "1"}, {}, {"externalEntityId": "2"}, {"externalEntityId": "3"}))

    assert [each["itemMetadata"].get("originalIndex", 0) for each in answer["results"]] == [0, 1]
    assert answer["bulkActionMetadata"] == {"totalSuccesses": 1, "totalFailures": 3, "undetailedFailures": 2}


def test_bulk_results_may_come_in_another_order() -> None:
    answer = body(a_wix(bulk_results_reversed=True).bulk_report({}, {}, {}))

    assert [each["itemMetadata"].get("originalIndex", 0) for each in answer["results"]] == [2, 1, 0]


@pytest.mark.parametrize(
    "route, items, field",
    [
        ("bulk-report", {"eventsInfo": [{"payload": PAYLOAD}, {"externalEntityId": "no"}]}, "eventsInfo[1]"),
        ("bulk-cancel", {"externalEntityIds": [INVOICE, "no"]}, "externalEntityIds[1]"),
    ],
)
def test_one_bad_field_may_refuse_a_whole_bulk_call(route: str, items: dict[str, Any], field: str) -> None:
    wix = a_wix(bulk_violation_refuses_call=True)

    outcome = wix.ask(route, **items)

    assert outcome.answer.status == 400
    [violation] = body(outcome)["details"]["validationError"]["fieldViolations"]
    assert violation["field"].startswith(field)
    assert {result.effect for result in outcome.results} == {Effect.REFUSED}
    assert wix.live() == 0


def test_the_limit_may_be_another_one_and_tell_when_to_come_back() -> None:
    wix = a_wix(calls_per_minute=1, retry_after_seconds=9)

    wix.report()
    refused = wix.report().answer
    assert (refused.status, refused.headers) == (429, {"Retry-After": "9"})


def test_the_limit_may_count_events() -> None:
    wix = a_wix(calls_per_minute=3, rate_counts_items=True)

    assert wix.bulk_report({}, {}).answer.status == 200
    assert wix.bulk_report({}, {}).answer.status == 429
    assert wix.report().answer.status == 200


def test_the_limit_may_count_token_calls() -> None:
    wix = a_wix(calls_per_minute=2, token_calls_count=True)

    assert wix.report().answer.status == 200
    assert wix.fetch_token().status == 429


@pytest.mark.parametrize(
    "text, strict, lenient",
    [
        ("2030-03-01T09:00:00Z", True, True),
        ("2030-03-01t09:00:00z", True, True),
        ("2030-03-01T09:00:00.123456789+01:00", True, True),
        ("2030-03-01T09:00:00-23:59", True, True),
        ("2016-12-31T23:59:60Z", True, True),
        ("2017-01-01T00:59:60+01:00", True, True),
        ("2024-02-29T00:00:00Z", True, True),
        ("2030-03-01T09:00:00", False, True),
        ("2030-03-01T09:00:00+0000", False, True),
        ("2030-03-01T09:00:00.5-0330", False, True),
        ("2030-03-01T09:00:60Z", False, False),
        ("2030-02-29T00:00:00Z", False, False),
        ("2030-13-01T00:00:00Z", False, False),
        ("2030-03-01T24:00:00Z", False, False),
        ("2030-03-01T09:60:00Z", False, False),
        ("2030-03-01T09:00:00+24:00", False, False),
        ("2030-03-01T09:00:00+01", False, False),
        ("2030-03-01T09:00:00,5Z", False, False),
        ("2030-03-01T09:00:00.Z", False, False),
        ("2030-03-01T09:00Z", False, False),
        ("2030-03-01 09:00:00Z", False, False),
        ("2030-03-01", False, False),
        ("20300301T090000Z", False, False),
        ("2030-03-01T09:00:00Z\n", False, False),
        ("2030-03-01T09:00:0\u0661Z", False, False),
        ("", False, False),
    ],
)
def test_a_date_time_is_rfc_3339_to_the_letter(text: str, *, strict: bool, lenient: bool) -> None:
    assert (is_date_time(text), is_lenient_date_time(text)) == (strict, lenient)


@pytest.mark.parametrize(
    "text, verdict",
    [
        (INVOICE, True),
        (INVOICE.upper(), True),
        ("00000000-0000-0000-0000-000000000000", True),
        (INVOICE.replace("-", ""), False),
        (f"{{{INVOICE}}}", False),
        (f"{INVOICE}\n", False),
        (INVOICE[:-1] + "g", False),
        ("", False),
        (7, False),
    ],
)
def test_a_guid_is_hex_digits_and_hyphens(text: object, *, verdict: bool) -> None:
    assert is_guid(text) is verdict
