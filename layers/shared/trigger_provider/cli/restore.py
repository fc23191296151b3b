"""`restore`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from trigger_provider.adapters.aws.batching import batches
from trigger_provider.cli import options
from trigger_provider.cli.output import bar, check_json, confirm, counts, say_json, table
from trigger_provider.cli.watchdog import at_most
from trigger_provider.domain.operations.restoration import Restoration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trigger_provider.cli.context import Context
    from trigger_provider.domain.ledger.rows import VersionedItem
    from trigger_provider.use_cases.operations.restore import Restore, Restored

_PORTION = 100


@click.command()
@click.option("--from-table", metavar="NAME", required=True, help="The restored table, beside that of the stack.")
@options.dry_run
@options.yes
@options.as_json
@click.pass_obj
def restore(context: Context, *, from_table: str, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Put back the rows that the ledger lost, from a restored copy of its table.

    First stop intake, and start it again afterwards: docs/operations.md says how. A row that is there stays. A
    scheduled event is put back under a new id: delivery cancels every id that it may have had since the copy was made,
    up to 99 lost changes, and then reports it. What was accepted after the copy was made is lost: send it again.

    An entity that has begun anew meanwhile is not put back. Wix may hold an older event of it, and the command names
    it and exits with 1. It reads the whole copy twice. Run it again if it was stopped: it goes on.
    """
    check_json(as_json=as_json, dry_run=dry_run, yes=yes)
    use_case = context.services.restore(from_table)
    if not dry_run:
        confirm(f"Put rows of {from_table} back into {context.stack}?", yes=yes)
    action = use_case.look if dry_run else use_case.run
    restored = _go_through(use_case, action, context.services.lifetime)
    reborn = [each for each in restored if each.restoration is Restoration.REBORN]
    if as_json:
        _print_document(restored, reborn, dry_run=dry_run)
    else:
        _show(restored, reborn)
    if reborn:
        raise click.exceptions.Exit(1)


def _go_through(
    use_case: Restore, action: Callable[[Sequence[VersionedItem]], list[Restored]], lifetime: int
) -> list[Restored]:
    restored: list[Restored] = []
    with bar(use_case.copy.size(), "reading the copy") as progress:
        for page in use_case.pages():
            for batch in batches(page, _PORTION):
                with at_most(lifetime):
                    restored += action(batch)
                progress.update(len(batch))
    return restored


def _show(restored: Sequence[Restored], reborn: Sequence[Restored]) -> None:
    if reborn:
        for line in table(
            ["event", "trigger", "note"], [[each.event, each.trigger, each.restoration] for each in reborn]
        ):
            click.echo(line)
    click.echo(counts(each.restoration for each in restored))


def _print_document(restored: Sequence[Restored], reborn: Sequence[Restored], *, dry_run: bool) -> None:
    counted = Counter(each.restoration for each in restored)
    say_json(
        {
            "dryRun": dry_run,
            "restored": counted[Restoration.RESTORE],
            "kept": counted[Restoration.KEEP],
            "tooOld": counted[Restoration.TOO_OLD],
            "begunAnew": [{"event": each.event, "trigger": each.trigger} for each in reborn],
        }
    )
