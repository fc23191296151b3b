"""`replay row` and `replay trigger`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import click

from trigger_provider.adapters.portions import batches
from trigger_provider.cli import options
from trigger_provider.cli.desk import Desk
from trigger_provider.cli.printing import bar, check_json, confirm, counts, moment, say_json, table
from trigger_provider.events import RowKey, State
from trigger_provider.formats import is_uuid
from trigger_provider.ids import entity_key, event_id, occurrence_key
from trigger_provider.operator_ports import Wanted
from trigger_provider.use_cases.replay import Candidate, Replay, Replayed

_PORTION = 25


class States(click.ParamType[frozenset[State]]):
    """Some states, with commas between them."""

    name = "STATES"

    def convert(
        self, value: str | frozenset[State], param: click.Parameter | None, ctx: click.Context | None
    ) -> frozenset[State]:
        """Give them, or fail."""
        if isinstance(value, frozenset):
            return value
        try:
            return frozenset(State(word.strip()) for word in value.split(","))
        except ValueError:
            return self.fail(f"must be some of {', '.join(State)}", param, ctx)


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
    desk: Desk,
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

    A scheduled event begins a new generation; what Wix holds of it is cancelled first. A real-time event is reported
    anew, under an id derived from its own and --name; it can't be replayed twice, but what came of it can. A cancel of
    real-time events is swept again.
    """
    check_json(as_json=as_json, dry_run=dry_run, yes=yes)
    keys = _keys(desk, event, site, trigger, entity, occurrence)
    _run(desk.parts.replay(name or _now(desk)), keys, dry_run=dry_run, yes=yes, as_json=as_json)


@click.command()
@click.option("--site", type=options.Guid(), required=True, help="Wix's instanceId of the installation.")
@click.option("--trigger", metavar="KEY", required=True, help="The trigger's key.")
@click.option("--state", type=States(), default="failed,rejected", show_default=True, help="With commas between them.")
@click.option("--since", type=options.Time(), help="Accepted at this date or date-time, or later.")
@click.option("--until", type=options.Time(), help="Accepted before this date or date-time.")
@click.option("--most", type=click.IntRange(1), default=10_000, show_default=True, help="Rows to replay in one go.")
@options.name
@options.dry_run
@options.yes
@options.as_json
@click.pass_obj
def trigger(  # noqa: PLR0913 - its options
    desk: Desk,
    *,
    site: str,
    trigger: str,
    state: frozenset[State],
    since: int | None,
    until: int | None,
    most: int,
    name: str | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Replay what a site has of a trigger.

    The whole ledger is read for it: a million events cost a few cents and a minute or two.
    """
    check_json(as_json=as_json, dry_run=dry_run, yes=yes)
    keys = _found(desk, Wanted(site, trigger, state, since, until), most)
    _run(desk.parts.replay(name or _now(desk)), keys, dry_run=dry_run, yes=yes, as_json=as_json)


def _keys(
    desk: Desk, event: str | None, site: str | None, trigger: str | None, entity: str | None, occurrence: str | None
) -> list[RowKey]:
    about = (site, trigger, entity, occurrence)
    if event is not None and about == (None, None, None, None) and is_uuid(event):
        return [one.row.key for one in desk.parts.explain().event(event)]
    if event is not None or site is None or trigger is None:
        raise click.UsageError("Give an event id; or --site, --trigger, and --entity or --id.")
    if occurrence is not None:
        return [occurrence_key(desk.parts.app_id, site, trigger, entity, occurrence)]
    if entity is not None:
        return [entity_key(desk.parts.app_id, site, trigger, entity)]
    raise click.UsageError("Which one? Give --entity or --id; for all of the trigger there is `replay trigger`.")


def _found(desk: Desk, wanted: Wanted, most: int) -> list[RowKey]:
    archive = desk.parts.archive
    keys: list[RowKey] = []
    with bar(archive.size(), "reading the ledger") as progress:
        for page in archive.find(wanted):
            keys += page.keys
            progress.update(page.read)
            if len(keys) >= most:
                break
    return list(islice(sorted(keys), most))


def _now(desk: Desk) -> str:
    return moment(desk.parts.clock.now())


def _run(replay: Replay, keys: Sequence[RowKey], *, dry_run: bool, yes: bool, as_json: bool) -> None:
    candidates = [one for some in batches(keys, _PORTION) for one in replay.look(some)]
    possible = [one for one in candidates if one.is_possible]
    if not as_json:
        _show(replay, candidates)
    replayed = []
    if possible and not dry_run:
        confirm(f"Replay {len(possible)} of {len(candidates)}?", yes=yes)
        replayed = _replayed(replay, possible)
    _tell(replay, candidates, replayed, as_json=as_json, dry_run=dry_run)
    if not candidates:
        raise click.ClickException("the ledger has no such row")
    if not dry_run and (not possible or any(one.event is None for one in replayed)):
        raise click.exceptions.Exit(1)


def _show(replay: Replay, candidates: Sequence[Candidate]) -> None:
    rows = [[event_id(one.row), one.row.state, one.proposal.way, one.proposal.note] for one in candidates]
    for line in table(["event", "state", "replay", "note"], rows) if rows else ():
        click.echo(line)
    click.echo(f"replay {replay.name}: {counts(one.proposal.way for one in candidates)}")


def _replayed(replay: Replay, possible: Sequence[Candidate]) -> list[Replayed]:
    done: list[Replayed] = []
    with bar(len(possible), "replaying") as progress:
        for some in batches(possible, _PORTION):
            done += replay(some)
            progress.update(len(some))
    return done


def _tell(
    replay: Replay, candidates: Sequence[Candidate], replayed: Sequence[Replayed], *, as_json: bool, dry_run: bool
) -> None:
    if as_json:
        results = {one.candidate.row.key: one for one in replayed}
        rows = [_document(one, results.get(one.row.key)) for one in candidates]
        say_json({"name": replay.name, "dryRun": dry_run, "rows": rows})
    elif replayed:
        rows_ = [[event_id(one.candidate.row), one.event or "not replayed", one.reason] for one in replayed]
        for line in table(["event", "is now", "reason"], rows_):
            click.echo(line)


def _document(one: Candidate, result: Replayed | None) -> dict[str, str | None]:
    told: dict[str, str | None] = {
        "event": event_id(one.row),
        "site": one.row.site,
        "trigger": one.row.trigger,
        "state": one.row.state.value,
        "replay": one.proposal.way.value,
        "note": one.proposal.note,
    }
    return told if result is None else {**told, "now": result.event, "reason": result.reason}
