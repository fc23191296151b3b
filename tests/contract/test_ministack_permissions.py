"""With AUTH=true, MiniStack holds a function to the policies of its role, as AWS documents it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

import pytest

from tests.sandbox.aws import ACCOUNT, REGION, Clients, MiniStack
from tests.support.small_functions import answer, small_function
from tests.support.template import functions, named, properties, queues

TABLE: Final = "ledger"
TABLE_ARN: Final = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}"
QUEUE_ARN: Final = f"arn:aws:sqs:{REGION}:{ACCOUNT}:delivery"
SECRET_ARN: Final = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:wix-??????"

# Runs each call of the event and answers, for each, the code of its error or none.
TRY: Final = """
import boto3
from botocore.exceptions import ClientError

def attempt(service, method, arguments):
    try:
        getattr(boto3.client(service), method)(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]

def handler(event, context):
    return [attempt(*call) for call in event]
"""

DENIED: Final = {"AccessDenied", "AccessDeniedException"}

Call = tuple[str, str, dict[str, Any]]


@pytest.fixture(scope="module")
def clients() -> Iterator[Clients]:
    with MiniStack(auth=True) as aws:
        ledger = properties("LedgerTable")
        shape = {name: ledger[name] for name in ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")}
        for table in (TABLE, "other"):
            aws.clients.dynamodb.create_table(TableName=table, BillingMode="PAY_PER_REQUEST", **shape)
        aws.clients.sqs.create_queue(QueueName="delivery")
        aws.clients.secrets.create_secret(Name="wix", SecretString="{}")
        yield aws.clients


def statement(text: str, table: str = TABLE) -> dict[str, Any]:
    return {"Statement": text.format(table=table), "Parameters": [{"S": "a"}, {"S": "a"}]}


INSERT: Final = "INSERT INTO \"{table}\" VALUE {{'pk':?,'sk':?}}"
UPDATE: Final = 'UPDATE "{table}" SET "revision" = 1 WHERE "pk" = ? AND "sk" = ?'


def statements(*written: dict[str, Any]) -> Call:
    return "dynamodb", "batch_execute_statement", {"Statements": list(written)}


def queried(index: str | None = None) -> Call:
    values = {":key": {"S": "a"}}
    query = {"TableName": TABLE, "KeyConditionExpression": "#k = :key", "ExpressionAttributeValues": values}
    names = {"#k": "queue" if index else "pk"}
    return "dynamodb", "query", query | {"ExpressionAttributeNames": names} | ({"IndexName": index} if index else {})


READ: Final[Call] = (
    "dynamodb",
    "batch_get_item",
    {"RequestItems": {TABLE: {"Keys": [{"pk": {"S": "a"}, "sk": {"S": "a"}}]}}},
)
SECRET: Final[Call] = ("secretsmanager", "get_secret_value", {"SecretId": "wix"})


def sent(clients: Clients) -> Call:
    url = clients.sqs.get_queue_url(QueueName="delivery")["QueueUrl"]
    return "sqs", "send_message_batch", {"QueueUrl": url, "Entries": [{"Id": "1", "MessageBody": "{}"}]}


def forbidden(clients: Clients, grants: dict[str, str], *calls: Call) -> list[bool]:
    """Which of these calls a function with those grants, actions to resources, is denied."""
    allowed = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in grants.items()]
    codes = answer(clients, small_function(clients, TRY, role=role_of(clients, allowed)), calls)
    assert {code for code in codes if code} <= DENIED
    return [code is not None for code in codes]


def role_of(clients: Clients, allowed: list[dict[str, Any]]) -> str:
    """Make a role that may do this and nothing else."""
    role = f"role-{uuid4()}"
    clients.iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(policy({"Effect": "Allow"})))
    clients.iam.put_role_policy(RoleName=role, PolicyName="only", PolicyDocument=json.dumps(policy(*allowed)))
    return role


def policy(*written: dict[str, Any]) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": written}


def test_each_statement_of_a_batch_needs_its_own_action_on_its_own_table(clients: Clients) -> None:
    grants = {"dynamodb:PartiQLInsert": TABLE_ARN}
    insert, update = statement(INSERT), statement(UPDATE)
    calls = [statements(insert), statements(update), statements(insert, update), statements(statement(INSERT, "other"))]
    assert forbidden(clients, grants, *calls) == [False, True, True, True]


def test_an_update_is_allowed_where_updates_are(clients: Clients) -> None:
    grants = {"dynamodb:PartiQLInsert": TABLE_ARN, "dynamodb:PartiQLUpdate": TABLE_ARN}
    assert forbidden(clients, grants, statements(statement(INSERT), statement(UPDATE))) == [False]


def test_the_action_that_dynamodb_does_not_know_allows_nothing(clients: Clients) -> None:
    assert forbidden(clients, {"dynamodb:BatchExecuteStatement": "*"}, statements(statement(INSERT))) == [True]


def test_a_batch_of_messages_needs_what_one_message_needs(clients: Clients) -> None:
    assert forbidden(clients, {"sqs:SendMessage": QUEUE_ARN}, sent(clients)) == [False]


def test_a_function_without_grants_is_denied_everything(clients: Clients) -> None:
    calls = [READ, queried(), queried("unsettled"), statements(statement(INSERT)), sent(clients), SECRET]
    assert forbidden(clients, {"logs:PutLogEvents": "*"}, *calls) == [True] * len(calls)


def test_a_function_may_do_what_it_is_granted(clients: Clients) -> None:
    grants = {"dynamodb:BatchGetItem": TABLE_ARN, "secretsmanager:GetSecretValue": SECRET_ARN}
    assert forbidden(clients, grants, READ, SECRET, queried()) == [False, False, True]


def test_a_grant_on_the_index_is_none_on_the_table(clients: Clients) -> None:
    grants = {"dynamodb:Query": f"{TABLE_ARN}/index/unsettled"}
    assert forbidden(clients, grants, queried("unsettled"), queried()) == [False, True]


# Each role of the template, tried at everything


Try = tuple[str, str, Call]
"""An action, what it is tried on by the template's name, and how."""

