"""One site's load and trouble stay its own: measured in virtual time, behind a model of SQS's fair queues."""

from __future__ import annotations

import pytest

from tests.proof.fairness.measures import jain, shares_of_equals, slower_beside_a_loud_site, throughput_beside
from tests.proof.fairness.ports import Trouble


def test_nine_sites_that_all_have_too_much_get_the_same_share() -> None:
    assert jain(shares_of_equals()) >= 0.99


def test_a_site_with_a_hundred_times_the_load_of_others_keeps_none_of_them_waiting() -> None:
    assert slower_beside_a_loud_site() <= 2


@pytest.mark.parametrize("trouble", Trouble)
def test_a_site_that_is_always_in_trouble_takes_no_throughput_from_others(trouble: Trouble) -> None:
    assert throughput_beside(trouble) >= 0.95
