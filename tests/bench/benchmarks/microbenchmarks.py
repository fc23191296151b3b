"""What we add to each event by ourselves: validation, mapping, deciding. In this process, without any call."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any, Final

from tests.bench.benchmarks.figures import Figure, figure
from tests.bench.benchmarks.workload import APP_ID, site
from trigger_provider.adapters.catalogue_files import load_catalogue
from trigger_provider.domain.delivery.planning import plan_occurrence
from trigger_provider.domain.delivery.policy import DeliveryPolicy
from trigger_provider.domain.delivery.results import ItemResult, ResultKind
from trigger_provider.domain.delivery.retry import SettleContext
from trigger_provider.domain.delivery.settlement import settle_occurrence
from trigger_provider.domain.durations import DAY, SECOND
from trigger_provider.domain.intake.acceptance import accept_occurrence
from trigger_provider.domain.intake.commands import OccurrenceReport
from trigger_provider.domain.intake.parser import RequestChecker
from trigger_provider.domain.ledger.rows import RealtimeEvent
from trigger_provider.domain.payload.schema import compile_schema

_TEXT: Final = {"type": "string"}
SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["contact_id", "booked_at", "email"],
    "properties": {
        "contact_id": {**_TEXT, "format": "uuid"},
        "booked_at": {**_TEXT, "format": "date-time"},
        "email": {**_TEXT, "format": "email"},
        "page": {**_TEXT, "format": "uri"},
        "rating": {"type": "number"},
        "seats": {"type": "integer"},
        "first_visit": {"type": "boolean"},
        "first_name": _TEXT,
        "last_name": _TEXT,
        "total": {**_TEXT, "format": "number"},
        "birthday": {**_TEXT, "format": "date"},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["sku"],
                "properties": {"sku": _TEXT, "quantity": {"type": "integer"}, "price": {**_TEXT, "format": "number"}},
            },
        },
    },
}
GOOD: Final[Mapping[str, Any]] = {
    "contact_id": "6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44",
    "booked_at": "2026-11-24T08:00:00Z",
    "email": "ada@example.com",
    "page": "https://www.example.com/courses/pottery",
    "rating": 4.5,
    "seats": 3,
    "first_visit": True,
    "first_name": "Ada",
    "last_name": "Byrne",
    "total": "80.00",
    "birthday": "2026-12-10",
    "items": [{"sku": f"sku-{number}", "quantity": number, "price": "16.00"} for number in range(5)],
}
FAULTY: Final[Mapping[str, Any]] = {
    **GOOD,
    "contact_id": "nobody",
    "booked_at": "2026-02-30T08:00:00Z",
    "email": "nowhere",
    "page": "no page",
    "rating": "4.5",
    "seats": 1.5,
    "first_visit": "yes",
    "items": [*GOOD["items"][:4], {"sku": "sku-4", "quantity": "many", "price": "16.00"}],
}
FAULTS: Final = 8

_NOW: Final = 1_795_507_200_000
_RETENTION: Final = 45 * DAY
_POLICY: Final = DeliveryPolicy(settle_delay=120 * SECOND, give_up_after=DAY, retention=_RETENTION)
_DONE: Final = ItemResult(ResultKind.DONE, "wix 200", "request-1")
_REPEATS, _AT_ONCE = 31, 1_000


def measured() -> list[Figure]:
    """Return microseconds of processor for each."""
    check = compile_schema(SCHEMA)
    assert len(check(GOOD)) == 0
    assert len(check(FAULTY)) == FAULTS
    return [
        _timed("validation: a good payload of 12 properties", lambda: check(GOOD), 5),
        _timed(f"validation: the same with {FAULTS} faults", lambda: check(FAULTY), 50),
        _timed("mapping: a business event to a request", _mapping(), 60),
        _timed("deciding: accepting, planning and settling", _deciding(), 15),
    ]


def _mapping() -> Callable[[], object]:
    envelope = {
        "id": "1", "source": "com.example.forms", "detail-type": "Form Submitted", "time": "2026-11-24T08:00:00Z",
        "detail": {
            "instanceId": site(0), "formId": "0d9c5e3a-7b41-4f2e-8a96-51c7e2f4b8d0",
            "submissionId": "b7e1a2c4-5d60-4e8f-9b13-c2d4f6a80e57", "submittedAt": "2026-11-24T08:00:00Z",
            "contactId": "6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44",
            "fields": {"firstName": "Ada", "lastName": "Byrne", "email": "ada@example.com", "marketingOptIn": True},
        },
    }  # fmt: skip
    catalogue = load_catalogue(files("triggers"))

    def mapping() -> object:
        return [binding.request(envelope) for _, binding in catalogue.match("com.example.forms", "Form Submitted")]

    RequestChecker(catalogue, APP_ID).check(mapping()[0], _NOW)  # type: ignore[index]
    return mapping


def _deciding() -> Callable[[], object]:
    catalogue = load_catalogue(files("triggers"))
    request = RequestChecker(catalogue, APP_ID).check(
        {
            "action": "report", "triggerKey": "page_visited", "instanceId": site(0), "id": "visit-1",
            "payload": {"contact_id": GOOD["contact_id"], "page_url": GOOD["page"]},
        },
        _NOW,
    )  # fmt: skip
    assert isinstance(request, OccurrenceReport)
    report = request

    def deciding() -> object:
        row = accept_occurrence(report, None, None, now=_NOW, retention=_RETENTION).row
        assert isinstance(row, RealtimeEvent)
        assert plan_occurrence(row, None, _NOW) is not None
        return settle_occurrence(row, _DONE, SettleContext(_NOW, 0.5, _POLICY))

    return deciding


def _timed(what: str, do: Callable[[], object], most: float) -> Figure:
    samples = []
    for _ in range(_REPEATS):
        began = time.process_time()
        for _ in range(_AT_ONCE):
            do()
        samples.append((time.process_time() - began) / _AT_ONCE * 1e6)
    return figure(what, samples, "µs", most=most)
