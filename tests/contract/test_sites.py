"""What every keeper of sites promises, in memory and in DynamoDB."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.builders import an_entity_row
from tests.support.clouds import EVERYWHERE, IN_MEMORY, clients_of
from tests.support.ledger_table import new_ledger_table
from tests.support.memory_sites import MemorySites
from tests.support.moto_aws import ledger_in, sites_in
from tests.support.rows import SITE
from trigger_provider.domain.ledger.rows import RowKey
from trigger_provider.domain.sites.site import NEVER, SiteRow, SiteState, TroubledSite, site_key, unknown_site
from trigger_provider.use_cases.ports.ledger import Sites

if TYPE_CHECKING:
    from tests.sandbox.aws import Clients

pytest_plugins = ["tests.support.aws"]

NOW = 1_760_000_000_000
NOBODY = frozenset[str]()


@pytest.fixture(params=EVERYWHERE)
def sites(request: pytest.FixtureRequest) -> Sites:
    if request.param == IN_MEMORY:
        return MemorySites()
    clients = clients_of(request)
    return sites_in(clients, new_ledger_table(clients.dynamodb))


def a_site(site: str = SITE, **changes: Any) -> SiteRow:  # noqa: ANN401 - any field of the row
    return replace(unknown_site(site), **{"expires_at": NEVER, "revision": 1, "token": "first", **changes})


def next_of(row: SiteRow, **changes: Any) -> SiteRow:  # noqa: ANN401 - any field of the row
    return replace(row, **{"revision": row.revision + 1, "token": "next", **changes})


def test_every_field_of_a_site_comes_back(sites: Sites) -> None:
    row = a_site(
        state=SiteState.SUSPENDED, reason="forbidden", changed_at=1, installed_at=2, next_attempt_at=3,
        probe=RowKey("0568bdf8-537b-5b17-b275", "entity#91fbcf95178c"), probes=4,
        calls=((1_760_000_000, 5), (1_760_000_060, 6)), waits_until=7, waits=8, reserved_until=9,
    )  # fmt: skip
    assert sites.save_many([row]) == NOBODY
    assert sites.load_many([SITE, SITE]) == {SITE: row}


def test_a_site_without_a_row_is_left_out(sites: Sites) -> None:
    sites.save_many([a_site()])
    assert sites.load_many(["nobody", SITE]) == {SITE: a_site()}


def test_what_a_site_loses_is_gone(sites: Sites) -> None:
    row = a_site(reason="forbidden", next_attempt_at=3, probe=RowKey("p", "entity#1"), calls=((1, 1),), waits_until=7)
    bare = next_of(row, reason="", next_attempt_at=None, probe=None, calls=(), waits_until=None)
    sites.save_many([row])
    assert sites.save_many([bare]) == NOBODY
    assert sites.load_many([SITE]) == {SITE: bare}


def test_each_site_is_saved_over_the_revision_before_or_named(sites: Sites) -> None:
    rows = {name: a_site(name) for name in ("taken", "stale", "known")}
    sites.save_many(list(rows.values()))
    sites.save_many([next_of(rows["stale"], token="theirs")])
    tried = [a_site("taken", token="other"), next_of(rows["stale"]), next_of(rows["known"]), a_site("new")]
    assert sites.save_many(tried) == {"taken", "stale"}
    assert sites.load_many(["known", "new"]) == {"known": next_of(rows["known"]), "new": a_site("new")}


def test_a_save_that_is_tried_again_counts_as_saved(sites: Sites) -> None:
    assert sites.save_many([a_site()]) == NOBODY
    assert sites.save_many([a_site()]) == NOBODY


def test_one_site_is_not_saved_twice_at_once(sites: Sites) -> None:
    with pytest.raises(ValueError, match="distinct keys"):
        sites.save_many([a_site(), next_of(a_site())])


def test_sites_in_trouble_are_given_with_the_earliest_first(sites: Sites) -> None:
    rows = [a_site(name, next_attempt_at=at) for name, at in (("late", NOW), ("early", NOW - 1), ("removed", NEVER))]
    sites.save_many([*rows, a_site("well")])
    troubled = [TroubledSite("early", NOW - 1), TroubledSite("late", NOW), TroubledSite("removed", NEVER)]
    assert list(sites.troubled(10)) == troubled
    assert list(sites.troubled(1)) == troubled[:1]


def test_a_site_is_no_row_of_an_event(cloud: Clients, ledger_table: str) -> None:
    sites_in(cloud, ledger_table).save_many([a_site()])
    ledger = ledger_in(cloud, ledger_table)
    ledger.save_many([an_entity_row()])
    assert ledger.load_many([site_key(SITE), an_entity_row().key]) == {an_entity_row().key: an_entity_row()}
