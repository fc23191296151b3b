"""One Wix for both: its SDK and our client are led to the same host, and each request is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.contract.wix_sdk.equivalent_calls import CALLS
from tests.contract.wix_sdk.host import Sent, WixHost
from tests.contract.wix_sdk.sdk import Sdk
from tests.sandbox.wix import WixSandbox
from tests.sandbox.wix.samples import APP, OTHER_SITE, SITE
from tests.support.template import parameter
from tests.support.waiting import PATIENCE_SECONDS
from tests.support.wix_harness import GOOD_SECRET, Clock, Secrets, a_client
from trigger_provider.adapters.wix.automations import WixAutomations


@contextmanager
def our_client(host: WixHost) -> Iterator[WixAutomations]:
    """Our client as it is put together, with the address that a deployment has."""
    through = {"proxies": {"https": host.proxy}, "verify": str(host.authority)}
    with a_client(parameter("WixBaseUrl"), Clock(), Secrets(GOOD_SECRET), **through) as (_, _, ours):
        yield ours


@pytest.fixture
def wix() -> Iterator[WixSandbox]:
    with WixSandbox([APP], [SITE, OTHER_SITE], answer_within=PATIENCE_SECONDS) as wix:
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
    """Every call, first by the SDK and then by us: what each of them sent, tokens and all."""
    with (
        WixSandbox([APP], [SITE]) as wix,
        WixHost(wix.url, tmp_path_factory.mktemp("wix")) as host,
        our_client(host) as ours,
    ):
        Sdk(host, APP, SITE.instance_id).run(*(equivalent.by_sdk for equivalent in CALLS))
        theirs = len(host.sent)
        for equivalent in CALLS:
            equivalent.by_us(ours)
        return host.sent[:theirs], host.sent[theirs:]
