"""The figures of the world, times in milliseconds: those of template.yaml."""

from __future__ import annotations

from typing import Any, Final

from tests.support.template import parameter, properties, timing, value
from trigger_provider.domain.delivery.policy import DeliveryPolicy
from trigger_provider.domain.durations import DAY, HOUR, SECOND


def _timeout(function: str) -> int:
    return int(value(properties(function)["Timeout"])) * SECOND


def _most_receives(queue: str) -> int:
    return int(properties(queue)["RedrivePolicy"]["maxReceiveCount"])


def _seconds(written: Any) -> int:  # noqa: ANN401 - a number of the template, or what refers to one
    return int(value(written)) * SECOND


INTAKE_TIMEOUT: Final = _timeout("IntakeSqsFunction")
DELIVER_TIMEOUT: Final = _timeout("DeliverFunction")
RECOVER_TIMEOUT: Final = _timeout("RecoverFunction")
DEAD_LETTERS_TIMEOUT: Final = _timeout("DeadLettersFunction")
INTAKE_WINDOW: Final = INTAKE_TIMEOUT + 5 * SECOND
SETTLE_RESERVE: Final = 1_500
CONNECT: Final = timing("HttpConnectTimeout") * SECOND
READ: Final = timing("HttpReadTimeout") * SECOND
LONGEST_CALL: Final = CONNECT + 2 * READ
LEAST_CALL: Final = CONNECT + 2 * SECOND
INBOX_VISIBILITY: Final = _seconds(properties("InboxQueue")["VisibilityTimeout"])
INBOX_RECEIVES: Final = _most_receives("InboxQueue")
DELIVERY_VISIBILITY: Final = _seconds(properties("DeliveryQueue")["VisibilityTimeout"])
DELIVERY_RECEIVES: Final = _most_receives("DeliveryQueue")
DEAD_VISIBILITY: Final = _seconds(properties("DeliveryDeadLetterQueue")["VisibilityTimeout"])
WORKERS: Final = int(parameter("DeliverMaximumConcurrency"))
RETENTION: Final = int(parameter("LedgerRetentionDays")) * DAY
POLICY: Final = DeliveryPolicy(
    settle_delay=timing("SettleDelay") * SECOND,
    give_up_after=parameter("GiveUpAfterHours") * HOUR,
    retention=RETENTION,
    sweep_page=3,
)
PATIENCE: Final = 4 * HOUR + POLICY.longest_wait + 2 * DELIVERY_RECEIVES * DELIVERY_VISIBILITY + 10 * 60 * SECOND
"""How long after the last fault the world may take to come to rest: the longest wait of a site for its probe and of a
row, as often as a message that kills its workers comes, once more for the chance that its row has, and ten minutes for
a second cancel, recovery's minute and the rest."""
