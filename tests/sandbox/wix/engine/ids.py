"""Ids that are the same in every run."""

from __future__ import annotations

from uuid import NAMESPACE_OID, uuid5


def made_id(*parts: object) -> str:
    """A GUID that is a function of its parts."""
    return str(uuid5(NAMESPACE_OID, "/".join(map(str, parts))))
