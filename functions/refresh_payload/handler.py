"""The gate: Wix asks it before an automation acts, and gets the newest payload or a cancel."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from trigger_provider.observability.telemetry import logger, metrics
from trigger_provider.settings.environment import environment
from trigger_provider.wiring.wix import refresh_payload

plugin = refresh_payload(environment())


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Answer one call of Wix's service plugin."""
    return plugin.handle(event)
