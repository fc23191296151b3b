"""Producers: they send for some sites and entities, in bursts, repeat themselves, are overtaken, come late, and err."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from random import Random

from tests.proof.simulation.requests import APP, INVOICE, POISON, REFUSED, RIDDLE, VISIT, Ask, Way
from tests.proof.simulation.scheduler import START
from trigger_provider.domain.durations import DAY, MINUTE, SECOND
from trigger_provider.domain.intake.commands import OccurrenceReport, OccurrencesCancel, ScheduledChange, TriggerRequest
from trigger_provider.domain.ledger.ids import entity_key, fingerprint, occurrence_key
from trigger_provider.domain.ledger.rows import Intent, RowKey


@dataclass(frozen=True, slots=True)
class Scene:
    """What one seed is about: how many there are of everything, and how close together in time."""

    sites: int
    entities: int
    visitors: int
    scheduled: float
    span: int
    ways: tuple[float, float, float]
    is_poisonous: bool
    is_gated: bool


def asks(seed: int, size: int) -> list[Ask]:
    """Return all that is sent for a seed, in the order of time."""
    chance = Random(f"requests {seed}")  # noqa: S311 - a test's chance
    producers = _Producers(chance, _scene(chance, Random(f"gate {seed}")))  # noqa: S311 - a test's chance
    sent = [Ask(number, *producers.when_and_how(number, size), producers.next(number)) for number in range(size)]
    return sorted(sent, key=lambda item: item.at)


def _scene(chance: Random, apart: Random) -> Scene:
    """Draw a scene; what came to be drawn later is drawn apart, so that older seeds tell what they told."""
    return Scene(
        sites=chance.randint(1, 5),
        entities=chance.choice((2, 6, 20)),
        visitors=chance.choice((1, 4, 12)),
        scheduled=chance.choice((0.4, 0.6, 0.8, 1.0)),
        span=chance.choice((20 * SECOND, 2 * MINUTE, 10 * MINUTE)),
        ways=(chance.random(), chance.random() / 2, chance.random() / 2),
        is_poisonous=chance.random() < 0.2,
        is_gated=apart.random() < 0.15,
    )


class _Producers:
    """They remember what they have sent, so as to change, repeat and cancel it."""

    def __init__(self, chance: Random, scene: Scene) -> None:
        self._chance = chance
        self._scene = scene
        self._sent: dict[RowKey, list[TriggerRequest]] = {}
        self._burst = START

    def when_and_how(self, number: int, size: int) -> tuple[int, Way]:
        """Return a time and a way: in bursts, and some late."""
        chance, span = self._chance, self._scene.span
        if chance.random() < 0.4:
            self._burst = START + span * number // size
        late = chance.randint(0, span // 4) if chance.random() < 0.15 else 0
        (way,) = chance.choices(list(Way), self._scene.ways)
        return self._burst + chance.randint(0, 300) + late, way

    def next(self, number: int) -> TriggerRequest:
        site = f"site {self._chance.randint(1, self._scene.sites)}"
        if self._chance.random() < self._scene.scheduled:
            return self._invoice(number, site, f"invoice {self._chance.randint(1, self._scene.entities)}")
        if self._chance.random() < 0.3:
            return self._remembered(_visit(number, site, None, None, self._payload(number)))
        return self._of_visitor(number, site, f"visitor {self._chance.randint(1, self._scene.visitors)}")

    def _invoice(self, number: int, site: str, entity: str) -> TriggerRequest:
        key = _entity_key(site, INVOICE, entity)
        sent = [request for request in self._sent.get(key, ()) if isinstance(request, ScheduledChange)]
        change = ScheduledChange(
            key=key, site=site, trigger=INVOICE, entity=entity, version=1, intent=Intent.REPORT,
            fingerprint=str(number), payload=self._payload(number), due_at=self._due(), is_gated=self._scene.is_gated,
        )  # fmt: skip
        return self._remembered(self._changed(change, sent) if sent else _printed(change))

    def _changed(self, change: ScheduledChange, sent: list[ScheduledChange]) -> ScheduledChange:
        newest = max(sent, key=lambda item: item.version)
        other = self._chance.choice(sent)
        later = change._replace(version=newest.version + self._chance.randint(1, 3))
        ways: tuple[tuple[int, Callable[[], ScheduledChange]], ...] = (
            (50, lambda: later),
            (15, lambda: later._replace(payload=other.payload, due_at=other.due_at, intent=other.intent)),
            (5, lambda: change._replace(version=newest.version)),
            (5, lambda: change._replace(version=other.version)),
            (14, lambda: _cancel(later)),
            (2, lambda: _cancel(change._replace(version=newest.version))),
            (12, lambda: other),
        )
        (make,) = self._chance.choices([make for _, make in ways], [weight for weight, _ in ways])
        made = make()
        return made if made is other else _printed(made)

    def _of_visitor(self, number: int, site: str, entity: str) -> TriggerRequest:
        key = _entity_key(site, VISIT, entity)
        sent = self._sent.get(key, [])
        newest = max((request.version or 0 for request in sent), default=0)
        if sent and self._chance.random() < 0.15:
            return self._chance.choice(sent)
        version = max(1, newest + self._chance.choice((-2, 0, 1, 1, 1)))
        if sent and self._chance.random() < 0.2:
            return self._remembered(
                OccurrencesCancel(key=key, site=site, trigger=VISIT, entity=entity, version=version)
            )
        return self._remembered(_visit(number, site, entity, version, self._payload(number)), key)

    def _payload(self, number: int) -> str:
        marks = (None, REFUSED, RIDDLE, POISON if self._scene.is_poisonous else None)
        (mark,) = self._chance.choices(marks, (76, 20, 1, 3) if self._scene.is_gated else (93, 3, 1, 3))
        return f'{{"number":{number}}}' if mark is None else f'{{"number":{number},{mark}}}'

    def _due(self) -> int:
        span = self._scene.span
        return START + self._chance.choices((7 * DAY, -DAY, self._chance.randint(0, 2 * span)), (84, 8, 8))[0]

    def _remembered(self, request: TriggerRequest, key: RowKey | None = None) -> TriggerRequest:
        self._sent.setdefault(key or request.key, []).append(request)
        return request


def _cancel(change: ScheduledChange) -> ScheduledChange:
    return change._replace(intent=Intent.CANCEL, payload=None, due_at=None)


def _printed(change: ScheduledChange) -> ScheduledChange:
    return change._replace(fingerprint=fingerprint(change.fingerprint, change.intent, change.payload))


def _visit(number: int, site: str, entity: str | None, version: int | None, payload: str) -> OccurrenceReport:
    occurrence = f"visit {number}"
    key = occurrence_key(APP, site, VISIT, entity, occurrence)
    return OccurrenceReport(
        key=key, site=site, trigger=VISIT, occurrence=occurrence, payload=payload, entity=entity, version=version
    )


@cache
def _entity_key(site: str, trigger: str, entity: str) -> RowKey:
    return entity_key(APP, site, trigger, entity)
