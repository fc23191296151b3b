"""Texts that gain nothing by being compressed."""

from __future__ import annotations

import base64
import random


def noise(length: int) -> str:
    """Return a text of so many ASCII characters, always the same, that gains nothing by compression and base64."""
    return base64.b64encode(random.Random(7).randbytes(length)).decode()[:length]  # noqa: S311 - no secret
