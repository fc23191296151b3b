"""What nobody outside Wix knows for sure, as named switches with a stated default.

"Section" and "question" point into Wix's wire contract as we wrote it down: sections of facts, and the list of open
questions at its end. Change a switch to see whether the bundle survives the other reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Annotated, get_type_hints


class Verdict(StrEnum):
    """How Wix takes a payload that breaks a rule: as a 400, as a 428, or as a 200 after which nothing runs."""

    REQUIRED_PROPERTY = "REQUIRED_PROPERTY"
    SCHEMA_VALIDATION_FAILED = "SCHEMA_VALIDATION_FAILED"
    RUNS_NOTHING = "RUNS_NOTHING"


class ScopeList(StrEnum):
    """Whose list of permission scopes is enforced: the newest documentation's, or the longer one of Wix's SDK."""

    DOCS = "DOCS"
    SDK = "SDK"


@dataclass(frozen=True, slots=True)
class Switches:
    """One field per open question that the sandbox had to answer; `describe` prints them."""

    token_lifetime_seconds: Annotated[int, "Section 7.1: `expires_in` of a token; four hours by the docs."] = 14_400
    bearer_prefix_accepted: Annotated[
        bool, "Section 7.2, question 12: `Bearer <token>` is as good as the raw token."
    ] = True
    unknown_client_status: Annotated[int, "Section 7.1, question 11: status for a wrong app id or secret."] = 401
    unknown_instance_status: Annotated[
        int, "Section 7.1, question 11: status of the token endpoint for a site unknown or without the app."
    ] = 400
    unknown_instance_error: Annotated[
        str, "Section 7.1, question 11: RFC 6749 error code that goes with `unknown_instance_status`."
    ] = "invalid_grant"
    scope_list: Annotated[ScopeList, "Section 1.2, question 18: which list of scopes is enforced."] = ScopeList.DOCS

    unknown_trigger_status: Annotated[int, "Question 2: status for a trigger key that no app has."] = 404
    foreign_trigger_status: Annotated[
        int, "Section 1.2, question 2: status for another app's trigger; keys are unique per app, so it isn't found."
    ] = 404
    non_guid_entity_refused: Annotated[
        bool, "Section 4.6, question 2: an `externalEntityId` that is no GUID is a 400 instead of being taken."
    ] = True
    numeric_ttl_accepted: Annotated[
        bool, "Section 1.1: `ttlInMilliseconds` may also be a JSON number, as protobuf's own parsers allow."
    ] = False

    missing_required: Annotated[Verdict, "Section 2.3, question 1: a payload lacks a property its schema requires."] = (
        Verdict.REQUIRED_PROPERTY
    )
    schema_mismatch: Annotated[Verdict, "Section 2.3, question 1: a payload breaks another rule of its schema."] = (
        Verdict.SCHEMA_VALIDATION_FAILED
    )
    malformed_payload: Annotated[
        Verdict, "Sections 2.3 and 4.1, question 1: a key name or nesting Wix doesn't allow."
    ] = Verdict.SCHEMA_VALIDATION_FAILED
    first_level_objects_accepted: Annotated[
        bool, "Section 4.1, question 3: a first-level property may be an object of primitives."
    ] = True
    null_values_accepted: Annotated[
        bool, "Section 4.1, question 3: a null counts as left out instead of as malformed."
    ] = False
    lenient_date_times: Annotated[
        bool, "Section 4.3, question 9: `date-time` also takes `+0000` and times without an offset."
    ] = False

    unicode_emails_accepted: Annotated[
        bool, "Section 5.2, question 9: `email` also takes addresses beyond ASCII, as validators on the JVM do."
    ] = True

    idempotency_per_site: Annotated[
        bool, "Section 3, question 5: a key is scoped to the site too, not only to app and trigger."
    ] = False
    cancel_frees_key: Annotated[
        bool, "Section 3, question 5: a cancel makes the event's idempotency key new again."
    ] = False
    duplicate_repeats_activation_ids: Annotated[
        bool, "Section 3, question 5: a duplicate's answer holds the first answer's activation ids instead of none."
    ] = False
    bulk_duplicate_succeeds: Annotated[
        bool, "Section 3, question 5: a duplicate in a bulk call is a success, not `EVENT_ALREADY_PROCESSED`."
    ] = True

    unknown_entity_not_found: Annotated[
        bool, "Section 4.6, question 6: cancelling what isn't there is a 404 (in bulk: a failed item) instead of done."
    ] = False
    same_entity_replaces: Annotated[
        bool, "Section 4.6, question 8: a second report for one entity replaces the first instead of joining it."
    ] = False
    report_applies_after_seconds: Annotated[
        float, "Question 7: how long after its 200 a single report becomes live; a cancel in between misses it."
    ] = 0.0
    bulk_report_applies_after_seconds: Annotated[
        float, "Section 1.1, question 7: the same for bulk reports, which the docs call asynchronous."
    ] = 0.0
    cancel_lingers_seconds: Annotated[
        float, "Question 7: how long after its 200 a cancel still swallows reports of its entity."
    ] = 0.0
    removal_cancels_events: Annotated[bool, "Question 13: removing the app from a site ends its live events there."] = (
        True
    )

    skipped_have_ids: Annotated[
        bool, "Section 1.1, question 5: a report's answer also names activations that were skipped or failed at once."
    ] = False
    deactivation_cancels_activations: Annotated[
        bool, "Section 4.5: switching an automation off cancels what is pending of it; Wix says that it can."
    ] = True
    limit_counts_cancelled: Annotated[
        bool, "Section 9: an activation that was cancelled still counts for the owner's rate limit."
    ] = True
    refresh_after_delays: Annotated[
        bool, "Section 6, question 15: the payload is read again after each delay, not only at an event's date."
    ] = True
    refresh_fails_open: Annotated[
        bool, "Sections 4.2 and 6, question 15: a refresh that fails is a warning, and the known payload is used."
    ] = True

    webhook_resend_keeps_iat: Annotated[
        bool, "Section 8.1, question 14: a webhook that is sent again is the same token, instead of one signed anew."
    ] = True
    webhook_token_lasts_seconds: Annotated[
        int, "Section 8.1: `exp` less `iat` of a webhook; nothing is said, and it is sent again for two days."
    ] = 259_200
    webhook_content_type: Annotated[
        str, "Section 8.1, question 14: the content type of a webhook, on which no client should rely."
    ] = "text/plain;charset=UTF-8"

    defaults_left_out: Annotated[
        bool, "Section 1.1: false, zero and empty lists of a response are missing on the wire."
    ] = True
    detailed_failures_at_most: Annotated[
        int | None, "Section 1.1: failed items beyond this number have no result and count as `undetailedFailures`."
    ] = None
    bulk_results_reversed: Annotated[
        bool, "Section 12: results come in another order than the items, so only `originalIndex` tells whose they are."
    ] = False
    bulk_violation_refuses_call: Annotated[
        bool, "Section 1.1: an item that breaks a field rule (GUID, key length) fails the whole call with a 400."
    ] = False

    calls_per_minute: Annotated[int, "Section 9: calls of one app on one site in any sixty seconds."] = 200
    rate_counts_items: Annotated[bool, "Section 9, question 10: the limit counts events instead of calls."] = False
    token_calls_count: Annotated[bool, "Section 9, question 10: calls of the token endpoint count too."] = False
    retry_after_seconds: Annotated[
        int | None, "Section 9, question 10: the `Retry-After` header of a 429; none by default."
    ] = None

    @classmethod
    def describe(cls) -> Iterator[tuple[str, object, str]]:
        """Name, default and meaning of every switch, in order."""
        hints = get_type_hints(cls, include_extras=True)
        for each in fields(cls):
            yield each.name, each.default, hints[each.name].__metadata__[0]
