"""Checks the trigger catalogue; prints it, the EventBridge pattern it asks for, or its schemas for Wix's dashboard."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from jsonschema import Draft7Validator
from jsonschema.exceptions import SchemaError

from trigger_provider.adapters.catalogue_files import find_doubts, load_catalogue
from trigger_provider.domain.aws_limits import EVENT_PATTERN_CHARACTERS
from trigger_provider.domain.catalogue.trigger import Catalogue, Kind, Trigger
from trigger_provider.domain.payload.json_pointer import pointer_to
from trigger_provider.errors import InvalidCatalogue, Violation

TRIGGERS = Path(__file__).parents[2] / "layers" / "triggers"
SCOPES = "Set Up Automations (to report), Manage Your App (to cancel)"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options().parse_args(arguments)
    try:
        catalogue = load_catalogue(options.directory)
        _refuse_what_the_dialect_refuses(catalogue)
        _refuse_a_pattern_that_is_too_long(catalogue)
    except InvalidCatalogue as error:
        print(error, file=sys.stderr)
        return 1
    for file, doubt in find_doubts(options.directory):
        print(f"warning: {file}{doubt.pointer}: {doubt.rule}: {doubt.message}", file=sys.stderr)
    if options.pattern:
        print(json.dumps(catalogue.event_pattern(), indent=2))
    elif options.schemas:
        print("\n\n".join(_for_the_dashboard(trigger) for trigger in catalogue.triggers.values()))
    else:
        print("\n".join(_line(trigger) for trigger in catalogue.triggers.values()))
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path, default=TRIGGERS, help="where the trigger files are")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--pattern", action="store_true", help="print the event pattern of the intake's rule")
    what.add_argument("--schemas", action="store_true", help="print what to enter in Wix's app dashboard")
    return parser


def _refuse_what_the_dialect_refuses(catalogue: Catalogue) -> None:
    """Ask the reference implementation of draft-07, too, which is too slow to load to ship."""
    faults = []
    for trigger in catalogue.triggers.values():
        try:
            Draft7Validator.check_schema(trigger.schema)
        except SchemaError as error:
            pointer = pointer_to(error.absolute_path, below="/schema")
            fault = Violation(pointer, str(error.validator), "breaks JSON Schema draft-07")
            faults.append((f"{trigger.key}.json", fault))
    if faults:
        raise InvalidCatalogue(faults)


def _refuse_a_pattern_that_is_too_long(catalogue: Catalogue) -> None:
    """Find here what else a deployment finds: the rule in front of us has one pattern for all bindings."""
    length = len(json.dumps(catalogue.event_pattern(), separators=(",", ":")))
    if length > EVENT_PATTERN_CHARACTERS:
        message = (
            f"the event pattern of all bindings has {length} characters, EventBridge takes {EVENT_PATTERN_CHARACTERS}: "
            "use fewer sources and detail-types, or send events to the InboxQueue"
        )
        raise InvalidCatalogue([("*.json", Violation("", "event-pattern", message))])


def _line(trigger: Trigger) -> str:
    when = f"on its {trigger.due_property}" if trigger.kind is Kind.SCHEDULED else "when reported"
    events = ", ".join(f"{binding.detail_type} ({binding.action})" for binding in trigger.bindings)
    return f"{trigger.key:<18} {trigger.kind:<9} {when:<20} {events or 'no bindings'}"


def _for_the_dashboard(trigger: Trigger) -> str:
    lines = [
        f"── {trigger.key} " + "─" * (76 - len(trigger.key)),
        f"Name:     {trigger.name}",
        f"Key:      {trigger.key}",
        f"Kind:     {trigger.kind}",
        *(f"Option:   {option}" for option in _dashboard_options(trigger)),
        f"Scopes:   {SCOPES}",
        "Payload schema:",
        json.dumps(trigger.schema, indent=2, ensure_ascii=False),
    ]
    return "\n".join(lines)


def _dashboard_options(trigger: Trigger) -> list[str]:
    """What the dashboard has switches for: they write identityType and futureDate into the schema."""
    contacts = [name for name, prop in trigger.schema["properties"].items() if "identityType" in prop]
    connected = [f"Connect a property to a contactId: {name}" for name in contacts]
    dated = [f"Allow scheduled events with predefined date & time: {trigger.due_property}"]
    return connected + (dated if trigger.due_property else [])


if __name__ == "__main__":
    sys.exit(main())
