"""The errors of this package, split by what the caller must do about them.

::

    TriggerProviderError
    ├── InvalidCatalogue      a trigger file breaks Wix's rules: fix the file, then deploy
    ├── UnusableSetting       a function lacks a setting, or its settings break the protocol: fix the template
    ├── UnusableSecret        the app's secret can't be used: fix the secret; until then everything waits
    ├── UnusableKey           Wix's public key can't be used: fix the template's parameter
    ├── RefusedToken          a token does not prove that Wix calls this app: answer 400 or 401, and change nothing
    │   ├── MalformedToken    it does not have the shape that Wix documents: 400
    │   └── UntrustedToken    its signature, time, issuer or audience is wrong: 401
    ├── InvalidRequest        the producer's request can't be accepted: fix the request
    ├── LedgerUnavailable     the ledger did not save or return everything: do the same again later
    │   └── RowsUnavailable   it returned all rows but some: go on without these
    ├── QueueUnavailable      a queue did not accept everything: do the same again later
    │   └── QueueForbidden    a function lacks a permission: fix its role; until then nothing is lost
    ├── OutcomesUnavailable   the bus did not accept every outcome: do the same again later
    ├── RepeatLater           others kept changing an event's row: send the event again
    ├── NotKept               a refused event is too large for every queue: an alarm reports it
    ├── ForeignEvent          a function received an event that it does not handle: find out who calls it
    └── UnforeseenError       our code failed on one record: the error's kind and place, and nothing of its text
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_VIOLATIONS: Final = 20
"""The most violations of one request that are reported. A thousand of them must not fill the log or the answer."""


class Violation(NamedTuple):
    """One broken rule: its place and its name, never the value that breaks it.

    `pointer` is for the sender of the document, and may hold the sender's own names. `place` is for logs, queues and
    errors.
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
        """Return the violation as seen from an enclosing document, which holds the present one at `pointer`."""
        return self._replace(pointer=pointer + self.pointer, public=pointer + self.place)


class TriggerProviderError(Exception):
    """The base of every error that this package raises on purpose."""


class InvalidCatalogue(TriggerProviderError):
    """One or more trigger files break a rule; `violations` pairs each violation with its file's name."""

    def __init__(self, violations: Sequence[tuple[str, Violation]]) -> None:
        self.violations = tuple(violations)
        lines = (f"{file}{violation.pointer}: {violation.rule}: {violation.message}" for file, violation in violations)
        super().__init__("\n".join(lines))


class UnusableSetting(TriggerProviderError):
    """A setting is not set, is of the wrong kind, or does not go with another one. The message names it."""


class UnusableSecret(TriggerProviderError):
    """The app's secret can't be read, is malformed or is another app's. The message holds nothing of it."""


class UnusableKey(TriggerProviderError):
    """Wix's public key can't be used as it was configured. The message holds nothing of it."""


class RefusedToken(TriggerProviderError):
    """A JWT that we don't act on. `rule` names the rule that it breaks. Nothing of the token is kept."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        super().__init__(rule)


class MalformedToken(RefusedToken):
    """The token is no JWT, or does not have the shape that Wix documents."""


class UntrustedToken(RefusedToken):
    """A JWT that does not prove that Wix has signed it, for this app, and not too long ago."""


class InvalidRequest(TriggerProviderError):
    """A request that can't be accepted as it is. `violations` lists the reasons."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__("; ".join(f"{violation.place}: {violation.rule}" for violation in violations))


class LedgerUnavailable(TriggerProviderError):
    """The ledger did not answer for every row. Some rows may be saved nevertheless, under their tokens."""


class RowsUnavailable(LedgerUnavailable):
    """Some rows can't be read: they are damaged or in another format, or DynamoDB holds them back.

    `rows` are all others that were asked for and exist, and `keys` are those of the rows that can't be read. A caller
    that does not catch this error sees an unavailable ledger.
    """

    def __init__(self, reason: str, keys: frozenset[Any], rows: Mapping[Any, Any]) -> None:
        self.keys = keys
        self.rows = rows
        super().__init__(reason)


class QueueUnavailable(TriggerProviderError):
    """A queue did not accept every message. Some messages may be on their way nevertheless."""


class QueueForbidden(QueueUnavailable):
    """The function has no permission for this call to a queue. A repetition does not help."""


class OutcomesUnavailable(TriggerProviderError):
    """The bus did not accept every outcome. Some outcomes may be published nevertheless."""


class RepeatLater(TriggerProviderError):
    """An event could not be accepted, since others kept changing its row. It is safe to send the event again."""


class NotKept(TriggerProviderError):
    """A refused event is too large for any message of a queue, compressed or not."""


class ForeignEvent(TriggerProviderError):
    """A function received an event of a kind that it does not handle. The message holds nothing of the event."""


class UnforeseenError(TriggerProviderError):
    """An error that was not foreseen: its kind and place, without its text, which may hold anything."""
