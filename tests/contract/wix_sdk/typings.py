"""What Wix wrote into the typings of its SDK: fields with their bounds, scopes of methods, words of enumerations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.contract.wix_sdk.sdk import BUILD

PACKAGES = BUILD / "wix_sdk/node_modules/@wix"
ACTIVATIONS = "auto_sdk_automations_activations/build/es/src/automations-v2-activation-activations"
ACTIVATION_LOG = (
    "auto_sdk_automations_activation-log/build/es/src/automations-activation-logs-v1-activation-log-activation-log"
)
PLUGIN = "auto_sdk_automations_trigger-provider/build/es/src/service-plugins"
FIELD = re.compile(r"(?:/\*\*((?:(?!\*/).)*)\*/\s+)?(\w+)\??: ([^;]+);", re.DOTALL)
RULE = re.compile(r"@(\w+) (\S+)")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message; `rules` are the annotations of its comment, such as `maxLength`."""

    kind: str
    rules: dict[str, str]

    def bounds(self, what: str) -> tuple[int, int]:
        """The least and the most of a length or size."""
        return int(self.rules[f"min{what}"]), int(self.rules[f"max{what}"])

    @property
    def message(self) -> str | None:
        """The message that it holds, alone or in a list; none if it holds a plain value or whatever a caller likes."""
        name = self.kind.removesuffix("[]")
        return name if name.isidentifier() and name[0].isupper() else None


def interface(name: str, package: str = ACTIVATIONS) -> dict[str, Field]:
    """The fields of a message, by name."""
    body = _found(rf"export interface {name} \{{\n(.*?)^\}}", "types", package).group(1)
    return {field: Field(kind, dict(RULE.findall(comment))) for comment, field, kind in FIELD.findall(body)}


def scopes(method: str) -> set[str]:
    """The permission scopes of a method; any one of them is enough."""
    comment = _found(rf"/\*\*((?:(?!\*/).)*)\*/\nexport declare function {method}\(", "universal").group(1)
    return set(re.findall(r"@permissionScopeId (\S+)", comment))


def enumeration(name: str, package: str = ACTIVATIONS) -> set[str]:
    """The words of an enumeration, but for the one that stands for any that is to come."""
    body = _found(rf"export declare enum {name} \{{\n(.*?)^\}}", "types", package).group(1)
    return {word for word in re.findall(r'= "(\w+)"', body) if not word.startswith("UNKNOWN")}


def _found(pattern: str, part: str, package: str = ACTIVATIONS) -> re.Match[str]:
    text = _text(PACKAGES / f"{package}{'-' if package == PLUGIN else '.'}{part}.d.ts")
    match = re.search(pattern, text, re.DOTALL | re.MULTILINE)
    assert match, pattern
    return match


@cache
def _text(path: Path) -> str:
    return path.read_text("utf-8")
