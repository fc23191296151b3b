"""The body of an answer to one item or to many (section 1.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.sandbox.wix.answers import Answer
from tests.sandbox.wix.calls import Request
from tests.sandbox.wix.outcomes import Result
from tests.sandbox.wix.switches import Switches


def single_answer(request: Request, result: Result, switches: Switches) -> Answer:
    """The activation ids of a report, nothing for a cancel, or the item's refusal."""
    if result.refusal is not None:
        return result.refusal.answer
    body = {"activationIds": list(result.activation_ids)} if request.route.reports else {}
    return Answer(200, _sent(body, switches))


def bulk_answer(request: Request, results: Sequence[Result], switches: Switches) -> Answer:
    """A 200 with one result per item, less those failures that are only counted."""
    failures = [result for result in results if result.refusal is not None]
    undetailed = [] if switches.detailed_failures_at_most is None else failures[switches.detailed_failures_at_most :]
    rows = [
        _row(request, index, result, switches)
        for index, result in enumerate(results)
        if not any(result is each for each in undetailed)
    ]
    counts = {
        "totalSuccesses": len(results) - len(failures),
        "totalFailures": len(failures),
        "undetailedFailures": len(undetailed),
    }
    body = {
        "triggerKey": request.text("triggerKey"),
        "results": rows[::-1] if switches.bulk_results_reversed else rows,
        "bulkActionMetadata": _sent(counts, switches),
    }
    return Answer(200, body)


def _row(request: Request, index: int, result: Result, switches: Switches) -> dict[str, Any]:
    metadata: dict[str, Any] = {"originalIndex": index, "success": result.refusal is None}
    if result.refusal is not None:
        metadata["error"] = {"code": result.refusal.code, "description": result.refusal.description}
    row = {"itemMetadata": _sent(metadata, switches)}
    if not request.route.reports:
        return {**row, "externalEntityId": result.item.external_entity_id}
    info = {
        "payload": result.item.payload,
        "externalEntityId": result.item.external_entity_id,
        "idempotency": result.item.idempotency,
    }
    ids = _sent({"activationIds": list(result.activation_ids)}, switches)
    return {**row, "eventInfo": {name: value for name, value in info.items() if value is not None}, **ids}


def _sent(body: Mapping[str, Any], switches: Switches) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value or not switches.defaults_left_out}
