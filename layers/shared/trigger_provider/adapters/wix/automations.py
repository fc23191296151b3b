"""Wix's Triggered Events API over HTTP: keeps the port `AutomationsApi`."""

from __future__ import annotations

import json
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, TypeVar

import requests

from trigger_provider.adapters.aws.batching import batches
from trigger_provider.adapters.wix.final_answers import FinalAnswers
from trigger_provider.adapters.wix.http import CallFailed, WixHttp
from trigger_provider.adapters.wix.responses import Operation, blames_no_item, read_results

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trigger_provider.adapters.wix.http import Reply, Timeouts
    from trigger_provider.adapters.wix.token_cache import TokenCache
    from trigger_provider.domain.delivery.results import EventReport, ItemResult
    from trigger_provider.use_cases.ports.clock import Clock
    from trigger_provider.use_cases.ports.wix import Permits

Item = TypeVar("Item")

_MOST_ITEMS = 100
_EVENTS = "/automations/v1/events"
_TOKEN_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


def session(pool_size: int) -> requests.Session:
    """Make the one session of a process, with as many connections to Wix as threads will use it.

    It reads nothing from the environment, because a `.netrc` would replace our token by its own password. It keeps no
    cookies, because all sites would share them. It repeats no call.
    """
    made = requests.Session()
    made.trust_env = False
    made.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = FinalAnswers(pool_connections=1, pool_maxsize=pool_size, max_retries=0)
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    return made


class WixAutomations:
    """Reports and cancels events, one or in bulk. `key_ttl_ms` must be longer than any report is repeated.

    Each call needs a permit, also the second call after a 401. Without a permit the call is not made.
    """

    def __init__(
        self,
        session: requests.Session,
        base_url: str,
        tokens: TokenCache,
        clock: Clock,
        timeouts: Timeouts,
        key_ttl_ms: int,
        permits: Permits,
    ) -> None:
        self._http = WixHttp(session, base_url, clock, timeouts)
        self._tokens = tokens
        self._key_ttl = str(key_ttl_ms)
        self._permits = permits

    def report(self, site: str, trigger: str, reports: Sequence[EventReport], deadline: int) -> Sequence[ItemResult]:
        """Report events. Return the results in the order of the reports. Wix's answers raise no error."""
        return self._in_calls(
            Operation.REPORT, site, reports, lambda part: self._read_activations(trigger, part), deadline
        )

    def cancel(self, site: str, trigger: str, event_ids: Sequence[str], deadline: int) -> Sequence[ItemResult]:
        """Cancel events by id. Return the results in the order of the ids. Wix's answers raise no error."""
        return self._in_calls(Operation.CANCEL, site, event_ids, lambda part: _read_cancelled(trigger, part), deadline)

    def _in_calls(
        self,
        operation: Operation,
        site: str,
        items: Sequence[Item],
        body: Callable[[Sequence[Item]], str],
        deadline: int,
    ) -> list[ItemResult]:
        parts = batches(items, _MOST_ITEMS)
        return [result for part in parts for result in self._call(operation, site, part, body, deadline)]

    def _call(
        self,
        operation: Operation,
        site: str,
        items: Sequence[Item],
        body: Callable[[Sequence[Item]], str],
        deadline: int,
    ) -> list[ItemResult]:
        path = f"{_EVENTS}/{'bulk-' if len(items) > 1 else ''}{operation}"
        try:
            reply = self._reply(path, site, body(items), deadline)
        except CallFailed as failed:
            return [failed.answer] * len(items)
        if len(items) == 1 or not blames_no_item(operation, reply, len(items)):
            return read_results(operation, reply, len(items))
        # One item must not fail the others: send each half on its own, down to a single item.
        halves = batches(items, (len(items) + 1) // 2)
        return [result for half in halves for result in self._call(operation, site, half, body, deadline)]

    def _reply(self, path: str, site: str, body: str, deadline: int) -> Reply:
        reply = self._post(path, site, body, deadline)
        return self._post(path, site, body, deadline) if reply.status == HTTPStatus.UNAUTHORIZED else reply

    def _post(self, path: str, site: str, body: str, deadline: int) -> Reply:
        """Call Wix. The permit is acquired right before the call, because it is valid for seconds only.

        If Wix refuses the token, drop it: a token that is fetched after a permission was granted, or the app was
        installed, is a new one.
        """
        token = self._tokens.token(site, deadline)
        if (refusal := self._permits.acquire(site)) is not None:
            raise CallFailed(refusal)
        reply = self._http.post(path, body, deadline, token)
        if reply.status in _TOKEN_REFUSED:
            self._tokens.drop(site, token)
        return reply

    def _read_activations(self, trigger: str, reports: Sequence[EventReport]) -> str:
        events = [self._event(report) for report in reports]
        if len(events) == 1:
            return f'{{"triggerKey":{json.dumps(trigger)},{events[0][1:]}'
        return f'{{"triggerKey":{json.dumps(trigger)},"eventsInfo":[{",".join(events)}]}}'

    def _event(self, report: EventReport) -> str:
        # The payload is JSON already, so it is inserted as text and not parsed again.
        idempotency = {"key": report.idempotency_key, "ttlInMilliseconds": self._key_ttl}
        rest = json.dumps({"externalEntityId": report.event_id, "idempotency": idempotency})
        return f'{{"payload":{report.payload},{rest[1:]}'


def _read_cancelled(trigger: str, event_ids: Sequence[str]) -> str:
    if len(event_ids) == 1:
        return json.dumps({"externalEntityId": event_ids[0], "triggerKey": trigger})
    return json.dumps({"triggerKey": trigger, "externalEntityIds": list(event_ids)})
