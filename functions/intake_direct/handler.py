"""Takes requests from other Lambda functions, and returns the result of each."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from trigger_provider.observability.telemetry import logger, metrics
from trigger_provider.settings.environment import environment
from trigger_provider.wiring.intake import direct_intake

intake = direct_intake(environment())


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: object, _context: LambdaContext) -> dict[str, Any]:
    """Return one result for each request, in order."""
    return intake.handle(event)
