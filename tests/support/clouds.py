"""The stand-ins for AWS that a contract is run against, and how a fixture chooses among them.

`MiniStack` is a server in its own process. `moto` is a second opinion in this process: it starts no server, so
`pytest -m moto` runs in seconds. Both are local copies of AWS; `aws_differences.py` lists where they are wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from tests.sandbox.aws import Clients, MiniStack

IN_MEMORY: Final = "in memory"
MINISTACK: Final = "MiniStack"
MOTO: Final = "moto"

CLOUDS: Final = [
    pytest.param(MINISTACK, marks=pytest.mark.ministack),
    pytest.param(MOTO, marks=pytest.mark.moto),
]
"""The parameters of a fixture that runs against each local AWS."""

EVERYWHERE: Final = [IN_MEMORY, *CLOUDS]
"""The parameters of a fixture that also runs against the in-memory fake of a port."""


def clients_of(request: pytest.FixtureRequest) -> Clients:
    """Return the clients of the local AWS that the fixture's parameter names."""
    if request.param == MOTO:
        moto: Clients = request.getfixturevalue("moto")
        return moto
    ministack: MiniStack = request.getfixturevalue("aws")
    return ministack.clients
