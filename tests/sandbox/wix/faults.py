"""What can be made to go wrong with a call, and the script of it: per route, first in first out."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import Any, Final

from tests.sandbox.wix.answers import Answer, plain_body
from tests.sandbox.wix.calls import Request, Route

GATEWAY_PAGE = "<html><body><h1>502 Bad Gateway</h1></body></html>"
GIVEN_UP_AFTER_SECONDS = 30.0
EVENT_ROUTES: Final = frozenset(Route) - {Route.TOKEN}


class Line(StrEnum):
    """What the client gets of the answer: all of it, the first half, or a closed connection."""

    WHOLE = "whole"
    HALF = "half"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class BadItem:
    """One item of a bulk call fails with a code and has no effect; it is known by its index or its entity."""

    code: str
    index: int | None = None
    external_entity_id: str | None = None
    description: str = "Failed by script"

    def hits(self, index: int, external_entity_id: object) -> bool:
        """Whether this is the item."""
        return self.index == index or (
            self.external_entity_id is not None and self.external_entity_id == external_entity_id
        )


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong with one call: before Wix acts, in what it does, in its answer, and on the way back.

    The named ones below are what one usually wants; any mixture can be built from the fields. `site` limits a
    trouble to calls of that site. Waits are in real seconds, whatever the sandbox's clock says.
    """

    site: str | None = None
    wait_before: float = 0.0
    takes_effect: bool = True
    bad_items: tuple[BadItem, ...] = ()
    answer: Answer | None = None
    wait_after: float = 0.0
    line: Line = Line.WHOLE

    @classmethod
    def status(
        cls,
        status: int,
        *,
        headers: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | str | None = None,
        takes_effect: bool = False,
        site: str | None = None,
    ) -> Trouble:
        """Another answer than Wix's own; with `takes_effect` it hides that the call worked."""
        answer = Answer(status, plain_body(status) if body is None else body, headers or {})
        return cls(answer=answer, takes_effect=takes_effect, site=site)

    @classmethod
    def not_json(
        cls, text: str = GATEWAY_PAGE, *, status: int = 200, takes_effect: bool = True, site: str | None = None
    ) -> Trouble:
        """The answer is a page of HTML; unless it comes from somebody before Wix, the call works."""
        return cls(answer=Answer(status, text), takes_effect=takes_effect, site=site)

    @classmethod
    def slow_answer(cls, seconds: float, *, site: str | None = None) -> Trouble:
        """The call works at once and is answered late."""
        return cls(wait_after=seconds, site=site)

    @classmethod
    def late_effect(cls, seconds: float, *, site: str | None = None) -> Trouble:
        """The call works late, even if the client is gone by then."""
        return cls(wait_before=seconds, site=site)

    @classmethod
    def answer_cut(cls, *, half: bool = False, site: str | None = None) -> Trouble:
        """The call works, then the connection closes before an answer, or in the middle of it."""
        return cls(line=Line.HALF if half else Line.CLOSED, site=site)

    @classmethod
    def dropped(cls, *, site: str | None = None) -> Trouble:
        """The connection closes before anything happened."""
        return cls(takes_effect=False, line=Line.CLOSED, site=site)

    @classmethod
    def silence(
        cls, seconds: float = GIVEN_UP_AFTER_SECONDS, *, takes_effect: bool = True, site: str | None = None
    ) -> Trouble:
        """No answer until the client gives up, or for so many seconds."""
        return cls(wait_after=seconds, takes_effect=takes_effect, line=Line.CLOSED, site=site)

    @classmethod
    def failed_items(cls, *bad_items: BadItem, site: str | None = None) -> Trouble:
        """These items fail; it waits for a call that holds one of them. A single call of a failed item is refused."""
        return cls(bad_items=bad_items, site=site)

    def meets(self, request: Request, site: str | None) -> bool:
        """Whether this is the call it is scripted for."""
        if self.site is not None and self.site != site:
            return False
        return not self.bad_items or any(
            bad.hits(index, item.external_entity_id)
            for bad in self.bad_items
            for index, item in enumerate(request.items)
        )


@dataclass
class Faults:
    """The script. Each call takes the first trouble of its route that is meant for it, if there is one.

    After the script come standing troubles: each meets every call of its routes for as long as it stands. A test that
    waits for what a trouble leads to lets it stand: a script of so many calls may be used up before the test looks.
    """

    lock: threading.RLock
    _script: dict[Route, list[Trouble]] = field(default_factory=dict)
    _standing: dict[str, tuple[Trouble, frozenset[Route]]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def script(self, route: str, *troubles: Trouble, times: int = 1) -> None:
        """Append troubles to a route's script, the whole row `times` over."""
        with self.lock:
            self._script.setdefault(Route(route), []).extend(troubles * times)

    def pending(self, route: str) -> Collection[Trouble]:
        """What of a route's script is still to come."""
        with self.lock:
            return tuple(self._script.get(Route(route), ()))

    def stand(self, name: str, trouble: Trouble | None, *routes: str) -> None:
        """Let a trouble stand under a name from now on, or lift it with None.

        It meets the calls of `routes`; if none are given, of all routes but that for tokens.
        """
        with self.lock:
            self._standing.pop(name, None)
            if trouble is not None:
                self._standing[name] = trouble, frozenset(map(Route, routes)) or EVENT_ROUTES

    @contextmanager
    def during(self, trouble: Trouble, *routes: str) -> Iterator[None]:
        """Let a trouble stand while the block runs.

        Name both routes of an operation, the single and the bulk one (`REPORTS`, `CANCELS`): which of them is called
        depends on how many rows happen to come together.
        """
        name = f"during {next(self._numbers)}"
        self.stand(name, trouble, *routes)
        try:
            yield
        finally:
            self.stand(name, None)

    @property
    def standing(self) -> Collection[str]:
        """The names of the troubles that stand now."""
        with self.lock:
            return tuple(self._standing)

    def clear(self) -> None:
        """Forget the script, and what stands."""
        with self.lock:
            self._script.clear()
            self._standing.clear()

    def take(self, request: Request, site: str | None) -> Trouble | None:
        """The trouble meant for this call, taken out of the script."""
        with self.lock:
            script = self._script.get(request.route, [])
            place = next((at for at, each in enumerate(script) if each.meets(request, site)), None)
            return self._standing_for(request, site) if place is None else script.pop(place)

    def _standing_for(self, request: Request, site: str | None) -> Trouble | None:
        standing = self._standing.values()
        return next((each for each, routes in standing if request.route in routes and each.meets(request, site)), None)
