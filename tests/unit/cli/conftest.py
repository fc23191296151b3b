"""The command line over in-memory fakes: what a person types, and what is printed."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

import pytest
from click.testing import CliRunner, Result

from tests.support.builders import NOW, RETENTION
from tests.support.fixed_clock import FixedClock
from tests.support.memory_archive import MemoryArchive
from tests.support.memory_dead_letters import MemoryInbox, MemorySetAside
from tests.support.memory_ledger import MemoryLedger
from tests.support.memory_outbox import MemoryOutbox
from tests.support.memory_sites import MemorySites
from tests.support.rows import APP
from trigger_provider.cli.commands import cli
from trigger_provider.cli.wiring import Services
from trigger_provider.domain.durations import DAY
from trigger_provider.domain.ledger.rows import Row
from trigger_provider.domain.operations.dead_letter import QueueName
from trigger_provider.errors import TriggerProviderError
from trigger_provider.use_cases.intake.accept import Accept


@dataclass
class Terminal:
    """A stack of fakes, and a person in front of it."""

    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    outbox: MemoryOutbox = field(default_factory=MemoryOutbox)
    inbox: MemoryInbox = field(default_factory=MemoryInbox)
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW + DAY))
    sites: MemorySites = field(default_factory=MemorySites)
    copy: MemoryLedger = field(default_factory=MemoryLedger)
    """A restored table, under whatever name."""
    trouble: TriggerProviderError | None = None

    def __post_init__(self) -> None:
        self.queues = {name: MemorySetAside() for name in QueueName}
        self._tokens = count(1)

    def put(self, *rows: Row) -> None:
        self.ledger.rows |= {row.key: row for row in rows}

    def type(self, *words: str, answer: str = "", stack: str | None = "a-stack") -> Result:
        """Type a command, and answer what it asks."""
        named = () if stack is None else ("--stack", stack)
        return CliRunner().invoke(cli, [*named, *words], input=answer, obj=self._connect, catch_exceptions=False)

    def _connect(self, stack: str) -> Services:
        assert stack == "a-stack"
        if self.trouble is not None:
            raise self.trouble
        accept = Accept(self.ledger, self.outbox, self.clock, self._new_token, RETENTION)
        return Services(
            app_id=APP,
            lifetime=10,
            ledger=self.ledger,
            archive=MemoryArchive(self.ledger),
            accept=accept,
            clock=self.clock,
            sites=self.sites,
            open_copy=lambda _: MemoryArchive(self.copy),
            queues=self.queues,
            inbox=self.inbox,
        )

    def _new_token(self) -> str:
        return f"token {next(self._tokens)}"


@pytest.fixture
def terminal() -> Terminal:
    return Terminal()
