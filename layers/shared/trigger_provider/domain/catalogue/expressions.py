"""The expressions of bindings: JMESPath, where whatever comes of one is JSON."""

from __future__ import annotations

import json
import math
import warnings
from typing import TYPE_CHECKING, Final

import jmespath
from jmespath.functions import Functions, signature

from trigger_provider.domain.payload.formats import is_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jmespath.parser import ParsedResult


class JsonFunctions(Functions):
    """JMESPath's functions, with a `to_number` that takes what its specification says."""

    @signature({"types": []})
    def _func_to_number(self, value: object) -> object:
        """Return the number that a text writes as JSON does, or nothing: Python's own reading also takes `1_000`."""
        if isinstance(value, str):
            return _number_in(value)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None


_OPTIONS: Final = jmespath.Options(custom_functions=JsonFunctions())


def compile_expression(text: str) -> ParsedResult:
    """Return the expression, ready to be applied. It must have passed `lint`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)  # a text in backticks, as in AWS's own documentation
        return jmespath.compile(text)


def apply(expression: ParsedResult, envelope: Mapping[str, object]) -> object:
    """Return what the expression finds; whatever error of JMESPath's or of Python's it meets."""
    return expression.search(envelope, _OPTIONS)


def _number_in(text: str) -> float | None:
    if not is_number(text):
        return None
    try:
        number: float = json.loads(text)
    except ValueError:  # more digits than Python reads
        return None
    return None if abs(number) == math.inf else number
