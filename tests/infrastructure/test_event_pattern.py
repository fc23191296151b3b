"""The rule in front of the intake lets through what the bindings match, and nothing else."""

from __future__ import annotations

from tests.support.fixtures import TRIGGERS
from tests.support.template import event_sources
from trigger_provider.adapters.catalogue_files import load_catalogue
from trigger_provider.domain.catalogue.reserved_names import OWN_SOURCE


def test_the_pattern_in_the_template_is_the_one_that_the_catalogue_asks_for() -> None:
    ((_, rule),) = event_sources("EventBridgeRule")
    assert rule["Pattern"] == load_catalogue(TRIGGERS).event_pattern(OWN_SOURCE), "make pattern prints the right one"
