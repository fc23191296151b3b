"""A Lambda of somebody else's: it invokes `intake_direct`, and needs no library of ours for that."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Final

from tests.sandbox.aws import Clients, Outputs

NAME: Final = "page-visits"
CODE: Final = """
import json, os
import boto3

functions = boto3.client("lambda")

def handler(event, context):
    answer = functions.invoke(FunctionName=os.environ["INTAKE_FUNCTION"], Payload=json.dumps(event).encode())
    return json.loads(answer["Payload"].read())
"""


def deploy_caller(clients: Clients, outputs: Outputs) -> str:
    """Create it, with a role that may invoke that one function; give its name."""
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("handler.py", CODE)
    function = clients.functions.create_function(
        FunctionName=NAME,
        Runtime="python3.13",
        Handler="handler.handler",
        Role=_role(clients, outputs["IntakeDirectFunctionArn"]),
        Code={"ZipFile": zipped.getvalue()},
        Timeout=20,
        Environment={"Variables": {"INTAKE_FUNCTION": outputs["IntakeDirectFunctionName"]}},
    )
    return str(function["FunctionName"])


def _role(clients: Clients, function_arn: str) -> str:
    assume = _policy(Action="sts:AssumeRole", Principal={"Service": "lambda.amazonaws.com"})
    role = clients.iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=assume)
    invoke = _policy(Action="lambda:InvokeFunction", Resource=function_arn)
    clients.iam.put_role_policy(RoleName=NAME, PolicyName="invoke", PolicyDocument=invoke)
    return role["Role"]["Arn"]


def _policy(**statement: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})
