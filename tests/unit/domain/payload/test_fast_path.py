"""The quick checks may say "good" only of what the rules themselves let through."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trigger_provider.domain.payload.fast_path import sure_check, sure_wire_check
from trigger_provider.domain.payload.formats import FORMATS
from trigger_provider.domain.payload.struct_values import find_wire_violations

SCHEMA = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "seats": {"type": "number"},
        "when": {"type": "string", "format": "date-time"},
        "room": {"type": "object", "properties": {"floor": {"type": "integer"}}},
        "guests": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
    },
}
GOOD: dict[str, Any] = {
    "name": "Ada",
    "seats": 2.5,
    "when": "2026-11-24T08:00:00+01:00",
    "room": {"floor": 3},
    "guests": [{"name": "Grace"}],
}
PRIMITIVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
NAMES = st.sampled_from(["name", "a_b", "_a", "a b", "", "é"])
VALUES = st.recursive(PRIMITIVES, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=8)

is_surely_good, is_surely_carried = sure_check(SCHEMA), sure_wire_check()


def test_a_usual_payload_is_known_to_be_good_at_once() -> None:
    assert is_surely_good(GOOD)
    assert is_surely_carried({**GOOD, "not_declared": [{"a": 1}]})


@pytest.mark.parametrize(
    "changes",
    [
        {"not_declared": 1},
        {"name": 1},
        {"name": "half \ud800"},
        {"seats": 2**53 + 1},
        {"seats": float("nan")},
        {"seats": float("inf")},
        {"when": "2028-02-29T08:00:00Z"},
        {"room": {"floor": {}}},
        {"guests": ["Grace"]},
        {"guests": [{"name": None}]},
    ],
)
def test_whatever_may_be_wrong_is_left_to_the_rules(changes: dict[str, object]) -> None:
    assert not is_surely_good({**GOOD, **changes})


def test_what_is_no_json_is_left_to_the_rules() -> None:
    assert not is_surely_carried({"a": object()})


@given(st.dictionaries(NAMES, VALUES))
def test_what_is_surely_carried_breaks_no_rule_of_the_wire(payload: dict[str, object]) -> None:
    assert not is_surely_carried(payload) or list(find_wire_violations(payload)) == []


@pytest.mark.parametrize("name", FORMATS)
def test_every_string_that_surely_has_a_format_has_it(name: str) -> None:
    @given(st.from_regex(FORMATS[name].surely, fullmatch=True))
    def has_it(text: str) -> None:
        assert FORMATS[name].accepts(text)

    has_it()
