"""What tells one attempt to save rows from every other."""

from __future__ import annotations

import uuid


def new_token() -> str:
    """Return a text that no other attempt has."""
    return uuid.uuid4().hex
