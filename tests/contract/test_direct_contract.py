"""What a caller's Lambda may rely on: the JSON Schemas that ship, read by the reference implementation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, FormatChecker

from tests.support.bad_requests import BAD, Bad
from tests.support.handlers import (
    BusyLedger,
    Handlers,
    Json,
    a_cancel,
    a_visit,
    an_invoice,
    the_last_generation,
    without,
)
from tests.support.rows import APP, SITE
from tests.support.samples import EVENTS
from trigger_provider.domain.intake.schema import find_shape_violations
from trigger_provider.domain.ledger.ids import entity_key
from trigger_provider.domain.ledger.rows import EventRow, RequestOutcome, State, Transition
from trigger_provider.domain.payload.formats import FORMATS
from trigger_provider.domain.payload.json_pointer import pointer_to

OURS = ("unicode", "json")
"""The rules of a request's shape that JSON Schema has no words for."""


def _schema(name: str) -> Any:  # noqa: ANN401 # a JSON Schema
    return json.loads(files("trigger_provider").joinpath(f"schemas/{name}.schema.json").read_text("utf-8"))


def _validator(schema: Mapping[str, Any]) -> Draft7Validator:
    checker = FormatChecker(formats=())
    for name, form in FORMATS.items():
        checker.checks(name)(lambda text, accepts=form.accepts: not isinstance(text, str) or accepts(text))
    return Draft7Validator(schema, format_checker=checker)


INVOCATION = _schema("direct-invocation")
EVENT, ANSWER = (_validator({**INVOCATION, "$ref": f"#/definitions/{name}"}) for name in ("event", "answer"))
REQUEST = _validator(_schema("request"))


def broken(validator: Draft7Validator, document: object) -> list[str]:
    return [f"{pointer_to(error.absolute_path)}: {error.message}" for error in validator.iter_errors(document)]


def answered(handlers: Handlers, event: object) -> Json:
    """Return the answer as a caller gets it, once it is seen to keep the contract."""
    answer: Json = json.loads(json.dumps(handlers.direct.handle(event), allow_nan=False))
    assert broken(ANSWER, answer) == []
    return answer


def samples(function: str, name: str = "*") -> list[Any]:
    return [
        pytest.param(json.loads(path.read_text("utf-8")), id=path.stem)
        for path in sorted(EVENTS.glob(f"{function}/{name}.json"))
    ]


def status_of(request: Json) -> Json:
    return {**without(request, "payload", "version"), "action": "status"}


def test_the_schemas_are_schemas() -> None:
    for schema in (INVOCATION, _schema("request")):
        Draft7Validator.check_schema(schema)


@pytest.mark.parametrize("event", samples("intake_direct"))
def test_every_sample_is_answered_by_the_contract(event: Json) -> None:
    answered(Handlers(), event)


@pytest.mark.parametrize("bad", [pytest.param(bad, id=name) for name, bad in BAD.items()])
def test_every_bad_request_is_answered_by_the_contract(bad: Bad) -> None:
    (result,) = answered(Handlers(), {"requests": [bad.request]})["results"]
    assert result["outcome"] == "invalid"


@pytest.mark.parametrize(
    "event", [None, "planted", [], {}, {"requests": None}, {"requests": [], "a": 1}, {"requests": [1] * 101}]
)
def test_every_bad_event_breaks_the_contract_and_is_answered_by_it(event: object) -> None:
    assert broken(EVENT, event)
    answer = answered(Handlers(), event)
    assert answer["results"] == []
    assert answer["errors"]


def test_one_result_per_request_in_order() -> None:
    requests = [a_visit(id=f"visit-{number}") if number % 2 else number for number in range(100)]
    results = answered(Handlers(), {"requests": requests})["results"]
    assert [result["outcome"] for result in results] == ["invalid", "accepted"] * 50


