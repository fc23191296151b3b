"""The cases: those of every run, and those that take longer.

Cases of every run have two faults for two requests, and none or one fault for three requests. In addition each has at
most one peculiarity. The long cases have more of each.
"""

from __future__ import annotations

from tests.proof.model.cases import USUAL, Case, Fault

_REFUSALS = USUAL | {Fault.REFUSAL}
_NOT_TRIED = USUAL | {Fault.NOT_TRIED}
_PARKINGS = USUAL | {Fault.PARKED}
_ERASED = USUAL | {Fault.FORGOTTEN}
_MESSAGES_LOST = frozenset({Fault.MESSAGE_LOST, Fault.CRASH, Fault.TIMEOUT})
_RESTORED = frozenset({Fault.RESTORED, Fault.TIMEOUT})

SHORT = (
    # Three requests in any order.
    Case(words="S1 X2 S3", faults=1),
    Case(words="R2 X1 X3", faults=1),
    Case(words="S1 S2 S3", faults=0),
    Case(words="S1 S2 X3", faults=0),
    Case(words="R1 R2 X3", faults=0),
    Case(words="R1 X2 X3", faults=0),
    Case(words="R1 X2 R3", faults=0),
    # One and two requests. At one version the later report wins, and a cancel always does.
    Case(words="S1", faults=3, kinds=_REFUSALS, is_quick=False),
    Case(words="S1 S2", faults=2),
    Case(words="S1 X2", faults=2),
    Case(words="X1 S2", faults=2),
    Case(words="S1 S1", faults=1),
    Case(words="S1 X1", faults=2),
    Case(words="R1", faults=3, kinds=_REFUSALS, is_quick=False),
    Case(words="R1 X2", faults=2),
    Case(words="X1 R2", faults=2),
    Case(words="R1 X1", faults=1),
    # Only the version is newer; only the payload is; the date has passed; the date passes meanwhile.
    Case(words="S1 U2", faults=2),
    Case(words="S1 U2 S3", faults=1),
    Case(words="S1 P2", faults=2),
    Case(words="D1", faults=3, is_quick=False),
    Case(words="D1 S2", faults=1),
    # A gate: once Wix has acknowledged an event, a payload that changes without its date needs no new one.
    Case(words="G1 G2", faults=2, kinds=_REFUSALS, is_quick=False),
    Case(words="G1 G2 M3", faults=0),
    Case(words="G1 M2", faults=1),
    Case(words="G1 G2 X3", faults=1),
    Case(words="G1 G1", faults=2),
    Case(words="G1 G2", faults=2, late=True),
    Case(words="G1 G2", faults=2, gives_up=True),
    Case(words="G1 G2", faults=2, retries=False),
    # The source does not retry what intake has not finished.
    Case(words="S1 S2", faults=2, retries=False),
    Case(words="R1 X2", faults=1, retries=False),
    # Wix applies later than it answers.
    Case(words="S1 S2", faults=1, late=True),
    Case(words="S1 X2", faults=2, late=True),
    Case(words="R1 X2", faults=1, late=True),
    # A worker lives on through half of the settle delay.
    Case(words="S1 S2", faults=1, parts=2),
    Case(words="R1 X2", faults=1, parts=2),
    # Workers get different answers, or run out of time; and no retry is quick, or none is left.
    Case(words="S1 S2", faults=1, kinds=_REFUSALS, is_quick=False),
    Case(words="S1 X2", faults=2, kinds=_REFUSALS, is_quick=False),
    Case(words="R1 X2", faults=1, kinds=_REFUSALS, is_quick=False),
    Case(words="S1 S2", faults=2, gives_up=True),
    Case(words="R1 X2", faults=2, gives_up=True),
    Case(words="S1 S2", faults=1, kinds=_NOT_TRIED),
    Case(words="R1 X2", faults=1, kinds=_NOT_TRIED, is_quick=False),
    # A sweep in pages, and one refusal among many.
    Case(words="R1 R2 X3", faults=0, page=1),
    Case(words="R1 R2 X3", faults=1, kinds=frozenset({Fault.REFUSAL}), page=1),
    Case(words="R1 R2 X3", faults=1, kinds=frozenset({Fault.REFUSAL})),
    # The site is suspended in the middle of it, and resumed; perhaps after Wix has forgotten its keys.
    Case(words="S1 S2", faults=2, kinds=_PARKINGS),
    Case(words="S1 X2", faults=2, kinds=_PARKINGS),
    Case(words="R1 X2", faults=1, kinds=_PARKINGS),
    Case(words="S1 S2", faults=1, kinds=_PARKINGS, forgets=True),
    Case(words="R1 X2", faults=1, kinds=_PARKINGS, forgets=True),
    Case(words="D1 S2", faults=1, kinds=_PARKINGS),
    # The operator erases the row; the table is lost, and an older copy of it is put back.
    Case(words="S1 X2", faults=2, kinds=_ERASED),
    Case(words="S1 X2 S3", faults=1, kinds=_ERASED),
    Case(words="S1 S2", faults=1, kinds=_RESTORED),
    Case(words="S1 X2", faults=1, kinds=_RESTORED),
    Case(words="R1 X2", faults=1, kinds=_RESTORED),
    # Delivery is off for so long that messages are lost, and the slow walk comes by.
    Case(words="S1 S2", faults=1, kinds=_MESSAGES_LOST, walks=True),
    Case(words="S1 X2", faults=1, kinds=_MESSAGES_LOST, walks=True),
    Case(words="R1 X2", faults=1, kinds=_MESSAGES_LOST, walks=True),
)

