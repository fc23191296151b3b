"""One small trigger file that keeps every rule, and for every rule a change that breaks it."""

from __future__ import annotations

import copy
from typing import Any, Final

import pytest

from trigger_provider.domain.catalogue.lint import find_violations
from trigger_provider.domain.catalogue.reserved_names import OWN_SOURCE, REQUEST_DETAIL_TYPE

GUID = "6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44"
ABSENT: Final = object()
CONTACT = {"type": "string", "format": "uuid", "identityType": "contact", "title": "Contact", "examples": [GUID]}
DATE = {"type": "string", "format": "date-time", "title": "Date", "examples": ["2026-11-24T08:00:00Z"]}
FILE: dict[str, Any] = {
    "key": "order_due",
    "name": "Order is due",
    "kind": "scheduled",
    "version": "integer",
    "schema": {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "required": ["contact", "due"],
        "properties": {
            "contact": CONTACT,
            "due": {**DATE, "futureDate": True},
            "count": {"type": "integer", "title": "Count", "examples": [1]},
            "place": {
                "type": "object",
                "title": "Place",
                "required": ["city"],
                "properties": {"city": {"type": "string", "title": "City"}},
                "examples": [{"city": "Cork"}],
            },
            "lines": {
                "type": "array",
                "title": "Lines",
                "items": {
                    "type": "object",
                    "required": ["sku"],
                    "properties": {"sku": {"type": "string", "title": "SKU"}},
                },
                "examples": [[{"sku": "a"}]],
            },
        },
    },
    "bindings": [
        {
            "source": "shop",
            "detailTypes": ["Order Placed"],
            "action": "report",
            "instanceId": "detail.site",
            "entityId": "detail.id",
            "version": "detail.revision",
            "payload": {"contact": "detail.contact", "due": "detail.due"},
        },
        {
            "source": "shop",
            "detailTypes": ["Order Cancelled"],
            "action": "cancel",
            "instanceId": "detail.site",
            "entityId": "detail.id",
            "version": "detail.revision",
        },
    ],
}
REALTIME: dict[str, Any] = {
    "/kind": "realtime",
    "/schema/properties/due/futureDate": ABSENT,
    "/bindings/1": ABSENT,
}

