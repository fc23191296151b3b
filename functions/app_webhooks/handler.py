"""Takes Wix's webhooks: a site has installed or removed the app."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from trigger_provider.observability.telemetry import logger, metrics
from trigger_provider.settings.environment import environment
from trigger_provider.wiring.wix import app_webhooks

webhooks = app_webhooks(environment())


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Answer a webhook with a status and no body."""
    return webhooks.handle(event)
