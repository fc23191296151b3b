"""JMESPath as other people met it: what a binding's expression may be, and that what comes of one is JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.outside import Case, each, table
from tests.tools import check_triggers
from trigger_provider.domain.catalogue.builder import trigger_of
from trigger_provider.domain.catalogue.expressions import apply, compile_expression
from trigger_provider.domain.catalogue.lint.expressions import find_faults
from trigger_provider.errors import InvalidRequest

SPEC: Final = "JMESPath specification, Functions"
GRAMMAR: Final = "JMESPath specification, Grammar; json-number of RFC 8259, section 6"
EXPREF: Final = "JMESPath specification, Data Types: an expression type is no JSON"
LITERALS: Final = "JMESPath specification, Literal Expressions; JEP-12"

REFUSED: Final = table(
    Case("an expression reference", EXPREF, "&detail.invoice.id", "no value"),
    Case("one in a list", EXPREF, "[detail.a, &detail.b]", "no value"),
    Case("one in an object", EXPREF, "{a: &b}", "no value"),
    Case("one behind an or", EXPREF, "a || &b", "no value"),
    Case("one behind a pipe", EXPREF, "a | &b", "no value"),
    Case("one given to a function that takes anything", EXPREF, "not_null(&a, b)", "no value"),
    Case("one that becomes a list", EXPREF, "to_array(&a)", "no value"),
    Case("one that becomes a text with an address in it", EXPREF, "to_string(&a)", "no value"),
    Case("one inside of one", EXPREF, "sort_by(a, &[&b])", "no value"),
    Case("one that is compared", EXPREF, "a[?b == &c]", "no value"),
    Case("none where one is asked for", SPEC, "sort_by(a, b)", "write `&`"),
    Case("a text that is asked to be a list", SPEC, "join('-', 'a')", "literal"),
    Case("a number that is asked to be a text", SPEC, "starts_with(a, `1`)", "literal"),
    Case("a text for a number, as jmespath.js #69 met", SPEC, "abs('1')", "literal"),
    Case("NaN in a literal", f"{LITERALS}; jq #2021", "`NaN`", "finite"),
    Case("Infinity in a literal", LITERALS, "a || `-Infinity`", "finite"),
    Case("a number beyond a double in a literal", LITERALS, '`{"a": [1e400]}`', "finite"),
    Case("half a surrogate pair in a literal", LITERALS, '`"\\ud800"`', "whole"),
    Case("a slice of no steps", "JMESPath specification, Slices: a step of 0 is an error", "a[::0]", "steps"),
    Case("an index that Python does not read", "CPython #95778", f"a[{'1' * 5_000}]", "too long"),
    Case("brackets without end", "jmespath.py #117 and its fuzzing", "[" * 20_000, "deeply"),
    Case("an unquoted hyphen", "jmespath/jp #8", "detail.due-date", "column"),
    Case("a dollar sign, as in JSONPath", "ansible #20379", "$.detail.id", "column"),
    Case("text beside text", "jmespath.py #326", "join('', ['Name: 'name])", "column"),
    Case("an unclosed bracket", "jmespath.py #13", "foo]baz", "column"),
    Case("an unclosed quote", "jmespath.py #13", 'foo."bar', "column"),
    Case("a function of the community edition", "jmespath-community/python-jmespath #14", "upper(a)", "no function"),
    Case("too few arguments", "pnp/cli-microsoft365 #2279", "contains(abc)", "number of arguments"),
)
TAKEN: Final = table(
    Case("a text in backticks, as AWS's documentation writes it", LITERALS, "detail.a[?b == `active`].c", None),
    Case("a quoted hyphen", "jmespath/jp #8", 'detail."due-date"', None),
    Case("sorting by an expression", SPEC, "sort_by(detail.a, &b)[0].c", None),
    Case("the largest by an expression of expressions", SPEC, "max_by(detail.a, &max_by(b, &c).c)", None),
    Case("an expression on each", SPEC, "map(&[0], detail.a)", None),
    Case("a literal list", SPEC, 'join(\'-\', `["a", "b"]`)', None),
    Case("a negative step", "JMESPath specification, Slices", "detail.a[::-1]", None),
)
NUMBERS: Final = table(
    Case("an integer", GRAMMAR, "7", 7),
    Case("a fraction", GRAMMAR, "1190.00", 1190.0),
    Case("an exponent without a point", f"{GRAMMAR}; jmespath.py #120", "1e+21", 1e21),
    Case("a negative number", GRAMMAR, "-0.5", -0.5),
    Case("2^53 + 1", GRAMMAR, "9007199254740993", 9007199254740993),
    Case("Python's underscores", f"{GRAMMAR}; PEP 515", "1_000", None),
    Case("digits of another script", f"{GRAMMAR}; Python's int() takes any decimal digit", "\uff11\uff12", None),
    Case("blanks around it", GRAMMAR, " 7 ", None),
    Case("a line break behind it", GRAMMAR, "7\n", None),
    Case("a plus sign", GRAMMAR, "+7", None),
    Case("a leading zero", GRAMMAR, "007", None),
    Case("no digit before the point", GRAMMAR, ".5", None),
    Case("no digit behind the point", GRAMMAR, "5.", None),
    Case("a hexadecimal number", GRAMMAR, "0x10", None),
    Case("not a number", f"{GRAMMAR}; Python's float()", "nan", None),
    Case("infinity", f"{GRAMMAR}; Python's float()", "Infinity", None),
    Case("a number beyond a double", GRAMMAR, "1e400", None),
    Case("more digits than Python reads", "CPython #95778", "1" * 5_000, None),
    Case("a decimal comma", GRAMMAR, "1,5", None),
    Case("nothing", GRAMMAR, "", None),
    Case("a number already", SPEC, 7.5, 7.5),
    Case("an object", f"{SPEC}: anything else is null", {"a": 1}, None),
    Case("a list", f"{SPEC}: anything else is null", [1], None),
    Case("null", f"{SPEC}: anything else is null", None, None),
)


@each(REFUSED)
def test_an_expression_that_can_not_give_json_is_refused_with_its_reason(case: Case[str, str]) -> None:
    faults = list(find_faults(case.given))
    assert any(case.expected in fault for fault in faults), faults


@each(TAKEN)
def test_an_expression_that_can_give_json_is_taken(case: Case[str, None]) -> None:
    assert list(find_faults(case.given)) == []


@each(NUMBERS)
def test_to_number_gives_a_json_number_or_nothing(case: Case[object, object]) -> None:
    number = apply(compile_expression("to_number(a)"), {"a": case.given})
    assert number == case.expected
    assert type(number) is type(case.expected)


PIECES: Final = """detail a "b-c" . [ ] [] [? * @ & && || | ! ( ) { } : , == < `1` `[]` `{"a":1e400}` 'x' 0 -1 1_0
    sort_by( to_number( to_string( not_null( map( join( sum( type( keys( merge( reverse( contains("""
TOKENS = st.sampled_from(PIECES.split())
EXPRESSIONS = st.lists(TOKENS, min_size=1, max_size=12).map("".join) | st.text(max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b-c", "detail"]), inner),
    max_leaves=8,
)


@given(EXPRESSIONS, JSON)
def test_what_comes_of_any_expression_without_fault_is_json_or_a_fault_by_name(text: str, detail: Any) -> None:  # noqa: ANN401
    if not list(find_faults(text)):
        request = request_or_faults(text, {"detail": detail, "a": detail})
        assert request == ["mapping"] or json.dumps(request, allow_nan=False)


def request_or_faults(expression: str, envelope: dict[str, Any]) -> object:
    """Return what a binding makes of an event, or the rules that it breaks by it."""
    try:
        return trigger_of(a_file(expression)).bindings[0].request(envelope)
    except InvalidRequest as refused:
        return [fault.rule for fault in refused.violations]


def a_file(expression: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any member of a trigger file
    binding = {
        "source": "shop",
        "detailTypes": ["Sold"],
        "action": "report",
        "instanceId": "detail.site",
        "payload": {"what": expression},
    }
    schema = {"type": "object", "properties": {"what": {"type": "string", "title": "What", "examples": ["a"]}}}
    file = {"key": "sold", "name": "It is sold", "kind": "realtime", "version": "time"}
    return {**file, "schema": schema, "bindings": [binding], **changes}


def check(directory: Path, capsys: pytest.CaptureFixture[str], **changes: Any) -> tuple[int, str]:  # noqa: ANN401 - the same
    (directory / "sold.json").write_text(json.dumps(a_file("detail.what", **changes)), "utf-8")
    status = check_triggers.main([str(directory)])
    return status, capsys.readouterr().err


def test_a_real_time_binding_without_an_id_of_the_business_is_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """AWS SDK retries of PutEvents give an entry a new id: EventBridge's FAQ on duplicate events."""
    status, text = check(tmp_path, capsys)
    assert status == 0
    assert text.startswith("warning: sold.json/bindings/0/id: id: ")


@pytest.mark.parametrize("identity", ["detail.saleId", "detail.saleId || id", "id"])
def test_one_with_an_id_is_none(identity: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (binding,) = a_file("detail.what")["bindings"]
    assert check(tmp_path, capsys, bindings=[{**binding, "id": identity}]) == (0, "")


def test_the_samples_bind_an_id_wherever_the_business_has_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert check_triggers.main([]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("sources, expected", [(15, 0), (60, 1)])
def test_an_event_pattern_that_eventbridge_does_not_take_is_found_by_the_check(
    sources: int, expected: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """EventBridge's quotas: 2,048 characters for an event pattern."""
    (binding,) = a_file("detail.what")["bindings"]
    bindings = [{**binding, "id": "id", "source": f"com.example.shop-{number:02}"} for number in range(sources)]
    status, text = check(tmp_path, capsys, bindings=bindings)
    assert status == expected
    assert ("event-pattern" in text) == bool(expected)
