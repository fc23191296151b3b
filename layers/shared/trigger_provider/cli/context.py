"""What every command stands on: the parts of the stack that was named, and how a failure is printed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from trigger_provider.cli.wiring import local_catalogue
from trigger_provider.errors import TriggerProviderError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trigger_provider.cli.wiring import Services
    from trigger_provider.domain.catalogue.trigger import Catalogue


@dataclass
class Context:
    """Looks up the stack, and reads the catalogue, when a command first needs it."""

    connect: Callable[[str], Services]
    stack: str | None
    folder: Path | None

    @cached_property
    def services(self) -> Services:
        """Return the parts of the stack; `click.UsageError` if none was named."""
        if self.stack is None:
            raise click.UsageError("No stack is named. Name it before the command: --stack NAME")
        return self.connect(self.stack)

    @cached_property
    def catalogue(self) -> Catalogue:
        """Return the catalogue that was named, else that on the Python path. Raise `InvalidCatalogue`."""
        return local_catalogue(self.folder)


class Unavailable(click.ClickException):
    """AWS did not answer as needed."""

    exit_code = 3


class ErrorReportingGroup(click.Group):
    """Prints each of our own errors as one line."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click's own
        """Run the command."""
        try:
            return super().invoke(ctx)
        except TriggerProviderError as error:
            raise Unavailable(f"{type(error).__name__}: {error}") from None