def test_every_outcome_there_is_keeps_the_contract() -> None:
    handlers = Handlers(ledger=BusyLedger(entity_key(APP, SITE, "invoice_due", "busy")))
    row = the_last_generation("last")
    handlers.ledger.rows[row.key] = row
    requests = [
        an_invoice(), an_invoice(), an_invoice(version=0), an_invoice(version=2), a_cancel(version=3),
        an_invoice(entityId="last", version=2), an_invoice(entityId="busy"), "invalid", status_of(an_invoice()),
        status_of(a_visit()),
    ]  # fmt: skip
    results = answered(handlers, {"requests": requests})["results"]
    outcomes = {result["outcome"] for result in results}
    assert outcomes == {*RequestOutcome, "found", "not_found"}
    assert outcomes == set(INVOCATION["definitions"]["result"]["properties"]["outcome"]["enum"])


def test_all_that_a_status_can_tell_keeps_the_contract() -> None:
    handlers = Handlers()
    handlers.ask(an_invoice())
    ((key, row),) = handlers.ledger.rows.items()
    line = Transition(row.accepted_at + 1_500, State.REPORTED, "acknowledged", "wix-request-1")
    assert isinstance(row, EventRow)
    handlers.ledger.rows[key] = replace(row, activation_ids=("activation-1",), timeline=(*row.timeline, line))
    (result,) = answered(handlers, {"requests": [status_of(an_invoice())]})["results"]
    document = INVOCATION["definitions"]
    assert result.keys() == document["result"]["properties"].keys() - {"errors"}
    assert result["timeline"][-1].keys() == document["transition"]["properties"].keys()


def test_every_state_there_is_keeps_the_contract() -> None:
    assert set(INVOCATION["definitions"]["result"]["properties"]["state"]["enum"]) == set(State)


@pytest.mark.parametrize("event", [*samples("intake_direct", "valid-*")])
def test_every_request_in_a_valid_invocation_keeps_the_schema(event: Json) -> None:
    assert broken(EVENT, event) == []
    assert [fault for request in event["requests"] for fault in broken(REQUEST, request)] == []


def test_every_request_in_a_valid_message_keeps_the_schema() -> None:
    records = [record for event in samples("intake_sqs", "valid-*") for record in event.values[0]["Records"]]
    bodies = [json.loads(record["body"]) for record in records]
    requests = [body for body in bodies if "detail" not in body]
    assert len(requests) >= 4
    assert [fault for request in requests for fault in broken(REQUEST, request)] == []


@pytest.mark.parametrize("bad", [pytest.param(bad, id=name) for name, bad in BAD.items()])
def test_the_shape_of_a_bad_request_is_judged_as_by_the_reference(bad: Bad) -> None:
    judged_alike(bad.request)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NEARLY_A_REQUEST = st.fixed_dictionaries(
    {},
    optional={
        "action": st.sampled_from(["report", "cancel", "status", "REPORT"]) | ANY,
        "triggerKey": st.text(max_size=120) | ANY,
        "instanceId": st.uuids().map(str) | ANY,
        "entityId": st.text(max_size=300) | ANY,
        "version": st.integers() | st.datetimes().map(str) | ANY,
        "id": st.text(max_size=300) | ANY,
        "payload": st.dictionaries(st.text(max_size=5), ANY, max_size=3) | ANY,
        "more": ANY,
    },
)


@given(NEARLY_A_REQUEST | ANY)
def test_the_shape_of_any_request_is_judged_as_by_the_reference(request: object) -> None:
    judged_alike(request)


def judged_alike(request: object) -> None:
    ours = {(fault.pointer, fault.rule) for fault in find_shape_violations(request) if fault.rule not in OURS}
    theirs: set[tuple[str, str]] = set()
    for error in REQUEST.iter_errors(request):
        place, rule = pointer_to(error.absolute_path), str(error.validator)
        theirs |= {(pointer_to([name], below=place), rule) for name in _members_meant(error)} or {(place, rule)}
    assert ours == theirs


def _members_meant(error: Any) -> set[str]:  # noqa: ANN401 # an error of the reference
    if error.validator == "required":
        return set(error.validator_value) - set(error.instance)
    if error.validator == "additionalProperties":
        return set(error.instance) - set(error.schema["properties"])
    return set()
