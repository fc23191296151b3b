"""Ids: all of them functions of the request, never of a queue's message or of an attempt.

An event id, Wix's `externalEntityId`, is the entity's UUID with its last twelve hex digits replaced: by
the generation, or by 48 bits of a hash of the occurrence's id. So it is a valid GUID, shows its generation
to the eye, and leads back to the ledger's partition without an index. Rows are keyed by whole hashes, so
two entities that share a partition never share a row.
"""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from uuid import UUID, uuid5

from trigger_provider.domain.ledger.rows import RealtimeEvent, Row, RowKey, ScheduledEntity, Tombstone

_NAMESPACE = UUID("5d3c8a52-2f3b-5c0a-9e1b-6d0f2b7a4c11")
_PARTITION_LENGTH = 23
_ENTITY, _OCCURRENCE, _ALONE = "entity", "occurrence", "alone"
ROW_KINDS = frozenset({_ENTITY, _OCCURRENCE, _ALONE})
LAST_GENERATION = 0xFFFF_FFFF_FFFF


def entity_key(app_id: str, site: str, trigger: str, entity: str) -> RowKey:
    """Return the key of an entity's row."""
    partition, rest = _split(app_id, f"entity/{site}/{trigger}/{entity}")
    return RowKey(partition, f"{_ENTITY}#{rest}")


def occurrence_key(app_id: str, site: str, trigger: str, entity: str | None, occurrence: str) -> RowKey:
    """Return the key of an occurrence's row, in its entity's partition; without an entity it lies alone."""
    if entity is None:
        partition, rest = _split(app_id, f"occurrence/{site}/{trigger}/{occurrence}")
        return RowKey(partition, f"{_ALONE}#{rest}#{_digest(occurrence)}")
    partition, rest = _split(app_id, f"entity/{site}/{trigger}/{entity}")
    return RowKey(partition, f"{_OCCURRENCE}#{rest}#{_digest(occurrence)}")


def entity_of(key: RowKey) -> RowKey | None:
    """Return the key of the entity row that lies beside an occurrence's row; none if it has no entity, or is one."""
    kind, rest, *_ = key.row.split("#")
    return RowKey(key.partition, f"{_ENTITY}#{rest}") if kind == _OCCURRENCE else None


def occurrences_named(entity: RowKey, event: str) -> str:
    """Return what the row keys of an entity's occurrences with this event id begin with, as those of no others do."""
    _, rest = entity.row.split("#")
    return f"{_OCCURRENCE}#{rest}#{event.rpartition('-')[2]}"


def generation_id(key: RowKey, generation: int) -> str:
    """Return the event id of one generation of a scheduled trigger's entity."""
    return f"{key.partition}-{generation:012x}"


def occurrence_id(key: RowKey) -> str:
    """Return the event id of an occurrence, from the key of its row."""
    return f"{key.partition}-{key.row.rsplit('#', 1)[1][:12]}"


def event_id(row: Row) -> str:
    """Return the event id that a row stands for now. A tombstone stands for none, and has the id of generation 0."""
    match row:
        case ScheduledEntity():
            return generation_id(row.key, row.generation)
        case Tombstone():
            return generation_id(row.key, 0)
    return occurrence_id(row.key)


def idempotency_key(app_id: str, row: ScheduledEntity | RealtimeEvent) -> str:
    """Return the key under which Wix takes this generation or occurrence once: 64 characters.

    Wix scopes keys to app and trigger, not to the site (Report Event, `idempotency`), hence the site in it.
    """
    own = row.generation if isinstance(row, ScheduledEntity) else row.occurrence
    return _digest(json.dumps([app_id, row.site, row.trigger, row.entity, own]))


def fingerprint(*parts: str | None) -> str:
    """Return 80 bits that tell one request for a row from another."""
    return _digest(json.dumps(parts))[:20]


def _split(app_id: str, name: str) -> tuple[str, str]:
    entity = str(uuid5(_namespace(app_id), name))
    return entity[:_PARTITION_LENGTH], entity[_PARTITION_LENGTH + 1 :]


@cache
def _namespace(app_id: str) -> UUID:
    return uuid5(_NAMESPACE, app_id)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
