from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonpointer import resolve_pointer

from trigger_provider.domain.payload.json_pointer import pointer_to, public_pointer, public_reason

SCHEMA = {
    "type": "object",
    "properties": {
        "0": {"type": "string"},
        "place": {"type": "object", "properties": {"city": {"type": "string"}}},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}},
    },
}
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=100)


def test_a_pointer_escapes_what_rfc_6901_escapes() -> None:
    assert pointer_to(["a/b", "~", 0]) == "/a~1b/~0/0"


def test_a_pointer_can_start_below_another() -> None:
    assert pointer_to(["b"], below="/a") == "/a/b"


@given(st.lists(NAMES, min_size=1, max_size=4))
def test_a_pointer_leads_any_reader_of_rfc_6901_to_its_place(path: list[str]) -> None:
    document: object = "here"
    for name in reversed(path):
        document = {name: document}
    assert resolve_pointer(document, pointer_to(path)) == "here"


def test_a_pointer_can_be_written_in_utf_8_and_is_short_whatever_the_name() -> None:
    pointer = pointer_to(["\x00\n\ud800\u00e9", "x" * 5000])
    assert pointer == "/\x00\n\ufffd\u00e9/" + "x" * 100 + "\u2026"
    assert pointer.encode()


@pytest.mark.parametrize(
    "pointer, public",
    [
        ("", ""),
        ("/0", "/0"),
        ("/place/city", "/place/city"),
        ("/place/Ada_Byrne", "/place/?"),
        ("/lines/7/sku", "/lines/7/sku"),
        ("/lines/7/15551234567", "/lines/7/?"),
        ("/lines/Ada", "/lines/?"),
        ("/place/city/0", "/place/city/?"),
        ("/15551234567/name", "/?/?"),
        ("/a~1b", "/?"),
        ("/", "/?"),
    ],
)
def test_a_public_pointer_has_only_names_that_the_schema_declares(pointer: str, public: str) -> None:
    assert public_pointer(pointer, SCHEMA) == public


@pytest.mark.parametrize(
    "reason, public",
    [
        ("wix 400 /payload/guests/0/15551234567 FORMAT /triggerKey MAX", "wix 400 /payload/? FORMAT /triggerKey MAX"),
        ("wix 400 /payload REQUIRED", "wix 400 /payload REQUIRED"),
        ("acknowledged", "acknowledged"),
    ],
)
def test_a_reason_of_wix_s_names_no_place_in_a_payload(reason: str, public: str) -> None:
    assert public_reason(reason) == public
