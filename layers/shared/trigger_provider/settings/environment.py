"""Reads the environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trigger_provider.errors import MissingSetting

if TYPE_CHECKING:
    from collections.abc import Mapping


def environment() -> Mapping[str, str]:
    """Return the environment of this process."""
    return os.environ


def text(env: Mapping[str, str], name: str) -> str:
    """Return the text of a setting. Raise `MissingSetting` if it is absent or empty."""
    if value := env.get(name):
        return value
    raise MissingSetting(name)


def optional(env: Mapping[str, str], name: str) -> str:
    """Return the text of a setting, which may be empty. Raise `MissingSetting` if it is absent."""
    if name in env:
        return env[name]
    raise MissingSetting(name)


def number(env: Mapping[str, str], name: str) -> int:
    """Return the whole number of a setting, or raise `MissingSetting`."""
    digits = text(env, name)
    if not digits.isdecimal():
        raise MissingSetting(f"{name} must be a whole number")
    return int(digits)


def choice(env: Mapping[str, str], name: str, *choices: str) -> str:
    """Return the choice that a setting names, or raise `MissingSetting`."""
    if (word := text(env, name)) in choices:
        return word
    raise MissingSetting(f"{name} must be one of {', '.join(choices)}")
