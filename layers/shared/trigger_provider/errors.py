"""Everything that can go wrong, split by what the caller must do about it.

::

    TriggerProviderError
    ├── InvalidCatalogue      a trigger file breaks Wix's rules: fix the file, then deploy
    ├── MissingSetting        the function lacks a setting: fix the template
    ├── UnusableSecret        the app's secret can't be used: fix the secret; till then everything waits
    ├── UnusableKey           Wix's public key can't be used: fix the template's parameter
    ├── RefusedToken          a call that is not shown to be Wix's for us: answer 400 or 401, and change nothing
    │   ├── MalformedToken    it has not the shape that Wix documents: 400
    │   └── UntrustedToken    its signature, time, issuer or audience is wrong: 401
    ├── InvalidRequest        the producer's request can't be taken: fix the request
    ├── LedgerUnavailable     the ledger did not take or give everything: do the same again later
    ├── QueueUnavailable      a queue did not take everything: do the same again later
    │   └── QueueForbidden    a function lacks a grant: fix its role; till then nothing is lost
    ├── OutcomesUnavailable   the bus did not take every outcome: do the same again later
    ├── RepeatLater           an event's row was busy: bring the event again
    ├── NotKept               a refused event is too large for every queue: the alarms tell of it
    ├── ForeignEvent          a function was given what it does not take: see who calls it
    └── UnforeseenError       a fault of ours met one record: its kind and place, and nothing of its text
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_VIOLATIONS: Final = 20
"""So many faults of one request are told, and no more: what is wrong a thousand times fills no log and no answer."""


class Violation(NamedTuple):
    """One broken rule: where it was broken and which, never the value that broke it.

    `pointer` is for the sender of the document, and may hold names of theirs. `place` is for logs, queues and errors.
    """

    pointer: str
    rule: str
    message: str
    public: str | None = None

    @property
    def place(self) -> str:
        """Return the pointer without names that no schema declares."""
        return self.pointer if self.public is None else self.public

    def below(self, pointer: str) -> Violation:
        """Return the violation as seen from further up, where the document stands at that pointer."""
        return self._replace(pointer=pointer + self.pointer, public=pointer + self.place)


class TriggerProviderError(Exception):
    """The root of everything this package raises on purpose."""


class InvalidCatalogue(TriggerProviderError):
    """One or more trigger files break a rule; `violations` pairs each violation with its file's name."""

    def __init__(self, violations: Sequence[tuple[str, Violation]]) -> None:
        self.violations = tuple(violations)
        lines = (f"{file}{violation.pointer}: {violation.rule}: {violation.message}" for file, violation in violations)
        super().__init__("\n".join(lines))


class MissingSetting(TriggerProviderError):
    """An environment variable that names a thing is not set; there are no defaults for such names."""


class UnusableSecret(TriggerProviderError):
    """The app's secret can't be read, is malformed or is another app's; the message holds nothing of it."""


class UnusableKey(TriggerProviderError):
    """The public key that Wix signs with can't be used as it was given; the message holds nothing of it."""


class RefusedToken(TriggerProviderError):
    """A JWT that we don't act on; `rule` names the rule it breaks, and nothing of the token is kept."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        super().__init__(rule)


class MalformedToken(RefusedToken):
    """What came is no JWT, or not one of the shape that Wix documents."""


class UntrustedToken(RefusedToken):
    """A JWT that does not show that Wix has signed it, for this app, and not too long ago."""


class InvalidRequest(TriggerProviderError):
    """A request that can't be taken as it stands; `violations` lists every reason found."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__("; ".join(f"{violation.place}: {violation.rule}" for violation in violations))


class LedgerUnavailable(TriggerProviderError):
    """The ledger did not answer for every row; some may be saved all the same, under their tokens."""


class QueueUnavailable(TriggerProviderError):
    """A queue did not take every message; some may be on their way all the same."""


class QueueForbidden(QueueUnavailable):
    """A queue may not be used so: a grant is missing, and no repetition helps."""


class OutcomesUnavailable(TriggerProviderError):
    """The bus for outcomes did not take every outcome; some may be published all the same."""


class RepeatLater(TriggerProviderError):
    """An event could not be taken since others kept changing its row; nothing of it is lost by bringing it again."""


class NotKept(TriggerProviderError):
    """A refused event is too large for any message of a queue, compressed or not."""


class ForeignEvent(TriggerProviderError):
    """A function was given an event of another kind than it takes; the message holds nothing of it."""


class UnforeseenError(TriggerProviderError):
    """Stands for an error that was not foreseen: its kind and place, without its text, which may hold anything."""
