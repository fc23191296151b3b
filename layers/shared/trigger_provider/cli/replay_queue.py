"""`replay queue`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from trigger_provider.cli import options
from trigger_provider.cli.output import bar, check_json, confirm, counts, moment, say_json, table
from trigger_provider.domain.operations.dead_letter import QueueName
from trigger_provider.domain.operations.redrive import Choice, Eligibility

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trigger_provider.cli.context import Context
    from trigger_provider.domain.operations.request_targets import RequestTarget
    from trigger_provider.use_cases.operations.redrive import Redrive, Seen


@click.command()
@click.argument("queue", type=click.Choice([name.value for name in QueueName]))
@options.trigger
@options.site
@click.option("--reason", default="", metavar="TEXT", help="Only messages whose reason holds this text.")
@options.since
@options.until
@click.option(
    "--even-if-too-old", is_flag=True, help="Also messages that Wix may have forgotten, and so may act on twice."
)
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=1_000,
    show_default=True,
    help="The greatest number of messages to read in one run.",
)
@options.dry_run
@options.yes
@options.as_json
@click.pass_obj
def queue(  # noqa: PLR0913 - its options
    context: Context,
    *,
    queue: str,
    trigger: str | None,
    site: str | None,
    reason: str,
    since: int | None,
    until: int | None,
    even_if_too_old: bool,
    limit: int,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Send the messages of a queue through the inbox again, after you have corrected the cause.

    \b
    refused      requests that broke a rule: correct the catalogue or the producer first
    undelivered  events that EventBridge could not send to intake_eventbridge
    failed       events that intake_eventbridge failed on
    inbox        requests that intake_sqs failed on

    Intake ignores what it already knows. A message older than 30 days is left out: Wix remembers keys for 30 days, and
    after that only the row could show that the event was reported.
    """  # noqa: D301 - click's mark for lines that stay as they are
    check_json(as_json=as_json, dry_run=dry_run, yes=yes)
    redrive = context.services.redrive(QueueName(queue), context.catalogue, limit)
    choice = Choice(trigger, site, reason, since, until, even_if_too_old)
    with bar(1, f"reading the queue {queue}"):
        seen = redrive.look(choice)
    _run(redrive, seen, choice, dry_run=dry_run, yes=yes, as_json=as_json)


def _run(redrive: Redrive, seen: Sequence[Seen], choice: Choice, *, dry_run: bool, yes: bool, as_json: bool) -> None:
    chosen = [item for item in seen if item.eligibility is Eligibility.REPLAY]
    if not as_json:
        _show(seen)
    done = 0
    if chosen and not dry_run:
        confirm(f"Replay {len(chosen)} of {len(seen)} messages?", yes=yes)
        done = _replay(redrive, chosen, is_forced=choice.even_if_too_old)
    if as_json:
        messages = [_document(item) for item in seen]
        say_json({"queue": redrive.name.value, "dryRun": dry_run, "messages": messages, "replayed": done})
    elif done:
        click.echo(f"replayed {done} of {len(chosen)}")
    if not dry_run and done < len(chosen):
        click.echo(
            "Some messages did not appear again: another program may hold them. Run the command again.", err=True
        )
        raise click.exceptions.Exit(1)


def _show(seen: Sequence[Seen]) -> None:
    rows = [
        [moment(item.read.at), _asks(item.read.asks), item.read.reason, item.eligibility]
        for item in seen
        if item.eligibility is not Eligibility.OTHER
    ]
    for line in table(["sent", "asks for", "reason", "replay"], rows) if rows else ():
        click.echo(line)
    click.echo(f"messages: {counts(item.eligibility for item in seen)}")


def _replay(redrive: Redrive, chosen: Sequence[Seen], *, is_forced: bool) -> int:
    done = 0
    with bar(len(chosen), "replaying") as progress:
        for count in redrive.run(chosen, is_forced=is_forced):
            done += count
            progress.update(count)
    return done


def _asks(asks: Sequence[RequestTarget]) -> str:
    return ", ".join(f"{ask.trigger or '?'} of {ask.site or '?'}" for ask in asks) or "?"


def _document(seen: Seen) -> dict[str, Any]:
    return {
        "messageId": seen.read.message.message_id,
        "sent": moment(seen.read.at),
        "asks": [{"trigger": ask.trigger, "site": ask.site} for ask in seen.read.asks],
        "reason": seen.read.reason,
        "eligibility": seen.eligibility.value,
    }
