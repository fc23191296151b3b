"""What Wix knows before the first call: apps with their triggers, sites, and which app is installed where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from jsonschema import Draft7Validator

from tests.sandbox.wix.engine.automations import Automation, plain
from tests.sandbox.wix.switches import ScopeList

SETUP_AUTOMATIONS = "SCOPE.CRM.SETUP-AUTOMATIONS"
MANAGE_APP = "SCOPE.DC.MANAGE-YOUR-APP"
READ_BASIC_INFO = "SCOPE.DEV_CENTER.APP-INSTANCE-READ-BASIC-INFO"

# Section 1.2; any one of a set is enough. Keyed by (whose list, whether it is a report).
NEEDED_SCOPES = {
    (ScopeList.DOCS, True): {SETUP_AUTOMATIONS},
    (ScopeList.DOCS, False): {MANAGE_APP},
    (ScopeList.SDK, True): {MANAGE_APP, READ_BASIC_INFO, SETUP_AUTOMATIONS},
    (ScopeList.SDK, False): {MANAGE_APP, READ_BASIC_INFO},
}

Schema = Mapping[str, Any]
Contact = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class App:
    """An app of the market: its triggers map a key to a payload schema in draft-07.

    `automations` come preinstalled with it; None means a plain one for each of its triggers.
    """

    app_id: str
    secret: str = field(repr=False)
    triggers: Mapping[str, Schema] = field(default_factory=dict)
    scopes: frozenset[str] = frozenset({SETUP_AUTOMATIONS, MANAGE_APP})
    automations: tuple[Automation, ...] | None = None

    def __post_init__(self) -> None:
        for schema in self.triggers.values():
            Draft7Validator.check_schema(schema)

    @property
    def own_automations(self) -> tuple[Automation, ...]:
        """What is set up on a site as soon as the app is installed there."""
        if self.automations is not None:
            return self.automations
        return tuple(plain(self.app_id, trigger_key) for trigger_key in self.triggers)


@dataclass(frozen=True, slots=True)
class Site:
    """One site, by the instance id its apps see; `apps` of None means that every app is installed.

    `automations` says how many plain automations listen to a trigger key, instead of those that come with the app.
    `contacts` are the people it knows, by contact id, as Wix adds them to payloads: `{"email": …, "name": {…}}`.
    """

    instance_id: str
    apps: frozenset[str] | None = None
    automations: Mapping[str, int] = field(default_factory=dict)
    contacts: Mapping[str, Contact] = field(default_factory=dict)
    collaborators: tuple[str, ...] = ("owner@example.com",)


class Registry:
    """The apps and sites as they stand now; installs and removals may change."""

    def __init__(self, apps: Iterable[App]) -> None:
        self.apps = {app.app_id: app for app in apps}
        self.sites: dict[str, Site] = {}
        self._installed: set[tuple[str, str]] = set()

    def add_site(self, site: Site) -> None:
        """A new site, with the apps that are installed there."""
        self.sites[site.instance_id] = site
        for app_id in self.apps:
            self.set_installed(app_id, site.instance_id, installed=site.apps is None or app_id in site.apps)

    def set_secret(self, app_id: str, secret: str) -> None:
        """Return an app another secret."""
        self.apps[app_id] = replace(self.apps[app_id], secret=secret)

    def set_installed(self, app_id: str, site: str, *, installed: bool) -> None:
        """Install an app on a site, or remove it."""
        (self._installed.add if installed else self._installed.discard)((app_id, site))

    def installed(self, app_id: str, site: str) -> bool:
        """Whether the app is on that site now."""
        return (app_id, site) in self._installed

    def apps_on(self, site: str) -> list[App]:
        """The apps that are on that site now."""
        return [app for app in self.apps.values() if self.installed(app.app_id, site)]

    def known_trigger(self, trigger_key: str) -> bool:
        """Whether any app at all has a trigger of that key."""
        return any(trigger_key in app.triggers for app in self.apps.values())
