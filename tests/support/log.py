"""What a log group would hold: the lines of our one logger, and its metrics."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from trigger_provider.observability.telemetry import logger, metrics


@dataclass
class Log:
    """The lines that were logged, and the metrics that were counted."""

    stream: io.StringIO = field(default_factory=io.StringIO)

    @property
    def text(self) -> str:
        """Return the whole: the lines as they were written, then the metrics in their embedded format."""
        emf = json.dumps(metrics.serialize_metric_set()) if metrics.metric_set else ""
        return self.stream.getvalue() + emf

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    @property
    def events(self) -> list[tuple[str, str]]:
        """Return level and id of each line."""
        return [(line["level"], line["log_event"]) for line in self.lines]

    @property
    def counts(self) -> dict[str, float]:
        """Return the sum of each metric."""
        return {name: sum(metric["Value"]) for name, metric in metrics.metric_set.items()}


@contextmanager
def captured_log() -> Iterator[Log]:
    """Let the one logger write here, at every level, and begin with no metrics."""
    kept, handler, level = Log(), logger.registered_handler, logger.log_level
    if not isinstance(handler, logging.StreamHandler):
        raise TypeError("the logger has no stream")
    before = handler.setStream(kept.stream)
    logger.setLevel(logging.DEBUG)
    metrics.clear_metrics()
    try:
        yield kept
    finally:
        metrics.clear_metrics()
        logger.setLevel(level)
        handler.setStream(before)
