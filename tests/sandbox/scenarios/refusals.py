"""Bad input: refused at once, with the place and the rule, and nothing else is held up by it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.sandbox.business import BILLING, a_form, an_invoice, in_days
from tests.sandbox.environment import Environment
from tests.sandbox.narrator import Narrator, scenario

Request = Any  # what producers send, JSON or not


@scenario("Bad input: each request is refused with its place and rule, and delays no other")
def refused_with_a_reason(environment: Environment, narrator: Narrator) -> None:
    site = environment.new_site()
    good = a_form(site, 1)
    bad = {name: spoil(good) for name, (spoil, _) in SPOILT.items()}
    asked_directly(environment, narrator, good, bad)
    sent_to_the_queue(environment, narrator, site, bad)
    put_on_the_bus(environment, narrator, site)
    past_its_date(environment, narrator, site)


def asked_directly(environment: Environment, narrator: Narrator, good: Request, bad: Mapping[str, Request]) -> None:
    texts = {name: item for name, item in bad.items() if not isinstance(item, str)}
    first, *results = environment.invoke(good, *texts.values())
    narrator.came_in(f"invoke: a good request and {len(texts)} bad ones")
    for name, result in zip(texts, results, strict=True):
        (error,) = result["errors"]
        narrator.refused(f"{name}: {result['outcome']}, {error['pointer'] or '/'} {error['rule']}")
        place, rule = SPOILT[name][1]
        expected = (NAMED_TO_CALLER.get(name, place), rule)
        narrator.expect((error["pointer"], error["rule"]) == expected, f"{name}: the place and the rule are named")
    narrator.expect(first["outcome"] == "accepted", "the good one among them is accepted")


def sent_to_the_queue(environment: Environment, narrator: Narrator, site: str, bad: Mapping[str, Request]) -> None:
    environment.send_messages([*bad.values(), a_form(site, 2)], site)
    narrator.came_in(f"queue: {len(bad)} bad messages and a good one")
    environment.settled(environment.occurrence(site, "form_submitted", None, "submission-2"), "reported")
    wanted = {text if isinstance(text, str) else json.dumps(text): SPOILT[name][1] for name, text in bad.items()}
    values = environment.until("all bad messages are refused", lambda: refused(environment, wanted))
    narrator.refused(
        f"{len(values)} messages lie whole on the queue for refused requests, with outcome, place and rule"
    )
    narrator.expect(values == wanted, "each under the rule that it broke")


def put_on_the_bus(environment: Environment, narrator: Narrator, site: str) -> None:
    detail = an_invoice(site, "INV-7", 1, "2026-02-30T10:00:00Z")
    environment.put_event(BILLING, "Invoice Issued", detail)
    narrator.came_in("bus: Invoice Issued, due on the 30th of February")

    def look() -> tuple[str, str] | None:
        return next((rule for body, rule in environment.refused_messages().items() if "INV-7" in body), None)

    narrator.expect(
        environment.until("it is refused", look) == ("/payload/due_date", "format"), "an impossible date is refused"
    )
    narrator.expect(
        environment.row(environment.entity(site, "invoice_due", "INV-7")) is None, "and the ledger knows nothing of it"
    )


def past_its_date(environment: Environment, narrator: Narrator, site: str) -> None:
    environment.put_event(BILLING, "Invoice Issued", an_invoice(site, "INV-9", 1, in_days(-1)))
    narrator.came_in("bus: Invoice Issued, due yesterday")
    narrator.ledger(environment.settled(environment.entity(site, "invoice_due", "INV-9"), "expired"))
    narrator.expect(
        not environment.wix.live_events(site, "invoice_due"), "an event past its date is taken, and expires"
    )


def refused(environment: Environment, wanted: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]] | None:
    values = {body: rule for body, rule in environment.refused_messages().items() if body in wanted}
    return values if len(values) == len(wanted) else None


def with_(**changes: Any) -> Callable[[Request], Request]:  # noqa: ANN401 - any JSON
    return lambda good: {**good, **changes}


def without(name: str) -> Callable[[Request], Request]:
    return lambda good: {member: value for member, value in good.items() if member != name}


def with_payload(**changes: Any) -> Callable[[Request], Request]:  # noqa: ANN401 - any JSON
    return lambda good: {**good, "payload": {**good["payload"], **changes}}


def as_text(text: str) -> Callable[[Request], Any]:
    return lambda _: text


A_CANCEL = {"action": "cancel", "triggerKey": "invoice_due", "entityId": "INV-8"}

NAMED_TO_CALLER: Final = {"a key that Wix forbids": "/payload/_hidden", "a list of numbers": "/payload/scores/0"}
"""Places with names that no schema declares: a caller reads its own names, and they stay out of queues and logs."""

SPOILT: Mapping[str, tuple[Callable[[Request], Any], tuple[str, str]]] = {
    "unknown trigger": (with_(triggerKey="no_such_trigger"), ("/triggerKey", "unknown-trigger")),
    "no site": (without("instanceId"), ("/instanceId", "required")),
    "a site that is no GUID": (with_(instanceId="site-1"), ("/instanceId", "format")),
    "no id": (without("id"), ("/id", "required")),
    "an empty entity": (with_(entityId="", version="2026-11-24T08:00:00Z"), ("/entityId", "minLength")),
    "a payload that lacks its contact": (with_(payload={}), ("/payload/contact_id", "required")),
    "a wrong type": (with_payload(marketing_email_opt_in="yes"), ("/payload/marketing_email_opt_in", "type")),
    "a key that Wix forbids": (with_payload(_hidden=1), ("/payload/?", "key-name")),
    "a list of numbers": (with_payload(scores=[1]), ("/payload/?/?", "nesting")),
    "a date without offset": (
        with_payload(submission_time="2026-11-24T08:00:00"),
        ("/payload/submission_time", "format"),
    ),
    "a cancel without version": (lambda good: A_CANCEL | {"instanceId": good["instanceId"]}, ("/version", "required")),
    "a version of the wrong kind": (
        lambda good: A_CANCEL | {"instanceId": good["instanceId"], "version": "2026-11-24T08:00:00Z"},
        ("/version", "version-kind"),
    ),
    "a payload too large": (with_payload(first_name="x" * 140_000), ("/payload", "maxBytes")),
    "no JSON": (as_text("{"), ("", "json")),
}
