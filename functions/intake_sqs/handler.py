"""Takes requests and EventBridge envelopes from the InboxQueue."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from trigger_provider.entrypoints.sqs_records import BatchResponse
from trigger_provider.observability.telemetry import logger, metrics
from trigger_provider.settings.environment import environment
from trigger_provider.wiring.intake import sqs_intake

intake = sqs_intake(environment())


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: object, context: LambdaContext) -> BatchResponse:
    """Take a batch. The response names the messages that must come again."""
    return intake.handle(event, context.get_remaining_time_in_millis())
