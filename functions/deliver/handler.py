"""Delivers rows of the ledger to Wix: reports and cancels events."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from trigger_provider.entrypoints.sqs_records import BatchResponse
from trigger_provider.observability.telemetry import logger, metrics
from trigger_provider.settings.environment import environment
from trigger_provider.wiring.delivery import queue_delivery

delivery = queue_delivery(environment())


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, object], context: LambdaContext) -> BatchResponse:
    """Deliver a batch. The response names the messages that must come again."""
    return delivery.handle(event, context.get_remaining_time_in_millis())
