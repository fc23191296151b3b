"""Carrying out what an engine asks for: only a webhook leaves the process, and never this machine."""

from __future__ import annotations

from collections.abc import Mapping

import requests

from tests.sandbox.wix.engine.automations import Kind
from tests.sandbox.wix.engine.effects import Done, Effect, Refresh, Result, Send
from tests.sandbox.wix.engine.loopback import is_loopback
from tests.sandbox.wix.engine.refreshing import NotRefreshed, Refresher

TIMEOUT_SECONDS = 60.0


def carry_out(effect: Effect, refreshers: Mapping[str, Refresher]) -> Result:
    """Do it, and say how it went; whatever goes wrong is the answer, never an error."""
    if isinstance(effect, Send):
        return post(effect) if effect.kind is Kind.WEBHOOK else put_down(effect)
    return asked(effect, refreshers)


def asked(effect: Refresh, refreshers: Mapping[str, Refresher]) -> Result:
    """The app's own word about a payload."""
    try:
        refresher = refreshers[effect.app_id]
        return refresher.refresh(effect.site, effect.trigger_key, effect.external_entity_id, effect.payload)
    except Exception as error:  # noqa: BLE001 - the plugin is somebody else's
        return NotRefreshed(type(error).__name__)


def put_down(send: Send) -> Done:
    """Stores emails, chat messages and notifications, and sends none. One without an address fails."""
    return Done() if send.content.get("to") else Done(error="there is no address to send it to")


def post(send: Send) -> Done:
    """One POST of JSON, to this machine only; no redirect is followed, and nothing is tried again."""
    url = str(send.content["url"])
    if not is_loopback(url):
        return Done(error="a webhook of the sandbox goes to this machine only")
    try:
        with requests.Session() as session:
            session.trust_env = False  # no proxy
            answer = session.post(url, json=send.content["body"], timeout=TIMEOUT_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        return Done(error=type(error).__name__)
    return Done(None if answer.ok else f"answered {answer.status_code}", answer.status_code)
