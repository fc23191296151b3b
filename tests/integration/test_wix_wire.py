"""Bytes on the wire: what a call looks like, and what the client makes of answers that are hardly any."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.sandbox.wix.samples import guid
from tests.support.raw_wix_server import RawWixServer, ok
from tests.support.waiting import PATIENCE_SECONDS
from tests.support.wix_harness import (
    CONNECT,
    GOOD_SECRET,
    HERE,
    READ,
    TRIGGER,
    Clock,
    Secrets,
    a_client,
    a_report,
    outcomes_of,
)
from trigger_provider.adapters.wix.automations import WixAutomations
from trigger_provider.domain.delivery.results import EventReport, ItemResult, ResultKind

DONE, RETRY, UNSURE = ResultKind.DONE, ResultKind.RETRY, ResultKind.UNKNOWN


@pytest.fixture
def server() -> Iterator[RawWixServer]:
    server = RawWixServer()
    yield server
    server.close()


@pytest.fixture
def wired(server: RawWixServer) -> Iterator[WixAutomations]:
    with a_client(server.url, Clock(), Secrets(GOOD_SECRET)) as (_, _, api):
        yield api


def soon() -> int:
    return Clock().now() + 60_000


def test_a_single_report_is_written_as_wix_documents_it(server: RawWixServer, wired: WixAutomations) -> None:
    wired.report(HERE, TRIGGER, [EventReport(guid("x"), "a key", '{"amount":12.50,"who":"Zoë"}')], soon())
    [(path, headers, body)] = server.requests
    assert path == "/automations/v1/events/report"
    assert headers["authorization"] == "a-token"
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"] == "wix-trigger-provider"
    assert json.loads(body) == {
        "triggerKey": TRIGGER,
        "payload": {"amount": 12.5, "who": "Zoë"},
        "externalEntityId": guid("x"),
        "idempotency": {"key": "a key", "ttlInMilliseconds": "1900800000"},
    }
    assert '"payload":{"amount":12.50,"who":"Zoë"}'.encode() in body


def test_a_bulk_report_is_written_as_wix_documents_it(server: RawWixServer, wired: WixAutomations) -> None:
    wired.report(HERE, 'quo"ted', [EventReport(guid("x"), "k1", '{"a":1}'), EventReport(guid("y"), "k2", "{}")], soon())
    [(path, _, body)] = server.requests
    assert path == "/automations/v1/events/bulk-report"
    assert json.loads(body) == {
        "triggerKey": 'quo"ted',
        "eventsInfo": [
            {
                "payload": {"a": 1},
                "externalEntityId": guid("x"),
                "idempotency": {"key": "k1", "ttlInMilliseconds": "1900800000"},
            },
            {
                "payload": {},
                "externalEntityId": guid("y"),
                "idempotency": {"key": "k2", "ttlInMilliseconds": "1900800000"},
            },
        ],
    }


def test_cancels_are_written_as_wix_documents_them(server: RawWixServer, wired: WixAutomations) -> None:
    wired.cancel(HERE, TRIGGER, [guid("x")], soon())
    wired.cancel(HERE, TRIGGER, [guid("x"), guid("y")], soon())
    assert [(path, json.loads(body)) for path, _, body in server.requests] == [
        ("/automations/v1/events/cancel", {"externalEntityId": guid("x"), "triggerKey": TRIGGER}),
        ("/automations/v1/events/bulk-cancel", {"triggerKey": TRIGGER, "externalEntityIds": [guid("x"), guid("y")]}),
    ]


def test_half_a_character_is_sent_as_json_escapes_it(server: RawWixServer, wired: WixAutomations) -> None:
    wired.report(HERE, TRIGGER, [EventReport(guid("x"), "k", '{"a":"\ud83d"}')], soon())
    assert b'{"a":"\\ud83d"}' in server.requests[0][2]


def test_calls_one_after_the_other_share_a_connection(server: RawWixServer, wired: WixAutomations) -> None:
    for _ in range(3):
        assert wired.report(HERE, TRIGGER, [a_report()], soon())[0].kind is DONE
    assert server.connections == 1


def test_a_redirect_is_not_followed(server: RawWixServer, wired: WixAutomations) -> None:
    moved = f"HTTP/1.1 307 Moved\r\nLocation: {server.url}/elsewhere\r\nContent-Length: 0\r\n\r\n".encode()
    server.answer(moved)
    assert outcomes_of(list(wired.report(HERE, TRIGGER, [a_report()], soon()))) == [(RETRY, "wix 307")]
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "early",
    [
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 2,
        b"HTTP/1.1 102 Processing\r\n\r\n",
    ],
    ids=["early hints", "continue, twice", "processing"],
)
def test_an_informational_answer_is_no_answer_and_none_is_left_for_the_next_call(
    server: RawWixServer, wired: WixAutomations, early: bytes
) -> None:
    server.answer(early + ok(b'{"activationIds":["first"]}'))
    server.answer(ok(b'{"activationIds":["second"]}'))
    answers = [wired.report(HERE, TRIGGER, [a_report(name)], soon())[0] for name in ("a", "b")]
    assert [(answer.kind, answer.activation_ids) for answer in answers] == [(DONE, ("first",)), (DONE, ("second",))]


def test_cookies_and_passwords_of_the_machine_are_left_alone(
    server: RawWixServer, wired: WixAutomations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password planted", "utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server.answer(ok(b"{}", "Set-Cookie: site=first"))
    for _ in range(2):
        assert wired.report(HERE, TRIGGER, [a_report()], soon())[0].kind is DONE
    assert [headers["authorization"] for _, headers, _ in server.requests] == ["a-token"] * 2
    assert all("cookie" not in headers for _, headers, _ in server.requests)


@pytest.mark.parametrize(
    "answer",
    [b"no HTTP at all\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", b""],
    ids=["no HTTP", "no status", "too short", "nothing"],
)
def test_bytes_that_are_no_answer_are_a_fault(server: RawWixServer, wired: WixAutomations, answer: bytes) -> None:
    server.answer(answer, hang_up=True)
    answers = list(wired.report(HERE, TRIGGER, [a_report()], soon()))
    assert outcomes_of(answers) == [(RETRY, "wix connection fault")]


def test_an_answer_in_chunks_is_read_to_its_end(server: RawWixServer, wired: WixAutomations) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b'14\r\n{"activationIds": ["\r\n6\r\nid"]} \r\n0\r\n\r\n'
    server.answer(head + body)
    [answer] = wired.report(HERE, TRIGGER, [a_report()], soon())
    assert answer == ItemResult(DONE, "wix 200", activation_ids=("id",))


def test_an_answer_without_end_is_given_up_by_its_length(server: RawWixServer, wired: WixAutomations) -> None:
    server.answer_in_pieces(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n", b" " * 200_000, times=500)
    assert outcomes_of(list(wired.report(HERE, TRIGGER, [a_report()], soon()))) == [(RETRY, "wix answer too long")]


def test_a_packed_answer_is_not_unpacked(server: RawWixServer, wired: WixAutomations) -> None:
    packed = gzip.compress(b" " * 100_000_000)
    server.answer(ok(packed, "Content-Encoding: gzip"))
    [answer] = wired.report(HERE, TRIGGER, [a_report()], soon())
    assert (answer.kind, answer.reason) == (RETRY, "wix 200 without a JSON object")
    assert [headers["accept-encoding"] for _, headers, _ in server.requests] == ["identity"]


def test_nobody_is_told_a_secret_whose_certificate_nobody_vouches_for(tmp_path: Path) -> None:
    with a_server_with_a_made_up_certificate(tmp_path) as (url, heard):
        with a_client(url, Clock(), Secrets(GOOD_SECRET)) as (_, _, api):
            assert outcomes_of(list(api.report(HERE, TRIGGER, [a_report()], soon()))) == [
                (RETRY, "wix connection fault")
            ]
        assert heard.result(PATIENCE_SECONDS) == b""


@contextmanager
def a_server_with_a_made_up_certificate(folder: Path) -> Iterator[tuple[str, Future[bytes]]]:
    """Serve one connection over TLS; what was heard in it is told by a future."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(a_certificate(folder))

    def serve() -> bytes:
        client, _ = listener.accept()
        try:
            with context.wrap_socket(client, server_side=True) as secure:
                return secure.recv(1024)
        except OSError:  # what an SSLError is, too
            return b""

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        listener.settimeout(PATIENCE_SECONDS)
        yield f"https://127.0.0.1:{listener.getsockname()[1]}", pool.submit(serve)


def a_certificate(folder: Path) -> Path:
    """Write a certificate for this machine that is signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1)
    )
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (path := folder / "certificate.pem").write_bytes(certificate.public_bytes(pem) + secret)
    return path


@dataclass
class TickingClock(Clock):
    """Goes on by a second at each look."""

    step: int = 1_000

    def now(self) -> int:
        self.ahead += self.step
        return super().now()


def test_an_answer_that_trickles_in_is_given_up_in_time(server: RawWixServer) -> None:
    """The client reads 64 KiB at most before it looks at the clock again, so it has no time for all of this answer."""
    clock = TickingClock()
    server.answer(ok(b" " * 1_000_000))
    with a_client(server.url, clock, Secrets(GOOD_SECRET)) as (_, tokens, api):
        tokens.token(HERE, soon())
        began = clock.now()
        assert outcomes_of(list(api.report(HERE, TRIGGER, [a_report()], soon()))) == [(RETRY, "wix timeout")]
        assert clock.now() - began <= (CONNECT + READ) * 1_000 + 5 * clock.step