_LIMIT = 3_000_000

LONG = (
    Case(words="G1 G2 M3", faults=2, limit=_LIMIT),
    Case(words="G1 G2 X3", faults=2, limit=_LIMIT),
    Case(words="G1 G2 G3", faults=2, kinds=_REFUSALS, limit=_LIMIT),
    Case(words="G1 G2", faults=2, workers=3, kinds=_REFUSALS, limit=_LIMIT),
    Case(words="S1 S2 S3", faults=2, limit=_LIMIT),
    Case(words="S1 S2 X3", faults=2, limit=_LIMIT),
    Case(words="S1 X2 S3", faults=2, limit=_LIMIT),
    Case(words="R1 R2 X3", faults=2, limit=_LIMIT),
    Case(words="R1 X2 R3", faults=2, limit=_LIMIT),
    Case(words="R1 X2 X3", faults=2, limit=_LIMIT),
    Case(words="R2 X1 X3", faults=2, limit=_LIMIT),
    Case(words="S1 S2", faults=4, limit=_LIMIT),
    Case(words="S1 X2", faults=4, limit=_LIMIT),
    Case(words="R1 X2", faults=4, limit=_LIMIT),
    Case(words="S1 S2", faults=2, workers=3, limit=_LIMIT),
    Case(words="R1 X2", faults=2, workers=3, limit=_LIMIT),
    Case(words="S1 S1", faults=2, limit=_LIMIT),
    Case(words="S1 S2", faults=2, late=True, parts=2, limit=_LIMIT),
    Case(words="R1 X2", faults=2, late=True, parts=2, limit=_LIMIT),
    Case(words="D1 S2", faults=2, is_quick=False, limit=_LIMIT),
    Case(words="S1 S2", faults=3, kinds=_REFUSALS | _NOT_TRIED, is_quick=False, limit=_LIMIT),
    Case(words="R1 X2", faults=3, kinds=_REFUSALS | _NOT_TRIED, is_quick=False, limit=_LIMIT),
    Case(words="S1 S2", faults=3, kinds=_PARKINGS, late=True, limit=_LIMIT),
    Case(words="S1 S2", faults=2, kinds=_PARKINGS, forgets=True, limit=_LIMIT),
    Case(words="S1 X2", faults=3, kinds=_PARKINGS, forgets=True, limit=_LIMIT),
    Case(words="R1 X2", faults=2, retries=False, limit=_LIMIT),
    Case(words="R1 X2", faults=3, kinds=_PARKINGS, limit=_LIMIT),
    Case(words="G1 G2", faults=2, kinds=_PARKINGS, limit=_LIMIT),
    Case(words="R1 R2 X3", faults=1, page=1, limit=_LIMIT),
    Case(words="R1 R2 X3", faults=1, kinds=frozenset({Fault.REFUSAL, Fault.NOT_TRIED}), page=1, limit=_LIMIT),
    Case(words="S1 X2 S3", faults=2, kinds=_ERASED, limit=_LIMIT),
    Case(words="S1 S2", faults=2, kinds=_RESTORED, limit=_LIMIT),
    Case(words="S1 X2", faults=2, kinds=_RESTORED, limit=_LIMIT),
    Case(words="S1 S2", faults=2, kinds=_RESTORED | {Fault.REFUSAL}, limit=_LIMIT),
    Case(words="S1 S2 S3", faults=1, kinds=_RESTORED, limit=_LIMIT),
    Case(words="S1 S2", faults=2, kinds=_MESSAGES_LOST, walks=True, limit=_LIMIT),
    Case(words="R1 X2", faults=2, kinds=_MESSAGES_LOST, walks=True, limit=_LIMIT),
    Case(words="S1 S2 X3", faults=1, kinds=_ERASED | _RESTORED, limit=_LIMIT),
    Case(words="R1 X2", faults=2, kinds=_RESTORED, limit=_LIMIT),
)
