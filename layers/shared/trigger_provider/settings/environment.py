"""Reads the environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trigger_provider.errors import UnusableSetting

if TYPE_CHECKING:
    from collections.abc import Mapping


def environment() -> Mapping[str, str]:
    """Return the environment of this process."""
    return os.environ


def text(env: Mapping[str, str], name: str) -> str:
    """Return the text of a setting. Raise `UnusableSetting` if it is absent or empty."""
    if value := env.get(name):
        return value
    raise UnusableSetting(name)


def optional(env: Mapping[str, str], name: str) -> str:
    """Return the text of a setting, which may be empty. Raise `UnusableSetting` if it is absent."""
    if name in env:
        return env[name]
    raise UnusableSetting(name)


def number(env: Mapping[str, str], name: str) -> int:
    """Return the whole number of a setting, or raise `UnusableSetting`."""
    digits = text(env, name)
    if not digits.isdecimal():
        raise UnusableSetting(f"{name} must be a whole number")
    return int(digits)


def require(rule: str, *, holds: bool) -> None:
    """Raise `UnusableSetting` unless a rule holds that settings must keep among themselves."""
    if not holds:
        raise UnusableSetting(rule)


def choice(env: Mapping[str, str], name: str, *choices: str) -> str:
    """Return the choice that a setting names, or raise `UnusableSetting`."""
    if (word := text(env, name)) in choices:
        return word
    raise UnusableSetting(f"{name} must be one of {', '.join(choices)}")
