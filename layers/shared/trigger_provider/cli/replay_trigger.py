"""`replay trigger`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trigger_provider.cli import options
from trigger_provider.cli.ledger_scan import scan
from trigger_provider.cli.output import check_json
from trigger_provider.cli.replay_rows import run
from trigger_provider.domain.ledger.rows import State
from trigger_provider.domain.operations.values import RowFilter

if TYPE_CHECKING:
    from trigger_provider.cli.context import Context


class States(click.ParamType[frozenset[State]]):
    """Some states, separated by commas."""

    name = "STATES"

    def convert(
        self, value: str | frozenset[State], param: click.Parameter | None, ctx: click.Context | None
    ) -> frozenset[State]:
        """Return them, or fail."""
        if isinstance(value, frozenset):
            return value
        try:
            return frozenset(State(word.strip()) for word in value.split(","))
        except ValueError:
            return self.fail(f"must be some of {', '.join(State)}", param, ctx)


@click.command()
@click.option("--site", type=options.Guid(), required=True, help="Wix's instanceId of the installation.")
@click.option("--trigger", metavar="KEY", required=True, help="The trigger's key.")
@click.option(
    "--state", type=States(), default="failed,rejected", show_default=True, help="States, separated by commas."
)
@click.option("--since", type=options.Time(), help="Accepted at this date or date-time, or later.")
@click.option("--until", type=options.Time(), help="Accepted before this date or date-time.")
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=10_000,
    show_default=True,
    help="The greatest number of rows to replay in one run.",
)
@options.name
@options.dry_run
@options.yes
@options.as_json
@click.pass_obj
def trigger(  # noqa: PLR0913 - its options
    context: Context,
    *,
    site: str,
    trigger: str,
    state: frozenset[State],
    since: int | None,
    until: int | None,
    limit: int,
    name: str | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Replay the events of one trigger of a site.

    The command reads the whole ledger: a million events cost a few cents and a minute or two.
    """
    check_json(as_json=as_json, dry_run=dry_run, yes=yes)
    keys = scan(context.services.archive, RowFilter(site, trigger, state, since, until), limit)
    run(context, name, keys, dry_run=dry_run, yes=yes, as_json=as_json)
