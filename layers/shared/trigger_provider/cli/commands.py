"""All commands in one group."""

from __future__ import annotations

from pathlib import Path

import click

from trigger_provider.cli.context import Context, ErrorReportingGroup
from trigger_provider.cli.forget import forget
from trigger_provider.cli.replay_queue import queue
from trigger_provider.cli.replay_row import row
from trigger_provider.cli.replay_trigger import trigger
from trigger_provider.cli.restore import restore
from trigger_provider.cli.triggers import triggers
from trigger_provider.cli.why import why
from trigger_provider.cli.wiring import of_stack


@click.group(
    cls=ErrorReportingGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done; 1 not found, not done, or declined; 2 wrong usage; 3 AWS did not answer as needed.",
)
@click.option("--stack", metavar="NAME", help="The name of the deployed stack.")
@click.option(
    "--catalogue",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of the trigger files, if it is not `triggers` on the Python path.",
)
@click.pass_context
def cli(context: click.Context, stack: str | None, catalogue: Path | None) -> None:
    """Operate a deployed trigger provider.

    The command finds the resources by the outputs of the stack. It uses your own credentials, profile and region, and
    reads the same environment variables as the AWS CLI. It shows each change before it makes it.
    """
    context.obj = Context(context.obj or of_stack, stack, catalogue)


@cli.group()
def replay() -> None:
    """Replay a row, a trigger of a site, or a queue.

    The command first shows what it would do. It does it only after a yes, or with --yes.
    """


cli.add_command(triggers)
cli.add_command(why)
cli.add_command(forget)
cli.add_command(restore)
replay.add_command(row)
replay.add_command(trigger)
replay.add_command(queue)
