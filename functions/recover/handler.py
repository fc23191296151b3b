"""Puts rows back on the delivery queue when their time has come."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from trigger_provider.observability.telemetry import logger, metrics
from trigger_provider.settings.environment import environment
from trigger_provider.wiring.recovery import scheduled_recovery

recover = scheduled_recovery(environment())


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: object, _context: LambdaContext) -> dict[str, int]:
    """Requeue rows that are due, and parked rows of resumed sites. Return how many rows that were."""
    return recover.handle(event)
