"""The expressions of bindings: JMESPath, with results that are JSON."""

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
    """JMESPath's functions, with a `to_number` that follows JMESPath's specification."""

    @signature({"types": []})
    def _func_to_number(self, value: object) -> object:
        """Return the number that JSON reads in a text, or None. Python's own reading also accepts `1_000`."""
        if isinstance(value, str):
            return _number_in(value)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None


_OPTIONS: Final = jmespath.Options(custom_functions=JsonFunctions())


def compile_expression(text: str) -> ParsedResult:
    """Return the compiled expression. It must have passed `lint`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)  # a text in backticks, as in AWS's own documentation
        return jmespath.compile(text)


def apply(expression: ParsedResult, envelope: Mapping[str, object]) -> object:
    """Return the result of the expression. Errors of JMESPath and of Python are raised as they are."""
    return expression.search(envelope, _OPTIONS)


def _number_in(text: str) -> float | None:
    if not is_number(text):
        return None
    try:
        number: float = json.loads(text)
    except ValueError:  # more digits than Python reads
        return None
    return None if abs(number) == math.inf else number
