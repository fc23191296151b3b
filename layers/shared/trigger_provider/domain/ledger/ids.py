"""Ids. Each depends only on the request, never on a message of a queue or on an attempt.

An event id is Wix's `externalEntityId`. It is the entity's UUID with its last twelve hex digits replaced: by the
generation, or by 48 bits of a hash of the occurrence's id. So it is a valid GUID, and a reader sees the generation.
Its first part is the ledger's partition, so no index is needed to find the row. The key of a row holds whole hashes,
so two entities that share a partition never share a row.
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


def entity_key(app_id: str, site: str, trigger: str, entity: str) -> RowKey:
    """Return the key of an entity's row."""
    partition, rest = _split(app_id, f"entity/{site}/{trigger}/{entity}")
    return RowKey(partition, f"{_ENTITY}#{rest}")


def occurrence_key(app_id: str, site: str, trigger: str, entity: str | None, occurrence: str) -> RowKey:
    """Return the key of an occurrence's row: in its entity's partition, or in one of its own if it has no entity."""
    if entity is None:
        partition, rest = _split(app_id, f"occurrence/{site}/{trigger}/{occurrence}")
        return RowKey(partition, f"{_ALONE}#{rest}#{_digest(occurrence)}")
    partition, rest = _split(app_id, f"entity/{site}/{trigger}/{entity}")
    return RowKey(partition, f"{_OCCURRENCE}#{rest}#{_digest(occurrence)}")


def entity_of(key: RowKey) -> RowKey | None:
    """Return the key of the entity's row in the partition of an occurrence's row.

    Return None if the occurrence has no entity, or if `key` is an entity's row itself.
    """
    kind, rest, *_ = key.row.split("#")
    return RowKey(key.partition, f"{_ENTITY}#{rest}") if kind == _OCCURRENCE else None


def occurrences_named(entity: RowKey, event: str) -> str:
    """Return the prefix of the row keys of an entity's occurrences with this event id. No other row key has it."""
    _, rest = entity.row.split("#")
    return f"{_OCCURRENCE}#{rest}#{event.rpartition('-')[2]}"


def generation_id(key: RowKey, generation: int) -> str:
    """Return the event id of one generation of a scheduled trigger's entity."""
    return f"{key.partition}-{generation:012x}"


def occurrence_id(key: RowKey) -> str:
    """Return the event id of an occurrence, from the key of its row."""
    return f"{key.partition}-{key.row.rsplit('#', 1)[1][:12]}"


def event_id(row: Row) -> str:
    """Return the event id that a row stands for now. A tombstone stands for none: its id is that of generation 0."""
    match row:
        case ScheduledEntity():
            return generation_id(row.key, row.generation)
        case Tombstone():
            return generation_id(row.key, 0)
    return occurrence_id(row.key)


def idempotency_key(app_id: str, row: ScheduledEntity | RealtimeEvent) -> str:
    """Return the idempotency key, under which Wix takes this generation or occurrence only once: 64 characters.

    Wix scopes keys to app and trigger, not to the site (Report Event, `idempotency`). So the site is part of the key.
    """
    own = row.generation if isinstance(row, ScheduledEntity) else row.occurrence
    return _digest(json.dumps([app_id, row.site, row.trigger, row.entity, own]))


def fingerprint(*parts: str | None) -> str:
    """Return 80 bits, as 20 hex digits, that tell one request for a row from another."""
    return _digest(json.dumps(parts))[:20]


def _split(app_id: str, name: str) -> tuple[str, str]:
    entity = str(uuid5(_namespace(app_id), name))
    return entity[:_PARTITION_LENGTH], entity[_PARTITION_LENGTH + 1 :]


@cache
def _namespace(app_id: str) -> UUID:
    return uuid5(_NAMESPACE, app_id)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
