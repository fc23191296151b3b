"""Answers in Wix's shapes (section 2.1), and the one exception that means "refused"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

CODES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    428: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a body (text is sent as it stands, everything else as JSON) and headers."""

    status: int
    body: Mapping[str, Any] | str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Violation:
    """A field of the request that breaks a rule of the API itself, whatever the trigger."""

    field: str
    description: str
    rule: str
    data: Mapping[str, Any] | None = None

    def body(self) -> dict[str, Any]:
        """As Wix writes it inside `fieldViolations`."""
        body = {"field": self.field, "description": self.description, "violatedRule": self.rule}
        return body if self.data is None else {**body, "data": self.data}


class Refused(Exception):
    """Wix says no: to a call, or to one item of a bulk call."""

    def __init__(self, answer: Answer, code: str, description: str) -> None:
        super().__init__(f"{answer.status} {code}: {description}")
        self.answer = answer
        self.code = code
        self.description = description


def plain_body(status: int) -> dict[str, Any]:
    """The body Wix gives with a status when there is nothing to add; a system error (5xx) is mute."""
    if status not in CODES:
        return {"message": "", "details": {}}
    return _application_body(CODES[status], CODES[status].replace("_", " ").capitalize())


def refused(status: int, description: str, *, code: str = "", headers: Mapping[str, str] | None = None) -> Refused:
    """An application error; without a code it takes the generic one of its status."""
    code = code or CODES.get(status, "UNKNOWN")
    return Refused(Answer(status, _application_body(code, description), headers or {}), code, description)


def violated(violations: Sequence[Violation]) -> Refused:
    """A 400 with every broken field."""
    description = "; ".join(f"{each.field} {each.description}" for each in violations)
    details = {"validationError": {"fieldViolations": [each.body() for each in violations]}}
    return Refused(Answer(400, {"message": description, "details": details}), CODES[400], description)


def misread(description: str) -> Refused:
    """A 400 with a message and nothing else, as for JSON of the wrong type (section 2.1)."""
    return Refused(Answer(400, {"message": description, "details": {}}), CODES[400], description)


def oauth_refused(status: int, error: str, description: str) -> Refused:
    """An error of the token endpoint, in the style of RFC 6749 (section 7.1)."""
    return Refused(Answer(status, {"error": error, "error_description": description}), error, description)


def _application_body(code: str, description: str) -> dict[str, Any]:
    return {
        "message": description,
        "details": {"applicationError": {"code": code, "description": description}},
    }
