"""The queue of refused messages as a list."""

from __future__ import annotations

from collections.abc import Sequence

from trigger_provider.domain.delivery.messages import Refusal
from trigger_provider.domain.intake.refusals import fit_refusal
from trigger_provider.errors import QueueUnavailable


class MemoryRefusals:
    """Keeps the port `Refusals`. While `down`, every call fails and nothing is put."""

    def __init__(self) -> None:
        self.refused: list[Refusal] = []
        self.down = False

    def put(self, refusals: Sequence[Refusal]) -> None:
        if self.down:
            raise QueueUnavailable("down")
        if any(fit_refusal(refusal) is None for refusal in refusals):
            raise ValueError("no message of a queue holds this")
        self.refused += refusals
