"""What the app's secret promises, in memory and in Secrets Manager.

What becomes of events when Wix refuses it is in tests/integration/test_wix_secret.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from aws_lambda_powertools.utilities.parameters import SecretsProvider

from tests.support.clouds import EVERYWHERE, IN_MEMORY, clients_of
from tests.support.rows import APP
from tests.support.wix_harness import Clock, Secrets
from trigger_provider.adapters.wix.secret import Credentials, SecretRefused, WixSecret
from trigger_provider.errors import UnusableSecret

if TYPE_CHECKING:
    from tests.sandbox.aws import Clients

pytest_plugins = ["tests.support.aws"]


def a_value(app_secret: str, app_id: str = APP) -> str:
    return json.dumps({"appId": app_id, "appSecret": app_secret})


def a_secret(client: Any, name: str) -> WixSecret:  # noqa: ANN401 - a client or its fake
    return WixSecret(SecretsProvider(boto3_client=client), name, APP, Clock())


@dataclass
class Vault:
    """A secret as the adapter reads it, and a way to put a new value."""

    secret: WixSecret
    put: Callable[[str], object]


@pytest.fixture(params=EVERYWHERE)
def vault(request: pytest.FixtureRequest) -> Vault:
    if request.param == IN_MEMORY:
        memory = Secrets(a_value("first"))
        return Vault(a_secret(memory, "a secret"), lambda text: setattr(memory, "values", [text]))
    client, name = clients_of(request).secrets, f"wix-{uuid4()}"
    client.create_secret(Name=name, SecretString=a_value("first"))
    return Vault(a_secret(client, name), lambda text: client.put_secret_value(SecretId=name, SecretString=text))


def test_the_credentials_are_those_of_the_secret(vault: Vault) -> None:
    assert vault.secret.credentials() == Credentials(APP, "first")


def test_a_new_value_is_read_once_wix_refuses_the_old_one(vault: Vault) -> None:
    first = vault.secret.credentials()
    vault.put(a_value("second"))

    assert vault.secret.credentials() == first
    assert vault.secret.credentials(refused=first) == Credentials(APP, "second")


def test_a_refused_secret_without_a_new_value_says_so(vault: Vault) -> None:
    first = vault.secret.credentials()

    with pytest.raises(SecretRefused):
        vault.secret.credentials(refused=first)


@pytest.mark.parametrize("text", ["not json", "{}", a_value("")])
def test_a_value_of_another_shape_is_unusable(vault: Vault, text: str) -> None:
    vault.put(text)

    with pytest.raises(UnusableSecret, match="must be a JSON object"):
        vault.secret.credentials()


def test_a_value_of_another_app_is_unusable(vault: Vault) -> None:
    vault.put(a_value("first", app_id="another app"))

    with pytest.raises(UnusableSecret, match="another app"):
        vault.secret.credentials()


# Only in Secrets Manager: what a value can be there


@pytest.fixture
def name(cloud: Clients) -> str:
    """Return the name of a secret without a value."""
    name = f"wix-{uuid4()}"
    cloud.secrets.create_secret(Name=name)
    return name


def test_a_binary_value_is_read_like_a_text(cloud: Clients, name: str) -> None:
    cloud.secrets.put_secret_value(SecretId=name, SecretBinary=a_value("binary").encode())

    assert a_secret(cloud.secrets, name).credentials() == Credentials(APP, "binary")


def test_a_value_is_not_read_while_its_rotation_is_pending(cloud: Clients, name: str) -> None:
    cloud.secrets.put_secret_value(SecretId=name, SecretString=a_value("current"))
    cloud.secrets.put_secret_value(SecretId=name, SecretString=a_value("pending"), VersionStages=["AWSPENDING"])

    assert a_secret(cloud.secrets, name).credentials() == Credentials(APP, "current")


def test_a_secret_that_is_missing_is_named_by_the_kind_of_the_error(cloud: Clients) -> None:
    with pytest.raises(UnusableSecret, match=r"^it can't be read: ResourceNotFoundException$"):
        a_secret(cloud.secrets, f"wix-{uuid4()}").credentials()


def test_a_secret_that_is_marked_for_deletion_is_named_by_the_kind_of_the_error(cloud: Clients, name: str) -> None:
    cloud.secrets.put_secret_value(SecretId=name, SecretString=a_value("first"))
    cloud.secrets.delete_secret(SecretId=name)

    with pytest.raises(UnusableSecret, match=r"^it can't be read: InvalidRequestException$"):
        a_secret(cloud.secrets, name).credentials()


def test_a_secret_without_a_value_can_not_be_read(cloud: Clients, name: str) -> None:
    """MiniStack gives an empty answer, hence any kind of error: see tests/support/aws_differences.py."""
    with pytest.raises(UnusableSecret, match=r"^it can't be read: \w+$"):
        a_secret(cloud.secrets, name).credentials()
