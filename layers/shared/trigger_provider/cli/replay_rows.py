"""What `replay row` and `replay trigger` have in common: rows are shown, a person confirms, the results are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trigger_provider.adapters.aws.batching import batches
from trigger_provider.cli.output import bar, confirm, counts, moment, say_json, table
from trigger_provider.cli.watchdog import at_most
from trigger_provider.domain.ledger.ids import event_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trigger_provider.cli.context import Context
    from trigger_provider.domain.ledger.rows import RowKey
    from trigger_provider.use_cases.operations.replay import Candidate, Replay, Replayed

_PORTION = 25


def run(context: Context, name: str | None, keys: Sequence[RowKey], *, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Show the plan for the rows, ask, replay them, and show the results. Exit with 1 if a row was not replayed."""
    replay = context.services.replay(name or moment(context.services.clock.now()))
    candidates = [candidate for batch in batches(keys, _PORTION) for candidate in replay.look(batch)]
    possible = [candidate for candidate in candidates if candidate.is_possible]
    if not as_json:
        _show(replay, candidates)
    replayed = []
    if possible and not dry_run:
        confirm(f"Replay {len(possible)} of {len(candidates)}?", yes=yes)
        replayed = _replay(replay, possible, context.services.lifetime)
    _print_results(replay, candidates, replayed, as_json=as_json, dry_run=dry_run)
    if not candidates:
        raise click.ClickException("the ledger has no such row")
    if not dry_run and (not possible or any(result.event is None for result in replayed)):
        raise click.exceptions.Exit(1)


def _show(replay: Replay, candidates: Sequence[Candidate]) -> None:
    rows = [
        [event_id(candidate.row), candidate.row.state, candidate.proposal.way, candidate.proposal.note]
        for candidate in candidates
    ]
    for line in table(["event", "state", "replay", "note"], rows) if rows else ():
        click.echo(line)
    click.echo(f"replay {replay.name}: {counts(candidate.proposal.way for candidate in candidates)}")


def _replay(replay: Replay, possible: Sequence[Candidate], lifetime: int) -> list[Replayed]:
    done: list[Replayed] = []
    with bar(len(possible), "replaying") as progress:
        for batch in batches(possible, _PORTION):
            with at_most(lifetime):
                done += replay.run(batch)
            progress.update(len(batch))
    return done


def _print_results(
    replay: Replay, candidates: Sequence[Candidate], replayed: Sequence[Replayed], *, as_json: bool, dry_run: bool
) -> None:
    if as_json:
        results = {result.candidate.row.key: result for result in replayed}
        rows = [_document(candidate, results.get(candidate.row.key)) for candidate in candidates]
        say_json({"name": replay.name, "dryRun": dry_run, "rows": rows})
    elif replayed:
        cells = [[event_id(result.candidate.row), result.event or "not replayed", result.reason] for result in replayed]
        for line in table(["event", "is now", "reason"], cells):
            click.echo(line)


def _document(candidate: Candidate, result: Replayed | None) -> dict[str, str | None]:
    texts: dict[str, str | None] = {
        "event": event_id(candidate.row),
        "site": candidate.row.site,
        "trigger": candidate.row.trigger,
        "state": candidate.row.state.value,
        "replay": candidate.proposal.way.value,
        "note": candidate.proposal.note,
    }
    return texts if result is None else {**texts, "now": result.event, "reason": result.reason}
