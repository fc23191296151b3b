"""One Wix for both: its SDK and our client are led to the same host, and each request is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.parameters import SecretsProvider

from tests.contract.wix_sdk.host import Sent, WixHost
from tests.contract.wix_sdk.same_words import WISHES
from tests.contract.wix_sdk.sdk import Sdk
from tests.sandbox.wix import WixSandbox
from tests.sandbox.wix.samples import APP, OTHER_SITE, SITE
from tests.support.template import parameter
from tests.support.wix_stand import CONNECT, GOOD_SECRET, KEY_TTL_MS, READ, Clock, Secrets
from trigger_provider.adapters.wix_automations import WixAutomations, session
from trigger_provider.adapters.wix_secret import WixSecret
from trigger_provider.adapters.wix_tokens import WixTokens


@contextmanager
def our_client(host: WixHost) -> Iterator[WixAutomations]:
    """Our client as it is put together, with the address that a deployment has."""
    url, clock, timeouts = parameter("WixBaseUrl"), Clock(), (CONNECT, READ)
    boto3_client: Any = Secrets(GOOD_SECRET)
    with session(1) as http:
        http.proxies, http.verify = {"https": host.proxy}, str(host.authority)
        secret = WixSecret(SecretsProvider(boto3_client=boto3_client), "a secret", APP.app_id)
        tokens = WixTokens(http, url, secret, clock, timeouts)
        yield WixAutomations(http, url, tokens, clock, *timeouts, KEY_TTL_MS)


@pytest.fixture
def wix() -> Iterator[WixSandbox]:
    with WixSandbox([APP], [SITE, OTHER_SITE]) as wix:
        yield wix


@pytest.fixture
def host(wix: WixSandbox, tmp_path: Path) -> Iterator[WixHost]:
    with WixHost(wix.url, tmp_path) as host:
        yield host


@pytest.fixture
def sdk(host: WixHost) -> Sdk:
    return Sdk(host, APP, SITE.instance_id)


@pytest.fixture
def ours(host: WixHost) -> Iterator[WixAutomations]:
    with our_client(host) as ours:
        yield ours


@pytest.fixture(scope="module")
def same_requests(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Sent], list[Sent]]:
    """Every wish, first by the SDK and then by us: what each of them sent, tokens and all."""
    with (
        WixSandbox([APP], [SITE]) as wix,
        WixHost(wix.url, tmp_path_factory.mktemp("wix")) as host,
        our_client(host) as ours,
    ):
        Sdk(host, APP, SITE.instance_id).run(*(wish.by_sdk for wish in WISHES))
        theirs = len(host.sent)
        for wish in WISHES:
            wish.by_us(ours)
        return host.sent[:theirs], host.sent[theirs:]
