"""What all calls to AWS share: patience (`BackOff`), and one way of saying that they failed (`translated`)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from trigger_provider.errors import TriggerProviderError


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


@contextmanager
def translated(operation: str, error_type: type[TriggerProviderError]) -> Iterator[None]:
    """Raise our error for a failed call, with its code but without its text, which can quote what was sent."""
    try:
        yield
    except ClientError as error:
        raise error_type(f"{operation}: {error.response['Error']['Code']}") from None
    except BotoCoreError as error:
        raise error_type(f"{operation}: {type(error).__name__}") from None
