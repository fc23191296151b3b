"""All commands in one group."""

from __future__ import annotations

import click

from trigger_provider.cli.context import Context, ErrorReportingGroup
from trigger_provider.cli.forget import forget
from trigger_provider.cli.replay_queue import queue
from trigger_provider.cli.replay_row import row
from trigger_provider.cli.replay_trigger import trigger
from trigger_provider.cli.triggers import triggers
from trigger_provider.cli.why import why
from trigger_provider.cli.wiring import of_stack


@click.group(
    cls=ErrorReportingGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done; 1 not found, not done, or not wanted; 2 wrong usage; 3 AWS did not answer as needed.",
)
@click.option("--stack", metavar="NAME", help="The deployed stack to look after.")
@click.pass_context
def cli(context: click.Context, stack: str | None) -> None:
    """Look after a deployed trigger provider.

    Its parts are found by the outputs of its stack, with your own credentials, profile and region: all that the AWS
    CLI reads from your environment is read here, too. Nothing is changed without being shown before.
    """
    context.obj = Context(context.obj or of_stack, stack)


@cli.group()
def replay() -> None:
    """Replay a row, a trigger of a site, or a queue.

    What would be done is shown first, and done only after a yes, or with --yes.
    """


cli.add_command(triggers)
cli.add_command(why)
cli.add_command(forget)
replay.add_command(row)
replay.add_command(trigger)
replay.add_command(queue)
