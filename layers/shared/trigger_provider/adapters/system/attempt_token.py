"""A token that identifies one attempt to save rows."""

from __future__ import annotations

import uuid


def new_token() -> str:
    """Return a text that identifies this attempt and no other."""
    return uuid.uuid4().hex
