"""How the local Wix tells an app of installs and removals, by what Wix documents of its webhooks (section 8)."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import jwt
import pytest

from tests.sandbox.wix import Mishap, Switches, WixSandbox
from tests.sandbox.wix.postman import HOUR, MINUTE, Postman, Webhook
from tests.sandbox.wix.samples import APP, NEIGHBOUR, OTHER_SITE, SITE
from tests.sandbox.wix.signer import Signer
from tests.support.app_backend import AppBackend
from tests.support.waiting import PATIENCE_SECONDS
from trigger_provider.adapters.wix.jwt import WixJwt

WIX = Signer()
OURS = WixJwt(WIX.public_key, APP.app_id)


@dataclass
class Post:
    """A postman with a clock for the one site, and a real time that moves with it."""

    switches: Switches = field(default_factory=Switches)
    within: float = PATIENCE_SECONDS
    now: float = 0.0

    def __post_init__(self) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.postman = Postman(
            WIX, self.changed, lambda _: self.now, lambda: self.switches, lambda: START + self.now, self.within
        )
        self.postman.start()

    def turn(self, seconds: float) -> None:
        with self.changed:
            self.now += seconds
            self.changed.notify_all()

    def tried(self, times: int, webhooks: int = 1) -> Sequence[Webhook]:
        """Wait until each webhook was tried so often, and give them."""

        def look() -> bool:
            sent = self.postman.webhooks(SITE.instance_id)
            return len(sent) == webhooks and all(len(webhook.tries) >= times for webhook in sent)

        with self.changed:
            assert self.changed.wait_for(look, PATIENCE_SECONDS)
            return self.postman.webhooks(SITE.instance_id)


# A whole second well in the past, so that tokens are good however far the clock is turned.
START = 1_700_000_000.0


@pytest.fixture
def app() -> Iterator[AppBackend]:
    app = AppBackend()
    yield app
    app.close()


@pytest.fixture
def post(app: AppBackend) -> Iterator[Post]:
    post = Post()
    post.postman.subscribe(APP.app_id, app.url)
    yield post
    post.postman.stop()


def claims(token: str) -> dict[str, object]:
    return jwt.decode(token, WIX.public, ["RS256"], options={"verify_exp": False})


def test_the_whole_body_is_a_token_that_says_what_has_happened(app: AppBackend) -> None:
    with WixSandbox(apps=[APP, NEIGHBOUR], sites=[SITE], answer_within=PATIENCE_SECONDS) as wix:
        wix.postman.subscribe(APP.app_id, app.url)
        wix.remove_app(APP.app_id, SITE.instance_id)
        wix.remove_app(NEIGHBOUR.app_id, SITE.instance_id)
        wix.install_app(APP.app_id, SITE.instance_id)
        assert wix.changes.wait_until(lambda: len(app.bodies) >= 2, PATIENCE_SECONDS)
        events = [WixJwt(wix.signer.public_key, APP.app_id).webhook(body).event for body in app.bodies[:2]]
    assert [event["eventType"] for event in events] == ["AppRemoved", "AppInstalled"]
    assert [event["instanceId"] for event in events] == [SITE.instance_id] * 2
    assert [event["data"] for event in events] == [{"appId": APP.app_id}] * 2


def test_without_a_200_it_is_told_again_by_the_ladder_and_then_given_up(app: AppBackend, post: Post) -> None:
    app.statuses = [500, 400, 401, 404, 429, 503, 201, 204, 302, 500, 500, 500, 500]
    post.postman.happened("AppRemoved", APP.app_id, SITE.instance_id)
    (webhook,) = post.tried(1)
    waits = []
    while webhook.due is not None:
        waits.append(webhook.due - post.now)
        post.turn(waits[-1])
        (webhook,) = post.tried(len(waits) + 1)
    hours = [seconds / HOUR for seconds in waits[2:]]
    assert waits[:2] == [MINUTE, 10 * MINUTE]
    assert hours == [1, 2, 2, 2, 4, 4, 4, 8, 8, 12]
    assert (len(webhook.tries), webhook.heard) == (13, False)
    assert len(set(app.bodies)) == 1


def test_a_200_ends_the_ladder(app: AppBackend, post: Post) -> None:
    app.statuses = [503]
    post.postman.happened("AppRemoved", APP.app_id, SITE.instance_id)
    post.tried(1)
    post.turn(MINUTE)
    (webhook,) = post.tried(2)
    assert ([attempt.status for attempt in webhook.tries], webhook.heard, webhook.due) == ([503, 200], True, None)


def test_an_answer_that_comes_late_is_none(app: AppBackend) -> None:
    app.holds = threading.Event()
    post = Post(within=0.2)
    post.postman.subscribe(APP.app_id, app.url)
    post.postman.happened("AppRemoved", APP.app_id, SITE.instance_id)
    (webhook,) = post.tried(1)
    post.postman.stop()
    assert (webhook.tries[0].status, webhook.heard, webhook.due) == (None, False, MINUTE)


def test_an_app_that_is_not_there_is_tried_again(post: Post) -> None:
    post.postman.subscribe(APP.app_id, "http://127.0.0.1:9/")
    post.postman.happened("AppRemoved", APP.app_id, SITE.instance_id)
    (webhook,) = post.tried(1)
    assert (webhook.tries[0].status, webhook.due) == (None, MINUTE)


def test_a_webhook_may_be_told_more_than_once(app: AppBackend, post: Post) -> None:
    post.postman.script(Mishap(copies=3))
    post.postman.happened("AppRemoved", APP.app_id, SITE.instance_id)
    post.tried(1, webhooks=3)
    assert len(app.bodies) == 3
    assert len(set(app.bodies)) == 1


def test_a_mishap_that_is_meant_for_a_site_waits_for_it(app: AppBackend, post: Post) -> None:
    post.postman.script(Mishap(copies=3, site=OTHER_SITE.instance_id))
    post.postman.happened("AppRemoved", APP.app_id, SITE.instance_id)
    post.tried(1, webhooks=1)
    post.postman.happened("AppRemoved", APP.app_id, OTHER_SITE.instance_id)
    assert len(post.postman.webhooks(OTHER_SITE.instance_id)) == 3
    assert len(post.postman.webhooks(SITE.instance_id)) == 1
    assert app.bodies


def test_a_webhook_may_come_after_one_of_what_happened_later(app: AppBackend, post: Post) -> None:
    post.postman.script(Mishap(late_seconds=MINUTE))
    post.postman.happened("AppRemoved", APP.app_id, SITE.instance_id)
    post.turn(2)
    post.postman.happened("AppInstalled", APP.app_id, SITE.instance_id)
    with post.changed:
        assert post.changed.wait_for(lambda: app.bodies, PATIENCE_SECONDS)
    post.turn(MINUTE)
    post.tried(1, webhooks=2)
    assert ["AppInstalled" in body for body in map(str, map(claims, app.bodies))] == [True, False]
    assert [claims(body)["iat"] for body in app.bodies] == [START + 2, START]


def test_an_answer_may_be_lost_after_it_was_given(post: Post) -> None:
    post.postman.script(Mishap(answers_lost=1))
    post.postman.happened("AppRemoved", APP.app_id, SITE.instance_id)
    (webhook,) = post.tried(1)
    assert (webhook.tries[0].status, webhook.heard) == (200, False)
    post.turn(MINUTE)
    (webhook,) = post.tried(2)
    assert webhook.heard


def test_wix_may_sign_anew_what_it_sends_again(app: AppBackend, post: Post) -> None:
    post.switches = replace(post.switches, webhook_resend_keeps_iat=False, webhook_token_lasts_seconds=600)
    app.statuses = [503]
    post.postman.happened("AppRemoved", APP.app_id, SITE.instance_id)
    post.tried(1)
    post.turn(MINUTE)
    post.tried(2)
    assert [claims(body)["iat"] for body in app.bodies] == [START, START + MINUTE]
    assert [claims(body)["exp"] for body in app.bodies] == [START + 600, START + MINUTE + 600]


def test_the_content_type_is_whatever_wix_chooses(app: AppBackend, post: Post) -> None:
    post.switches = replace(post.switches, webhook_content_type="application/octet-stream")
    post.postman.happened("AppRemoved", APP.app_id, SITE.instance_id)
    post.tried(1)
    assert app.types == ["application/octet-stream"]


def test_an_app_that_did_not_ask_is_not_told(post: Post) -> None:
    post.postman.happened("AppRemoved", NEIGHBOUR.app_id, SITE.instance_id)
    assert post.postman.webhooks(SITE.instance_id) == []


def test_nothing_leaves_this_machine(post: Post) -> None:
    with pytest.raises(ValueError, match="this machine"):
        post.postman.subscribe(APP.app_id, "https://example.com/")
