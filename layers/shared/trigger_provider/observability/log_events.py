"""Every message that we can log: its id, which operators search for, and its level. Its fields stand beside it."""

from __future__ import annotations

import logging
from enum import Enum


class LogEvent(Enum):
    """One sentence of the log."""

    REQUEST_TAKEN = ("INTAKE_001", logging.DEBUG, "A request was taken")
    REQUEST_REFUSED = ("INTAKE_002", logging.WARNING, "A request was refused")
    REQUEST_TO_REPEAT = ("INTAKE_003", logging.WARNING, "A request must be sent again: its row was busy")
    REQUEST_REJECTED = ("INTAKE_005", logging.DEBUG, "A request can't be taken any more")
    EVENT_UNMATCHED = ("INTAKE_004", logging.INFO, "No binding matches this event")
    RECORDS_FAILED = ("INTAKE_006", logging.ERROR, "Records of a batch ended in an error: each comes again")
    REFUSAL_NOT_KEPT = ("INTAKE_007", logging.ERROR, "A refused message is too large for every queue")
    ROW_SETTLED = ("DELIVER_001", logging.DEBUG, "A row was settled")
    ROW_IN_TROUBLE = ("DELIVER_002", logging.WARNING, "A row will be tried again")
    ROW_FAILED = ("DELIVER_003", logging.ERROR, "A row was given up: a person must look at it")
    CANCEL_UNKNOWN = ("DELIVER_004", logging.WARNING, "Wix does not know an event that was cancelled")
    ROW_PARKED = ("DELIVER_007", logging.WARNING, "A row was parked: it goes on when its site may be called again")
    CREDENTIALS_REFUSED = (
        "DELIVER_005",
        logging.ERROR,
        "The app's id or secret can't be used: nothing can be delivered",
    )
    MESSAGE_UNREADABLE = ("DELIVER_006", logging.ERROR, "A delivery message could not be read")
    QUEUE_DEAF = ("DELIVER_009", logging.WARNING, "The delivery queue takes no word: messages come when they come")
    ROW_ONCE_MORE = ("DELIVER_010", logging.WARNING, "The delivery queue gave up a message: its row is tried once more")
    EVENT_REJECTED = ("DELIVER_008", logging.INFO, "Wix refuses an event")
    APP_INSTALLED = ("WEBHOOK_001", logging.INFO, "A site has installed the app")
    APP_REMOVED = ("WEBHOOK_002", logging.INFO, "A site has removed the app: what comes for it is kept")
    WEBHOOK_NOT_NEWS = ("WEBHOOK_003", logging.INFO, "A webhook said nothing new")
    WEBHOOK_REFUSED = ("WEBHOOK_004", logging.WARNING, "A webhook was refused")
    WEBHOOK_POSTPONED = ("WEBHOOK_005", logging.ERROR, "The ledger did not take a webhook: Wix sends it again")
    ACTIVATION_REFRESHED = ("GATE_001", logging.DEBUG, "Wix was given the newest payload of an event")
    ACTIVATION_CALLED_OFF = ("GATE_002", logging.INFO, "An activation was called off before it acted")
    ACTIVATION_UNKNOWN = (
        "GATE_003",
        logging.WARNING,
        "Wix is about to act on an event that the ledger can't vouch for",
    )
    QUESTION_REFUSED = ("GATE_004", logging.WARNING, "A call of the service plugin was refused")
    QUESTION_UNANSWERED = ("GATE_005", logging.ERROR, "The ledger did not answer: Wix may act on what is no longer so")
    ROWS_DUE = ("RECOVER_001", logging.INFO, "Waiting rows were put back on the delivery queue")

    def __init__(self, event_id: str, level: int, sentence: str) -> None:
        self.event_id = event_id
        self.level = level
        self.sentence = sentence
