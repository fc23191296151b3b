"""`why`: one event's history."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from trigger_provider.cli import options
from trigger_provider.cli.output import moment, say_json
from trigger_provider.domain.catalogue.trigger import VersionKind
from trigger_provider.domain.ledger.generations import change_count, standing
from trigger_provider.domain.ledger.ids import event_id, generation_id
from trigger_provider.domain.ledger.rows import EventRow, RealtimeEvent, Row, ScheduledEntity, Tombstone, Transition
from trigger_provider.domain.payload.formats import is_uuid
from trigger_provider.domain.payload.rfc3339 import format_nanoseconds
from trigger_provider.errors import TriggerProviderError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trigger_provider.cli.context import Context
    from trigger_provider.domain.catalogue.trigger import Catalogue
    from trigger_provider.use_cases.operations.explain import Explained


@click.command()
@click.argument("event_or_entity", required=False, metavar="[EVENT_ID | ENTITY]")
@options.site
@options.trigger
@options.occurrence
@click.option("--payload", is_flag=True, help="Also print the payload. It may hold personal data.")
@options.as_json
@click.pass_obj
def why(
    context: Context,
    *,
    event_or_entity: str | None,
    site: str | None,
    trigger: str | None,
    occurrence: str | None,
    payload: bool,
    as_json: bool,
) -> None:
    """Show what became of an event, and why.

    An event id, as a site owner's log shows it, is enough, for any generation. An entity needs --site and --trigger,
    and --id for one of its real-time events. Without --id the command shows all of them.
    """
    explained = find_explained(context, event_or_entity, site, trigger, occurrence)
    if not explained:
        raise click.ClickException("the ledger knows nothing of it: it never came in, or it came in too long ago")
    catalogue = _find_catalogue(context)
    documents = [document(event, catalogue, with_payload=payload) for event in explained]
    if as_json:
        say_json({"events": documents})
    else:
        click.echo("\n\n".join("\n".join(lines(fields)) for fields in documents))


def find_explained(
    context: Context, what: str | None, site: str | None, trigger: str | None, occurrence: str | None
) -> list[Explained]:
    """Find what is asked about, or raise `click.UsageError` if that can't be told."""
    if site is None and trigger is None and occurrence is None:
        if what is None or not is_uuid(what):
            raise click.UsageError("Give an event id, or --site and --trigger with an entity or --id.")
        return context.services.explain().event(what)
    if site is None or trigger is None or (what is None and occurrence is None):
        raise click.UsageError("An entity or an --id needs --site and --trigger.")
    if occurrence is not None:
        return context.services.explain().occurrence(site, trigger, what, occurrence)
    return context.services.explain().entity(site, trigger, what or "")


def _find_catalogue(context: Context) -> Catalogue | None:
    """Return the catalogue, or None if there is none to read: the history is shown all the same."""
    try:
        return context.catalogue
    except TriggerProviderError:
        return None


def lines(fields: Mapping[str, Any]) -> Iterator[str]:
    """Return a history's document as text."""
    for name, value in fields.items():
        if name != "timeline" and value not in (None, [], ""):
            yield f"{name:<13} {', '.join(value) if isinstance(value, list) else value}"
    yield "timeline"
    for line in fields["timeline"]:
        wix = f"   Wix request {line['wixRequestId']}" if "wixRequestId" in line else ""
        yield f"  {line['at']}  {line['state']:<10} {line['reason']}{wix}"


def document(explained: Explained, catalogue: Catalogue | None, *, with_payload: bool) -> dict[str, Any]:
    """Return a history as a JSON document; its version as the catalogue says, where that knows the trigger."""
    row = explained.row
    fields = {
        "event": generation_id(row.key, explained.generation) if explained.generation else event_id(row),
        "standing": standing(row, explained.generation),
        "trigger": row.trigger,
        "site": row.site,
        "entity": row.entity,
        "id": row.occurrence if isinstance(row, RealtimeEvent) else None,
        "state": row.state.value,
        "reason": row.reason,
        "version": _version(row, catalogue),
        **_of_kind(row),
        "acknowledged": _moment_or_none(row.acked_at if isinstance(row, EventRow) else None),
        "waits until": None
        if row.next_attempt_at is None or row.parked_at is not None
        else moment(row.next_attempt_at),
        "parked": None if row.parked_at is None else f"with its site, since {moment(row.parked_at)}",
        "attempts": row.attempts,
        "activations": list(row.activation_ids) if isinstance(row, EventRow) else [],
        "accepted": moment(row.accepted_at),
        "forgotten": moment(row.expires_at),
    }
    if with_payload:
        fields["payload"] = json.loads(row.payload) if isinstance(row, EventRow) and row.payload else None
    return {**fields, "timeline": [_line(line) for line in row.timeline]}


def _version(row: Row, catalogue: Catalogue | None) -> int | str | None:
    trigger = catalogue and catalogue.get(row.trigger)
    if row.version is not None and trigger and trigger.version_kind is VersionKind.TIME:
        return format_nanoseconds(row.version)
    return row.version


def _of_kind(row: Row) -> dict[str, Any]:
    match row:
        case Tombstone():
            return {"closed": None if row.swept_version is None else f"all up to version {row.swept_version}"}
        case ScheduledEntity():
            return {
                "intent": row.intent.value,
                "generation": change_count(row.generation),
                "acknowledged generation": change_count(row.acked_generation) or None,
                "open": _open_generations(row),
                "due": _moment_or_none(row.due_at),
            }
    return {}


def _open_generations(row: ScheduledEntity) -> str | None:
    if row.oldest_open_generation >= row.generation:
        return None
    return f"generations {change_count(row.oldest_open_generation)} to {change_count(row.generation - 1)}"


def _moment_or_none(time: int | None) -> str | None:
    return None if time is None else moment(time)


def _line(line: Transition) -> dict[str, str]:
    fields = {"at": moment(line.at), "state": line.state.value, "reason": line.reason}
    return fields if line.wix_request_id is None else {**fields, "wixRequestId": line.wix_request_id}
