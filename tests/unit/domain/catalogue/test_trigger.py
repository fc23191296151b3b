from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pytest

from trigger_provider.domain.catalogue.builder import trigger_of
from trigger_provider.domain.catalogue.reserved_names import OWN_SOURCE
from trigger_provider.domain.catalogue.trigger import (
    Action,
    Binding,
    Catalogue,
    Kind,
    Trigger,
    VersionKind,
    catalogue_of,
)
from trigger_provider.errors import InvalidRequest

SITE = "d2a1f6c3-90b7-4e58-8c14-6b0f3e7a9d21"
ENVELOPE: dict[str, Any] = {
    "id": "event-1",
    "time": "2026-11-24T08:00:00Z",
    "source": "shop",
    "detail-type": "Order Placed",
    "detail": {
        "site": SITE,
        "order": {"id": "o-1", "revision": 7, "due": "2026-12-01T08:00:00Z", "note": None},
        "items": [{"sku": "a", "qty": 1, "colour": None}, {"sku": "b", "qty": 2}],
        "buyer": {"name": "Ada", "phone": None},
    },
}
REPORT = {
    "source": "shop",
    "detailTypes": ["Order Placed", "Order Changed"],
    "action": "report",
    "instanceId": "detail.site",
    "entityId": "detail.order.id",
    "payload": {
        "due": "detail.order.due",
        "note": "detail.order.note",
        "items": "detail.items[].{sku: sku, count: qty, colour: colour}",
        "buyer": "detail.buyer.{name: name, phone: phone}",
        "ship_to": "detail.address.{street: street}",
    },
}
CANCEL = {**REPORT, "detailTypes": ["Order Cancelled"], "action": "cancel", "payload": {}}


def a_trigger(key: str = "order_due", ordered_by: str = "time", bindings: Sequence[dict[str, Any]] = ()) -> Trigger:
    return trigger_of(
        {
            "key": key,
            "name": "Order is due",
            "kind": "scheduled",
            "version": ordered_by,
            "schema": {
                "type": "object",
                "required": ["due"],
                "properties": {
                    "placed": {"type": "string", "format": "date-time"},
                    "due": {"type": "string", "format": "date-time", "futureDate": True},
                },
            },
            "bindings": list(bindings or (REPORT, CANCEL)),
        }
    )


def a_binding(changes: Mapping[str, Any] = MappingProxyType({}), ordered_by: str = "time") -> Binding:
    return a_trigger(ordered_by=ordered_by, bindings=[{**REPORT, **changes}]).bindings[0]


def test_a_file_becomes_a_trigger_with_one_binding_for_each_detail_type() -> None:
    trigger = a_trigger()
    assert (trigger.key, trigger.name, trigger.kind) == ("order_due", "Order is due", Kind.SCHEDULED)
    assert trigger.version_kind is VersionKind.TIME
    assert not trigger.gate
    assert [(binding.detail_type, binding.action) for binding in trigger.bindings] == [
        ("Order Placed", Action.REPORT),
        ("Order Changed", Action.REPORT),
        ("Order Cancelled", Action.CANCEL),
    ]


def test_the_due_property_is_the_one_with_future_date() -> None:
    assert a_trigger().due_property == "due"


def test_a_trigger_checks_payloads_by_its_schema() -> None:
    violations = a_trigger().check({"placed": "yesterday"})
    assert [(violation.pointer, violation.rule) for violation in violations] == [
        ("/due", "required"),
        ("/placed", "format"),
    ]


def test_an_event_becomes_the_request_a_producer_would_have_sent_without_nulls() -> None:
    assert a_binding().request(ENVELOPE) == {
        "action": "report",
        "triggerKey": "order_due",
        "instanceId": SITE,
        "entityId": "o-1",
        "version": "2026-11-24T08:00:00Z",
        "id": "event-1",
        "payload": {
            "due": "2026-12-01T08:00:00Z",
            "items": [{"sku": "a", "count": 1}, {"sku": "b", "count": 2}],
            "buyer": {"name": "Ada"},
        },
    }


