"""`replay row`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trigger_provider.cli import options
from trigger_provider.cli.output import check_json
from trigger_provider.cli.replay_rows import run
from trigger_provider.domain.ledger.ids import entity_key, occurrence_key
from trigger_provider.domain.payload.formats import is_uuid

if TYPE_CHECKING:
    from trigger_provider.cli.context import Context
    from trigger_provider.domain.ledger.rows import RowKey


@click.command()
@click.argument("event", required=False, metavar="[EVENT_ID]")
@options.site
@options.trigger
@options.entity
@options.occurrence
@options.name
@options.dry_run
@options.yes
@options.as_json
@click.pass_obj
def row(  # noqa: PLR0913 - its options
    context: Context,
    *,
    event: str | None,
    site: str | None,
    trigger: str | None,
    entity: str | None,
    occurrence: str | None,
    name: str | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Replay one row: by its event id, or by --site, --trigger, and --entity or --id.

    A scheduled event begins a new generation; delivery first cancels what Wix holds of it. A real-time event is
    reported again, under an id derived from its own id and --name. It can't be replayed twice, but the new event can be
    replayed. A cancel of real-time events is swept again.
    """
    check_json(as_json=as_json, dry_run=dry_run, yes=yes)
    keys = _keys(context, event, site, trigger, entity, occurrence)
    run(context, name, keys, dry_run=dry_run, yes=yes, as_json=as_json)


def _keys(
    context: Context,
    event: str | None,
    site: str | None,
    trigger: str | None,
    entity: str | None,
    occurrence: str | None,
) -> list[RowKey]:
    about = (site, trigger, entity, occurrence)
    if event is not None and about == (None, None, None, None) and is_uuid(event):
        return [explained.row.key for explained in context.services.explain().event(event)]
    if event is not None or site is None or trigger is None:
        raise click.UsageError("Give an event id; or --site, --trigger, and --entity or --id.")
    if occurrence is not None:
        return [occurrence_key(context.services.app_id, site, trigger, entity, occurrence)]
    if entity is not None:
        return [entity_key(context.services.app_id, site, trigger, entity)]
    raise click.UsageError("Give --entity or --id. To replay all of the trigger, use `replay trigger`.")
