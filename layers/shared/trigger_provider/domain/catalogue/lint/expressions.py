"""The rules for expressions of bindings: one must be able to give JSON. JMESPath checks that only at an event."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from jmespath.exceptions import JMESPathError
from jmespath.functions import REVERSE_TYPES_MAP

from trigger_provider.domain.catalogue.expressions import JsonFunctions, compile_expression
from trigger_provider.domain.payload.struct_values import is_unicode

Node: TypeAlias = Mapping[str, Any]

_EXPREF: Final = "expref"
_NO_VALUE: Final = "`&` stands only where a function asks for an expression, such as in sort_by: it is no value"


def find_faults(text: str) -> Iterator[str]:
    """Return why an expression can give JSON for no event: a sentence for each fault."""
    try:
        parsed = compile_expression(text).parsed
    except JMESPathError as error:
        yield f"not a JMESPath expression{_place_of(error)}"
    except (ValueError, RecursionError):
        yield "not a JMESPath expression: a number in it is too long, or it is nested too deeply"
    else:
        yield from _faults_in(parsed)


def _place_of(error: JMESPathError) -> str:
    column = getattr(error, "lex_position", None)
    return "" if column is None else f", from column {column + 1} on"


def _faults_in(node: Node) -> Iterator[str]:
    match node:
        case {"type": "expref"}:
            yield _NO_VALUE
        case {"type": "literal", "value": value} if not _is_json(value):
            yield "a literal is no JSON: a number must be finite, and a text whole"
        case {"type": "slice", "children": [_, _, 0]}:
            yield "a slice can't have steps of 0"
        case {"type": "function_expression"}:
            yield from _faults_of_call(node)
            return
    for child in node["children"]:
        if isinstance(child, Mapping):  # the bounds of a slice are not
            yield from _faults_in(child)


def _faults_of_call(node: Node) -> Iterator[str]:
    name, arguments = node["value"], node["children"]
    known = JsonFunctions.FUNCTION_TABLE.get(name)
    if known is None:
        yield f"JMESPath has no function `{name}`"
    elif not _takes(known["signature"], len(arguments)):
        yield f"`{name}` takes another number of arguments"
    else:
        for index, argument in enumerate(arguments):
            types = known["signature"][min(index, len(known["signature"]) - 1)]["types"]
            yield from _faults_of_argument(name, argument, types)


def _faults_of_argument(name: str, argument: Node, types: Sequence[str]) -> Iterator[str]:
    if argument["type"] == _EXPREF and _EXPREF in types:
        yield from _faults_in(argument["children"][0])
        return
    if _EXPREF in types:
        yield f"`{name}` asks for an expression: write `&` before it"
    elif argument["type"] == "literal" and types and not _may_be(argument["value"], types):
        yield f"`{name}` never takes such a literal"
    yield from _faults_in(argument)


def _takes(signature: Sequence[Node], count: int) -> bool:
    variadic = bool(signature) and signature[-1].get("variadic", False)
    return count >= len(signature) if variadic else count == len(signature)


def _may_be(value: object, types: Sequence[str]) -> bool:
    """Return whether a value is of one of JMESPath's types. The items of a list are not checked."""
    return any(type(value).__name__ in REVERSE_TYPES_MAP[name.split("-")[0]] for name in types)


def _is_json(value: object) -> bool:
    match value:
        case float():
            return math.isfinite(value)
        case str():
            return is_unicode(value)
        case list():
            return all(map(_is_json, value))
        case dict():
            return all(_is_json(part) for member in value.items() for part in member)
    return True
