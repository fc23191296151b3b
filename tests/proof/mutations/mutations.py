"""Small wrongs: each takes one rule away, and each must be noticed by the model or by the ledger's own suites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Mutation:
    """One text of one file of the package, replaced by another. `case` is the model's case that should notice."""

    wrong: str
    file: str
    before: str
    after: str
    case: str = ""

    @property
    def is_of_the_ledger(self) -> bool:
        """Return whether the ledger's suites are to notice, and not the model."""
        return self.file.startswith("adapters/")

    @property
    def is_of_sites(self) -> bool:
        """Return whether the suites of what befalls sites and messages are to notice.

        The model knows neither of calls that count nor of messages that are given up.
        """
        return not self.case and not self.is_of_the_ledger


_ACCEPTANCE: Final = "domain/intake/acceptance.py"
_PLANNING: Final = "domain/delivery/planning.py"
_GENERATIONS: Final = "domain/ledger/generations.py"
_SWEEPS: Final = "domain/delivery/sweeps.py"
_GATE: Final = "domain/gate.py"
_SETTLEMENT: Final = "domain/delivery/settlement.py"
_RATE_LIMIT: Final = "domain/sites/rate_limit.py"
_DEAD_LETTERS: Final = "domain/delivery/dead_letters.py"
_ADMISSION: Final = "domain/sites/admission.py"
_TOMBSTONES: Final = "domain/ledger/tombstones.py"
_SUSPENSION: Final = "domain/sites/suspension.py"
_RESUMPTION: Final = "domain/delivery/resumption.py"
_WALK: Final = "domain/sites/walk.py"
_TURNS: Final = "domain/delivery/turns.py"
_RETRY: Final = "domain/delivery/retry.py"
_JOBS: Final = "domain/delivery/jobs.py"
_RESTORATION: Final = "domain/operations/restoration.py"
_TABLE: Final = "adapters/dynamodb/table.py"
_STATEMENTS: Final = "adapters/dynamodb/statements.py"

