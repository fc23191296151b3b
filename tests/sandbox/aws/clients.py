"""Clients for one endpoint that stands for all of AWS."""

from functools import cached_property
from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

ACCOUNT: Final = "123456789012"
REGION: Final = "eu-west-1"
SECRET_KEY = (
    "local"  # MiniStack takes an account's number for its root user's key, and does not check that user's signature
)


class Clients:
    """Each client is made at its first use, acts as the account's root user, and goes through no other proxy.

    Without an endpoint, the clients call AWS's own addresses.
    """

    def __init__(self, endpoint: str | None, proxies: dict[str, str] | None = None) -> None:
        self._session = boto3.Session(aws_access_key_id=ACCOUNT, aws_secret_access_key=SECRET_KEY, region_name=REGION)
        self._endpoint = endpoint
        self._config = Config(proxies=proxies or {}, retries={"mode": "standard", "total_max_attempts": 2})

    @cached_property
    def cloudformation(self) -> "CloudFormationClient":
        return self._session.client("cloudformation", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        return self._session.client("dynamodb", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def events(self) -> "EventBridgeClient":
        return self._session.client("events", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def functions(self) -> "LambdaClient":
        return self._session.client("lambda", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def iam(self) -> "IAMClient":
        return self._session.client("iam", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def logs(self) -> "CloudWatchLogsClient":
        return self._session.client("logs", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def s3(self) -> "S3Client":
        return self._session.client("s3", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def secrets(self) -> "SecretsManagerClient":
        return self._session.client("secretsmanager", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def sqs(self) -> "SQSClient":
        return self._session.client("sqs", endpoint_url=self._endpoint, config=self._config)
