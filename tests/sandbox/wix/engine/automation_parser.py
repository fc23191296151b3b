"""Reading an automation as somebody wrote it in JSON: every broken rule is named by place and rule, never by value."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from jsonschema import Draft7Validator, ValidationError

from tests.sandbox.wix.engine.admission import date_property
from tests.sandbox.wix.engine.automation_schema import SCHEMA
from tests.sandbox.wix.engine.automations import TEXTS, Action, Automation, Filter, Kind, RateLimit
from tests.sandbox.wix.engine.durations import Duration, Unit
from tests.sandbox.wix.engine.loopback import is_loopback
from tests.sandbox.wix.engine.paths import PLACEHOLDER
from tests.sandbox.wix.registry import App

Broken = tuple[str, str]
"""A place, as a JSON pointer, and the name of the rule that is broken there."""

_RULES = Draft7Validator(SCHEMA)


class Unwritable(Exception):
    """The JSON is no automation for this site; `broken` is why."""

    def __init__(self, broken: Collection[Broken]) -> None:
        super().__init__("; ".join(f"{pointer or '/'} {rule}" for pointer, rule in broken))
        self.broken = broken


def read_automation(fields: Any, apps: Collection[App]) -> Automation:  # noqa: ANN401 - any JSON
    """Return the automation that was written for a site with these apps; its id is still to be given."""
    broken = sorted({_broken(error) for error in _RULES.iter_errors(fields)})
    if broken:
        raise Unwritable(broken)
    app = _app(fields, apps)
    broken = list(_not_for(fields, app))
    if app is None or broken:
        raise Unwritable(broken)
    return Automation(
        automation_id="",
        app_id=app.app_id,
        trigger_key=fields["triggerKey"],
        name=fields["name"],
        actions=tuple(map(_read_action, fields["actions"])),
        active=fields.get("status") != "INACTIVE",
        filters=tuple(Filter(each["fieldKey"], tuple(each["values"])) for each in fields.get("filters", ())),
        before=_read_duration(fields.get("scheduledEventOffset")),
        rate_limit=_read_limit(fields.get("rateLimit")),
    )


def _app(fields: Mapping[str, Any], apps: Collection[App]) -> App | None:
    named = fields.get("appId")
    return next((each for each in apps if fields["triggerKey"] in each.triggers and named in {None, each.app_id}), None)


def _not_for(fields: Mapping[str, Any], app: App | None) -> Iterator[Broken]:
    if app is None:
        yield "/triggerKey", "unknown-trigger"
    elif "scheduledEventOffset" in fields and date_property(app.triggers[fields["triggerKey"]]) is None:
        yield "/scheduledEventOffset", "scheduled-trigger-only"
    for place, action in enumerate(fields["actions"]):
        for name, template in _templates(action):
            if "{{" in PLACEHOLDER.sub("", template):
                yield f"/actions/{place}/{name}", "placeholder"
        if "url" in action and not is_loopback(action["url"]):
            yield f"/actions/{place}/url", "loopback"


def _templates(action: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in TEXTS[Kind(action["kind"])]:
        yield name, action[name]
    for name, template in action.get("body", {}).items() if action["kind"] == Kind.WEBHOOK else ():
        yield f"body/{name}", template


def _read_action(fields: Mapping[str, Any]) -> Action:
    kind = Kind(fields["kind"])
    texts = {name: fields[name] for name in TEXTS[kind]}
    return Action(
        kind, texts, _read_duration(fields.get("delay")), fields.get("body") if kind is Kind.WEBHOOK else None
    )


def _read_duration(fields: Mapping[str, Any] | None) -> Duration | None:
    return Duration(fields["amount"], Unit(fields["unit"])) if fields else None


def _read_limit(fields: Mapping[str, Any] | None) -> RateLimit | None:
    if fields is None:
        return None
    return RateLimit(fields["maxActivations"], _read_duration(fields.get("duration")), fields.get("uniqueIdentifier"))


def _broken(error: ValidationError) -> Broken:
    pointer = "".join(f"/{str(each).replace('~', '~0').replace('/', '~1')}" for each in error.absolute_path)
    missing = error.validator == "required"
    name = error.message.split("'")[1] if missing else ""  # the library has no other place for it
    return f"{pointer}/{name}" if missing else pointer, str(error.validator)
