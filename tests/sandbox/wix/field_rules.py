"""The API's own rules for the fields of a call, whatever the trigger (section 1.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.sandbox.wix.answers import Violation, misread
from tests.sandbox.wix.calls import Item, Request, Route
from tests.sandbox.wix.formats import is_guid
from tests.sandbox.wix.switches import Switches

MOST_ITEMS = 100
LONGEST_TRIGGER_KEY = 100
LONGEST_IDEMPOTENCY_KEY = 80
INT64 = re.compile(r"-?\d{1,19}", re.ASCII)


def check_types(request: Request, switches: Switches) -> None:
    """A value of the wrong JSON type anywhere spoils the whole call, since none of it can be read."""
    if request.fields is None:
        raise misread("Expected a JSON object")
    _check(request.fields, "triggerKey", "a string", lambda value: isinstance(value, str))
    if request.route.bulk:
        name, kind = ("eventsInfo", dict) if request.route.reports else ("externalEntityIds", str)
        _check(request.fields, name, "a list", lambda value: _list_of(kind, value))
    for item in request.items:
        _check_item_types(item, switches)


def call_violations(request: Request) -> Iterator[Violation]:
    """Broken rules of the call as a whole."""
    if not 1 <= len(request.text("triggerKey") or "") <= LONGEST_TRIGGER_KEY:
        yield Violation("triggerKey", "must have 1 to 100 characters", "OUT_OF_RANGE")
    if request.route.bulk and not 1 <= len(request.items) <= MOST_ITEMS:
        name = "eventsInfo" if request.route.reports else "externalEntityIds"
        yield Violation(name, "must have 1 to 100 items", "OUT_OF_RANGE", {"threshold": MOST_ITEMS})


def item_violations(item: Item, route: Route, switches: Switches, path: str = "") -> Iterator[Violation]:
    """Broken rules of one item; `path` goes before the names of its fields."""
    entity = item.external_entity_id
    if entity is None and not route.reports:
        yield Violation(f"{path}externalEntityId", "is required", "INVALID_ARGUMENT")
    elif entity is not None and switches.non_guid_entity_refused and not is_guid(entity):
        yield Violation(f"{path}externalEntityId", "must be a GUID", "FORMAT", {"type": "GUID"})
    if item.idempotency is not None:
        if not 1 <= len(item.idempotency_key or "") <= LONGEST_IDEMPOTENCY_KEY:
            yield Violation(f"{path}idempotency.key", "must have 1 to 80 characters", "OUT_OF_RANGE")
        if item.ttl_seconds is not None and item.ttl_seconds <= 0:
            yield Violation(f"{path}idempotency.ttlInMilliseconds", "must be at least 1", "OUT_OF_RANGE")


def _check_item_types(item: Item, switches: Switches) -> None:
    fields = {"externalEntityId": item.external_entity_id, "payload": item.payload, "idempotency": item.idempotency}
    _check(fields, "externalEntityId", "a string", lambda value: isinstance(value, str))
    _check(fields, "payload", "an object", lambda value: isinstance(value, dict))
    _check(fields, "idempotency", "an object", lambda value: isinstance(value, dict))
    idempotency = item.idempotency or {}
    _check(idempotency, "key", "a string", lambda value: isinstance(value, str))
    _check(idempotency, "ttlInMilliseconds", "an integer in a string", lambda value: _int64(value, switches))


def _check(fields: Mapping[str, Any], name: str, kind: str, fits: Callable[[Any], bool]) -> None:
    value = fields.get(name)
    if value is not None and not fits(value):
        raise misread(f"Expected {kind} at {name}")


def _list_of(kind: type, value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, kind) for each in value)


def _int64(value: object, switches: Switches) -> bool:
    if type(value) is int:
        return switches.numeric_ttl_accepted
    return isinstance(value, str) and INT64.fullmatch(value) is not None
