from __future__ import annotations

from typing import Any

import pytest

from trigger_provider.domain.payload.schema import compile_schema, without_nulls
from trigger_provider.errors import Violation

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["due_date", "quantity"],
    "properties": {
        "due_date": {"type": "string", "format": "date-time"},
        "contact_id": {"type": "string", "format": "uuid"},
        "quantity": {"type": "integer"},
        "rate": {"type": "number"},
        "paid": {"type": "boolean"},
        "address": {"type": "object", "required": ["country"], "properties": {"country": {"type": "string"}}},
        "lines": {
            "type": "array",
            "items": {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string"}}},
        },
    },
}
GOOD: dict[str, Any] = {
    "due_date": "2026-11-24T08:00:00Z",
    "contact_id": "6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44",
    "quantity": 2,
    "rate": 7.5,
    "paid": False,
    "address": {"country": "IE", "city": "Cork"},
    "lines": [{"sku": "a", "count": 1}],
}

check = compile_schema(SCHEMA)


def places(payload: dict[str, Any]) -> list[tuple[str, str]]:
    return [(violation.pointer, violation.rule) for violation in check(payload)]


def deep(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


def test_a_payload_that_keeps_all_rules_has_no_fault() -> None:
    assert check(GOOD) == ()


def test_undeclared_properties_are_allowed_since_wix_always_allows_them() -> None:
    assert check({**GOOD, "note": "x", "extra": {"a": 1}, "list": [{"b": True}]}) == ()


def test_a_whole_number_written_as_a_fraction_is_an_integer() -> None:
    assert check({**GOOD, "quantity": 2.0}) == ()


@pytest.mark.parametrize(
    "change, pointer, rule",
    [
        ({"quantity": "two"}, "/quantity", "type"),
        ({"quantity": True}, "/quantity", "type"),
        ({"quantity": 1.5}, "/quantity", "type"),
        ({"rate": "7.5"}, "/rate", "type"),
        ({"paid": 0}, "/paid", "type"),
        ({"due_date": 20261124}, "/due_date", "type"),
        ({"due_date": "2026-11-24T08:00:00"}, "/due_date", "format"),
        ({"contact_id": "no guid"}, "/contact_id", "format"),
        ({"address": {"city": "Cork"}}, "/address/country", "required"),
        ({"address": "Cork"}, "/address", "type"),
        ({"lines": [{"sku": "a"}, {}]}, "/lines/1/sku", "required"),
        ({"lines": [{"sku": 1}]}, "/lines/0/sku", "type"),
        ({"lines": ["a"]}, "/lines/0", "nesting"),
        ({"lines": [[]]}, "/lines/0", "nesting"),
        ({"lines": [{"sku": "a", "more": {}}]}, "/lines/0/more", "nesting"),
        ({"extra": [1]}, "/extra/0", "nesting"),
        ({"extra": {"a": {"b": 1}}}, "/extra/a", "nesting"),
        ({"extra": {"a": []}}, "/extra/a", "nesting"),
        ({"_private": 1}, "/_private", "key-name"),
        ({"a-b": 1}, "/a-b", "key-name"),
        ({"": 1}, "/", "key-name"),
        ({"extra": {"a b": 1}}, "/extra/a b", "key-name"),
        ({"lines": [{"sku": "a", "ü": 1}]}, "/lines/0/ü", "key-name"),
        ({"rate": float("nan")}, "/rate", "finite"),
        ({"extra": float("-inf")}, "/extra", "finite"),
        ({"quantity": 2**53 + 1}, "/quantity", "double"),
        ({"extra": {"n": -(2**53) - 1}}, "/extra/n", "double"),
        ({"note": "\ud800"}, "/note", "unicode"),
        ({"extra": None}, "/extra", "type"),
        ({"extra": b"bytes"}, "/extra", "type"),
    ],
)
def test_a_broken_rule_is_named_with_its_place(change: dict[str, Any], pointer: str, rule: str) -> None:
    assert places({**GOOD, **change}) == [(pointer, rule)]


def test_a_missing_property_is_pointed_at_where_it_should_be() -> None:
    assert check({"quantity": 1}) == (Violation("/due_date", "required", "`due_date` is missing"),)


def test_all_faults_are_listed_in_the_order_of_their_places() -> None:
    broken = {"_x": 1, "contact_id": "?", "rate": float("inf"), "paid": "no", "lines": [1, {}], "address": {}}
    assert places(broken) == [
        ("/_x", "key-name"),
        ("/address/country", "required"),
        ("/contact_id", "format"),
        ("/due_date", "required"),
        ("/lines/0", "nesting"),
        ("/lines/1/sku", "required"),
        ("/paid", "type"),
        ("/quantity", "required"),
        ("/rate", "finite"),
    ]


def test_messages_speak_of_the_schema_and_never_of_the_value() -> None:
    secret = "the-secret"
    broken = {"due_date": secret, "quantity": secret, "paid": secret, "lines": secret, "address": {"country": [secret]}}
    messages = [violation.message for violation in check(broken)]
    assert "must be a date-time with offset, such as 2026-11-24T08:00:00Z" in messages
    assert "must be an integer" in messages
    assert not any(secret in message for message in messages)


def test_the_largest_exact_integers_pass() -> None:
    assert check({**GOOD, "quantity": 2**53, "extra": -(2**53)}) == ()


@pytest.mark.parametrize("name", ["extra", "lines", "quantity", "address"])
def test_nesting_of_any_depth_is_a_fault_and_no_crash(name: str) -> None:
    payload = {**GOOD, name: deep(100_000)}
    assert places(without_nulls(payload)) == (
        [(f"/{name}/0", "nesting")] if name in {"extra", "lines"} else [(f"/{name}", "type"), (f"/{name}/0", "nesting")]
    )


def test_annotations_change_nothing_of_the_check() -> None:
    annotated = {
        **SCHEMA,
        "$id": "https://example.com/root",
        "properties": {**SCHEMA["properties"], "paid": {"$id": "not a uri %", "type": "boolean", "wixCustomType": 5}},
    }
    assert [violation.pointer for violation in compile_schema(annotated)({**GOOD, "paid": 1})] == ["/paid"]


def test_null_properties_are_dropped_at_every_level_a_payload_has() -> None:
    payload = {"a": None, "b": {"c": None, "d": 1}, "e": [{"f": None, "g": 2}], "h": 0, "i": "", "j": False}
    assert without_nulls(payload) == {"b": {"d": 1}, "e": [{"g": 2}], "h": 0, "i": "", "j": False}


def test_dropping_nulls_leaves_the_original_alone() -> None:
    payload: dict[str, object] = {"a": None, "b": {"c": None}}
    without_nulls(payload)
    assert payload == {"a": None, "b": {"c": None}}


def test_a_null_in_a_list_is_no_property_and_stays_a_fault() -> None:
    assert places(without_nulls({**GOOD, "lines": [None]})) == [("/lines/0", "nesting")]
