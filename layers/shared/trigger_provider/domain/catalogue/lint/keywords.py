"""The keywords of a payload schema: those that Wix documents, others of JSON Schema, and unknown ones."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

_WIX: Final = """
    $schema $id $comment type title description default examples properties required additionalProperties format items
    identityType futureDate wixCustomType itemsSelectionConfiguration hidden defaultConditionedProperty
"""
_OTHERS: Final = """
    $ref definitions allOf anyOf oneOf not if then else const enum pattern minLength maxLength contentEncoding
    contentMediaType minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems uniqueItems
    additionalItems contains minProperties maxProperties patternProperties propertyNames dependencies
    $defs $anchor $dynamicRef $dynamicAnchor $recursiveRef $recursiveAnchor $vocabulary contentSchema dependentRequired
    dependentSchemas maxContains minContains prefixItems unevaluatedItems unevaluatedProperties discriminator example
    nullable
"""

DOCUMENTED: Final = frozenset(_WIX.split())
"""What Wix's documentation has, on its own triggers too."""

UNDOCUMENTED: Final = frozenset(_OTHERS.split())
"""What draft-07, a later draft or OpenAPI has beside that: Wix would not keep it, so it would check nothing."""

_ALIKE: Final = 0.8


def is_known(word: str) -> bool:
    """Return whether Wix, JSON Schema or OpenAPI defines a keyword."""
    return word in DOCUMENTED or word in UNDOCUMENTED


def find_meant(word: str) -> str | None:
    """Return the known keyword of which an unknown one is most likely a misspelling."""
    return next(iter(get_close_matches(word, sorted(DOCUMENTED | UNDOCUMENTED), n=1, cutoff=_ALIKE)), None)
