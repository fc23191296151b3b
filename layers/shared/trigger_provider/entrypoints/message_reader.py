"""Reads what arrives from EventBridge and SQS: an envelope, or a request as it stands."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from trigger_provider.domain.catalogue.reserved_names import ENVELOPE_MEMBERS, OWN_SOURCE, REQUEST_DETAIL_TYPE
from trigger_provider.domain.catalogue.trigger import VersionKind
from trigger_provider.domain.intake.commands import StatusQuery, TriggerRequest
from trigger_provider.domain.payload.formats import is_uuid
from trigger_provider.errors import InvalidRequest, Violation
from trigger_provider.use_cases.intake.intake import Incoming

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from trigger_provider.domain.intake.parser import RequestChecker

_MOST_DIGITS = 1_000
_NOT_JSON = Violation("", "json", "the message must be JSON, without NaN, Infinity or integers of over 1,000 digits")
_NO_STATUS = Violation("/action", "enum", "only a direct invocation can ask for a status")


@dataclass(frozen=True, slots=True)
class MessageReader:
    """Reads messages by the bindings of a catalogue, and checks the requests that they make."""

    checker: RequestChecker

    def read_text(self, body: str, source_id: str = "") -> Incoming:
        """Read a queue's message: a request, or a whole EventBridge envelope."""
        try:
            document = json.loads(body, parse_constant=_refuse_constant, parse_int=_integer)
        except (ValueError, RecursionError):
            return Incoming(body, violations=(_NOT_JSON,), source_id=source_id)
        if isinstance(document, dict) and document.keys() >= ENVELOPE_MEMBERS:
            return self._read(body, source_id, self._requests_of(document))
        return self._read(body, source_id, [lambda: document])

    def read_envelope(self, envelope: Mapping[str, object]) -> Incoming:
        """Read an EventBridge event; what no binding matches makes no request, nor does what we published."""
        body = json.dumps(envelope, separators=(",", ":"))
        return self._read(body, _id_of(envelope), self._requests_of(envelope))

    def _requests_of(self, envelope: Mapping[str, object]) -> list[Callable[[], object]]:
        source, detail_type = str(envelope.get("source")), str(envelope.get("detail-type"))
        if source == OWN_SOURCE:
            return []
        if detail_type == REQUEST_DETAIL_TYPE:
            return [partial(self._complete, envelope)]
        matches = self.checker.catalogue.match(source, detail_type)
        return [partial(binding.request, envelope) for _, binding in matches]

    def _complete(self, envelope: Mapping[str, object]) -> object:
        """Return a request that stands in an envelope the envelope's id, and its time where versions are times."""
        request = envelope.get("detail")
        if not isinstance(request, dict):
            return request
        trigger = self.checker.catalogue.get(str(request.get("triggerKey")))
        names = {"id": "id"} | ({"version": "time"} if trigger and trigger.version_kind is VersionKind.TIME else {})
        return {name: envelope[ours] for name, ours in names.items() if ours in envelope} | request

    def _read(self, body: str, source_id: str, makers: Iterable[Callable[[], object]]) -> Incoming:
        requests: list[TriggerRequest] = []
        violations: list[Violation] = []
        for make in makers:
            try:
                requests.append(self._check(make()))
            except InvalidRequest as invalid:
                violations += invalid.violations
        return Incoming(body, tuple(requests), tuple(violations), source_id)

    def _check(self, raw: object) -> TriggerRequest:
        request = self.checker.check(raw)
        if isinstance(request, StatusQuery):
            raise InvalidRequest([_NO_STATUS])
        return request


def _id_of(envelope: Mapping[str, object]) -> str:
    """Return the id that EventBridge gave its event; whatever else stands there is for no log line."""
    given = envelope.get("id")
    return given if isinstance(given, str) and is_uuid(given) else ""


def _integer(text: str) -> int:
    """Read an integer. No version has more than 19 digits, and thousands of digits would take long to read."""
    if len(text) > _MOST_DIGITS:
        raise ValueError
    return int(text)


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError
