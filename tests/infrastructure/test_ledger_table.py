"""The ledger is what the users can't do without."""

from __future__ import annotations

from tests.support.template import parameter, properties, template

TABLE = properties("LedgerTable")


def test_it_outlives_the_stack_but_not_a_creation_that_failed() -> None:
    resource = template()["Resources"]["LedgerTable"]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_it_cannot_be_deleted_by_mistake() -> None:
    assert TABLE["DeletionProtectionEnabled"] == {"Ref": "LedgerDeletionProtection"}
    assert parameter("LedgerDeletionProtection") == "true"


def test_it_is_encrypted_and_can_be_restored_to_any_second() -> None:
    assert TABLE["SSESpecification"] == {"SSEEnabled": True}
    assert TABLE["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_it_is_paid_for_by_use_and_forgets_by_itself() -> None:
    assert TABLE["BillingMode"] == "PAY_PER_REQUEST"
    assert TABLE["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_its_keys_are_those_that_the_ledger_writes() -> None:
    assert keys(TABLE["KeySchema"]) == {"HASH": "pk", "RANGE": "sk"}


def test_its_index_holds_what_recovery_needs_and_no_payload() -> None:
    (index,) = TABLE["GlobalSecondaryIndexes"]
    assert (index["IndexName"], keys(index["KeySchema"])) == (
        "unsettled",
        {"HASH": "queue", "RANGE": "next_attempt_at"},
    )
    projected = ["accepted_at", "revision", "second_cancel_at", "site", "version"]
    assert index["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": projected}


def keys(schema: list[dict[str, str]]) -> dict[str, str]:
    return {key["KeyType"]: key["AttributeName"] for key in schema}
