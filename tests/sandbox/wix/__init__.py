"""A local Wix for trigger providers: its token endpoint and Triggered Events API, over real HTTP on loopback."""

from tests.sandbox.wix.answers import Answer
from tests.sandbox.wix.calls import CANCELS, REPORTS, Route
from tests.sandbox.wix.control import PREFIX
from tests.sandbox.wix.drivers import AppDriver, Owner
from tests.sandbox.wix.events import LiveEvent
from tests.sandbox.wix.faults import BadItem, Line, Trouble
from tests.sandbox.wix.journal import Call
from tests.sandbox.wix.outcomes import Effect, Entry
from tests.sandbox.wix.postman import Mishap
from tests.sandbox.wix.registry import App, Site
from tests.sandbox.wix.server import WixSandbox
from tests.sandbox.wix.state import WixState
from tests.sandbox.wix.switches import ScopeList, Switches, Verdict

__all__ = [
    "CANCELS",
    "PREFIX",
    "REPORTS",
    "Answer",
    "App",
    "AppDriver",
    "BadItem",
    "Call",
    "Effect",
    "Entry",
    "Line",
    "LiveEvent",
    "Mishap",
    "Owner",
    "Route",
    "ScopeList",
    "Site",
    "Switches",
    "Trouble",
    "Verdict",
    "WixSandbox",
    "WixState",
]
