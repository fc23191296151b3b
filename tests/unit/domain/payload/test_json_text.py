"""JSON is kept as it came in: written again without loss, or cut out to the letter."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trigger_provider.domain.payload.json_text import NOT_ALLOWED, NotJsonError, member_text, read_json, write_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(JSON)
def test_a_document_is_written_as_it_was_read_in_characters_that_a_queue_takes(document: Any) -> None:  # noqa: ANN401
    text = write_json(document)
    assert json.loads(text) == document
    assert not NOT_ALLOWED.search(text)


def test_no_alphabet_grows_by_being_written() -> None:
    assert write_json({"notes": "ж" * 1_000}) == '{"notes":"' + "ж" * 1_000 + '"}'


@pytest.mark.parametrize("text", ["1e400", "-1e400", '{"a":[1e400,{"b":-1e400,"c":"Infinity"}],"d":"NaN"}'])
def test_a_number_beyond_a_double_stays_a_number_and_json(text: str) -> None:
    def refuse(name: str) -> None:
        raise AssertionError(name)

    written = write_json(json.loads(text))
    assert json.loads(written, parse_constant=refuse) == json.loads(text)


def test_half_a_character_and_what_sqs_refuses_are_escaped() -> None:
    assert write_json("a\ud800\uffffż\0") == '"a\\ud800\\uffffż\\u0000"'


def test_a_document_of_any_depth_is_written() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert write_json(deep) == "[" * 100_001 + "]" * 100_001


@pytest.mark.parametrize(
    "text, expected",
    [
        ('{"a":1}', "1"),
        (' { "b" : [1, {"a": 2}] , "a" : {"x": 1e400, "ж": "\\u0436"} } ', '{"x": 1e400, "ж": "\\u0436"}'),
        ('{"a":1,"a":1.50}', "1.50"),
        ('{"b":1}', None),
    ],
)
def test_a_member_is_cut_out_as_it_stands(text: str, expected: str | None) -> None:
    assert member_text(text, "a") == expected


@pytest.mark.parametrize("text", ["", "[]", "7", "{", '{"a"', '{"a":', '{"a":1', '{"a":1;"b":2}', "{}"])
def test_what_is_no_object_with_members_has_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        member_text(text, "a")


# Reading


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"a":1}x', "NaN", "[-Infinity]", "1" * 1_001, "[" * 100_000, b"\xff", '"\x00"'],
    ids=["nothing", "half", "more behind", "NaN", "Infinity", "too many digits", "too deep", "no UTF-8", "a control"],
)
def test_what_is_no_json_is_refused_without_a_word_of_the_text(text: str | bytes) -> None:
    with pytest.raises(NotJsonError, match=r"^no JSON$") as caught:
        read_json(text)
    assert caught.value.__cause__ is None


def test_the_line_of_a_fault_is_named() -> None:
    with pytest.raises(NotJsonError) as caught:
        read_json('{\n"a": 1,\n}')
    assert caught.value.line in (2, 3)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_what_json_holds_is_read_as_it_was_written(document: object) -> None:
    assert read_json(write_json(document)) == document
