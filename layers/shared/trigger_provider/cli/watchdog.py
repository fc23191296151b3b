"""Ends a command that sends before it saves, after the timeout of the intake functions, as Lambda ends a function.

Delivery drops a message whose row is not saved within that time. A row that was saved later would have none.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

import click

from trigger_provider.cli.context import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def _end() -> None:
    click.echo("Error: AWS took too long. Nothing is lost: run the same command again.", err=True)
    os._exit(Unavailable.exit_code)


@contextmanager
def at_most(seconds: float, end: Callable[[], None] = _end) -> Iterator[None]:
    """End this process if the block takes longer, also while it waits."""
    timer = Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
