"""Unit tests open no sockets, and can read what was logged."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import NoReturn

import pytest

from tests.support.log import Log, captured_log


@pytest.fixture(autouse=True)
def _no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where a socket is made.

    This alone patches anything: no fake can show that nobody reaches past it.
    """

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a unit test opens no socket")

    monkeypatch.setattr(socket.socket, "__init__", refuse)


@pytest.fixture
def log() -> Iterator[Log]:
    """Return what is logged and counted during the test."""
    with captured_log() as kept:
        yield kept
