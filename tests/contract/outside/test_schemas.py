"""Payload schemas as Wix shows them and as people write them: what is taken, what is named, and one verdict for all."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, FormatChecker

from tests.contract.outside import Case, each, table
from trigger_provider.domain.catalogue.builder import trigger_of
from trigger_provider.domain.catalogue.lint import find_violations
from trigger_provider.domain.catalogue.lint.keywords import DOCUMENTED, UNDOCUMENTED
from trigger_provider.domain.catalogue.lint.warnings import find_warnings
from trigger_provider.domain.payload.formats import FORMATS
from trigger_provider.domain.payload.json_pointer import pointer_to
from trigger_provider.domain.payload.schema import compile_schema
from trigger_provider.domain.payload.struct_values import find_wire_violations

WIX: Final = "Wix, Trigger Provider Service Plugin, Extension Config: the sample schema"
PAGE: Final = "Wix, The Trigger Payload Schema: built-in formats of JSON Schema"
SUITE: Final = "JSON-Schema-Test-Suite, draft7"
LATER: Final = "JSON Schema 2019-09 and 2020-12; OpenAPI 3.0, Schema Object"
TYPOS: Final = "ajv, strict mode: unknown keywords; python-jsonschema ignores them"

TEXT: Final[dict[str, Any]] = {"type": "string", "title": "Text", "examples": ["a"]}
LIST: Final[dict[str, Any]] = {
    "type": "array",
    "title": "Lines",
    "items": {"type": "object", "properties": {"sku": {"type": "string", "title": "SKU"}}},
    "examples": [[{"sku": "a"}]],
}
STRICT_LIST: Final = {**LIST, "items": {**LIST["items"], "required": ["sku"]}}
OBJECT: Final = {"type": "object", "properties": {"toString": TEXT}, "required": ["toString"]}
SAMPLE: Final = {
    "$schema": "http://json-schema.org/draft-07/schema",
    "type": "object",
    "title": "A form is sent",
    "description": "What the event says",
    "default": {},
    "examples": [{"formId": "60d2cd50-1047-4164-884d-8c24fbda84bb"}],
    "properties": {
        "formId": {
            "$id": "#/properties/formId",
            "type": "string",
            "format": "uuid",
            "title": "Form",
            "description": "Which form",
            "default": "",
            "examples": ["60d2cd50-1047-4164-884d-8c24fbda84bb"],
        },
        "formName": {"type": "string", "title": "Name", "default": ""},
    },
    "additionalProperties": False,
}

TAKEN: Final = table(
    Case("Wix's own sample", WIX, SAMPLE, ["/schema/additionalProperties", "/schema/properties/formName/examples"]),
    Case("a default without text", WIX, {"a": {**TEXT, "format": "date-time", "examples": [""], "default": ""}}, []),
    *(
        Case(f"format {name}", PAGE, {"a": {**TEXT, "format": name}}, [])
        for name in (
            "time",
            "duration",
            "hostname",
            "idn-hostname",
            "ipv4",
            "ipv6",
            "idn-email",
            "uri-reference",
            "iri",
            "iri-reference",
            "uri-template",
            "json-pointer",
            "relative-json-pointer",
            "regex",
        )
    ),
    Case(
        "`required` beside an array",
        "Wix, The Trigger Payload Schema: required",
        {"a": {**LIST, "required": ["sku"]}},
        [],
    ),
    Case("an annotation of Wix's", "Wix, Schema annotations", {"a": {**TEXT, "wixCustomType": "ORDER_ID"}}, []),
    Case("an unknown annotation", TYPOS, {"a": {**TEXT, "xColour": "red"}}, ["/schema/properties/a/xColour"]),
)
NAMED: Final = table(
    Case("nullable", LATER, {**TEXT, "nullable": True}, "/schema/properties/a/nullable"),
    Case(
        "unevaluatedProperties",
        LATER,
        {**TEXT, "unevaluatedProperties": 1},
        "/schema/properties/a/unevaluatedProperties",
    ),
    Case("dependentRequired", LATER, {**TEXT, "dependentRequired": {}}, "/schema/properties/a/dependentRequired"),
    Case("OpenAPI's example", LATER, {**TEXT, "example": "a"}, "/schema/properties/a/example"),
    Case("minLenght", TYPOS, {**TEXT, "minLenght": 1}, "/schema/properties/a/minLenght"),
    Case("titel", TYPOS, {**TEXT, "titel": "A"}, "/schema/properties/a/titel"),
    Case("requried", TYPOS, {**TEXT, "requried": True}, "/schema/properties/a/requried"),
    Case("futuredate", TYPOS, {**TEXT, "futuredate": True}, "/schema/properties/a/futuredate"),
    Case("identitytype", TYPOS, {**TEXT, "identitytype": "contact"}, "/schema/properties/a/identitytype"),
    Case("an unknown format", TYPOS, {**TEXT, "format": "phone"}, "/schema/properties/a/format"),
    Case("a format's misspelling", TYPOS, {**TEXT, "format": "datetime"}, "/schema/properties/a/format"),
)


def a_file(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a trigger file with a schema, or with one of these properties."""
    whole = schema if "properties" in schema else {"type": "object", "properties": schema}
    return {
        "key": "sold", "name": "It is sold", "kind": "realtime", "version": "time", "schema": whole, "bindings": [],
    }  # fmt: skip


