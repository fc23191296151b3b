"""Each function may do what it does, and nothing else. What is listed here is all."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.support.template import functions, named, properties, resources
from trigger_provider.domain.sites.site import site_key

Grants = dict[str, set[str]]

TAKE_IN: Final = {"dynamodb:BatchGetItem", "dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate"}
READ_QUEUE: Final = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
SEND: Final = {"sqs:SendMessage"}
LOG: Final = {"logs:CreateLogStream", "logs:PutLogEvents"}

GRANTS: Final[dict[str, Grants]] = {
    "IntakeEventbridge": {
        "LedgerTable": TAKE_IN,
        "DeliveryQueue": SEND,
        "RefusedQueue": SEND,
        "FailedEventQueue": SEND,
    },
    "IntakeSqs": {"LedgerTable": TAKE_IN, "DeliveryQueue": SEND, "RefusedQueue": SEND, "InboxQueue": READ_QUEUE},
    "IntakeDirect": {"LedgerTable": TAKE_IN, "DeliveryQueue": SEND, "FailedEventQueue": SEND},
    "Deliver": {
        "LedgerTable": {*TAKE_IN, "dynamodb:Query"},
        "DeliveryQueue": {*READ_QUEUE, "sqs:ChangeMessageVisibility"},
        "the secret": {"secretsmanager:GetSecretValue"},
    },
    "Recover": {
        "the index": {"dynamodb:Query"},
        "LedgerTable": {*TAKE_IN, "dynamodb:Scan"},
        "DeliveryQueue": SEND,
        "MissedRecoveryQueue": SEND,
    },
    "AppWebhooks": {"LedgerTable": TAKE_IN},
    "RefreshPayload": {"LedgerTable": {"dynamodb:Query"}},
    "DeadLetters": {
        "LedgerTable": {"dynamodb:BatchGetItem", "dynamodb:PartiQLUpdate"},
        "DeliveryDeadLetterQueue": READ_QUEUE,
    },
}


def listed(written: Any) -> list[Any]:  # noqa: ANN401 - a policy holds one thing or a list
    return written if isinstance(written, list) else [written]


def resource(written: dict[str, Any]) -> str:
    if "Fn::GetAtt" in written:
        assert written["Fn::GetAtt"][1] == "Arn"
        return named(written)
    return {str(INDEX): "the index", str(SECRET): "the secret"}[str(written)]


INDEX: Final = {"Fn::Sub": "${LedgerTable.Arn}/index/unsettled"}
SECRET: Final = {
    "Fn::Sub": [
        "arn:${AWS::Partition}:secretsmanager:${Place}:secret:${WixSecretName}-??????",
        {"Place": {"Fn::Sub": "${AWS::Region}:${AWS::AccountId}"}},
    ]
}


def granted(role: str) -> Grants:
    (policy,) = properties(role)["Policies"]
    grants: Grants = {}
    for statement in policy["PolicyDocument"]["Statement"]:
        assert statement["Effect"] == "Allow"
        for written in listed(statement["Resource"]):
            grants.setdefault(resource(written), set()).update(listed(statement["Action"]))
    return grants


@pytest.mark.parametrize("function", functions())
def test_a_function_may_do_exactly_what_is_listed(function: str) -> None:
    name = function.removesuffix("Function")
    role = named(properties(function)["Role"])
    assert role == f"{name}Role"
    assert granted(role) == GRANTS[name] | {f"{name}LogGroup": LOG}


def test_of_the_functions_that_strangers_can_call_one_reads_only_and_one_sees_the_rows_of_sites_alone() -> None:
    public = [name for name in functions() if "FunctionUrlConfig" in properties(name)]
    assert public == ["AppWebhooksFunction", "RefreshPayloadFunction"]
    assert GRANTS["RefreshPayload"] == {"LedgerTable": {"dynamodb:Query"}}
    (policy,) = properties("AppWebhooksRole")["Policies"]
    (table, _) = policy["PolicyDocument"]["Statement"]
    assert named(table["Resource"]) == "LedgerTable"
    assert table["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["site#*"]}}
    assert site_key("").partition == "site#"


@pytest.mark.parametrize("role", list(resources("AWS::IAM::Role")))
def test_only_lambda_may_take_a_role_whose_other_policies_are_listed_here(role: str) -> None:
    (trust,) = properties(role)["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}
    tracing, *others = properties(role)["ManagedPolicyArns"]
    assert named(tracing) == "TracingPolicy"
    outcomes = {"Fn::If": ["HasOutcomeBus", {"Ref": "OutcomesPolicy"}, {"Ref": "AWS::NoValue"}]}
    key = {"Fn::If": ["HasSecretKey", {"Ref": "SecretKeyPolicy"}, {"Ref": "AWS::NoValue"}]}
    assert others == {"DeliverRole": [outcomes, key], "DeadLettersRole": [outcomes]}.get(role, [])


@pytest.mark.parametrize("role", list(resources("AWS::IAM::Role")))
def test_a_boundary_that_is_asked_for_bounds_every_role(role: str) -> None:
    wanted = {"Fn::If": ["HasPermissionsBoundary", {"Ref": "PermissionsBoundaryArn"}, {"Ref": "AWS::NoValue"}]}
    assert properties(role)["PermissionsBoundary"] == wanted


def test_a_key_of_yours_may_be_used_to_read_secrets_and_for_nothing_else() -> None:
    (statement,) = properties("SecretKeyPolicy")["PolicyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("kms:Decrypt", {"Ref": "WixSecretKeyArn"})
    assert list(statement["Condition"]) == ["StringEquals"]
    assert list(statement["Condition"]["StringEquals"]) == ["kms:ViaService"]


def test_outcomes_may_be_published_on_the_one_bus_that_was_asked_for() -> None:
    (statement,) = properties("OutcomesPolicy")["PolicyDocument"]["Statement"]
    assert statement["Action"] == "events:PutEvents"
    assert statement["Resource"]["Fn::Sub"].endswith(":event-bus/${OutcomeBusName}")


def test_no_function_shares_its_role() -> None:
    roles = [named(properties(function)["Role"]) for function in functions()]
    assert sorted(roles) == sorted(set(roles)) == sorted(resources("AWS::IAM::Role"))


def test_the_only_grant_on_everything_is_that_of_tracing_which_knows_no_resources() -> None:
    (statement,) = properties("TracingPolicy")["PolicyDocument"]["Statement"]
    assert statement["Resource"] == "*"
    assert set(statement["Action"]) == {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}


def test_no_action_is_a_wildcard() -> None:
    actions = {action for role in resources("AWS::IAM::Role") for grant in granted(role).values() for action in grant}
    assert not {action for action in actions if "*" in action or "?" in action}
