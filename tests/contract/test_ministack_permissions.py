"""With AUTH=true, MiniStack holds a function to the policies of its role, as AWS documents it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

import pytest

from tests.sandbox.aws import ACCOUNT, REGION, Clients, MiniStack
from tests.support.small_functions import answer, small_function
from tests.support.template import properties

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
    role = f"role-{uuid4()}"
    allowed = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in grants.items()]
    clients.iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(policy({"Effect": "Allow"})))
    clients.iam.put_role_policy(RoleName=role, PolicyName="only", PolicyDocument=json.dumps(policy(*allowed)))
    codes = answer(clients, small_function(clients, TRY, role=role), calls)
    assert {code for code in codes if code} <= {"AccessDenied", "AccessDeniedException"}
    return [code is not None for code in codes]


def policy(*written: dict[str, str]) -> dict[str, object]:
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
