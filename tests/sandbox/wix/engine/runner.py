"""What drives the engines: a thread that works off what has come due, and a way to turn a site's clock."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping

from tests.sandbox.wix.engine.changes import Changes
from tests.sandbox.wix.engine.effect_executor import carry_out
from tests.sandbox.wix.engine.engine import Engine, TurnedBackError
from tests.sandbox.wix.engine.refreshing import Refresher
from tests.sandbox.wix.switches import Switches

A_WHILE = 3_600.0  # no thread can wait for a date of the next millennium


class Runner:
    """One effect of a site at a time, in order; none is carried out while the sandbox's lock is held."""

    def __init__(
        self,
        engines: Mapping[str, Engine],
        changes: Changes,
        clock: Callable[[], float],
        switches: Callable[[], Switches],
    ) -> None:
        self.refreshers: dict[str, Refresher] = {}
        self._engines = engines
        self._changed = changes.changed
        self._clock = clock
        self._switches = switches
        self._working: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._closing = threading.Event()

    def start(self) -> None:
        """Work off what comes due until `stop`."""
        self._closing.clear()
        threading.Thread(target=self._run, name="wix-automations", daemon=True).start()

    def stop(self) -> None:
        """Begin nothing more."""
        self._closing.set()
        with self._changed:
            self._changed.notify_all()

    def turn(self, site: str, to: float) -> float:
        """Turn a site's clock, stopping at each due moment on the way; when it returns, all of it is done.

        Gives the moment that the clock then shows. Raise `TurnedBackError` if `to` is past.
        """
        engine = self._engines[site]
        with self._at_work(site):
            with self._changed:
                if to < engine.moment(self._clock()):
                    raise TurnedBackError
            while not self._closing.is_set() and self._stop_over(engine, to):
                self._work_off(engine)
            with self._changed:
                now = self._clock()  # it has gone on meanwhile, perhaps beyond
                engine.turn(max(to, engine.moment(now)), now)
                return engine.moment(now)

    def _stop_over(self, engine: Engine, to: float) -> bool:
        with self._changed:
            due = engine.activations.next_due()
            if due is None or due > to:
                return False
            engine.ahead = max(engine.ahead, due - self._clock())
            return True

    def _run(self) -> None:
        while not self._closing.is_set():
            with self._changed:
                seconds = {site: self._seconds_left(engine) for site, engine in self._engines.items()}
                due = [site for site, left in seconds.items() if left is not None and left <= 0]
                if not due:
                    self._changed.wait(min((left for left in seconds.values() if left is not None), default=A_WHILE))
            for site in due:
                with self._at_work(site):
                    self._work_off(self._engines[site])

    def _seconds_left(self, engine: Engine) -> float | None:
        due = engine.activations.next_due()
        return None if due is None else min(due - engine.moment(self._clock()), A_WHILE)

    def _work_off(self, engine: Engine) -> None:
        while not self._closing.is_set():
            with self._changed:
                moment = engine.moment(self._clock())
                effect = engine.activations.take(moment, self.refreshers, self._switches())
            if effect is None:
                return
            result = carry_out(effect, self.refreshers)
            with self._changed:
                engine.activations.settle(effect, result, self._switches())

    def _at_work(self, site: str) -> threading.Lock:
        with self._changed:
            return self._working[site]
