"""What came in: the route, the header and the body, read once and judged by nobody yet (section 1.1)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final


class Route(StrEnum):
    """The routes of Wix that the sandbox has."""

    TOKEN = "token"
    REPORT = "report"
    BULK_REPORT = "bulk-report"
    CANCEL = "cancel"
    BULK_CANCEL = "bulk-cancel"

    @property
    def path(self) -> str:
        """Where it is on Wix's host."""
        return "/oauth2/token" if self is Route.TOKEN else f"/automations/v1/events/{self}"

    @property
    def reports(self) -> bool:
        """Whether it brings events, as opposed to taking them back."""
        return self in {Route.REPORT, Route.BULK_REPORT}

    @property
    def bulk(self) -> bool:
        """Whether it takes many items and answers each on its own."""
        return self in {Route.BULK_REPORT, Route.BULK_CANCEL}


REPORTS: Final = (Route.REPORT, Route.BULK_REPORT)
CANCELS: Final = (Route.CANCEL, Route.BULK_CANCEL)


@dataclass(frozen=True, slots=True)
class Item:
    """One event to report or to cancel, as it came; nothing is checked yet."""

    external_entity_id: Any = None
    payload: Any = None
    idempotency: Any = None

    @classmethod
    def of(cls, fields: object) -> Item:
        """From the fields Wix calls `eventInfo`; anything but an object makes an empty item."""
        known = fields if isinstance(fields, dict) else {}
        return cls(known.get("externalEntityId"), known.get("payload"), known.get("idempotency"))

    @property
    def idempotency_key(self) -> str | None:
        """The key, if there is one to speak of."""
        key = self.idempotency.get("key") if isinstance(self.idempotency, dict) else None
        return key if isinstance(key, str) else None

    @property
    def ttl_seconds(self) -> float | None:
        """How long the key is to be kept; none if the request doesn't say."""
        milliseconds = (self.idempotency or {}).get("ttlInMilliseconds")
        return None if milliseconds is None else int(milliseconds) / 1000


@dataclass(frozen=True, slots=True)
class Request:
    """One call; `fields` is None when its body is no JSON object."""

    route: Route
    authorization: str | None = field(repr=False)
    fields: Mapping[str, Any] | None = field(repr=False)

    @classmethod
    def read(cls, route: Route, authorization: str | None, body: bytes) -> Request:
        """Never fails: what can't be read is refused later, after the caller is known."""
        try:
            fields = json.loads(body, parse_constant=_finite, parse_float=_finite)
        except (ValueError, RecursionError):
            fields = None
        return cls(route, authorization, fields if isinstance(fields, dict) else None)

    def text(self, name: str) -> str | None:
        """A field of the body if it is a string."""
        value = (self.fields or {}).get(name)
        return value if isinstance(value, str) else None

    @property
    def items(self) -> tuple[Item, ...]:
        """The events it is about, as far as they can be made out."""
        fields = self.fields or {}
        many = fields.get("eventsInfo" if self.route.reports else "externalEntityIds")
        many = many if isinstance(many, list) else []
        match self.route:
            case Route.BULK_REPORT:
                return tuple(map(Item.of, many))
            case Route.BULK_CANCEL:
                return tuple(Item(external_entity_id=each) for each in many)
            case Route.REPORT | Route.CANCEL:
                return (Item.of(fields),)
            case Route.TOKEN:
                return ()


def _finite(text: str) -> float:
    # JSON has no NaN and no Infinity, and Wix's numbers are doubles: `1e999` is none of them either.
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number