Changes = dict[str, Any]
P: Final = "/schema/properties"
BROKEN_IN_PLACE: list[tuple[str, Any, str]] = [
    # The file.
    ("/key", ABSENT, "required"),
    ("/key", "", "pattern"),
    ("/key", "Order_Due", "pattern"),
    ("/key", "_order", "pattern"),
    ("/key", "order due", "pattern"),
    ("/key", "order\n", "pattern"),
    ("/key", "o" * 101, "pattern"),
    ("/key", 5, "type"),
    ("/name", "Due!", "minLength"),
    ("/name", "o" * 81, "maxLength"),
    ("/description", "o" * 251, "maxLength"),
    ("/kind", "delayed", "enum"),
    ("/version", "number", "enum"),
    ("/gate", "yes", "type"),
    ("/version", ABSENT, "required"),
    ("/bindings", {}, "type"),
    ("/shema", {}, "unknown"),
    # The root of the payload schema.
    ("/schema/type", "array", "const"),
    (P, ABSENT, "required"),
    (P, {}, "minProperties"),
    ("/schema/required", "due", "type"),
    ("/schema/required", ["due", "contact", "due"], "uniqueItems"),
    ("/schema/additionalProperties", "no", "type"),
    ("/schema/nullable", True, "keyword"),
    ("/schema/$schema", 7, "type"),
    ("/schema/items", {}, "misplaced"),
    ("/schema/anyOf", [], "keyword"),
    # A property.
    (f"{P}/_count", CONTACT, "key-name"),
    (f"{P}/unit-price", CONTACT, "key-name"),
    (f"{P}/count", [], "type"),
    (f"{P}/count/type", ABSENT, "required"),
    (f"{P}/count/type", "null", "enum"),
    (f"{P}/count/type", ["integer", "string"], "enum"),
    (f"{P}/count/title", ABSENT, "required"),
    (f"{P}/count/title", "", "minLength"),
    (f"{P}/count/pattern", "^1", "keyword"),
    (f"{P}/count/minimum", 1, "keyword"),
    (f"{P}/count/$ref", "#", "keyword"),
    (f"{P}/count/items", {"type": "object", "properties": {"a": {"type": "string", "title": "A"}}}, "misplaced"),
    (f"{P}/count/required", [], "misplaced"),
    (f"{P}/count/examples", [], "minItems"),
    (f"{P}/count/default", "none", "type"),
    # The second level.
    (f"{P}/place/properties/city/examples", ["Cork"], "misplaced"),
    (f"{P}/place/properties", ABSENT, "required"),
    (f"{P}/place/properties/city/type", "object", "nesting"),
    (f"{P}/place/properties/city/type", "array", "nesting"),
    (f"{P}/place/properties/city/title", ABSENT, "required"),
    (f"{P}/place/properties/c-d", {"type": "string", "title": "C"}, "key-name"),
    (f"{P}/place/properties/city/enum", ["Cork"], "keyword"),
    (f"{P}/place/properties/city/futureDate", True, "misplaced"),
    (f"{P}/place/additionalProperties", False, "misplaced"),
    (f"{P}/lines/items", ABSENT, "required"),
    (f"{P}/lines/items/type", "string", "nesting"),
    (f"{P}/lines/items/properties/sku/type", "object", "nesting"),
    (f"{P}/lines/items/properties/sku/identityType", "contact", "misplaced"),
    # The date and the contact.
    (f"{P}/due/futureDate", "yes", "type"),
    (f"{P}/due/format", ABSENT, "required"),
    (f"{P}/due/format", "date", "const"),
    ("/schema/required", ["contact"], "future-date"),
    (f"{P}/contact/identityType", "customer", "enum"),
    (f"{P}/contact/format", ABSENT, "required"),
    (f"{P}/contact/format", "email", "const"),
    # Bindings.
    ("/bindings/0/source", "", "minLength"),
    ("/bindings/0/detailTypes", [], "minItems"),
    ("/bindings/0/detailTypes", ["A", "A"], "uniqueItems"),
    ("/bindings/0/detailTypes/0", "", "minLength"),
    ("/bindings/1/action", "status", "enum"),
    ("/bindings/0/instanceId", ABSENT, "required"),
    ("/bindings/0/instanceId", "", "minLength"),
    ("/bindings/0/when", "detail.x", "unknown"),
    ("/bindings/0/payload", ABSENT, "required"),
    ("/bindings/1/payload", {}, "misplaced"),
    ("/bindings/0/payload/due", 5, "type"),
    ("/bindings/0/entityId", "detail[", "jmespath"),
    ("/bindings/0/payload/due", "detail.due-date", "jmespath"),
    ("/bindings/0/payload/due", "a || upper(b)", "jmespath"),
    ("/bindings/0/payload/due", "[].{a: to_string(b, c)}", "jmespath"),
    ("/bindings/0/payload/due", "not_null()", "jmespath"),
    ("/bindings/0/payload/color", "detail.color", "payload-exists"),
    ("/bindings/0/payload/contact", ABSENT, "payload-required"),
    ("/bindings/0/entityId", ABSENT, "entity"),
    ("/bindings/1/entityId", ABSENT, "entity"),
    ("/bindings/0/version", ABSENT, "version"),
    ("/bindings/1/version", ABSENT, "version"),
    ("/bindings/0/source", OWN_SOURCE, "own-source"),
    ("/bindings/1/detailTypes/1", REQUEST_DETAIL_TYPE, "own-detail-type"),
    ("/bindings/1/detailTypes/1", "Order Placed", "one-binding"),
]
BROKEN_ELSEWHERE: list[tuple[str, Any, list[str]]] = [
    (
        "/schema/required/2",
        "color",
        ["/bindings/0/payload/color: payload-required", "/schema/required/2: required-exists"],
    ),
    (f"{P}/count/format", "uuid", [f"{P}/count/type: const"]),
    (f"{P}/text", {**DATE, "format": "phone"}, [f"{P}/text/format: enum"]),
    (f"{P}/due/format", "phone", [f"{P}/due/format: const", f"{P}/due/format: enum"]),
    # Examples are checked by the schema they belong to.
    (f"{P}/count/examples", [1, "2"], [f"{P}/count/examples/1: type"]),
    (f"{P}/count/examples", [2**60], [f"{P}/count/examples/0: double"]),
    (f"{P}/due/examples", ["2026-11-24"], [f"{P}/due/examples/0: format"]),
    (f"{P}/place/examples", [{}], [f"{P}/place/examples/0/city: required"]),
    (f"{P}/lines/examples", [[{"sku": 1}]], [f"{P}/lines/examples/0/0/sku: type"]),
    (
        f"{P}/place/required/1",
        "town",
        [f"{P}/place/examples/0/town: required", f"{P}/place/required/1: required-exists"],
    ),
    (
        f"{P}/lines/items/required/1",
        "price",
        [f"{P}/lines/examples/0/0/price: required", f"{P}/lines/items/required/1: required-exists"],
    ),
    # The date and the contact.
    ("/kind", "realtime", [f"{P}/due/futureDate: future-date"]),
    (f"{P}/due/futureDate", ABSENT, [f"{P}: future-date"]),
    (f"{P}/due/futureDate", False, [f"{P}: future-date"]),
    (f"{P}/end", {**DATE, "futureDate": True}, [f"{P}/end/futureDate: future-date"]),
    (f"{P}/count/futureDate", True, [f"{P}/count/format: required", f"{P}/count/type: const"]),
    (f"{P}/buyer", CONTACT, [f"{P}/buyer/identityType: identity-type"]),
    (f"{P}/count/identityType", "member", [f"{P}/count/format: required", f"{P}/count/type: const"]),
]
KEPT: list[Changes] = [
    {},
    {"/description": "Happens on the day an order is due."},
    {"/key": "0rder-due_2"},
    {"/bindings": []},
    {"/version": "time", "/bindings/0/version": ABSENT, "/bindings/1/version": ABSENT},
    {"/gate": True},
    {"/gate": False},
    REALTIME,
    {**REALTIME, "/bindings/0/version": ABSENT, "/bindings/0/entityId": ABSENT},
    {"/schema/properties/contact/identityType": "visitor", "/schema/properties/buyer": CONTACT},
    {"/schema/properties/count/default": 0, "/schema/properties/count/description": "How many"},
    {"/schema/title": "Order", "/schema/examples": [{}], "/schema/additionalProperties": True},
    {"/bindings/0/payload/due": "detail.dates[0:2] || detail.all[?day > `1` && !(kind == 'x')].*.day | [-1]"},
    {"/bindings/0/payload/due": "not_null(detail.due, detail.date) || time"},
    {"/bindings/0/payload/lines": "sort_by(detail.lines, &sku)[].{sku: join('-', [sku, size])}"},
]


