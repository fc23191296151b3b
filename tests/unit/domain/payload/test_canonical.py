from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trigger_provider.domain.payload.canonical import canonical_text
from trigger_provider.domain.payload.struct_values import LARGEST_INTEGER

WHOLE = st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
ATOMS = st.booleans() | WHOLE | st.floats(allow_nan=False, allow_infinity=False) | st.text() | st.just("5.0,")
VALUES = st.recursive(ATOMS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


def with_points(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return the value with a point in every number."""
    match value:
        case bool() | str():
            return value
        case dict():
            return {name: with_points(member) for name, member in value.items()}
        case list():
            return [with_points(item) for item in value]
    return float(value)


@given(st.dictionaries(st.text(), VALUES))
def test_a_payload_has_one_text_however_its_numbers_are_spelt(payload: dict[str, object]) -> None:
    assert canonical_text(payload) == canonical_text(with_points(payload))
    assert json.loads(canonical_text(payload)) == payload


@pytest.mark.parametrize("number", [0.0, -0.0, 19.0, -5.0, 2.0**53, -(2.0**53), 1e15])
def test_an_integer_has_no_point(number: float) -> None:
    assert canonical_text({"a": number, "b": [{"c": number}]}) == f'{{"a":{int(number)},"b":[{{"c":{int(number)}}}]}}'


def test_names_stand_in_order() -> None:
    assert canonical_text({"b": 1, "a": {"d": 2, "c": "ä"}}) == '{"a":{"c":"ä","d":2},"b":1}'
