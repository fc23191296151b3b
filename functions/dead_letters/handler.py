"""Handles messages from the delivery dead-letter queue: retries each row once, then marks it failed."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from trigger_provider.entrypoints.sqs_records import BatchResponse
from trigger_provider.observability.telemetry import logger, metrics
from trigger_provider.settings.environment import environment
from trigger_provider.wiring.dead_letters import dead_letters

retry_or_fail = dead_letters(environment())


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: object, context: LambdaContext) -> BatchResponse:
    """Retry or fail the rows of a batch. Only messages that must come again are reported as failed."""
    return retry_or_fail.handle(event, context.get_remaining_time_in_millis())
