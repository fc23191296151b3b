"""Puts back on the delivery queue what has waited long enough."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from trigger_provider.entrypoints.schedule import shards_of
from trigger_provider.log_events import LogEvent
from trigger_provider.observability import count, logger, measure_seconds, metrics, note
from trigger_provider.settings import environment
from trigger_provider.wiring import recover as recovery

recover = recovery(environment())


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: object, _context: LambdaContext) -> dict[str, int]:
    """Enqueue what is due and what may go on; say how much that was, how old the oldest is, and how many sites wait."""
    recovered = recover(shards_of(event))
    if recovered.rows:
        note(LogEvent.ROWS_DUE, rows=recovered.rows)
    count("RowsRecovered", recovered.rows)
    if recovered.sites is not None:
        count("ParkedSites", recovered.sites.parked)
        count("RemovedSites", recovered.sites.removed)
    measure_seconds("OldestUnsettledSeconds", recovered.oldest)
    return {"due": recovered.rows}
