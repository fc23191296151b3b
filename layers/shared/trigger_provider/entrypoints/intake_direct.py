"""Direct invocations: another Lambda function sends requests and waits (`direct-invocation.schema.json`)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from trigger_provider.domain.intake.commands import MOST_REQUESTS, StatusQuery
from trigger_provider.domain.ledger.ids import event_id
from trigger_provider.domain.ledger.rows import EventRow, RequestOutcome, Row, Transition
from trigger_provider.domain.payload.rfc3339 import format_seconds
from trigger_provider.domain.payload.schema_errors import describe_type, unknown_member
from trigger_provider.entrypoints.isolation import record_error, run_apart
from trigger_provider.errors import MOST_VIOLATIONS, InvalidRequest, TriggerProviderError, Violation
from trigger_provider.observability.recording import record_answers, record_refusal
from trigger_provider.observability.telemetry import increment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from trigger_provider.domain.intake.parser import RequestChecker
    from trigger_provider.use_cases.intake.accept import Accept, Accepted
    from trigger_provider.use_cases.intake.status import ReadStatus

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DirectIntakeHandler:
    """Takes requests, and returns the result of each."""

    checker: RequestChecker
    accept: Accept
    inspect: ReadStatus

    def handle(self, event: object) -> dict[str, Any]:
        """Return one result for each request, in order. Statuses are read after all changes of the event."""
        violations = _write_violations(event)
        if violations or not isinstance(event, dict):
            record_refusal(violations)
            return {"results": [], "errors": [_write_violation(violation) for violation in violations]}
        return {"results": self._results(event["requests"])}

    def _results(self, raw_requests: Sequence[object]) -> list[Result]:
        checked = [self._check(raw) for raw in raw_requests]
        changes = {index: item for index, item in enumerate(checked) if not isinstance(item, Exception | StatusQuery)}
        queries = {index: query for index, query in enumerate(checked) if isinstance(query, StatusQuery)}
        accepted = _run_each(self.accept.submit, changes)
        record_answers([result for result in accepted.values() if not isinstance(result, Exception)])
        rows = _run_each(self.inspect.read, queries)
        if queries:
            increment("StatusQueries", len(queries))
        results = {index: _write_refused(item) for index, item in enumerate(checked) if isinstance(item, Exception)}
        results |= {index: _write(_write_accepted, result) for index, result in accepted.items()}
        results |= {index: _write(_status, row) for index, row in rows.items()}
        return [results[index] for index in range(len(checked))]

    def _check(self, raw: object) -> Any:  # noqa: ANN401 - a request, a query, or why it is neither
        try:
            return self.checker.check(raw, self.accept.clock.now())
        except InvalidRequest as invalid:
            record_refusal(invalid.violations)
            return invalid
        except Exception as error:  # noqa: BLE001 - whatever it is, the other requests are taken
            record_error(error, "")
            return error


def _write_violations(event: object) -> list[Violation]:
    if not isinstance(event, dict):
        return [Violation("", "type", describe_type(["object"], event))]
    unknown = [name for name in islice(event, MOST_VIOLATIONS) if name != "requests"]
    message = 'the event has no member but "requests"'
    return [*_find_list_violations(event), *(unknown_member(name, message) for name in unknown)]


def _find_list_violations(event: Mapping[str, object]) -> Iterator[Violation]:
    match event:
        case {"requests": list(requests)}:
            if not 1 <= len(requests) <= MOST_REQUESTS:
                rule = "maxItems" if requests else "minItems"
                yield Violation("/requests", rule, f"there must be 1 to {MOST_REQUESTS} requests")
        case {"requests": other}:
            yield Violation("/requests", "type", describe_type(["array"], other))
        case _:
            yield Violation("/requests", "required", "`requests` is missing")


def _run_each(run: Callable[[Sequence[Any]], Sequence[Any]], items: Mapping[int, Any]) -> dict[int, Any]:
    """Run items together. Return the result of each, or its error if the error was not foreseen."""
    results: dict[int, Any] = {}
    if not items:
        return results
    portions = [list(items.items())]
    for portion, result in run_apart(lambda pairs: run([item for _, item in pairs]), portions, lambda: True):
        if isinstance(result, TriggerProviderError):
            raise result
        if isinstance(result, Exception):
            record_error(result, "")
        answers = [result] if isinstance(result, Exception) else result or []
        results |= {index: answer for (index, _), answer in zip(portion, answers, strict=True)}
    return results


def _write(write: Callable[[Any], Result], result: Any) -> Result:  # noqa: ANN401 - what its function takes
    return _write_refused(result) if isinstance(result, Exception) else write(result)


def _write_refused(error: Exception) -> Result:
    if not isinstance(error, InvalidRequest):
        return {"outcome": RequestOutcome.RETRY.value, "reason": "an unforeseen error: the log says which, and where"}
    errors = [_write_violation(violation) for violation in error.violations]
    return {"outcome": RequestOutcome.INVALID.value, "reason": error.violations[0].rule, "errors": errors}


def _write_accepted(accepted: Accepted) -> Result:
    result: Result = {"outcome": accepted.outcome.value, "reason": accepted.reason}
    if accepted.violation is not None:
        result["errors"] = [_write_violation(accepted.violation)]
    return result | ({} if accepted.row is None else _write_known(accepted.row))


def _status(row: Row | None) -> Result:
    if row is None:
        return {"outcome": "not_found", "reason": "the ledger knows nothing of it"}
    timeline = [_transition(line) for line in row.timeline]
    activation_ids = list(row.activation_ids) if isinstance(row, EventRow) else []
    known = {**_write_known(row), "activationIds": activation_ids, "timeline": timeline}
    return {"outcome": "found", "reason": row.reason, **known}


def _write_known(row: Row) -> Result:
    return {"eventId": event_id(row), "state": row.state.value}


def _transition(line: Transition) -> Result:
    document = {"at": format_seconds(line.at / 1_000), "state": line.state.value, "reason": line.reason}
    return document if line.wix_request_id is None else {**document, "wixRequestId": line.wix_request_id}


def _write_violation(violation: Violation) -> Result:
    return {"pointer": violation.pointer, "rule": violation.rule, "message": violation.message}
