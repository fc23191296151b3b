"""Answers that Wix, its firewalls and proxies give to calls: what each means to the events of the call."""

from __future__ import annotations

from typing import Any, Final

from tests.contract.outside import Case, each, table
from trigger_provider.adapters.wix.http import read_reply
from trigger_provider.adapters.wix.responses import NOT_INSTALLED, Operation, blames_no_item, read_results
from trigger_provider.domain.delivery.results import FORBIDDEN_WITHOUT_CODE, UNKNOWN_TO_WIX, ResultKind

HTTP: Final = "RFC 9110, section 15"
EARLY: Final = "RFC 8297: 103 Early Hints comes before the answer, and CDNs send it"
FIREWALL: Final = "AWS WAF developer guide, CAPTCHA and Challenge actions: status 405 with a page"
CDN: Final = "Cloudflare and Fastly: 410, 421 and 451 with a page of their own"
BULK: Final = "Wix, Bulk Report Event and error handling: fieldViolations of a validationError"
PERMISSION: Final = "Wix developer forum: a missing permission is a 403 without a body"
THROTTLE: Final = "Wix developer forum: bursts of 403 with an empty message and details"
INSTALL: Final = "Wix errors APP_NOT_INSTALLED and WDE0117 MetaSite not found, just after an install"
SIZE: Final = "nginx, client_max_body_size: 413 with a page"
LATER: Final = "RFC 9110, section 10.2.3: Retry-After is seconds or a date"

PAGE: Final = b"<!DOCTYPE html><title>Verify you are human</title>"
NO_WORDS: Final = b'{"message":"","details":{}}'


def refusal(*fields: str) -> bytes:
    violations = ",".join(f'{{"field":"{field}","violatedRule":"FORMAT"}}' for field in fields)
    return f'{{"message":"","details":{{"validationError":{{"fieldViolations":[{violations}]}}}}}}'.encode()


def application_error(code: str) -> bytes:
    return f'{{"message":"m","details":{{"applicationError":{{"code":"{code}"}}}}}}'.encode()


SINGLE: Final = table(
    *(Case(f"{status} with a page", HTTP, (status, PAGE), ResultKind.RETRY) for status in (300, 302, 304, 307, 308)),
    *(Case(f"{status} without a body", HTTP, (status, b""), ResultKind.RETRY) for status in (201, 202, 204, 207, 301)),
    Case("103 as the last word", EARLY, (103, b""), ResultKind.RETRY),
    *(Case(f"{status} of a firewall", FIREWALL, (status, PAGE), ResultKind.RETRY) for status in (401, 403, 405)),
    *(Case(f"{status} of a CDN", CDN, (status, PAGE), ResultKind.RETRY) for status in (402, 406, 410, 421, 451)),
    Case("413 of a proxy", SIZE, (413, PAGE), ResultKind.UNKNOWN),
    Case("403 without a body", PERMISSION, (403, b""), ResultKind.FORBIDDEN),
    Case("403 with blanks for a body", PERMISSION, (403, b"\r\n"), ResultKind.FORBIDDEN),
    Case("401 without a body", PERMISSION, (401, b""), ResultKind.FORBIDDEN),
    Case("403 without a word", THROTTLE, (403, NO_WORDS), ResultKind.FORBIDDEN),
    Case("428, the app is not installed", INSTALL, (428, application_error("APP_NOT_INSTALLED")), ResultKind.FORBIDDEN),
    Case("428, with a prefix", INSTALL, (428, application_error("TPA_APP_NOT_INSTALLED")), ResultKind.FORBIDDEN),
    Case("400, no MetaSite", INSTALL, (400, b'{"message":"WDE0117: MetaSite not found."}'), ResultKind.RETRY),
    Case("400, no MetaSite, by its code", INSTALL, (400, application_error("WDE0117")), ResultKind.RETRY),
    Case("400, another code of Wix Data", INSTALL, (400, application_error("WDE0011")), ResultKind.REFUSED),
    Case("404 to the cancel of one event", BULK, (404, NO_WORDS), UNKNOWN_TO_WIX),
)

HALVED: Final = table(
    Case("a field that every event has", BULK, (Operation.REPORT, 400, refusal("value")), "halved"),
    Case("a path without an index", BULK, (Operation.REPORT, 400, refusal("address.address.subdivision")), "halved"),
    Case("an index beyond the call", BULK, (Operation.REPORT, 400, refusal("eventsInfo[7].payload")), "halved"),
    Case("an item by its index", BULK, (Operation.REPORT, 400, refusal("eventsInfo[1].payload")), "as it is"),
    Case("an item in snake case", BULK, (Operation.REPORT, 400, refusal("events_info[1].payload")), "as it is"),
    Case("an item among others", BULK, (Operation.CANCEL, 400, refusal("value", "externalEntityIds[0]")), "as it is"),
    Case("the trigger key", BULK, (Operation.REPORT, 400, refusal("triggerKey")), "as it is"),
    Case("no violation at all", BULK, (Operation.REPORT, 428, NO_WORDS), "halved"),
    Case("404 to the cancel of many events", BULK, (Operation.CANCEL, 404, NO_WORDS), "halved"),
    Case("404 to the report of many events", BULK, (Operation.REPORT, 404, NO_WORDS), "as it is"),
    Case("400 with a page", FIREWALL, (Operation.REPORT, 400, PAGE), "as it is"),
    Case("403 without a word", THROTTLE, (Operation.REPORT, 403, NO_WORDS), "as it is"),
    Case("413 of a proxy", SIZE, (Operation.REPORT, 413, PAGE), "halved"),
)

WAITS: Final = table(
    Case("seconds", LATER, "120", 120.0),
    Case("a date", LATER, "Sun, 09 Sep 2001 01:47:40 GMT", 60.0),
    Case("a date that has passed", LATER, "Sat, 08 Sep 2001 01:46:40 GMT", 0.0),
    Case("a minus", LATER, "-5", 0.0),
    Case("no number", LATER, "soon", None),
    Case("more than anyone waits", LATER, "1e300", 3_600.0),
    Case("not a number", LATER, "nan", None),
)


@each(SINGLE)
def test_an_answer_to_a_call_of_one_event(case: Case[tuple[int, bytes], ResultKind | str]) -> None:
    status, content = case.given
    for operation in Operation:
        (result,) = read_results(operation, read_reply(status, {}, content, 0), 1)
        if isinstance(case.expected, ResultKind):
            assert result.kind is case.expected
        elif operation is Operation.CANCEL:
            assert (result.kind, result.reason) == (ResultKind.DONE, case.expected)


@each(HALVED)
def test_a_bulk_call_is_asked_again_by_halves_unless_the_answer_names_its_item(
    case: Case[tuple[Operation, int, bytes], str],
) -> None:
    operation, status, content = case.given
    assert blames_no_item(operation, read_reply(status, {}, content, 0), 3) is (case.expected == "halved")


@each(WAITS)
def test_a_wait_that_wix_asks_for_is_kept_within_an_hour(case: Case[str, float | None]) -> None:
    headers: dict[str, Any] = {"retry-after": case.given}
    assert read_reply(429, headers, NO_WORDS, 1_000_000_000_000).retry_after == case.expected


def test_the_reason_of_a_refusal_of_the_site_says_which() -> None:
    reasons = [
        read_results(Operation.REPORT, read_reply(status, {}, content, 0), 1)[0].reason
        for status, content in ((403, b""), (403, NO_WORDS), (428, application_error("APP_NOT_INSTALLED")))
    ]
    assert reasons == [FORBIDDEN_WITHOUT_CODE, FORBIDDEN_WITHOUT_CODE, NOT_INSTALLED]
