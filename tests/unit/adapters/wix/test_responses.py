"""What each answer of Wix means: the table of the delivery protocol, row by row, and then what nobody promised."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trigger_provider.adapters.wix.bodies import error_code
from trigger_provider.adapters.wix.http import Reply, read_reply
from trigger_provider.adapters.wix.responses import FORBIDDEN, UNAUTHORIZED, Operation, blames_no_item, read_results
from trigger_provider.domain.delivery.results import FORBIDDEN_WITHOUT_CODE, UNKNOWN_TO_WIX, ItemResult, ResultKind

REPORT, CANCEL = Operation
DONE, REFUSED, RETRY, UNSURE, _, PARKED, LIMITED, _ = ResultKind
NOW = 1_790_000_000_000
GUID = "0f8c2c5e-6f0e-4a49-9d61-3c9f2b7a1e10"


def application_error(code: str) -> dict[str, Any]:
    return {"message": "m", "details": {"applicationError": {"code": code, "description": "d", "data": {"x": 1}}}}


def violated(*violations: dict[str, Any]) -> dict[str, Any]:
    return {"message": "m", "details": {"validationError": {"fieldViolations": list(violations)}}}


def result(index: int, **metadata: Any) -> dict[str, Any]:  # noqa: ANN401 # any JSON
    return {"itemMetadata": {"originalIndex": index, **metadata}}


def failed(index: int, code: str) -> dict[str, Any]:
    return result(index, success=False, error={"code": code, "description": "d"})


def meanings(operation: Operation, items: int, **reply: Any) -> list[tuple[ResultKind, str]]:  # noqa: ANN401 # any reply
    return [(answer.kind, answer.reason) for answer in read_results(operation, Reply(**reply), items)]


def verdicts(operation: Operation, body: object, items: int) -> list[ResultKind]:
    return [answer.kind for answer in read_results(operation, Reply(200, body), items)]


# One row of the table each: a call that failed as a whole


@pytest.mark.parametrize(
    "status, report, cancel",
    [
        (400, (REFUSED, "wix 400"), (REFUSED, "wix 400")),
        (401, (PARKED, UNAUTHORIZED), (PARKED, UNAUTHORIZED)),
        (403, (PARKED, FORBIDDEN_WITHOUT_CODE), (PARKED, FORBIDDEN_WITHOUT_CODE)),
        (404, (REFUSED, "wix 404"), (DONE, UNKNOWN_TO_WIX)),
        (408, (RETRY, "wix 408"), (RETRY, "wix 408")),
        (409, (REFUSED, "wix 409"), (REFUSED, "wix 409")),
        (413, (UNSURE, "wix 413"), (UNSURE, "wix 413")),
        (425, (RETRY, "wix 425"), (RETRY, "wix 425")),
        (428, (REFUSED, "wix 428"), (REFUSED, "wix 428")),
        (429, (LIMITED, "wix 429"), (LIMITED, "wix 429")),
        (500, (RETRY, "wix 500"), (RETRY, "wix 500")),
        (501, (REFUSED, "wix 501"), (REFUSED, "wix 501")),
        (503, (RETRY, "wix 503"), (RETRY, "wix 503")),
        (504, (RETRY, "wix 504"), (RETRY, "wix 504")),
        (599, (RETRY, "wix 599"), (RETRY, "wix 599")),
        (402, (UNSURE, "wix 402"), (UNSURE, "wix 402")),
        (304, (RETRY, "wix 304"), (RETRY, "wix 304")),
        (302, (RETRY, "wix 302"), (RETRY, "wix 302")),
        (204, (RETRY, "wix 204"), (RETRY, "wix 204")),
        (103, (RETRY, "wix 103"), (RETRY, "wix 103")),
    ],
)
@pytest.mark.parametrize("items", [1, 3])
def test_a_status_means_the_same_for_every_item_of_the_call(
    status: int, items: int, report: tuple[ResultKind, str], cancel: tuple[ResultKind, str]
) -> None:
    body = {"message": "", "details": {}}
    assert meanings(REPORT, items, status=status, body=body) == [report] * items
    assert meanings(CANCEL, items, status=status, body=body) == [cancel] * items


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 409, 410, 421, 428, 451, 501])
@pytest.mark.parametrize("operation", Operation)
def test_a_refusal_that_is_no_json_of_wix_says_nothing_of_an_event(operation: Operation, status: int) -> None:
    assert meanings(operation, 2, status=status) == [(RETRY, f"wix {status} without a JSON object")] * 2


@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize("code", ["BOOKINGS_APP_NOT_INSTALLED", "APP_NOT_INSTALLED", "WDE0117"])
def test_a_refusal_of_the_whole_site_blames_no_item_of_a_bulk_call(operation: Operation, code: str) -> None:
    for status in (400, 404, 409, 428):
        assert not blames_no_item(operation, Reply(status, application_error(code)), 100)


@pytest.mark.parametrize("code", ["BOOKINGS_APP_NOT_INSTALLED", "WDE0117"])
def test_an_item_that_an_install_cures_is_tried_again(code: str) -> None:
    body = {"results": [failed(0, code), result(1, success=True)]}
    assert verdicts(REPORT, body, 2) == [RETRY, DONE]


def test_a_refusal_names_code_field_and_rule() -> None:
    assert meanings(REPORT, 1, status=428, body=application_error("SCHEMA_VALIDATION_FAILED")) == [
        (REFUSED, "wix 428 SCHEMA_VALIDATION_FAILED")
    ]
    body = violated(
        {"field": "payload.guests[0].email", "violatedRule": "FORMAT", "description": "d", "data": {"type": "EMAIL"}},
        {"field": "triggerKey", "violatedRule": "MAX"},
    )
    assert meanings(REPORT, 1, status=400, body=body) == [
        (REFUSED, "wix 400 /payload/guests/0/email FORMAT /triggerKey MAX")
    ]


def test_a_reason_has_an_end() -> None:
    body = violated(*[{"field": "payload." + "x" * 500, "violatedRule": "FORMAT"}] * 500)
    [(verdict, reason)] = meanings(REPORT, 1, status=400, body=body)
    assert verdict is REFUSED
    assert len(reason) == 200


def test_an_event_that_wix_had_already_is_done_whatever_the_status() -> None:
    body = application_error("EVENT_ALREADY_PROCESSED")
    assert meanings(REPORT, 1, status=409, body=body) == [(DONE, "wix 409 EVENT_ALREADY_PROCESSED")]
    refused = (REFUSED, "wix 409 EVENT_ALREADY_PROCESSED")
    assert meanings(CANCEL, 1, status=409, body=body) == [refused]
    assert meanings(REPORT, 2, status=409, body=body) == [refused] * 2


def test_the_status_counts_more_than_the_code_beside_it() -> None:
    assert meanings(CANCEL, 1, status=400, body=application_error("NOT_FOUND")) == [(REFUSED, "wix 400 NOT_FOUND")]
    assert meanings(REPORT, 1, status=409, body=application_error("ABORTED")) == [(REFUSED, "wix 409 ABORTED")]


@pytest.mark.parametrize("operation, path", [(REPORT, "eventsInfo[1]."), (CANCEL, "externalEntityIds.1.")])
def test_an_item_that_spoils_a_whole_call_is_refused_alone(operation: Operation, path: str) -> None:
    body = violated({"field": f"{path}externalEntityId", "violatedRule": "FORMAT"})
    neighbour = (RETRY, "wix 400 because of a neighbour")
    spoiler = (REFUSED, "wix 400 /externalEntityId FORMAT")
    assert meanings(operation, 3, status=400, body=body) == [neighbour, spoiler, neighbour]


def test_a_violation_that_names_no_item_of_the_call_refuses_all() -> None:
    body = violated({"field": "eventsInfo[7].payload", "violatedRule": "MAX"}, {"field": "triggerKey"})
    assert meanings(REPORT, 2, status=400, body=body) == [(REFUSED, "wix 400 /triggerKey")] * 2


# A call that worked


@pytest.mark.parametrize(
    "body, ids",
    [({}, ()), ({"activationIds": [GUID, GUID]}, (GUID, GUID)), ({"activationIds": None}, ()), ({"new": "field"}, ())],
)
def test_a_single_report_is_done_with_or_without_activations(body: object, ids: tuple[str, ...]) -> None:
    assert read_results(REPORT, Reply(200, body, "r1"), 1) == [ItemResult(DONE, "wix 200", "r1", ids)]


@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize("items", [1, 2])
@pytest.mark.parametrize("body", [None, [], 5, "ok", True])
def test_a_200_that_holds_no_json_object_says_nothing(operation: Operation, items: int, body: object) -> None:
    assert meanings(operation, items, status=200, body=body) == [(RETRY, "wix 200 without a JSON object")] * items


def test_bulk_results_find_their_items_in_any_order_and_without_defaults() -> None:
    body = {
        "results": [
            {**result(2, success=True), "activationIds": [GUID]},
            {"itemMetadata": {"success": True}},
            result(1, error={"code": "SCHEMA_VALIDATION_FAILED"}),
        ],
        "bulkActionMetadata": {"totalSuccesses": 2, "totalFailures": 1},
    }
    assert read_results(REPORT, Reply(200, body, "r2"), 3) == [
        ItemResult(DONE, "wix 200", "r2"),
        ItemResult(REFUSED, "wix item SCHEMA_VALIDATION_FAILED", "r2"),
        ItemResult(DONE, "wix 200", "r2", (GUID,)),
    ]


def test_an_item_without_a_result_or_without_a_detail_is_unknown() -> None:
    body = {"results": [result(0, success=True), result(2)], "bulkActionMetadata": {"undetailedFailures": 2}}
    unknown = (RETRY, "wix gave no result")
    assert meanings(REPORT, 3, status=200, body=body) == [(DONE, "wix 200"), unknown, unknown]


def test_results_that_contradict_each_other_are_unknown() -> None:
    body = {"results": [result(0, success=True), failed(0, "INVALID_ARGUMENT"), failed(0, "INVALID_ARGUMENT")]}
    assert verdicts(REPORT, body, 2) == [RETRY, RETRY]
    assert verdicts(REPORT, {"results": [result(0, success=True)] * 2}, 2) == [DONE, RETRY]


@pytest.mark.parametrize(
    "code, report, cancel",
    [
        ("SCHEMA_VALIDATION_FAILED", REFUSED, REFUSED),
        ("REQUIRED_PROPERTY", REFUSED, REFUSED),
        ("INVALID_ARGUMENT", REFUSED, REFUSED),
        ("OUT_OF_RANGE", REFUSED, REFUSED),
        ("FAILED_PRECONDITION", REFUSED, REFUSED),
        ("NOT_FOUND", REFUSED, DONE),
        ("ALREADY_EXISTS", REFUSED, REFUSED),
        ("UNIMPLEMENTED", REFUSED, REFUSED),
        ("PERMISSION_DENIED", RETRY, RETRY),
        ("UNAUTHENTICATED", RETRY, RETRY),
        ("RESOURCE_EXHAUSTED", RETRY, RETRY),
        ("UNAVAILABLE", RETRY, RETRY),
        ("INTERNAL", RETRY, RETRY),
        ("DEADLINE_EXCEEDED", RETRY, RETRY),
        ("ABORTED", RETRY, RETRY),
        ("CANCELLED", RETRY, RETRY),
        ("UNKNOWN", RETRY, RETRY),
        ("EVENT_ALREADY_PROCESSED", DONE, UNSURE),
        ("SOMETHING_NEW", UNSURE, UNSURE),
    ],
)
def test_a_failed_item_is_judged_by_its_code_and_its_neighbour_is_not(
    code: str, report: ResultKind, cancel: ResultKind
) -> None:
    body = {"results": [failed(0, code), result(1, success=True)]}
    assert verdicts(REPORT, body, 2) == [report, DONE]
    assert verdicts(CANCEL, body, 2) == [cancel, DONE]


@pytest.mark.parametrize(
    "code, reason",
    [("NOT_FOUND", UNKNOWN_TO_WIX), ("PERMISSION_DENIED", FORBIDDEN), ("UNAUTHENTICATED", UNAUTHORIZED)],
)
def test_a_code_that_somebody_should_act_upon_has_a_reason_of_its_own(code: str, reason: str) -> None:
    [first, _] = read_results(CANCEL, Reply(200, {"results": [failed(0, code)]}), 2)
    assert first.reason == reason


# What was asked for and what was sent along


def test_what_is_to_be_tried_again_waits_as_long_as_wix_asked() -> None:
    assert [answer.retry_after for answer in read_results(REPORT, Reply(429, retry_after=7.5), 2)] == [7.5, 7.5]
    assert [answer.retry_after for answer in read_results(REPORT, Reply(418, retry_after=7.5), 1)] == [7.5]
    body = {"results": [failed(0, "RESOURCE_EXHAUSTED"), result(1, success=True), failed(2, "NOT_FOUND")]}
    replied = read_results(REPORT, Reply(200, body, retry_after=3.0), 3)
    assert [answer.retry_after for answer in replied] == [3.0, None, None]


@pytest.mark.parametrize(
    "header, seconds",
    [
        ("30", 30.0),
        ("0", 0.0),
        ("-5", 0.0),
        ("86400", 3600.0),
        ("Mon, 21 Sep 2026 14:13:30 GMT", 10.0),
        ("Mon, 21 Sep 2026 14:13:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("inf", None),
        ("nan", None),
        ("Mon, 99 Sep 99999 99:13:30 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header: str, seconds: float | None) -> None:
    assert read_reply(429, {"retry-after": header}, b"", NOW).retry_after == seconds


def test_a_reply_is_read_with_its_request_id() -> None:
    reply = read_reply(200, {"x-wix-request-id": "1790000000.12-34\n"}, b'{"activationIds": []}', NOW)
    assert reply == Reply(200, {"activationIds": []}, "1790000000.12-34")


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff\xfe\x00", b'{"a":', b"[" * 100_000, b"9" * 10_000])
def test_a_body_that_cannot_be_read_is_no_body(content: bytes) -> None:
    assert read_reply(200, {}, content, NOW) == Reply(200, is_empty=not content)


@pytest.mark.parametrize(
    "body, code",
    [
        (application_error("NOT_FOUND"), "NOT_FOUND"),
        ({"error": "invalid_client", "error_description": "d"}, "invalid_client"),
        (application_error("<b>NOT\n_FOUND</b>"), "bNOT_FOUNDb"),
        (application_error("A" * 500), "A" * 64),
        ({"details": []}, ""),
        (None, ""),
    ],
)
def test_an_error_code_is_wix_own_or_oauths(body: object, code: str) -> None:
    assert error_code(body) == code


# What nobody promised

PLANTED = "ada@example.com"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)
INDEX = st.integers(-1, 4) | JSON
CODE = st.sampled_from(["NOT_FOUND", "ABORTED", "NEW", ""]) | JSON
METADATA = st.fixed_dictionaries(
    {},
    optional={"originalIndex": INDEX, "success": st.booleans() | JSON, "error": st.fixed_dictionaries({"code": CODE})},
)
RESULT = st.fixed_dictionaries({}, optional={"itemMetadata": METADATA | JSON, "activationIds": JSON})
VIOLATION = st.fixed_dictionaries(
    {}, optional={"field": st.sampled_from(["eventsInfo[1].payload", "eventsInfo[999]"]) | JSON, "violatedRule": JSON}
)
BODY = JSON | st.fixed_dictionaries(
    {},
    optional={
        "results": st.lists(RESULT | JSON) | JSON,
        "bulkActionMetadata": st.fixed_dictionaries({"undetailedFailures": JSON}) | JSON,
        "error": JSON,
        "details": JSON
        | st.fixed_dictionaries({"applicationError": st.fixed_dictionaries({"code": CODE})})
        | st.fixed_dictionaries({"validationError": st.fixed_dictionaries({"fieldViolations": st.lists(VIOLATION)})}),
    },
)


@given(
    operation=st.sampled_from(Operation),
    status=st.sampled_from([200, 400, 401, 404, 409, 429, 503]) | st.integers(100, 599),
    body=BODY,
    items=st.integers(1, 4),
)
def test_any_body_gives_one_short_answer_per_item(operation: Operation, status: int, body: Any, items: int) -> None:  # noqa: ANN401 # any JSON
    replied = read_results(operation, Reply(status, body), items)
    assert len(replied) == items
    for answer in replied:
        assert 0 < len(answer.reason) <= 200
        assert answer.reason.isprintable()
        assert answer.reason.isascii()
        assert all(len(text) <= 64 for text in answer.activation_ids)


@given(st.binary() | BODY.map(lambda body: json.dumps(body).encode()))
def test_any_bytes_make_a_reply(content: bytes) -> None:
    assert read_reply(200, {}, content, NOW).status == 200


@pytest.mark.parametrize("wrong", [None, "1", 1.0, True, [1], {"1": 1}])
def test_a_result_whose_index_is_no_number_belongs_to_nobody(wrong: object) -> None:
    body = {"results": [{"itemMetadata": {"originalIndex": wrong, "success": True}}]}
    expected = [DONE, RETRY] if wrong is None else [RETRY, RETRY]
    assert verdicts(REPORT, body, 2) == expected


@pytest.mark.parametrize("wrong", [1, "true", [True], {}])
def test_only_true_is_success(wrong: object) -> None:
    assert verdicts(REPORT, {"results": [result(0, success=wrong)]}, 2) == [RETRY, RETRY]


def test_what_wix_says_in_prose_is_never_repeated() -> None:
    violation = {"field": "payload.email", "violatedRule": "FORMAT", "description": PLANTED, "data": {"value": PLANTED}}
    single = {**violated(violation), "message": PLANTED}
    error = {"code": "NEW", "description": PLANTED, "data": {"value": PLANTED}}
    bulk = {"results": [{**result(0, error=error), "eventInfo": {"payload": {"email": PLANTED}}}]}
    text = repr([*read_results(REPORT, Reply(400, single), 1), *read_results(REPORT, Reply(200, bulk), 2)])
    assert "/payload/email FORMAT" in text
    assert "NEW" in text
    assert "example" not in text
