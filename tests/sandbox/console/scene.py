"""What the page knows before anything happens: triggers, sites, and what can be made to go wrong."""

from __future__ import annotations

from typing import Any

from tests.sandbox.console.ours import OurSide
from tests.sandbox.console.troubles import TROUBLES
from tests.sandbox.wix import WixSandbox
from trigger_provider.domain.catalogue.trigger import Trigger


def scene(wix: WixSandbox, ours: OurSide) -> dict[str, Any]:
    """Return it as JSON."""
    registry = wix.state.registry
    return {
        "app": ours.app_id,
        "triggers": [_trigger(each) for each in ours.catalogue.triggers.values()],
        "sites": [
            {"id": site, "name": f"Site {number}", "installed": registry.installed(ours.app_id, site)}
            for number, site in enumerate(registry.sites, start=1)
        ],
        "troubles": [{"name": name, "title": title, "text": text} for name, (title, text, _) in TROUBLES.items()],
    }


def _trigger(trigger: Trigger) -> dict[str, Any]:
    return {
        "key": trigger.key,
        "name": trigger.name,
        "kind": trigger.kind.value,
        "version": trigger.version_kind.value,
        "schema": trigger.schema,
    }
