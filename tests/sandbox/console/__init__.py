"""The sandbox's page: what producers send, what the ledger says and what Wix does, to look at and to turn."""

from tests.sandbox.console.deployed import DeployedStack
from tests.sandbox.console.ours import Note, OurSide, Sent, Way
from tests.sandbox.console.server import Console

__all__ = ["Console", "DeployedStack", "Note", "OurSide", "Sent", "Way"]
