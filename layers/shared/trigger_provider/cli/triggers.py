"""`triggers`: the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from trigger_provider.cli import options
from trigger_provider.cli.output import say_json, table

if TYPE_CHECKING:
    from trigger_provider.cli.context import Context
    from trigger_provider.domain.catalogue.trigger import Trigger


@click.command()
@options.as_json
@click.pass_obj
def triggers(context: Context, *, as_json: bool) -> None:
    """List the triggers of the catalogue, and the business events that feed them. Needs no stack."""
    documents = [document(trigger) for trigger in context.catalogue.triggers.values()]
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
