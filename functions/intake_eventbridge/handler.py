"""Takes business events from EventBridge."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from trigger_provider.observability.telemetry import logger, metrics
from trigger_provider.settings.environment import environment
from trigger_provider.wiring.intake import eventbridge_intake

intake = eventbridge_intake(environment())


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: object, _context: LambdaContext) -> None:
    """Take one event. After an error Lambda invokes the function again, and at last its on-failure destination."""
    intake.handle(event)