@each(TAKEN)
def test_a_schema_that_wix_takes_is_taken_and_doubts_are_named(case: Case[dict[str, Any], list[str]]) -> None:
    document = a_file(case.given)
    assert find_violations(document) == ()
    assert [doubt.pointer for doubt in find_warnings(document)] == case.expected
    Draft7Validator.check_schema(trigger_of(document).schema)


@each(NAMED)
def test_a_word_that_would_check_nothing_is_named(case: Case[dict[str, Any], str]) -> None:
    assert case.expected in [violation.pointer for violation in find_violations(a_file({"a": case.given}))]


def test_every_level_of_a_schema_is_read() -> None:
    member = {"type": "string", "title": "C", "minLenght": 1}
    item = {"type": "object", "properties": {"c": member}, "minLenght": 1}
    inner = {"type": "object", "title": "B", "examples": [{}], "properties": {"c": member}}
    schema = {"type": "object", "properties": {"a": {**LIST, "items": item}, "b": inner}, "minLenght": 1}
    assert [violation.pointer for violation in find_violations(a_file(schema))] == [
        "/schema/minLenght",
        "/schema/properties/a/items/minLenght",
        "/schema/properties/a/items/properties/c/minLenght",
        "/schema/properties/b/properties/c/minLenght",
    ]


def test_further_properties_are_allowed_as_wix_allows_them() -> None:
    trigger = trigger_of(a_file(SAMPLE))
    assert trigger.schema["additionalProperties"] is True
    assert trigger.check({"more": 1}) == ()


@pytest.mark.parametrize("word", sorted(UNDOCUMENTED))
def test_what_wix_would_not_keep_is_refused(word: str) -> None:
    assert [violation.rule for violation in find_violations(a_file({"a": {**TEXT, word: 1}}))] == ["keyword"]
    assert word not in DOCUMENTED


# One verdict: ours is that of the reference implementation

