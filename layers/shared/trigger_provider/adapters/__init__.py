"""Who keeps the promises of `ports` in the world outside, and what those at AWS share.

That is patience (`BackOff`), portions (`batches`), and one way of saying that it did not work (`translated`).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from trigger_provider.errors import TriggerProviderError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BackOff:
    """How often that part of a call is tried which failed for a moment, and how many seconds lie between.

    The wait doubles up to `longest` and is drawn from the whole range below it (full jitter).
    """

    attempts: int = 6
    first: float = 0.1
    longest: float = 1.0
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[float, float], float] = random.uniform

    def tries(self) -> Iterator[int]:
        """Count the attempts from 0, and wait before each but the first."""
        yield 0
        for attempt in range(1, self.attempts):
            self.sleep(self.jitter(0, min(self.longest, self.first * 2 ** (attempt - 1))))
            yield attempt


BACK_OFF = BackOff()


def batches(
    items: Iterable[T], most: int, weight: Callable[[T], int] = lambda _: 0, heaviest: int = 0
) -> Iterator[list[T]]:
    """Cut items, in order, into lists of at most `most`; only a single item makes one heavier than `heaviest`."""
    batch: list[T] = []
    load = 0
    for item in items:
        weighs = weight(item)
        if batch and (len(batch) == most or load + weighs > heaviest):
            yield batch
            batch, load = [], 0
        batch.append(item)
        load += weighs
    if batch:
        yield batch


@contextmanager
def translated(operation: str, error_type: type[TriggerProviderError]) -> Iterator[None]:
    """Raise our error for a failed call, with its code but without its text, which can quote what was sent."""
    try:
        yield
    except ClientError as error:
        raise error_type(f"{operation}: {error.response['Error']['Code']}") from None
    except BotoCoreError as error:
        raise error_type(f"{operation}: {type(error).__name__}") from None
