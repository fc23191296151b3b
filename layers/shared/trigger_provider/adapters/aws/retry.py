"""What all calls to AWS share: retries (`BackOff`), and the translation of errors (`translate`)."""

from __future__ import annotations

import random
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from trigger_provider.domain.durations import back_off
from trigger_provider.use_cases.concurrency import map_concurrently

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from trigger_provider.errors import TriggerProviderError


Portion = TypeVar("Portion")
Part = TypeVar("Part")


class BackOff(NamedTuple):
    """How often the part of a call that failed temporarily is tried, and how many seconds lie between the tries.

    Each wait is drawn from the whole range up to a bound (full jitter). The bound doubles up to `longest`.
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
            self.sleep(self.jitter(0, back_off(self.first, attempt - 1, self.longest)))
            yield attempt


BACK_OFF = BackOff()

_DENIED = frozenset({"AccessDenied", "AccessDeniedException"})
MOST_AT_ONCE: Final = 5
"""A thread costs processor time, and a wait does not. Of a batch, more threads cost more than the waits they save."""


def run_concurrently(
    call: Callable[[Portion], Sequence[Part]], portions: Iterable[Portion], most_at_once: int = MOST_AT_ONCE
) -> list[Part]:
    """Make a call for each portion, several at once, and return all parts of their answers in order."""
    return [part for parts in map_concurrently(call, list(portions), most_at_once) for part in parts]


@contextmanager
def translate(
    operation: str, error_type: type[TriggerProviderError], forbidden: type[TriggerProviderError] | None = None
) -> Iterator[None]:
    """Raise our error for a failed call, with AWS's code. AWS's text is left out, because it can quote what was sent.

    If AWS denies the action and `forbidden` is given, raise `forbidden` instead.
    """
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        kind = forbidden if forbidden and code in _DENIED else error_type
        raise kind(f"{operation}: {code}") from None
    except BotoCoreError as error:
        raise error_type(f"{operation}: {type(error).__name__}") from None
