"""Wix's questions: what each is answered, and every attack that is not."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.wix.signer import Signer
from tests.support.builders import OTHER_SITE, a_cancelled_row, a_reported_row, an_occurrence
from tests.support.forged_tokens import signed_with_the_public_key, unsigned, with_other_claims
from tests.support.function_url import Json
from tests.support.gate import REFRESH, SCHEMA, VALIDATE, GateHandler, a_question, a_refresh, metadata, signed
from tests.support.handlers import CATALOGUE
from tests.support.log import Log
from tests.support.rows import APP, SITE, TRIGGER
from tests.support.signatures import WIX
from trigger_provider.domain.ledger.ids import event_id, generation_id
from trigger_provider.domain.ledger.rows import State

OTHER_APP = "5b1d3c1a-0000-4000-8000-000000000002"
NOW = int(time.time())
ROW = a_reported_row(generation=2, payload='{"amount":2,"name":"Zoë"}')
EVENT = event_id(ROW)
CALLED_OFF = {"cancelActivation": True}
ASKED = {"request": a_refresh(EVENT), "metadata": metadata()}
CLAIMS = {"data": ASKED, "iss": "wix.com", "aud": APP, "iat": NOW, "exp": NOW + 24 * 3600}


def refreshed(request: object, handler: GateHandler | None = None, **changes: object) -> tuple[int, Json]:
    """Ask before an action, where the ledger holds generation 2 of an invoice."""
    handler = handler or GateHandler()
    handler.put(ROW)
    return handler.answer(a_question(signed(request, **changes)))


# Refresh Payload


@pytest.mark.parametrize("encoded", [False, True])
def test_the_newest_payload_is_given(encoded: bool, log: Log) -> None:  # noqa: FBT001 - pytest gives it
    handler = GateHandler()
    handler.put(ROW)
    question = a_question(signed(a_refresh(EVENT)), encoded=encoded)

    assert handler.answer(question) == (200, {"payload": {"amount": 2, "name": "Zoë"}, "cancelActivation": False})
    assert log.counts == {"ActivationRefreshed": 1}


def test_a_superseded_generation_is_called_off(log: Log) -> None:
    assert refreshed(a_refresh(generation_id(ROW.key, 1))) == (200, CALLED_OFF)
    assert log.events == [("INFO", "REFRESH_PAYLOAD_002")]
    assert log.counts == {"ActivationCancelled": 1}


def test_a_cancelled_entity_is_called_off() -> None:
    handler, row = GateHandler(), a_cancelled_row("invoice 2")
    handler.put(row)

    assert refreshed(a_refresh(generation_id(row.key, 1)), handler) == (200, CALLED_OFF)


def test_a_real_time_event_is_found_without_an_entity_too() -> None:
    handler, row = GateHandler(), an_occurrence(entity=None, state=State.REPORTED, payload='{"page":"/"}')
    handler.put(row)

    assert refreshed(a_refresh(event_id(row)), handler) == (200, {"payload": {"page": "/"}, "cancelActivation": False})


def test_capital_letters_name_the_same_event_and_the_same_site() -> None:
    status, answer = refreshed(a_refresh(EVENT.upper()), instanceId=SITE.upper())

    assert (status, answer["cancelActivation"]) == (200, False)


UNKNOWN: dict[str, tuple[Json, Json]] = {
    "of nobody": (a_refresh("2f1a0273-9d0c-5d0a-8f5e-000000000003"), {}),
    "without an id": (a_refresh(None), {}),
    "of a generation to come": (a_refresh(generation_id(ROW.key, 3)), {}),
    "of another trigger": (a_refresh(EVENT, triggerKey="page_visited"), {}),
    "of another site": (a_refresh(EVENT), {"instanceId": OTHER_SITE}),
    "whose id is no GUID": (a_refresh("ada@example.com"), {}),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_event_that_the_ledger_does_not_know_is_called_off(name: str, log: Log) -> None:
    request, changes = UNKNOWN[name]

    assert refreshed(request, **changes) == (200, CALLED_OFF)
    assert log.events == [("WARNING", "REFRESH_PAYLOAD_003")]
    assert log.counts == {"ActivationUnknown": 1}
    assert "ada@example.com" not in str(log.lines)


@pytest.mark.parametrize("name", UNKNOWN)
def test_where_unknown_events_pass_wix_is_given_back_what_it_has(name: str) -> None:
    request, changes = UNKNOWN[name]
    handler = GateHandler(passes_unknown=True)

    assert refreshed(request, handler, **changes) == (200, {"payload": {"amount": 0}, "cancelActivation": False})


def test_what_is_called_off_is_so_where_unknown_events_pass() -> None:
    assert refreshed(a_refresh(generation_id(ROW.key, 1)), GateHandler(passes_unknown=True)) == (200, CALLED_OFF)


def test_without_the_ledger_wix_is_told_that_there_is_no_answer(log: Log) -> None:
    handler = GateHandler()
    handler.ledger.down = True

    assert refreshed(a_refresh(EVENT), handler) == (503, {"applicationError": {"code": "UNAVAILABLE", "data": {}}})
    assert log.events == [("ERROR", "REFRESH_PAYLOAD_005")]


def test_nothing_of_a_payload_is_logged(log: Log) -> None:
    refreshed(a_refresh(EVENT, payload={"email": "ada@example.com"}))

    assert log.lines
    assert not any(word in str(log.lines) for word in ("ada@example.com", "Zoë"))


# The other questions


@pytest.mark.parametrize("selected", [[], [{"fieldKey": "currency", "values": ["EUR"]}]])
def test_every_configuration_of_a_trigger_without_filters_of_ours_is_valid(selected: list[Json]) -> None:
    token = signed({"triggerKey": "invoice_due", "selectedFilterOptions": selected, "automationConfigMapping": {}})

    assert GateHandler().answer(a_question(token, VALIDATE)) == (200, {"valid": True, "configurationErrors": []})


def test_an_automation_with_a_trigger_that_is_gone_is_not_valid_and_the_owner_is_told_why() -> None:
    status, answer = GateHandler().answer(a_question(signed({"triggerKey": "gone"}), VALIDATE))

    (error,) = answer["configurationErrors"]
    assert (status, answer["valid"], set(error)) == (200, False, {"title", "message"})


def test_the_schema_is_the_same_whatever_is_chosen() -> None:
    status, answer = GateHandler().answer(a_question(signed({"triggerKey": "invoice_due"}), SCHEMA))

    assert (status, answer) == (200, {"dynamicSchema": CATALOGUE.triggers["invoice_due"].schema})


def test_a_trigger_that_is_gone_has_no_schema() -> None:
    assert GateHandler().answer(a_question(signed({"triggerKey": "gone"}), SCHEMA))[0] == 404


@pytest.mark.parametrize("path", [REFRESH, f"/base{REFRESH}", f"{REFRESH}/"])
def test_a_question_is_told_by_the_end_of_its_path(path: str) -> None:
    assert GateHandler().answer(a_question(signed(a_refresh(EVENT)), path))[0] == 200


@pytest.mark.parametrize("path", ["/", "", "/refresh", "/refresh-payload/x", "/quota-info"])
def test_a_question_that_wix_does_not_ask_has_no_answer(path: str) -> None:
    answer = GateHandler().answer(a_question(signed(a_refresh(EVENT)), path))

    assert answer == (404, {"applicationError": {"code": "NOT_FOUND", "data": {}}})


# Attacks


ATTACKS: dict[str, tuple[int, Json]] = {
    "no signature": (401, a_question(unsigned(CLAIMS))),
    "HS256 with the public key as its secret": (401, a_question(signed_with_the_public_key(CLAIMS, WIX.public_key))),
    "another algorithm of the right key": (401, a_question(WIX.sign(CLAIMS, algorithm="PS256"))),
    "another key": (401, a_question(Signer().sign(CLAIMS))),
    "another's signature": (401, a_question(with_other_claims(WIX.sign({**CLAIMS, "data": {}}), CLAIMS))),
    "expired": (401, a_question(WIX.sign({**CLAIMS, "iat": NOW - 7200, "exp": NOW - 3600}))),
    "never expires": (401, a_question(WIX.sign({key: CLAIMS[key] for key in ("data", "iss", "aud")}))),
    "another issuer": (401, a_question(WIX.sign({**CLAIMS, "iss": "wix.com.example.org"}))),
    "another app's": (401, a_question(WIX.sign({**CLAIMS, "aud": OTHER_APP}))),
    "a webhook": (401, a_question(WIX.webhook(ASKED, NOW))),
    "no body": (400, a_question(None)),
    "an empty body": (400, a_question("")),
    "a body that is no JWT": (400, a_question(json.dumps(ASKED))),
    "a body that is no base64": (400, {**a_question("..."), "isBase64Encoded": True}),
    "oversized": (400, a_question(signed(a_refresh(EVENT, payload={"text": "x" * 800_000})))),
    "huge": (400, a_question("x" * 5 * 1024 * 1024)),
    "data is a text": (400, a_question(WIX.sign({**CLAIMS, "data": json.dumps(ASKED)}))),
    "data is a list": (400, a_question(WIX.sign({**CLAIMS, "data": [ASKED]}))),
    "no data": (400, a_question(WIX.sign({**CLAIMS, "data": None}))),
    "nested without end": (400, a_question(WIX.sign_text(
        f'{{"iss":"wix.com","aud":"{APP}","exp":{NOW + 600},"data":{"[" * 90_000}{"]" * 90_000}}}'
    ))),
    "no request": (400, a_question(WIX.sign({**CLAIMS, "data": {"metadata": metadata()}}))),
    "no metadata": (400, a_question(WIX.sign({**CLAIMS, "data": {"request": a_refresh(EVENT)}}))),
    "no trigger": (400, a_question(signed({"externalEntityId": EVENT}))),
    "a trigger that is no text": (400, a_question(signed(a_refresh(EVENT, triggerKey=[TRIGGER])))),
    "an id that is no text": (400, a_question(signed(a_refresh(EVENT, externalEntityId={"id": EVENT})))),
    "a payload that is no object": (400, a_question(signed(a_refresh(EVENT, payload="text")))),
    "no site": (400, a_question(signed(a_refresh(EVENT), instanceId=None))),
    "a site that is no GUID": (400, a_question(signed(a_refresh(EVENT), instanceId="ada@example.com"))),
    "another method": (400, a_question(signed(a_refresh(EVENT)), method="GET")),
}  # fmt: skip
CODES = {400: "INVALID_REQUEST", 401: "UNAUTHENTICATED"}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_and_learns_nothing(name: str, log: Log) -> None:
    status, event = ATTACKS[name]
    handler = GateHandler()
    handler.put(ROW)
    handler.ledger.down = True  # nobody asks it

    assert handler.answer(event) == (status, {"applicationError": {"code": CODES[status], "data": {}}})
    assert log.counts == {"RefreshPayloadUntrusted" if status == 401 else "RefreshPayloadMalformed": 1}
    assert "ada@example.com" not in str(log.lines)


def test_an_attack_is_refused_on_whatever_path() -> None:
    body = unsigned(CLAIMS)

    assert {GateHandler().answer(a_question(body, path))[0] for path in (REFRESH, VALIDATE, SCHEMA, "/x")} == {401}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
REQUESTS = st.fixed_dictionaries({}, optional={name: JSON | st.just(value) for name, value in a_refresh(EVENT).items()})
METADATA = st.fixed_dictionaries({}, optional={"instanceId": JSON | st.just(SITE), "requestId": JSON})
DATA = st.fixed_dictionaries({}, optional={"request": JSON | REQUESTS, "metadata": JSON | METADATA})
PATHS = st.sampled_from([REFRESH, VALIDATE, SCHEMA, "/", ""]) | st.text()


@given(st.none() | st.text(), PATHS, st.booleans())
def test_whatever_a_stranger_sends_is_refused(body: str | None, path: str, encoded: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    sent: Any = body.encode("utf-8", "replace").decode() if body else body

    assert GateHandler().answer(a_question(sent, path, encoded=encoded))[0] in (400, 401)


@given(JSON | DATA, PATHS)
def test_whatever_wix_might_ask_is_answered_by_an_answer_of_its_kind(data: object, path: str) -> None:
    handler = GateHandler()
    handler.put(ROW)
    status, answer = handler.answer(a_question(WIX.sign({**CLAIMS, "data": data}), path))

    if status == 200 and path.rstrip("/").endswith(REFRESH):
        assert answer == CALLED_OFF or (answer["cancelActivation"], type(answer["payload"])) == (False, dict)
    else:
        assert status in (200, 400, 404)
        assert status == 200 or answer == {"applicationError": {"code": answer["applicationError"]["code"], "data": {}}}