def test_a_cancel_has_no_payload() -> None:
    request = a_trigger().bindings[2].request(ENVELOPE)
    assert request["action"] == "cancel"
    assert "payload" not in request


def test_a_report_has_a_payload_even_if_nothing_was_found() -> None:
    assert a_binding().request({"detail": {}}) == {"action": "report", "triggerKey": "order_due", "payload": {}}


def test_a_binding_may_name_its_own_version_and_id() -> None:
    binding = a_binding({"version": "detail.order.revision", "id": "detail.order.id"}, ordered_by="integer")
    request = binding.request(ENVELOPE)
    assert (request["version"], request["id"]) == (7, "o-1")


def test_an_integer_version_never_comes_from_the_event_s_time() -> None:
    assert "version" not in a_binding(ordered_by="integer").request(ENVELOPE)


def test_a_version_expression_that_finds_nothing_does_not_fall_back_to_the_event_s_time() -> None:
    assert "version" not in a_binding({"version": "detail.order.changed_at"}).request(ENVELOPE)


@pytest.mark.parametrize(
    "expression",
    [
        "abs(detail.order.id)",  # JMESPath's own error, with the value in its text
        "join('-', detail.items)",
        "contains(detail.order.id, `1`)",  # Python's TypeError
        "ceil(to_number('1e999'))",  # Python's OverflowError
    ],
)
def test_an_expression_that_can_t_be_applied_is_a_fault_without_the_value(expression: str) -> None:
    binding = a_binding({"entityId": expression, "payload": {"due": "abs(detail.site)"}})
    with pytest.raises(InvalidRequest) as refusal:
        binding.request(ENVELOPE)
    violations = refusal.value.violations
    assert [(violation.pointer, violation.rule) for violation in violations] == [
        ("/entityId", "mapping"),
        ("/payload/due", "mapping"),
    ]
    assert SITE not in repr(violations)
    assert refusal.value.__context__ is None


def test_a_business_event_can_feed_several_triggers() -> None:
    catalogue = a_catalogue("b_second", "a_first")
    matches = catalogue.match("shop", "Order Placed")
    assert [(trigger.key, binding.action) for trigger, binding in matches] == [
        ("a_first", "report"),
        ("b_second", "report"),
    ]
    assert all(binding.trigger_key == trigger.key for trigger, binding in matches)


@pytest.mark.parametrize("event", [("shop", "Order Lost"), ("other", "Order Placed"), ("", "")])
def test_an_event_that_no_binding_matches_has_no_match(event: tuple[str, str]) -> None:
    assert a_catalogue("order_due").match(*event) == ()


def test_a_trigger_is_found_by_its_key() -> None:
    catalogue = a_catalogue("order_due")
    assert catalogue.get("order_due") is catalogue.triggers["order_due"]
    assert catalogue.get("unknown") is None


def test_the_event_pattern_follows_from_the_bindings() -> None:
    warehouse = {**REPORT, "source": "a.warehouse", "detailTypes": ["Order Sent"]}
    catalogue = catalogue_of({"b": a_trigger("b"), "a": a_trigger("a", bindings=[REPORT, warehouse])})
    assert catalogue.event_pattern() == {
        "$or": [
            {"source": ["a.warehouse"], "detail-type": ["Order Sent"]},
            {"source": ["shop"], "detail-type": ["Order Cancelled", "Order Changed", "Order Placed"]},
            {"source": [{"anything-but": [OWN_SOURCE]}], "detail-type": ["Wix Trigger Request"]},
        ]
    }


def test_what_we_publish_ourselves_is_in_no_alternative_of_the_pattern() -> None:
    pattern = a_catalogue("order_due").event_pattern("shop", "Request")
    assert pattern == {"$or": [{"source": [{"anything-but": ["shop"]}], "detail-type": ["Request"]}]}


def a_catalogue(*keys: str) -> Catalogue:
    return catalogue_of({key: a_trigger(key) for key in keys})
