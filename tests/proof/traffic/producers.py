"""What producers send on a busy day: three kinds of events, with changes, cancels, repetitions and disorder.

The same seed gives the same requests. What must have become of them is for `expected` to say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from tests.sandbox.business import CONTACT, in_days

Request = dict[str, Any]

INVOICE, BOOKING, VISIT = "invoice_due", "session_booked", "page_visited"
"""A scheduled trigger, a real-time one whose events can be cancelled, and one whose events can't."""

_RECENT: Final = 30
_KINDS: Final = ("update", "cancel", "duplicate", "new")
_BEGUN: Final = datetime.now(UTC).replace(microsecond=0)
_DUE: Final = in_days(30)


@dataclass(frozen=True, slots=True)
class Mix:
    """What share of the events are changes, cancels and repetitions; and how many overtake the one before them."""

    updates: float = 0.20
    cancels: float = 0.10
    duplicates: float = 0.05
    out_of_order: float = 0.05

    @property
    def weights(self) -> tuple[float, ...]:
        """The shares in the order of the kinds; what is left is new."""
        shares = (self.updates, self.cancels, self.duplicates)
        return (*shares, 1 - sum(shares))


@dataclass(slots=True)
class _Entity:
    trigger: str
    site: str
    name: str
    version: int = 0

    def report(self) -> Request:
        self.version += 1
        return {**self._request("report"), "payload": _payload(self.trigger, self.name, self.version)}

    def cancel(self) -> Request:
        self.version += 1
        return self._request("cancel")

    def _request(self, action: str) -> Request:
        version = self.version if self.trigger == INVOICE else _moment(self.version)
        named = {"triggerKey": self.trigger, "instanceId": self.site, "id": f"{self.name}/{self.version}"}
        return {"action": action, **named, **({} if self.trigger == VISIT else _of(self.name, version))}


@dataclass(slots=True)
class Producers:
    """All of them together; `sites` are served in turn."""

    sites: Sequence[str]
    seed: int = 0
    mix: Mix = field(default_factory=Mix)

    def requests(self, number: int) -> list[Request]:
        """Return so many requests, in the order in which they are sent."""
        chance = Random(self.seed)  # noqa: S311 - a test's chance, to be had again
        sent = list(self._in_order(number, chance))
        places = _overtakable(sent)
        for place in chance.sample(places, k=min(len(places), int(number * self.mix.out_of_order))):
            before = _before(sent, place)
            sent[before], sent[place] = sent[place], sent[before]
        return sent

    def _in_order(self, number: int, chance: Random) -> Iterator[Request]:
        entities: list[_Entity] = []
        sent: list[Request] = []
        for count, kind in enumerate(chance.choices(_KINDS, self.mix.weights, k=number)):
            sent.append(self._next(kind, count, entities, sent, chance))
            yield sent[-1]

    def _next(self, kind: str, count: int, entities: list[_Entity], sent: Sequence[Request], chance: Random) -> Request:
        if kind == "duplicate" and sent:
            return dict(chance.choice(sent[-_RECENT:]))
        if kind in ("update", "cancel") and entities:
            entity = chance.choice(entities[-_RECENT:])
            return entity.report() if kind == "update" else entity.cancel()
        trigger = chance.choice((INVOICE, BOOKING, VISIT))
        entity = _Entity(trigger, self.sites[count % len(self.sites)], f"{trigger}-{count}")
        if trigger != VISIT:
            entities.append(entity)
        return entity.report()


def _overtakable(sent: Sequence[Request]) -> list[int]:
    """Return where something could overtake another version of its own entity, no request twice."""
    places: dict[int, None] = {}
    last: dict[str, int] = {}
    for place, request in enumerate(sent):
        name = request.get("entityId")
        if name is None:
            continue
        before = last.get(name)
        if before is not None and before not in places and sent[before]["version"] != request["version"]:
            places[place] = None
        last[name] = place
    return list(places)


def _before(sent: Sequence[Request], place: int) -> int:
    name = sent[place]["entityId"]
    return next(at for at in range(place - 1, -1, -1) if sent[at].get("entityId") == name)


def _of(name: str, version: int | str) -> Request:
    return {"entityId": name, "version": version}


def _moment(version: int) -> str:
    return (_BEGUN + timedelta(seconds=version)).isoformat()


def _payload(trigger: str, name: str, version: int) -> Request:
    """Return a payload that tells its version to the eye."""
    contact = {"contact_id": CONTACT}
    if trigger == INVOICE:
        numbers = {"invoice_id": name, "invoice_number": name, "total": f"{version}.00", "currency": "EUR"}
        return {**contact, **numbers, "due_date": _DUE}
    if trigger == BOOKING:
        return {**contact, "booking_id": name, "session_title": f"Pottery, part {version}", "session_start": _DUE}
    return {**contact, "page_url": f"https://www.example.com/{name}"}


def envelope(request: Request) -> str:
    """Return a request as EventBridge brings it."""
    known = {"id": f"event/{request['id']}", "time": _BEGUN.isoformat(), "source": "com.example.anything"}
    return json.dumps({**known, "detail-type": "Wix Trigger Request", "detail": request})
