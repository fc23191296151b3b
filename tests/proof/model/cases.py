"""The cases of the model: which requests come in, and how many faults of which kinds happen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from tests.proof.model.clock import FAR, PAST, SOON
from trigger_provider.domain.intake.commands import OccurrenceReport, OccurrencesCancel, ScheduledChange, TriggerRequest
from trigger_provider.domain.ledger.ids import entity_key, fingerprint, occurrence_key
from trigger_provider.domain.ledger.rows import Intent, RowKey

APP, SITE, TRIGGER, ENTITY = "app", "site", "trigger", "entity"
KEY = entity_key(APP, SITE, TRIGGER, ENTITY)

_DUE = {"S": FAR, "U": FAR, "P": PAST, "D": SOON, "G": FAR, "M": FAR + 1}
_GATED = "GM"


class Fault(Enum):
    """What can go wrong. `COPY`: a message or an input comes twice. `PARKED`: Wix answers as for a suspended site.

    `FORGOTTEN`: the operator erases the row. `RESTORED`: the table is lost, and an older copy of it is put back.
    `MESSAGE_LOST`: a message of the delivery queue is deleted unread, as after its retention.
    """

    CRASH = "crash"
    TIMEOUT = "time-out"
    COPY = "copy"
    REFUSAL = "refusal"
    NOT_TRIED = "not tried"
    PARKED = "parked"
    FORGOTTEN = "forgotten"
    RESTORED = "restored"
    MESSAGE_LOST = "message lost"


USUAL = frozenset({Fault.CRASH, Fault.TIMEOUT, Fault.COPY})


@dataclass(frozen=True, eq=False, kw_only=True)
class Case:
    """One world to explore.

    `words` are the requests, each a letter and a version: S reports under a scheduled trigger, U the same payload
    as the report before it, P one whose date has passed, D one whose date passes while we look; G reports under
    a scheduled trigger with a gate, M the same at another date; R reports an occurrence of a real-time trigger; X
    cancels.

    The settle delay passes in `parts` parts: a worker lives through all of them but the last. With `retries` the source
    sends a request again that intake did not finish. With `late` Wix may answer before it applies a call. With
    `is_quick` the first failure brings the message back at once. With `gives_up` each failure is the last. With
    `forgets` a parked row is released as if Wix had forgotten its idempotency key. With `walks` the slow walk comes by.
    A sweep reads `page` occurrences at once.
    """

    words: str
    faults: int
    kinds: frozenset[Fault] = USUAL
    workers: int = 2
    intakes: int = 2
    parts: int = 1
    retries: bool = True
    late: bool = False
    gives_up: bool = False
    is_quick: bool = True
    forgets: bool = False
    walks: bool = False
    page: int = 100
    limit: int = 200_000

    @property
    def name(self) -> str:
        """Return the case in words."""
        marks = {
            "once": not self.retries,
            "late": self.late,
            "gives up": self.gives_up,
            "not quick": not self.is_quick,
            f"{self.parts} parts": self.parts > 1,
            f"{self.workers} workers": self.workers > 2,
            "refusals": Fault.REFUSAL in self.kinds,
            "not tried": Fault.NOT_TRIED in self.kinds,
            "parkings": Fault.PARKED in self.kinds,
            "keys forgotten": self.forgets,
            "pages of 1": self.page == 1,
            "row erased": Fault.FORGOTTEN in self.kinds,
            "table restored": Fault.RESTORED in self.kinds,
            "messages lost": self.walks,
        }
        faults = "1 fault" if self.faults == 1 else f"{self.faults} faults"
        return ", ".join([self.words, faults, *(mark for mark, is_so in marks.items() if is_so)])

    @cached_property
    def is_gated(self) -> bool:
        """Whether Wix may hold an older payload than the ledger, since it asks before it acts."""
        return any(letter in _GATED for letter in self.words)

    @cached_property
    def requests(self) -> tuple[TriggerRequest, ...]:
        """The requests, as they come in before any date has passed."""
        is_scheduled = "R" not in self.words
        words = self.words.split()
        return tuple(_change(words, at) if is_scheduled else _occurrence(words[at]) for at in range(len(words)))

    @cached_property
    def dated_requests(self) -> tuple[TriggerRequest, ...]:
        """The requests, after the date of those that are due soon."""
        return tuple(
            request._replace(due_at=PAST)
            if isinstance(request, ScheduledChange) and request.due_at == SOON
            else request
            for request in self.requests
        )

    @cached_property
    def keys(self) -> tuple[RowKey, ...]:
        """The keys of all rows; the entity's comes first."""
        return tuple(dict.fromkeys([KEY, *(request.key for request in self.requests)]))

    @cached_property
    def targets(self) -> tuple[int, ...]:
        """For each request, which row it is about."""
        return tuple(self.keys.index(request.key) for request in self.requests)

    @cached_property
    def reads(self) -> tuple[tuple[int, ...], ...]:
        """For each request, which rows intake loads for it: an occurrence's own, and its entity's."""
        return tuple((target, 0) if target else (0,) for target in self.targets)


def _change(words: list[str], at: int) -> ScheduledChange:
    letter, version = words[at][0], int(words[at][1:])
    intent = Intent.CANCEL if letter == "X" else Intent.REPORT
    payload = None if letter == "X" else f"payload {at - 1 if letter == 'U' else at}"
    return ScheduledChange(
        key=KEY, site=SITE, trigger=TRIGGER, entity=ENTITY, version=version, intent=intent, payload=payload,
        due_at=_DUE.get(letter), fingerprint=fingerprint(None, intent, payload), is_gated=letter in _GATED,
    )  # fmt: skip


def _occurrence(word: str) -> OccurrenceReport | OccurrencesCancel:
    version = int(word[1:])
    if word[0] == "X":
        return OccurrencesCancel(key=KEY, site=SITE, trigger=TRIGGER, entity=ENTITY, version=version)
    return OccurrenceReport(
        key=occurrence_key(APP, SITE, TRIGGER, ENTITY, word), site=SITE, trigger=TRIGGER, occurrence=word,
        payload=word, entity=ENTITY, version=version,
    )  # fmt: skip