QUEUE_CALLS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "sqs:SendMessage": ("send_message_batch", {"Entries": [{"Id": "1", "MessageBody": "{}"}]}),
    "sqs:ReceiveMessage": ("receive_message", {}),
    "sqs:DeleteMessage": ("delete_message_batch", {"Entries": [{"Id": "1", "ReceiptHandle": "none"}]}),
    "sqs:ChangeMessageVisibility": (
        "change_message_visibility_batch",
        {"Entries": [{"Id": "1", "ReceiptHandle": "none", "VisibilityTimeout": 0}]},
    ),
    "sqs:GetQueueAttributes": ("get_queue_attributes", {"AttributeNames": ["All"]}),
    "sqs:SetQueueAttributes": ("set_queue_attributes", {"Attributes": {"VisibilityTimeout": "30"}}),
    "sqs:PurgeQueue": ("purge_queue", {}),
    "sqs:DeleteQueue": ("delete_queue", {}),
}
KEY: Final = {"pk": {"S": "site#a"}, "sk": {"S": "a"}}
UPDATE_ITEM: Final = {"Key": KEY, "UpdateExpression": "SET a = :a", "ExpressionAttributeValues": {":a": {"S": "a"}}}
TABLE_CALLS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "dynamodb:GetItem": ("get_item", {"Key": KEY}),
    "dynamodb:Scan": ("scan", {}),
    "dynamodb:PutItem": ("put_item", {"Item": KEY}),
    "dynamodb:UpdateItem": ("update_item", UPDATE_ITEM),
    "dynamodb:DeleteItem": ("delete_item", {"Key": KEY}),
    "dynamodb:DescribeTable": ("describe_table", {}),
    "dynamodb:UpdateTimeToLive": (
        "update_time_to_live",
        {"TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": False}},
    ),
    "dynamodb:DeleteTable": ("delete_table", {}),
}
DELETE: Final = 'DELETE FROM "{table}" WHERE "pk" = ? AND "sk" = ?'
SELECT: Final = 'SELECT * FROM "{table}" WHERE "pk" = ? AND "sk" = ?'
OTHERS: Final[list[Try]] = [
    ("dynamodb:BatchGetItem", "LedgerTable", READ),
    ("dynamodb:Query", "LedgerTable", queried()),
    ("dynamodb:Query", "LedgerTable/index/unsettled", queried("unsettled")),
    ("dynamodb:PartiQLInsert", "LedgerTable", statements(statement(INSERT))),
    ("dynamodb:PartiQLUpdate", "LedgerTable", statements(statement(UPDATE))),
    ("dynamodb:PartiQLDelete", "LedgerTable", statements(statement(DELETE))),
    ("dynamodb:PartiQLSelect", "LedgerTable", statements(statement(SELECT))),
    ("secretsmanager:GetSecretValue", "the secret", SECRET),
    (
        "secretsmanager:PutSecretValue",
        "the secret",
        ("secretsmanager", "put_secret_value", {"SecretId": "wix", "SecretString": "{}"}),
    ),
    (
        "secretsmanager:GetSecretValue",
        "another secret",
        ("secretsmanager", "get_secret_value", {"SecretId": "wix-other"}),
    ),
    (
        "events:PutEvents",
        "a bus",
        ("events", "put_events", {"Entries": [{"Source": "a", "DetailType": "a", "Detail": "{}"}]}),
    ),
    ("lambda:InvokeFunction", "a function", ("lambda", "invoke", {"FunctionName": "nobody"})),
    ("iam:ListRoles", "roles", ("iam", "list_roles", {})),
]


