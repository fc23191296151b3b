"""Bodies are kept as they came in, and within what a message of a queue holds."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.noise import noise
from trigger_provider.domain.aws_limits import SQS_MESSAGE_BYTES
from trigger_provider.domain.intake.message_body import (
    BODY_ENCODING,
    GZIP_BASE64,
    MOST_UNPACKED_BYTES,
    NOT_ALLOWED,
    fit,
    member_text,
    size_of,
    unpack,
    write_json,
)

WHY = {"outcome": "invalid", "pointer": "/payload/größe", "rule": "format"}
ROOM = SQS_MESSAGE_BYTES - size_of("", WHY)
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


@pytest.mark.parametrize("letter", ["x", "ж", "買", "🧾"])
def test_a_body_that_fits_beside_its_attributes_goes_as_it_is(letter: str) -> None:
    wide = len(letter.encode())
    body = letter * (ROOM // wide) + "x" * (ROOM % wide)
    assert fit(body, WHY) == (body, WHY)


@pytest.mark.parametrize("letter", ["x", "ж", "買", "🧾"])
def test_a_body_that_does_not_fit_beside_its_attributes_is_compressed_and_an_attribute_says_so(letter: str) -> None:
    body = letter * (ROOM // len(letter.encode()) + 1)
    message = fit(body, WHY)
    assert message is not None
    assert message.attributes == {**WHY, BODY_ENCODING: GZIP_BASE64}
    assert unpack(message.body, message.attributes) == body
    assert gzip.decompress(base64.b64decode(message.body)).decode() == body


def test_what_fits_nowhere_even_compressed_is_nothing() -> None:
    assert fit(noise(ROOM), WHY) is not None
    assert fit(noise(ROOM + 1), WHY) is None
    assert fit("x" * (MOST_UNPACKED_BYTES + 1), {}) is None


def test_a_body_without_the_attribute_is_the_text_itself() -> None:
    assert unpack("H4sIAAAA", WHY) == "H4sIAAAA"


def packed(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


@pytest.mark.parametrize(
    "body, encoding",
    [
        pytest.param("planted", "br", id="another encoding"),
        pytest.param("planted ж", GZIP_BASE64, id="no base64"),
        pytest.param(packed(b"planted"), GZIP_BASE64, id="no gzip"),
        pytest.param(packed(gzip.compress(b"planted")[:-1]), GZIP_BASE64, id="cut short"),
        pytest.param(packed(gzip.compress(b"planted") + b"more"), GZIP_BASE64, id="more behind it"),
        pytest.param(packed(gzip.compress(b"\xff")), GZIP_BASE64, id="no UTF-8"),
        pytest.param(packed(gzip.compress(bytes(MOST_UNPACKED_BYTES + 1))), GZIP_BASE64, id="a bomb"),
    ],
)
def test_what_is_not_compressed_as_its_attribute_says_is_an_error_without_its_text(body: str, encoding: str) -> None:
    with pytest.raises(ValueError, match="body") as raised:
        unpack(body, {BODY_ENCODING: encoding})
    assert "planted" not in str(raised.value)


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
