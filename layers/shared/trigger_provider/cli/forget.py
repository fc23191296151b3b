"""`forget`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from trigger_provider.adapters.aws.batching import batches
from trigger_provider.cli import options
from trigger_provider.cli.ledger_scan import scan
from trigger_provider.cli.output import bar, check_json, confirm, counts, say_json, table
from trigger_provider.cli.watchdog import at_most
from trigger_provider.domain.operations.erasure import Candidate, together
from trigger_provider.domain.operations.values import RowFilter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trigger_provider.cli.context import Context
    from trigger_provider.cli.wiring import Services
    from trigger_provider.domain.ledger.rows import RowKey
    from trigger_provider.use_cases.operations.erase import Erase

_PORTION = 100


@click.command()
@click.option("--site", type=options.Guid(), required=True, help="Wix's instanceId of the installation.")
@options.trigger
@options.entity
@options.occurrence
@click.option(
    "--cancel-first", is_flag=True, help="First cancel the events that Wix may hold. Run the command again afterwards."
)
@click.option(
    "--leave-at-wix", is_flag=True, help="Also delete rows of events that are on their way or that Wix may hold."
)
@options.dry_run
@options.yes
@options.as_json
@click.pass_obj
def forget(  # noqa: PLR0913 - its options
    context: Context,
    *,
    site: str,
    trigger: str | None,
    entity: str | None,
    occurrence: str | None,
    cancel_first: bool,
    leave_at_wix: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Permanently delete what the ledger holds of a site, of its trigger, or of one entity or real-time event.

    An event can't be cancelled once its row is deleted. So the command keeps the rows of events that Wix may still
    hold or that are on their way. With --cancel-first it cancels scheduled events; minutes later you can delete their
    rows. With --leave-at-wix it deletes all rows but those changed in the last minute, and Wix acts on the events that
    it holds.

    The versions are deleted with the row: if a message comes late, or is replayed, intake takes it as new. The command
    can't reach messages on queues, backups of the table, the data that Wix keeps, and log lines, which hold event ids.
    Without --entity and --id it reads the whole ledger: a million events cost a few cents and a minute or two.
    """
    check_json(as_json=as_json, dry_run=dry_run, yes=yes)
    if cancel_first and leave_at_wix:
        raise click.UsageError("--cancel-first and --leave-at-wix exclude each other.")
    keys = _keys(context, site, trigger, entity, occurrence)
    seen = [candidate for batch in batches(keys, _PORTION) for candidate in context.services.forget().look(batch)]
    judged = together(seen, leave_at_wix=leave_at_wix)
    if not judged:
        raise click.ClickException("the ledger knows nothing of it")
    if not as_json:
        _show(judged)
    remaining = judged if dry_run else _done(context.services, judged, cancel_first=cancel_first, yes=yes)
    if as_json:
        _print_document(judged, remaining, dry_run=dry_run)
    if remaining and not dry_run:
        raise click.exceptions.Exit(1)


def _keys(context: Context, site: str, trigger: str | None, entity: str | None, occurrence: str | None) -> list[RowKey]:
    if entity is None and occurrence is None:
        return scan(context.services.archive, RowFilter(site, trigger))
    if trigger is None:
        raise click.UsageError("An --entity or --id needs its --trigger.")
    explain = context.services.explain()
    if occurrence is not None:
        return [explained.row.key for explained in explain.occurrence(site, trigger, entity, occurrence)]
    return [explained.row.key for explained in explain.entity(site, trigger, entity or "")]


def _show(judged: Sequence[Candidate]) -> None:
    rows = [
        [candidate.event, candidate.trigger, candidate.state, candidate.held or "to be forgotten"]
        for candidate in judged
    ]
    for line in table(["event", "trigger", "state", "note"], rows):
        click.echo(line)
    click.echo(counts(candidate.held or "to be forgotten" for candidate in judged))


def _done(services: Services, judged: Sequence[Candidate], *, cancel_first: bool, yes: bool) -> list[Candidate]:
    """Cancel and delete what may be deleted. Return the rows that remain."""
    free = [candidate for candidate in judged if not candidate.held]
    to_cancel = [candidate for candidate in judged if candidate.cancel is not None] if cancel_first else []
    if to_cancel:
        confirm(f"Cancel {len(to_cancel)} at Wix?", yes=yes)
        for batch in batches(to_cancel, _PORTION):
            with at_most(services.lifetime):
                services.forget().cancel(batch)
        click.echo(f"{len(to_cancel)} are being cancelled. Run the command again when they are cancelled.", err=True)
    changed = _forget(services.forget(), free, yes=yes) if free else []
    return [candidate for candidate in judged if candidate.held] + changed


def _forget(use_case: Erase, free: Sequence[Candidate], *, yes: bool) -> list[Candidate]:
    confirm(f"Forget {len(free)} for good?", yes=yes)
    changed: list[Candidate] = []
    with bar(len(free), "forgetting") as progress:
        for batch in batches(free, _PORTION):
            changed += use_case.run(batch)
            progress.update(len(batch))
    if changed:
        click.echo(f"{len(changed)} have changed meanwhile. Run the command again.", err=True)
    return changed


def _print_document(judged: Sequence[Candidate], remaining: Sequence[Candidate], *, dry_run: bool) -> None:
    remaining_keys = {candidate.key for candidate in remaining}
    rows: list[dict[str, Any]] = [
        {
            "event": candidate.event,
            "trigger": candidate.trigger,
            "state": candidate.state.value,
            "held": candidate.held,
            "forgotten": candidate.key not in remaining_keys,
        }
        for candidate in judged
    ]
    say_json({"dryRun": dry_run, "rows": rows})
