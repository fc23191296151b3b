"""The one logger and the one set of metrics.

Lines carry ids, pointers and rules. They never carry a payload, an entity id (it may be an e-mail address), a token or
a secret.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from aws_lambda_powertools import Logger, Metrics, single_metric
from aws_lambda_powertools.metrics import MetricUnit

if TYPE_CHECKING:
    from trigger_provider.observability.log_events import LogEvent

logger: Final = Logger(utc=True, use_rfc3339=True, location=None)
"""Lambda reads the level of a line only if its timestamp is RFC 3339; any other line counts as INFO."""

metrics: Final = Metrics()

_WRITE: Final = {
    logging.DEBUG: logger.debug,
    logging.INFO: logger.info,
    logging.WARNING: logger.warning,
    logging.ERROR: logger.error,
}


def log(event: LogEvent, **coordinates: object) -> None:
    """Log one of our sentences. The coordinates become members of the line."""
    _WRITE[event.level](event.sentence, extra={"log_event": event.event_id, **coordinates})


def measure_seconds(name: str, milliseconds: int) -> None:
    """Add a duration to a metric."""
    metrics.add_metric(name=name, unit=MetricUnit.Seconds, value=milliseconds / 1_000)


def increment_by_trigger(name: str, trigger: str, value: int) -> None:
    """Put a number into a metric of one trigger. Each is a metric of its own and is paid for: only what is rare is."""
    dimensions = {"service": metrics.service, "trigger": trigger}
    with single_metric(name=name, unit=MetricUnit.Count, value=value, default_dimensions=dimensions):
        pass


def increment(name: str, value: int = 1) -> None:
    """Add to a metric. Names are few and fixed: a dimension for each site would make a metric for each site."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
