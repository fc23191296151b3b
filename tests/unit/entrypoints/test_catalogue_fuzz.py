"""Whatever a trigger file holds, it is refused by name or can be lived with; and so is whatever comes in by it.

Every text of an event bears a mark, and so does every name that no schema declares: none of them may stand in a log
line, a metric, an attribute or an error.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, FormatChecker

from tests.support.handlers import Handlers, a_batch, an_envelope
from tests.support.log import captured_log
from tests.support.rows import SITE
from trigger_provider.domain.catalogue.builder import trigger_of
from trigger_provider.domain.catalogue.lint import find_violations
from trigger_provider.domain.catalogue.lint.warnings import find_warnings
from trigger_provider.domain.catalogue.trigger import Catalogue, catalogue_of
from trigger_provider.domain.ledger.rows import EventRow
from trigger_provider.domain.payload.formats import FORMATS
from trigger_provider.domain.payload.rfc3339 import format_nanoseconds, format_seconds
from trigger_provider.domain.payload.struct_values import find_wire_violations

MARK: Final = "planted"
NAMES: Final = ("a", "b", "0", "toString", "long_name_7")
KEY: Final = "sold"
OTHER_FORMATS: Final = ("time", "ipv4", "hostname", "regex", "json-pointer", "duration", "iri")

FORMAT_NAMES = st.sampled_from([*FORMATS, *OTHER_FORMATS])
LEAVES = st.sampled_from(["string", "number", "integer", "boolean"]).map(
    lambda kind: {"type": kind}
) | FORMAT_NAMES.map(lambda name: {"type": "string", "format": name})
EXPRESSIONS = st.sampled_from(
    ["detail.a", "detail.b", "detail", "time", "detail.a || detail.b", "detail.*", "detail.a[0]",
     "detail.a.{a: a, b: b}",
     "to_string(detail.a)", "to_number(detail.a)", "keys(detail)", "detail.a[].{a: a}", "merge(detail, detail)",
     "sort_by(detail.a, &b)", "join('-', detail.a)", "detail.a[::-1]", "`[1e300]`", "type(detail)", "sum(detail.a)"]
)  # fmt: skip


def titled(schema: dict[str, Any]) -> dict[str, Any]:
    return {"title": "A title", **schema}


def objects(members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    properties = st.dictionaries(st.sampled_from(NAMES), members.map(titled), min_size=1, max_size=4)
    return st.builds(
        lambda some, count: {"type": "object", "properties": some, "required": sorted(some)[:count]},
        properties,
        st.integers(0, 2),
    )


SCHEMAS = objects(LEAVES | objects(LEAVES) | objects(LEAVES).map(lambda item: {"type": "array", "items": item}))


@st.composite
def trigger_files(draw: st.DrawFn) -> dict[str, Any]:
    """Return a trigger file that keeps every rule."""
    schema = draw(SCHEMAS)
    mapped = {
        name: draw(EXPRESSIONS) for name in schema["properties"] if draw(st.booleans()) or name in schema["required"]
    }
    version = draw(st.sampled_from(["integer", "time"]))
    named = {name: draw(EXPRESSIONS) for name in ("entityId", "version", "id") if not draw(st.integers(0, 5))}
    binding = {
        "source": "shop",
        "detailTypes": ["Sold"],
        "action": "report",
        "instanceId": draw(st.sampled_from(["detail.site", "detail.a"])),
        "entityId": "detail.id",
        "version": "time" if version == "time" else "detail.version",
        **named,
        "payload": mapped,
    }
    kind = {"kind": "realtime", "version": version}
    return {"key": KEY, "name": "It is sold", **kind, "schema": schema, "bindings": [binding]}


ODD: Final = (
    "",
    "\ud800",
    "\0",
    "2026-02-30T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "https://a/{b}|%",
    "\u0436@\u0440\u0444",
)
TEXTS = (st.sampled_from(ODD) | st.text(max_size=40)).map(lambda text: MARK + text)
KNOWN = st.sampled_from(
    ["2026-11-24", "2026-11-24T08:00:00Z", "9999-12-31T23:59:59.9999999Z", "0001-01-01T00:00:00+01:00", "7", "1e400",
     "",
     "a@b.c", "https://a.example/{b}", SITE]
)  # fmt: skip
NUMBERS = st.integers() | st.floats() | st.sampled_from([2**53 + 1, 2.0**53, 1e300, 10**400, -0.0, 19.0])
KEYS = st.sampled_from(NAMES) | st.text(max_size=5).map(lambda text: f"{MARK}{text}") | st.just(f"{MARK}_name")
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS | KNOWN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=10,
)
GOOD: Final = {
    "date": "2026-11-24", "date-time": "2026-11-24T08:00:00Z", "email": "planted@example.com", "number": "7.50",
    "uri": "https://planted.example/{b}", "uuid": SITE,
}  # fmt: skip


def values(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Return what a schema asks for, and sometimes anything."""
    match schema["type"]:
        case "object":
            members = {name: values(inner) for name, inner in schema["properties"].items()}
            needed = {name: members.pop(name) for name in schema["required"]}
            good: st.SearchStrategy[Any] = st.fixed_dictionaries(needed, optional=members)
        case "array":
            good = st.lists(values(schema["items"]), max_size=2)
        case "string":
            form = schema.get("format")
            good = st.just(GOOD[form]) if form in GOOD else st.text(max_size=9).map(lambda text: MARK + text)
        case "boolean":
            good = st.booleans()
        case _:
            good = st.integers(-9, 9) | st.sampled_from([19.0, -0.0])
    return st.integers(0, 9).flatmap(lambda at: good if at else JSON)


