"""Reads messages from EventBridge and SQS: an envelope, or a request on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NoReturn

from trigger_provider.domain.catalogue.reserved_names import (
    ENVELOPE_MEMBERS,
    OUTCOME_DETAIL_TYPE,
    OWN_SOURCE,
    REQUEST_DETAIL_TYPE,
)
from trigger_provider.domain.catalogue.trigger import VersionKind
from trigger_provider.domain.intake.commands import MOST_REQUESTS, StatusQuery, TriggerRequest
from trigger_provider.domain.intake.message_body import BODY_ENCODING, EVEN_IF_TOO_OLD, unpack
from trigger_provider.domain.payload.json_text import NotJsonError, read_json, write_json
from trigger_provider.domain.payload.rfc3339 import is_date_time, parse_milliseconds
from trigger_provider.entrypoints.foreign_events import (
    find_detail_violation,
    find_envelope_violation,
    find_wrapping,
    id_of,
)
from trigger_provider.errors import InvalidRequest, Violation
from trigger_provider.use_cases.intake.intake import Incoming

if TYPE_CHECKING:
    from trigger_provider.domain.intake.parser import RequestChecker
    from trigger_provider.use_cases.ports.clock import Clock

_NO_ATTRIBUTES: Final[Mapping[str, str]] = MappingProxyType({})
_NOT_JSON: Final = Violation(
    "", "json", "the message must be JSON, without NaN, Infinity or integers of over 1,000 digits"
)
_NOT_UNPACKED: Final = Violation("", BODY_ENCODING, "the body is not compressed as its attribute says")
_NO_STATUS: Final = Violation("/action", "enum", "only a direct invocation can ask for a status")
_NO_REQUESTS: Final = Violation("/requests", "maxItems", f"there must be 1 to {MOST_REQUESTS} requests")

Makers = Iterable[tuple[str, Callable[[], object]]]
"""What gives each request of a message, and the pointer to where it stands."""


@dataclass(frozen=True, slots=True)
class MessageReader:
    """Reads messages by the bindings of a catalogue, and parses the requests in them."""

    checker: RequestChecker
    clock: Clock

    def read_text(self, body: str, source_id: str = "", attributes: Mapping[str, str] = _NO_ATTRIBUTES) -> Incoming:
        """Read a message of a queue: a request, the event of a direct invocation, or a whole EventBridge envelope."""
        try:
            text = unpack(body, attributes)
        except ValueError:
            return Incoming(body, violations=(_NOT_UNPACKED,), source_id=source_id)
        try:
            document = read_json(text)
        except NotJsonError:
            return Incoming(text, violations=(_NOT_JSON,), source_id=source_id)
        incoming = self._read_document(Incoming(text, source_id=source_id), document)
        return incoming._replace(happened_at=None) if EVEN_IF_TOO_OLD in attributes else incoming

    def read_envelope(self, envelope: object) -> Incoming:
        """Read an EventBridge event. It has no request if no binding matches it, or if we published it."""
        whole = Incoming(write_json(envelope))
        if violation := find_envelope_violation(envelope):
            return whole._replace(violations=(violation,))
        return self._read_envelope(whole, envelope)  # type: ignore[arg-type] # it is an object

    def _read_document(self, whole: Incoming, document: object) -> Incoming:
        match document:
            case {"requests": list(requests), **others} if not others:
                if not 1 <= len(requests) <= MOST_REQUESTS:
                    return whole._replace(violations=(_NO_REQUESTS,))
                return self._read(whole, ((f"/requests/{at}", partial(_same, raw)) for at, raw in enumerate(requests)))
            case dict() if document.keys() >= ENVELOPE_MEMBERS:
                violation = find_envelope_violation(document)
                return self._read_envelope(whole, document) if violation is None else _refuse(whole, violation)
        if violation := find_wrapping(document):
            return _refuse(whole, violation)
        return self._read(whole, [("", partial(_same, document))])

    def _read_envelope(self, whole: Incoming, envelope: Mapping[str, object]) -> Incoming:
        source_id = whole.source_id or id_of(envelope)
        is_outcome = (envelope["source"], envelope["detail-type"]) == (OWN_SOURCE, OUTCOME_DETAIL_TYPE)
        whole = whole._replace(source_id=source_id, happened_at=_time_of(envelope), is_outcome=is_outcome)
        return self._read(whole, self._requests_of(envelope))

    def _requests_of(self, envelope: Mapping[str, object]) -> Makers:
        source, detail_type = str(envelope["source"]), str(envelope["detail-type"])
        if source == OWN_SOURCE:
            return []
        if detail_type == REQUEST_DETAIL_TYPE:
            return [("", partial(self._complete, envelope))]
        matches = self.checker.catalogue.match(source, detail_type)
        if matches and (violation := find_detail_violation(envelope["detail"])):
            return [("", partial(_raise, violation))]
        return [("", partial(binding.request, envelope)) for _, binding in matches]

    def _complete(self, envelope: Mapping[str, object]) -> object:
        """Return a request that stands in an envelope the envelope's id, and its time where versions are times."""
        request = envelope.get("detail")
        if not isinstance(request, dict):
            return request
        trigger = self.checker.catalogue.get(str(request.get("triggerKey")))
        names = {"id": "id"} | ({"version": "time"} if trigger and trigger.version_kind is VersionKind.TIME else {})
        given = {name: member for name, member in request.items() if member is not None}
        return {name: envelope[ours] for name, ours in names.items() if ours in envelope} | given

    def _read(self, whole: Incoming, makers: Makers) -> Incoming:
        requests: list[TriggerRequest] = []
        violations: list[Violation] = []
        for place, make in makers:
            try:
                requests.append(self._check(make()))
            except InvalidRequest as invalid:
                violations += [fault.below(place) for fault in invalid.violations]
        return whole._replace(requests=tuple(requests), violations=tuple(violations))

    def _check(self, raw: object) -> TriggerRequest:
        request = self.checker.check(raw, self.clock.now())
        if isinstance(request, StatusQuery):
            raise InvalidRequest([_NO_STATUS])
        return request


def _same(raw: object) -> object:
    return raw


def _raise(violation: Violation) -> NoReturn:
    raise InvalidRequest([violation])


def _refuse(whole: Incoming, violation: Violation) -> Incoming:
    return whole._replace(violations=(violation,))


def _time_of(envelope: Mapping[str, object]) -> int | None:
    given = envelope.get("time")
    return parse_milliseconds(given) if isinstance(given, str) and is_date_time(given) else None