MUTATIONS: Final = (
    Mutation("an older version is taken", _ACCEPTANCE, "change.version < draft.version", "False", "S1 S2, 1 fault, 2"),
    Mutation(
        "every change has one generation", _GENERATIONS, "row.generation + 1 if", "row.generation if", "S1 S2, 2 faults"
    ),
    Mutation(
        "a row is born with generation 1",
        _GENERATIONS,
        "if row.generation else first_generation(now)",
        "if row.generation else 1",
        "S1 X2 S3, 1 fault, row erased",
    ),
    Mutation(
        "a refused cancel of what Wix acknowledged counts as done",
        _JOBS,
        "generation > row.acked_before",
        "True",
        "S1 S2, 1 fault, not quick, refusals",
    ),
    Mutation(
        "a sweep forgets that an earlier page left something open",
        _SWEEPS,
        "sweep_position=plan.next_position, first_open_position=first_open",
        "sweep_position=plan.next_position, first_open_position=None",
        "R1 R2 X3, 0 faults, pages of 1",
    ),
    Mutation(
        "a page is settled although another worker has swept it",
        _JOBS,
        "return row.version, row.sweep_position, row.first_open_position",
        "return (row.version,)",
        "R1 R2 X3, 0 faults, pages of 1",
    ),
    Mutation(
        "a restored row goes on where the copy ends",
        _RESTORATION,
        "row.generation + MOST_LOST_CHANGES",
        "row.generation",
        "S1 S2, 1 fault, table restored",
    ),
    Mutation(
        "what came before is taken for closed",
        _GENERATIONS,
        "row.oldest_open_generation or generation",
        "generation",
        "S1 S2",
    ),
    Mutation(
        "a report wins over a cancel of its version", _ACCEPTANCE, "draft.intent is Intent.CANCEL", "False", "S1 X1"
    ),
    Mutation(
        "a cancel does not cover its own version", _TOMBSTONES, "version <= tombstone", "version < tombstone", "R1 X1"
    ),
    Mutation(
        "an event that is known is taken again",
        _ACCEPTANCE,
        "if stored is not None:\n        return",
        "if False:\n        return",
        "R1",
    ),
    Mutation(
        "the tombstone is not asked at intake or delivery",
        _TOMBSTONES,
        "return tombstone is not None and",
        "return False and",
        "R1 X2",
    ),
    Mutation(
        "a newer change keeps the second cancel's time",
        _GENERATIONS,
        '"second_cancel_at": None, "activation_ids"',
        '"activation_ids"',
        "S1 S2",
    ),
    Mutation(
        "a cancel with nothing seen before is left pending",
        _ACCEPTANCE,
        "row.oldest_open_generation < row.generation:",
        "True:",
        "X1 S2",
    ),
    Mutation(
        "nothing is cancelled",
        _PLANNING,
        "min(row.generation, row.oldest_open_generation + MOST_CANCELS)",
        "row.oldest_open_generation",
        "S1 S2",
    ),
    Mutation(
        "one cancel is always conclusive", _PLANNING, "list(cancels) == [row.acked_generation] and", "True or", "S1 S2"
    ),
    Mutation(
        "any acknowledgement makes it certain",
        _PLANNING,
        "row.acked_at + settle_delay <= now",
        "True",
        "S1 X2",
    ),
    Mutation(
        "the second cancel does not wait",
        _PLANNING,
        "conclusive = row.second_cancel_at <= now",
        "conclusive = True",
        "S1 X2",
    ),
    Mutation(
        "a date that has passed is reported",
        _PLANNING,
        "Step.EXPIRE if row.due_at is not None and row.due_at <= now else Step.SEND",
        "Step.SEND",
        "S1 P2",
    ),
    Mutation(
        "a cancelled occurrence is sent",
        _PLANNING,
        "Step.SUPERSEDE if covers(tombstone, row.version) else Step.SEND",
        "Step.SEND",
        "R1 X2",
    ),
    Mutation(
        "a sweep leaves out what was superseded",
        _SWEEPS,
        "if occurrence.closed or",
        "if occurrence.closed or occurrence.state is State.SUPERSEDED or",
        "R1 X2",
    ),
    Mutation(
        "a sweep's first pass closes everything",
        _SWEEPS,
        "all_are = tombstone.second_cancel_at is not None and tombstone.second_cancel_at <= now",
        "all_are = True",
        "R1 X2",
    ),
    Mutation(
        "an early message is dropped", _PLANNING, "return None if left <= 0 else", "return None if True else", "S1"
    ),
    Mutation(
        "a cancel is done after the first try",
        _SETTLEMENT,
        "if row.oldest_open_generation < row.generation:\n        return transition_at(row, State.PENDING",
        "if False:\n        return transition_at(row, State.PENDING",
        "S1 X2",
    ),
    Mutation(
        "the second cancel is forgotten",
        _SETTLEMENT,
        "return replace(row, second_cancel_at=earliest)",
        "return replace(row, oldest_open_generation=row.generation)",
        "S1 S2, 1 fault, 2",
    ),
    Mutation(
        "a failed cancel counts as done",
        _SETTLEMENT,
        "if all(cancel.kind is ResultKind.DONE for cancel in cancels):\n        return _settle_report",
        "if True:\n        return _settle_report",
        "S1 S2",
    ),
    Mutation(
        "an acknowledgement is not written down",
        _SETTLEMENT,
        '{"acked_generation": row.generation, "next_attempt_at": next_attempt_at}',
        '{"acked_generation": row.acked_generation, "next_attempt_at": next_attempt_at}',
        "S1",
    ),
    Mutation(
        "an acknowledgement does not beat an end",
        _SETTLEMENT,
        "report is not None and report.kind is ResultKind.DONE:\n        acknowledged",
        "report is not None and report.kind is ResultKind.DONE and row.state in ON_THE_WAY:\n        acknowledged",
        "S1",
    ),
    Mutation(
        "trouble reopens a sweep that is done",
        _SWEEPS,
        "if tombstone.state not in ON_THE_WAY:\n        return Settlement(tombstone)",
        "if False:\n        return Settlement(tombstone)",
        "R1 X2",
    ),
    Mutation("a sweep is done while some are open", _SWEEPS, "if first_open is not None:", "if False:", "R1 X2"),
    Mutation(
        "a date that moves is left to the gate", _ACCEPTANCE, "and change.due_at == draft.due", "and True", "G1 M2"
    ),
    Mutation(
        "what is left to the gate leaves the version behind",
        _ACCEPTANCE,
        "version=change.version, payload=change.payload",
        "version=draft.version, payload=change.payload",
        "G1 G2",
    ),
    Mutation(
        "a payload is replaced before Wix has acknowledged it",
        _ACCEPTANCE,
        "and draft.state is State.REPORTED",
        "and True",
        "G1 G2",
    ),
    Mutation("an older generation passes the gate", _GATE, "if generation < row.generation", "if False", "S1 S2"),
    Mutation(
        "a cancel holds at the gate only once it is swept",
        _TOMBSTONES,
        " or covers(tombstone, row.version)",
        "",
        "R1 X2",
    ),
    Mutation(
        "a row is saved over any revision",
        _STATEMENTS,
        '" ".join(changes)} WHERE "pk" = ? AND "sk" = ? AND "revision" = ?',
        '" ".join(changes)} WHERE "pk" = ? AND "sk" = ? AND "revision" < ?',
    ),
    Mutation(
        "what waits is requeued too early",
        _RESUMPTION,
        "waiting.next_attempt_at <=",
        "waiting.next_attempt_at - DAY <=",
        "S1 X2",
    ),
    Mutation(
        "trouble takes a parked row out of its site's queue",
        _SETTLEMENT,
        "row if row.parked_at is not None else replace(row, next_attempt_at=next_attempt_at)",
        "replace(row, next_attempt_at=next_attempt_at)",
        "S1 S2",
    ),
    Mutation("a call counts for less than a minute", _RATE_LIMIT, "MINUTE + MARGIN", "MINUTE - 2 * SECOND"),
    Mutation("clocks are taken for one", _RATE_LIMIT, "MARGIN: Final = 1 * SECOND", "MARGIN: Final = 0"),
    Mutation("the limit is spent twice", _RATE_LIMIT, "min(wanted, limit - spent)", "min(wanted, limit)"),
    Mutation("a permit is good for ever", _RATE_LIMIT, "good_until = (second + 1) * SECOND", "good_until = now + HOUR"),
    Mutation(
        "all who wait come at once", _RATE_LIMIT, "row.reserved_until, row.waits_until or 0", "row.waits_until or 0"
    ),
    Mutation("a 429 is forgotten", _RATE_LIMIT, "0 if (row.waits_until or 0) > now else", ""),
    Mutation(
        "a suspended site is called",
        _ADMISSION,
        "SiteState.SUSPENDED:\n        return _within",
        "None:\n        return _within",
    ),
    Mutation("anybody is the probe", _ADMISSION, "if demand.key == row.probe", "if True"),
    Mutation("a removed app is probed", _SUSPENSION, "by_probe and row.next_attempt_at != NEVER", "by_probe"),
    Mutation("old news resumes a site", _SUSPENSION, "(at, is_removed) <= (before.installed_at, False)", "False"),
    Mutation("a repeated removal suspends a site for ever", _SUSPENSION, "if is_doubtful and", "if False and"),
    Mutation("a refusal from before the install suspends", _SUSPENSION, "if called_at < row.changed_at:", "if False:"),
    Mutation("a site is active while workers may park", _SUSPENSION, "now < row.changed_at + settle_delay", "False"),
    Mutation(
        "a key that Wix has forgotten is used",
        _RESUMPTION,
        "return row.accepted_at + IDEMPOTENCY_KEY_TTL <= last_try",
        "return False",
    ),
    Mutation(
        "parked rows run out of patience",
        _RESUMPTION,
        "resumed_at=now,\n        next_attempt_at",
        "resumed_at=None,\n        next_attempt_at",
    ),
    Mutation(
        "what Wix may have dropped counts as held", _GENERATIONS, "row.accepted_at <= removed_at + MINUTE", "False"
    ),
    Mutation("a lost message is never sent again", _WALK, "_last_change(row) <= now - _LOST_AFTER", "False"),
    Mutation("a parked row that was missed stays", _WALK, "site is None or site.state is SiteState.ACTIVE", "False"),
    Mutation("a removed site's rows wait for ever", _WALK, "not is_removed or", "True or"),
    Mutation(
        "all rows of a site come in one turn",
        _TURNS,
        "return [rows[start : start + TURN] for start in range(0, len(rows), TURN)]",
        "return [rows]",
    ),
    Mutation(
        "what waited for its message has been tried", _RETRY, "is not None else moment.now", "else row.accepted_at"
    ),
    Mutation(
        "a wait is ended over any revision",
        _STATEMENTS,
        '\'WHERE "pk" = ? AND "sk" = ? AND "revision" = ?\'',
        '\'WHERE "pk" = ? AND "sk" = ? AND "revision" > ?\'',
    ),
    Mutation(
        "somebody else's save counts as ours",
        _TABLE,
        "(row.token, row.revision) == (stored.token, stored.revision)",
        "row.revision == stored.revision",
    ),
    Mutation("what was given up fails at once", _DEAD_LETTERS, "if _had_its_chance(row):", "if row.key:"),
    Mutation("messages of before have their say", _DEAD_LETTERS, ", accepted_revision=row.revision + _TWO_SAVES", ""),
    Mutation("a row is tried once more for ever", _DEAD_LETTERS, "row.timeline[-1].reason == LAST_RETRY", "False"),
    Mutation("our own save counts as somebody else's", _TABLE, 'return same and row.token != ""', "return False"),
    Mutation(
        "a read of rows may be a moment old",
        _TABLE,
        '"Keys": [encode_key(key) for key in keys], "ConsistentRead": True',
        '"Keys": [encode_key(key) for key in keys], "ConsistentRead": False',
    ),
    Mutation("an attribute that is gone stays", _STATEMENTS, "for name in absent_names", "for name in ()"),
)

A_FEW: Final = ("the second cancel is forgotten", "a cancelled occurrence is sent", "an older version is taken")
"""Those that are tried in every run of the tests."""