DETAILS = st.fixed_dictionaries(
    {"site": st.just(SITE), "id": TEXTS | KNOWN, "a": JSON, "b": JSON},
    optional={"version": NUMBERS | KNOWN | st.integers(0, 9)},
)


def objects_of(schema: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return values(schema).filter(lambda value: isinstance(value, dict))


def check_what_was_taken(handlers: Handlers, catalogue: Catalogue) -> None:
    """Hold each row to the reference implementation, and to what a person can be shown of it."""
    checker = FormatChecker(formats=())
    for name, form in FORMATS.items():
        checker.checks(name)(lambda text, accepts=form.accepts: not isinstance(text, str) or accepts(text))
    for row in handlers.ledger.rows.values():
        trigger = catalogue.triggers[row.trigger]
        assert isinstance(row, EventRow)
        payload = json.loads(row.payload or "null", parse_constant=lambda _: 1 / 0)
        assert list(Draft7Validator(trigger.schema, format_checker=checker).iter_errors(payload)) == []
        assert list(find_wire_violations(payload)) == []
        assert format_seconds(row.expires_at / 1_000)
        assert format_nanoseconds(row.version or 0)


def check_what_was_written(handlers: Handlers, text: str) -> None:
    assert MARK not in text
    assert "RecordsFailed" not in text
    for refusal in handlers.refusals.refused:
        assert MARK not in refusal.pointer + refusal.rule + refusal.outcome + refusal.source_id


@given(st.data())
def test_any_event_is_mapped_and_taken_or_refused_by_any_trigger_file(data: st.DataObject) -> None:
    document = data.draw(trigger_files())
    catalogue = a_catalogue(document)
    wanted = st.builds(lambda some, more: {**more, **some}, objects_of(document["schema"]), DETAILS)
    details = data.draw(st.lists(wanted | wanted | DETAILS | JSON, min_size=1, max_size=4))
    for handlers in (by_bus, by_queue):
        taken, text = handlers(catalogue, [an_envelope(detail, "shop", "Sold") for detail in details])
        check_what_was_written(taken, text)
        check_what_was_taken(taken, catalogue)


@given(st.data())
def test_any_payload_is_taken_or_refused_by_any_schema_and_its_sender_is_told(data: st.DataObject) -> None:
    schema = data.draw(SCHEMAS)
    anything = st.dictionaries(KEYS, JSON, max_size=4)
    payloads = data.draw(st.lists(objects_of(schema) | anything, min_size=1, max_size=4))
    file = {"key": KEY, "name": "It is sold", "kind": "realtime", "version": "time", "schema": schema, "bindings": []}
    catalogue = a_catalogue(file)
    request = {"action": "report", "triggerKey": KEY, "instanceId": SITE}
    requests = [{**request, "id": str(at), "payload": payload} for at, payload in enumerate(payloads)]
    handlers = Handlers(catalogue)
    with captured_log() as log:
        answers = handlers.ask(*requests)
        check_what_was_written(handlers, log.text)
    assert {answer["outcome"] for answer in answers} <= {"accepted", "invalid"}
    for answer in answers:
        json.dumps(answer, ensure_ascii=False).encode()
        assert not any(MARK in fault["message"] + fault["rule"] for fault in answer.get("errors", []))
    check_what_was_taken(handlers, catalogue)


@st.composite
def spoilt_files(draw: st.DrawFn) -> Any:  # noqa: ANN401 - any JSON
    """Return a trigger file in which some places hold anything."""
    document = copy.deepcopy(draw(trigger_files()))
    for _ in range(draw(st.integers(1, 3))):
        node: Any = document
        while isinstance(node, dict | list) and node and draw(st.integers(0, 3)):
            step = draw(st.sampled_from(list(node) if isinstance(node, dict) else list(range(len(node)))))
            if not isinstance(node[step], dict | list) or draw(st.booleans()):
                node[step] = draw(JSON | EXPRESSIONS)
                break
            node = node[step]
    return document


@given(spoilt_files() | JSON)
def test_any_trigger_file_is_refused_by_name_or_can_be_used(document: Any) -> None:  # noqa: ANN401
    violations = find_violations(document)
    assert all(violation.rule and violation.message for violation in violations)
    if not violations:
        assert all(doubt.rule and doubt.message for doubt in find_warnings(document))
        Draft7Validator.check_schema(trigger_of(document).schema)
        by_bus(a_catalogue(document), [an_envelope({"a": 1}, "shop", "Sold")])


def a_catalogue(document: Mapping[str, Any]) -> Catalogue:
    assert find_violations(document) == ()
    return catalogue_of({document["key"]: trigger_of(document)})


def by_bus(catalogue: Catalogue, envelopes: list[dict[str, Any]]) -> tuple[Handlers, str]:
    handlers = Handlers(catalogue)
    with captured_log() as log:
        for envelope in envelopes:
            handlers.eventbridge.handle(envelope)
        return handlers, log.text


def by_queue(catalogue: Catalogue, envelopes: list[dict[str, Any]]) -> tuple[Handlers, str]:
    handlers = Handlers(catalogue)
    with captured_log() as log:
        assert handlers.sqs.handle(a_batch(*envelopes)) == {"batchItemFailures": []}
        return handlers, log.text
