"""The validator that ships and the reference implementation give the same verdict, fault by fault.

Whatever the wire can't carry is our own rule, of which the reference knows nothing: there ours must only refuse.
"""

from __future__ import annotations

import copy
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, FormatChecker

from trigger_provider.adapters.catalogue_files import load_catalogue
from trigger_provider.domain.catalogue.trigger import Trigger
from trigger_provider.domain.payload.formats import FORMATS
from trigger_provider.domain.payload.json_pointer import pointer_to
from trigger_provider.domain.payload.struct_values import find_wire_violations

BY_KEY = [pytest.param(trigger, id=key) for key, trigger in load_catalogue(files("triggers")).triggers.items()]
ANOTHER_PROPERTY = "not_in_the_schema"
GOOD_STRINGS = {
    "date": st.dates().map(str),
    "date-time": st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat(timespec="seconds")),
    "email": st.emails(),
    "number": st.decimals(allow_nan=False, allow_infinity=False).map(str),
    "uri": st.just("https://example.com/a?b=c#d"),
    "uuid": st.uuids().map(str),
}
PRIMITIVES = st.one_of(
    st.booleans(), st.integers(), st.floats(), st.text(), *GOOD_STRINGS.values(), st.sampled_from(["1e400", "\ud800"])
)
JSON = st.recursive(
    st.none() | PRIMITIVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def a_checker() -> FormatChecker:
    checker = FormatChecker(formats=())
    for name, form in FORMATS.items():
        checker.checks(name)(lambda text, accepts=form.accepts: not isinstance(text, str) or accepts(text))
    return checker


def reference_faults(schema: Any, payload: Any) -> set[tuple[str, str]]:  # noqa: ANN401  any JSON value
    rules = set()
    for error in Draft7Validator(schema, format_checker=a_checker()).iter_errors(payload):
        place = pointer_to(error.absolute_path)
        if error.validator == "required":
            missing = set(error.validator_value) - set(error.instance)
            rules |= {(pointer_to([name], below=place), "required") for name in missing}
        else:
            rules.add((place, str(error.validator)))
    return rules


def sample_of(trigger: Trigger) -> dict[str, Any]:
    return {name: prop["examples"][0] for name, prop in trigger.schema["properties"].items()}


def values(schema: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401  any JSON value
    """Mostly what the schema asks for, sometimes anything."""
    match schema["type"]:
        case "object":
            good: st.SearchStrategy[Any] = members(schema)
        case "array":
            good = st.lists(members(schema["items"]), max_size=3)
        case "string":
            good = GOOD_STRINGS.get(schema.get("format"), st.text(max_size=10))
        case "integer":
            good = st.integers(-(2**53), 2**53) | st.just(3.0)
        case "number":
            good = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)
        case _:
            good = st.booleans()
    return st.one_of(good, good, good, JSON)


def members(schema: Any) -> st.SearchStrategy[dict[str, Any]]:  # noqa: ANN401  any JSON value
    declared = {name: values(inner) for name, inner in schema["properties"].items()}
    return st.fixed_dictionaries({}, optional={**declared, ANOTHER_PROPERTY: JSON})


def assert_same_verdict(trigger: Trigger, payload: dict[str, Any]) -> None:
    ours = {(fault.pointer, fault.rule) for fault in trigger.check(payload)}
    if any(find_wire_violations(payload)):
        assert ours
    else:
        assert ours == reference_faults(trigger.schema, payload)


@pytest.mark.parametrize("trigger", BY_KEY)
def test_both_take_the_examples(trigger: Trigger) -> None:
    assert trigger.check(sample_of(trigger)) == ()
    assert reference_faults(trigger.schema, sample_of(trigger)) == set()


@pytest.mark.parametrize("trigger", BY_KEY)
def test_both_miss_each_required_property(trigger: Trigger) -> None:
    for name in trigger.schema["required"]:
        payload = sample_of(trigger)
        del payload[name]
        assert reference_faults(trigger.schema, payload) == {(f"/{name}", "required")}
        assert_same_verdict(trigger, payload)


@pytest.mark.parametrize("trigger", BY_KEY)
@given(data=st.data())
def test_both_find_the_same_faults_in_a_sample_with_one_value_replaced(trigger: Trigger, data: st.DataObject) -> None:
    payload = copy.deepcopy(sample_of(trigger))
    payload[data.draw(st.sampled_from([*payload, ANOTHER_PROPERTY]))] = data.draw(PRIMITIVES | JSON)
    assert_same_verdict(trigger, payload)


@pytest.mark.parametrize("trigger", BY_KEY)
@given(data=st.data())
def test_both_find_the_same_faults_in_payloads_made_from_the_schema(trigger: Trigger, data: st.DataObject) -> None:
    assert_same_verdict(trigger, data.draw(members(trigger.schema)))
