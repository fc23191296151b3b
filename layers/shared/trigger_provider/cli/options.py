"""Options that several commands have."""

from __future__ import annotations

import re
from typing import Final

import click

from trigger_provider.domain.payload.formats import is_uuid
from trigger_provider.domain.payload.rfc3339 import is_date, is_date_time, parse_milliseconds

_NAME: Final = re.compile(r"[A-Za-z0-9._:+-]{1,64}")


class Guid(click.ParamType[str]):
    """A GUID. It is converted to lower case, as the ledger stores it."""

    name = "GUID"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return it, or fail."""
        return value.lower() if is_uuid(value) else self.fail("must be a GUID: 8-4-4-4-12 hex digits", param, ctx)


class Time(click.ParamType[int]):
    """A moment in milliseconds."""

    name = "TIME"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return it, or fail; a date alone begins at midnight in UTC."""
        text = f"{value}T00:00:00Z" if is_date(str(value)) else str(value)
        if is_date_time(text):
            return parse_milliseconds(text)
        return self.fail("must be a date, or a date-time with an offset, such as 2026-11-24T08:00:00Z", param, ctx)


class Name(click.ParamType[str]):
    """The name of a replay."""

    name = "NAME"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return it, or fail."""
        if _NAME.fullmatch(value):
            return value
        return self.fail("must have 1 to 64 of the characters A-Z a-z 0-9 . _ : + -", param, ctx)


site = click.option("--site", type=Guid(), help="Wix's instanceId of the installation.")
trigger = click.option("--trigger", metavar="KEY", help="The trigger's key.")
entity = click.option("--entity", metavar="ID", help="The producer's id of the business object.")
occurrence = click.option("--id", "occurrence", metavar="ID", help="The producer's id of one real-time event.")
since = click.option("--since", type=Time(), help="From this date or date-time on.")
until = click.option("--until", type=Time(), help="Up to, but not including, this date or date-time.")
name = click.option("--name", type=Name(), help="A name for this replay. The default is the date-time of the run.")
dry_run = click.option("--dry-run", is_flag=True, help="Show what would be done, and change nothing.")
yes = click.option("--yes", "-y", is_flag=True, help="Do it without asking.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
