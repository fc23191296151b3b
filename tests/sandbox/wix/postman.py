"""Tells an app that a site has installed or removed it: at once, and again until it answers 200 in time (section 8)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import requests

from tests.sandbox.wix.engine.loopback import is_loopback
from tests.sandbox.wix.signer import Signer, app_instance_event
from tests.sandbox.wix.switches import Switches

MINUTE: Final = 60.0
HOUR: Final = 60 * MINUTE
WAITS: Final = (MINUTE, 10 * MINUTE, HOUR, *[2 * HOUR] * 3, *[4 * HOUR] * 3, *[8 * HOUR] * 2, 12 * HOUR)
"""How long after each try that failed the next one comes: twelve more, over two days."""

ANSWER_WITHIN_SECONDS: Final = 1.25


@dataclass(frozen=True, slots=True)
class Mishap:
    """What goes wrong with one webhook: it is told more than once, or late by the site's clock, or answers are lost."""

    copies: int = 1
    late_seconds: float = 0.0
    answers_lost: int = 0
    site: str | None = None

    def meets(self, site: str) -> bool:
        """Return whether it is meant for a webhook about this site; without a site it is meant for any."""
        return self.site in {None, site}


@dataclass(frozen=True, slots=True)
class Try:
    """One telling: when by the site's clock, what was answered, and after how long."""

    at: float
    status: int | None
    seconds: float
    heard: bool


@dataclass
class Webhook:
    """One webhook on its way. It is `due` by the site's clock, until it is heard of or given up."""

    kind: str
    app_id: str
    site: str
    signed_at: float
    due: float | None
    answers_lost: int = 0
    tries: list[Try] = field(default_factory=list)

    @property
    def heard(self) -> bool:
        """Whether Wix has had its 200."""
        return bool(self.tries) and self.tries[-1].heard


class Postman:
    """Carries webhooks one at a time, in the order in which they come due; safe to use from any thread.

    `moment` gives what a site's clock shows. Tokens are signed by the real time whatever that clock shows: who checks
    them has no other.
    """

    def __init__(
        self,
        signer: Signer,
        changed: threading.Condition,
        moment: Callable[[str], float],
        switches: Callable[[], Switches],
        wall_clock: Callable[[], float] = time.time,
        answer_within: float = ANSWER_WITHIN_SECONDS,
    ) -> None:
        self._signer = signer
        self._changed = changed
        self._moment = moment
        self._switches = switches
        self._wall_clock = wall_clock
        self._answer_within = answer_within
        self._urls: dict[str, str] = {}
        self._mishaps: list[Mishap] = []
        self._webhooks: list[Webhook] = []
        self._closing = threading.Event()

    def subscribe(self, app_id: str, url: str) -> None:
        """From now on the app is told of its installs and removals at this address of loopback."""
        if not is_loopback(url):
            raise ValueError("a webhook of the sandbox goes to this machine only")
        with self._changed:
            self._urls[app_id] = url

    def script(self, mishap: Mishap) -> None:
        """The next webhook that it is meant for has this mishap; scripts are used up in their order."""
        with self._changed:
            self._mishaps.append(mishap)

    def webhooks(self, site: str) -> list[Webhook]:
        """What was sent about a site, or is to be, in the order in which it happened."""
        with self._changed:
            return [each for each in self._webhooks if each.site == site]

    def happened(self, kind: str, app_id: str, site: str) -> None:
        """A site has done something with an app: tell it, if it wants to hear."""
        with self._changed:
            if app_id not in self._urls:
                return
            mishap = next((each for each in self._mishaps if each.meets(site)), None)
            if mishap is None:
                mishap = Mishap()
            else:
                self._mishaps.remove(mishap)
            now, due = self._wall_clock(), self._moment(site) + mishap.late_seconds
            self._webhooks += [Webhook(kind, app_id, site, now, due, mishap.answers_lost) for _ in range(mishap.copies)]
            self._changed.notify_all()

    def start(self) -> None:
        """Carry what comes due until `stop`."""
        self._closing.clear()
        threading.Thread(target=self._run, name="wix-postman", daemon=True).start()

    def stop(self) -> None:
        """Carry nothing more."""
        self._closing.set()
        with self._changed:
            self._changed.notify_all()

    def _run(self) -> None:
        while not self._closing.is_set():
            with self._changed:
                left = [(each.due - self._moment(each.site), each) for each in self._webhooks if each.due is not None]
                seconds, webhook = min(left, key=lambda item: item[0], default=(None, None))
                if webhook is None or seconds is None or seconds > 0:
                    self._changed.wait(seconds)
                    continue
            self._tell(webhook)

    def _tell(self, webhook: Webhook) -> None:
        with self._changed:
            url, at = self._urls[webhook.app_id], self._moment(webhook.site)
            token = self._token(webhook)
        status, seconds = _post(url, token, self._switches().webhook_content_type, self._answer_within)
        heard = status == requests.codes.ok and seconds <= self._answer_within
        with self._changed:
            is_lost = len(webhook.tries) < webhook.answers_lost
            webhook.tries.append(Try(at, status, seconds, heard and not is_lost))
            more = len(webhook.tries) <= len(WAITS) and not webhook.heard
            webhook.due = self._moment(webhook.site) + WAITS[len(webhook.tries) - 1] if more else None
            self._changed.notify_all()

    def _token(self, webhook: Webhook) -> str:
        at = webhook.signed_at if self._switches().webhook_resend_keeps_iat else self._wall_clock()
        event = app_instance_event(webhook.kind, webhook.site, webhook.app_id)
        return self._signer.webhook(event, at, self._switches().webhook_token_lasts_seconds)


def _post(url: str, token: str, content_type: str, within: float) -> tuple[int | None, float]:
    """Return the status, or none, and the seconds that it took."""
    start = time.monotonic()
    try:
        with requests.Session() as session:
            session.trust_env = False  # no proxy
            headers = {"Content-Type": content_type}
            answer = session.post(url, token, headers=headers, timeout=within, allow_redirects=False)
    except requests.RequestException:
        return None, time.monotonic() - start
    return answer.status_code, time.monotonic() - start
