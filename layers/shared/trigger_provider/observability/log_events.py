"""Every log message: its id, which operators search for, its level and its sentence."""

from __future__ import annotations

import logging
from enum import Enum


class LogEvent(Enum):
    """One sentence of the log."""

    REQUEST_PROCESSED = ("INTAKE_001", logging.DEBUG, "A request was processed")
    REQUEST_REFUSED = ("INTAKE_002", logging.WARNING, "A request was refused")
    REQUEST_TO_RETRY = ("INTAKE_003", logging.WARNING, "A request must be sent again: its row was busy")
    REQUEST_REJECTED = ("INTAKE_005", logging.DEBUG, "A request was rejected: its event can no longer be reported")
    EVENT_UNMATCHED = ("INTAKE_004", logging.INFO, "No binding matches this event")
    RECORDS_FAILED = ("INTAKE_006", logging.ERROR, "Records of a batch ended in an error: each comes again")
    REFUSAL_NOT_KEPT = ("INTAKE_007", logging.ERROR, "A refused message is too large for every queue")
    CANCEL_OF_UNKNOWN = ("INTAKE_008", logging.INFO, "A cancel came for an entity of which nothing is known")
    VERSION_FAR_BEHIND = (
        "INTAKE_009",
        logging.WARNING,
        "A request is stale: the version that is known is far larger, as if it was counted in another unit",
    )
    ROW_SETTLED = ("DELIVERY_001", logging.DEBUG, "A row was settled")
    ROW_TO_RETRY = ("DELIVERY_002", logging.WARNING, "A row will be retried")
    ROW_FAILED = ("DELIVERY_003", logging.ERROR, "A row has failed: a person must look at it")
    CANCEL_UNKNOWN = ("DELIVERY_004", logging.WARNING, "Wix does not know an event that was cancelled")
    ROW_PARKED = ("DELIVERY_007", logging.WARNING, "A row was parked until its site is resumed")
    CREDENTIALS_REFUSED = (
        "DELIVERY_005",
        logging.ERROR,
        "The app's id or secret can't be used: nothing can be delivered",
    )
    MESSAGE_UNREADABLE = ("DELIVERY_006", logging.ERROR, "A delivery message could not be read")
    MESSAGE_CHANGE_REFUSED = (
        "DELIVERY_009",
        logging.WARNING,
        "SQS refused a visibility change or a delete: the messages will be redelivered",
    )
    ROW_LAST_RETRY = (
        "DEAD_LETTERS_001",
        logging.WARNING,
        "A message became a dead letter: its row is retried one last time",
    )
    EVENT_REJECTED = ("DELIVERY_008", logging.INFO, "Wix rejected an event")
    APP_INSTALLED = ("INSTALLATION_001", logging.INFO, "A site has installed the app")
    APP_REMOVED = ("INSTALLATION_002", logging.INFO, "A site has removed the app: its rows are parked")
    WEBHOOK_UNCHANGED = ("INSTALLATION_003", logging.INFO, "A webhook changed nothing")
    WEBHOOK_REFUSED = ("INSTALLATION_004", logging.WARNING, "A webhook was refused")
    WEBHOOK_POSTPONED = (
        "INSTALLATION_005",
        logging.ERROR,
        "The ledger did not answer, so a webhook was not saved: Wix sends it again",
    )
    ACTIVATION_REFRESHED = ("REFRESH_PAYLOAD_001", logging.DEBUG, "Wix was given the newest payload of an event")
    ACTIVATION_CANCELLED = ("REFRESH_PAYLOAD_002", logging.INFO, "An activation was cancelled before it acted")
    ACTIVATION_UNKNOWN = (
        "REFRESH_PAYLOAD_003",
        logging.WARNING,
        "Wix asked about an event that the ledger does not know, or knows twice",
    )
    PLUGIN_CALL_REFUSED = ("REFRESH_PAYLOAD_004", logging.WARNING, "A call of the service plugin was refused")
    PLUGIN_CALL_UNANSWERED = (
        "REFRESH_PAYLOAD_005",
        logging.ERROR,
        "The ledger did not answer: Wix may act on old data",
    )
    ROWS_REQUEUED = ("RECOVERY_001", logging.INFO, "Waiting rows were requeued")
    ROWS_OVERLOOKED = (
        "RECOVERY_002",
        logging.WARNING,
        "The slow walk has requeued rows that no index and no message would have brought back",
    )
    ROWS_UNAVAILABLE = ("DELIVERY_010", logging.ERROR, "Rows can't be read: they are damaged, or in another format")

    def __init__(self, event_id: str, level: int, sentence: str) -> None:
        self.event_id = event_id
        self.level = level
        self.sentence = sentence