def a_file(changes: Changes) -> Any:  # noqa: ANN401  any JSON value
    document = copy.deepcopy(FILE)
    for pointer, value in changes.items():
        *path, last = (int(step) if step.isdigit() else step for step in pointer.split("/")[1:])
        node: Any = document
        for step in path:
            node = node[step]
        if value is ABSENT:
            del node[last]
        elif isinstance(node, list) and last == len(node):
            node.append(value)
        else:
            node[last] = value
    return document


def places(document: object) -> list[str]:
    return [f"{violation.pointer}: {violation.rule}" for violation in find_violations(document)]


@pytest.mark.parametrize("changes", KEPT, ids=lambda changes: ",".join(changes) or "as it is")
def test_a_file_that_keeps_every_rule_has_no_fault(changes: Changes) -> None:
    assert places(a_file(changes)) == []


@pytest.mark.parametrize("pointer, value, rule", BROKEN_IN_PLACE)
def test_a_broken_rule_is_named_with_its_place(pointer: str, value: object, rule: str) -> None:
    assert places(a_file({pointer: value})) == [f"{pointer}: {rule}"]


@pytest.mark.parametrize("pointer, value, violations", BROKEN_ELSEWHERE)
def test_a_change_can_break_a_rule_in_another_place(pointer: str, value: object, violations: list[str]) -> None:
    assert places(a_file({pointer: value})) == violations


def test_an_integer_version_is_needed_by_a_realtime_report_that_names_its_entity() -> None:
    assert places(a_file({**REALTIME, "/bindings/0/version": ABSENT})) == ["/bindings/0/version: version"]


def test_an_example_without_fault_does_not_hide_a_bad_one_of_another_property() -> None:
    changes = {"/schema/properties/count/examples": ["x"], "/schema/properties/contact/examples": ["y"]}
    assert places(a_file(changes)) == [
        "/schema/properties/contact/examples/0: format",
        "/schema/properties/count/examples/0: type",
    ]


def test_only_a_scheduled_trigger_has_a_gate() -> None:
    assert places(a_file({**REALTIME, "/gate": True})) == ["/gate: misplaced"]


def test_unknown_annotations_are_ignored_at_every_level() -> None:
    annotations = {"wixCustomType": "MONEY", "hidden": True, "$id": "#root/x", "$comment": "x", "anything": {"a": 1}}
    levels = ["", "/properties/count", "/properties/place/properties/city", "/properties/lines/items"]
    changes = {f"/schema{level}/{name}": value for level in levels for name, value in annotations.items()}
    assert places(a_file(changes)) == []


def test_a_realtime_trigger_that_can_be_cancelled_names_its_entity_in_every_binding() -> None:
    changes = {**REALTIME, "/bindings/0/entityId": ABSENT}
    changes.pop("/bindings/1")
    assert places(a_file(changes)) == ["/bindings/0/entityId: entity"]


@pytest.mark.parametrize("document", [None, [], "text", 5])
def test_a_file_that_holds_no_object_is_refused(document: object) -> None:
    assert places(document) == [": type"]


def test_an_empty_object_lacks_every_member() -> None:
    members = ["bindings", "key", "kind", "name", "schema", "version"]
    assert places({}) == [f"/{member}: required" for member in members]


def test_half_of_a_surrogate_pair_is_refused_and_no_crash() -> None:
    assert places(a_file({"/name": "Order \ud800"})) == [": unicode"]


@pytest.mark.parametrize("pointer, value", [row[:2] for row in (*BROKEN_IN_PLACE, *BROKEN_ELSEWHERE)])
def test_a_fault_is_told_in_a_sentence_of_ours(pointer: str, value: object) -> None:
    """A validator's own sentences would be in another voice, and change with its version."""
    messages = [violation.message for violation in find_violations(a_file({pointer: value}))]
    assert all(messages)
    assert not any("the value" in message for message in messages)