@pytest.fixture(scope="module")
def tries(clients: Clients) -> list[Try]:
    """Everything that a function might try, on everything there is."""
    clients.secrets.create_secret(Name="wix-other", SecretString="{}")
    on_queues: list[Try] = []
    for queue in queues():
        url = clients.sqs.create_queue(QueueName=queue)["QueueUrl"]
        on_queues += [
            (action, queue, ("sqs", method, {"QueueUrl": url, **arguments}))
            for action, (method, arguments) in QUEUE_CALLS.items()
        ]
    on_the_table: list[Try] = [
        (action, "LedgerTable", ("dynamodb", method, {"TableName": TABLE, **arguments}))
        for action, (method, arguments) in TABLE_CALLS.items()
    ]
    return [*OTHERS, *on_the_table, *on_queues]


def place(written: dict[str, Any]) -> tuple[str, str]:
    """What a grant of the template speaks of, by our name and by its ARN in this MiniStack."""
    if "Fn::Sub" in written:
        text = written["Fn::Sub"]
        if "index/unsettled" in text:
            return "LedgerTable/index/unsettled", f"{TABLE_ARN}/index/unsettled"
        return "the secret", SECRET_ARN
    name = named(written)
    return name, TABLE_ARN if name == "LedgerTable" else f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


@pytest.mark.parametrize("function", functions())
def test_a_role_allows_what_it_says_and_nothing_else(clients: Clients, tries: list[Try], function: str) -> None:
    (policy_,) = properties(named(properties(function)["Role"]))["Policies"]
    written = [
        (action, place(resource), statement_.get("Condition"))
        for statement_ in policy_["PolicyDocument"]["Statement"]
        for action in listed(statement_["Action"])
        for resource in listed(statement_["Resource"])
        if not action.startswith("logs:")
    ]
    granted = {(action, name) for action, (name, _), _ in written}
    allow = [
        {"Effect": "Allow", "Action": action, "Resource": arn, **({"Condition": condition} if condition else {})}
        for action, (_, arn), condition in written
    ]
    codes = answer(clients, small_function(clients, TRY, role=role_of(clients, allow)), [call for *_, call in tries])
    denied = {(action, name) for (action, name, _), code in zip(tries, codes, strict=True) if code in DENIED}

    assert granted <= {(action, name) for action, name, _ in tries}
    assert denied == {(action, name) for action, name, _ in tries} - granted


def listed(written: Any) -> list[Any]:  # noqa: ANN401 - a policy holds one thing or a list
    return written if isinstance(written, list) else [written]