ROWS: Final = table(
    Case("an integer that is a float", f"{SUITE}/type.json; zeroTerminatedFloats", ({"type": "integer"}, 1.0), []),
    Case("a fraction for an integer", f"{SUITE}/type.json", ({"type": "integer"}, 1.1), ["type"]),
    Case("a text for an integer", f"{SUITE}/type.json", ({"type": "integer"}, "1"), ["type"]),
    Case("true for an integer", f"{SUITE}/type.json", ({"type": "integer"}, True), ["type"]),
    Case("true for a number", f"{SUITE}/type.json", ({"type": "number"}, True), ["type"]),
    Case("an integer for a number", f"{SUITE}/type.json", ({"type": "number"}, 1), []),
    Case("zero for false", f"{SUITE}/type.json", ({"type": "boolean"}, 0), ["type"]),
    Case("an empty text for a boolean", f"{SUITE}/type.json", ({"type": "boolean"}, ""), ["type"]),
    Case("a number for a text", f"{SUITE}/type.json", ({"type": "string"}, 1), ["type"]),
    Case("an object for an array", f"{SUITE}/type.json", (LIST, {}), ["type"]),
    Case("an array for an object", f"{SUITE}/type.json", ({"type": "object", "properties": {"c": TEXT}}, []), ["type"]),
    Case("an item without a required member", f"{SUITE}/required.json", (STRICT_LIST, [{}]), ["required"]),
    Case(
        "`required` beside an array says nothing",
        f"{SUITE}/required.json: ignores arrays",
        ({**LIST, "required": ["sku"]}, [{}]),
        [],
    ),
    Case(
        "a required member named toString",
        f"{SUITE}/required.json: Javascript object property names",
        (OBJECT, {}),
        ["required"],
    ),
    Case("an integer beyond 64 bits", f"{SUITE}/optional/bignum.json", ({"type": "string"}, 10**52), ["double"]),
    Case(
        "a time that is none",
        f"{SUITE}/format.json: an annotation",
        ({"type": "string", "format": "time"}, "no time"),
        [],
    ),
    Case(
        "an IPv4 address that is none",
        f"{SUITE}/format.json: an annotation",
        ({"type": "string", "format": "ipv4"}, "127.0.0.0.1"),
        [],
    ),
    Case(
        "a regular expression that is none",
        f"{SUITE}/format.json: an annotation",
        ({"type": "string", "format": "regex"}, "^(abc]"),
        [],
    ),
    Case(
        "a date that is none",
        f"{SUITE}/optional/format/date.json",
        ({"type": "string", "format": "date"}, "2020-01-32"),
        ["format"],
    ),
)
TYPES = st.sampled_from(["string", "number", "integer", "boolean"])
FORMAT_NAMES = st.sampled_from(
    [*FORMATS, "time", "ipv4", "ipv6", "hostname", "regex", "iri", "json-pointer", "duration"]
)
NAMES = st.sampled_from(["a", "b", "toString", "__proto__", "0", "length", "constructor", "a_b"])
LEAVES = TYPES.map(lambda kind: {"type": kind}) | FORMAT_NAMES.map(lambda name: {"type": "string", "format": name})


def objects(members: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    properties = st.dictionaries(NAMES, members, min_size=1, max_size=4)
    required = st.lists(NAMES, unique=True, max_size=2)
    return st.builds(lambda some, need: {"type": "object", "properties": some, "required": need}, properties, required)


SCHEMAS = objects(LEAVES | objects(LEAVES) | objects(LEAVES).map(lambda item: {"type": "array", "items": item}))
ATOMS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(
        [10**40, "", "2026-11-24", "2026-11-24T08:00:00Z", "a@b.c", "127.0.0.1", "7", "https://a.example"]
    )
)
VALUES = st.recursive(
    ATOMS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)


def a_checker() -> FormatChecker:
    checker = FormatChecker(formats=())
    for name, form in FORMATS.items():
        checker.checks(name)(lambda text, accepts=form.accepts: not isinstance(text, str) or accepts(text))
    return checker


def verdict_of_the_reference(schema: dict[str, Any], payload: dict[str, Any]) -> set[tuple[str, str]]:
    faults: set[tuple[str, str]] = set()
    for error in Draft7Validator(schema, format_checker=a_checker()).iter_errors(payload):
        place, missing = pointer_to(error.absolute_path), set()
        if error.validator == "required":
            missing = {name for name in error.validator_value if name not in error.instance}
        faults |= {(pointer_to([name], below=place), "required") for name in missing} or {(place, str(error.validator))}
    return faults


@each(ROWS)
def test_a_value_is_judged_as_the_suite_says(case: Case[tuple[dict[str, Any], object], list[str]]) -> None:
    member, value = case.given
    schema, payload = {"type": "object", "properties": {"a": member}}, {"a": value}
    assert [violation.rule for violation in compile_schema(schema)(payload)] == case.expected
    if not any(find_wire_violations(payload)):
        assert sorted(rule for _, rule in verdict_of_the_reference(schema, payload)) == case.expected


@given(SCHEMAS, st.dictionaries(NAMES, VALUES, max_size=4))
def test_any_schema_of_the_catalogue_s_words_gives_the_verdict_of_the_reference(
    schema: dict[str, Any], payload: dict[str, Any]
) -> None:
    ours = {(violation.pointer, violation.rule) for violation in compile_schema(schema)(payload)}
    if any(find_wire_violations(payload)):
        assert ours
    else:
        assert ours == verdict_of_the_reference(schema, payload)
