"""`triggers`: the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trigger_provider.adapters.catalogue_files import load_catalogue
from trigger_provider.cli import options
from trigger_provider.cli.output import say_json, table
from trigger_provider.cli.wiring import local_catalogue

if TYPE_CHECKING:
    from trigger_provider.domain.catalogue.trigger import Trigger


@click.command()
@click.option(
    "--catalogue",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of the trigger files, if it is not beside this package.",
)
@options.as_json
def triggers(*, catalogue: Path | None, as_json: bool) -> None:
    """List the triggers of the catalogue, and the business events that feed them. Needs no stack."""
    loaded = load_catalogue(catalogue) if catalogue else local_catalogue()
    documents = [document(trigger) for trigger in loaded.triggers.values()]
    if as_json:
        say_json({"triggers": documents})
        return
    rows = [
        [item["key"], item["kind"], item["version"], item["due"] or "", ", ".join(item["feeds"])] for item in documents
    ]
    for line in table(["trigger", "kind", "version", "due", "fed by"], rows, limit=len(rows)):
        click.echo(line)


def document(trigger: Trigger) -> dict[str, Any]:
    """Return a trigger as a JSON document."""
    feeds = [f"{binding.detail_type} ({binding.source}): {binding.action}" for binding in trigger.bindings]
    return {
        "key": trigger.key,
        "name": trigger.name,
        "kind": trigger.kind.value,
        "version": trigger.version_kind.value,
        "due": trigger.due_property,
        "feeds": feeds,
    }
