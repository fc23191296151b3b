"""A person asks for a story by its name, its number, or a part of its sentence."""

from __future__ import annotations

import pytest

from tests.sandbox.demo.report import EXAMPLE
from tests.sandbox.demo.selection import NoSuchStoryError, choose_stories, list_stories
from tests.sandbox.stage import Stage
from tests.sandbox.stories import STORIES
from tests.sandbox.tale import Tale, story


@story("It is paid: nothing is live any more")
def paid(stage: Stage, tale: Tale) -> None: ...


@story("Paid before issued: the late event is stale")
def paid_before_issued(stage: Stage, tale: Tale) -> None: ...


@story("A site's date changes: the new one is reported")
def a_new_date(stage: Stage, tale: Tale) -> None: ...


STORIES_TO_CHOOSE_FROM = (paid, paid_before_issued, a_new_date)


def test_all_stories_are_played_if_none_is_asked_for() -> None:
    assert choose_stories(STORIES_TO_CHOOSE_FROM, "") == STORIES_TO_CHOOSE_FROM


@pytest.mark.parametrize(
    "wanted", ["a_new_date", "a-new-date", "A-New-Date", "new date", "3", "site's date", "changes:", " a_new_date "]
)
def test_a_story_goes_by_its_name_its_number_or_a_part_of_its_sentence(wanted: str) -> None:
    assert list(choose_stories(STORIES_TO_CHOOSE_FROM, wanted)) == [a_new_date]


def test_a_whole_name_goes_before_a_part_of_another() -> None:
    assert list(choose_stories(STORIES_TO_CHOOSE_FROM, "paid")) == [paid]


def test_an_unknown_story_is_answered_with_all_names() -> None:
    with pytest.raises(NoSuchStoryError) as raised:
        choose_stories(STORIES_TO_CHOOSE_FROM, "no such")

    assert all(each.name in str(raised.value) for each in STORIES_TO_CHOOSE_FROM)


def test_a_part_of_several_stories_is_answered_with_their_names_and_numbers() -> None:
    with pytest.raises(NoSuchStoryError) as raised:
        choose_stories(STORIES_TO_CHOOSE_FROM, "the")

    assert "  2  paid_before_issued" in str(raised.value)
    assert "  3  a_new_date" in str(raised.value)
    assert "It is paid" not in str(raised.value)


def test_a_number_beyond_the_last_story_is_unknown() -> None:
    with pytest.raises(NoSuchStoryError):
        choose_stories(STORIES_TO_CHOOSE_FROM, "4")


def test_each_story_of_the_sandbox_has_a_name_of_its_own_that_finds_it() -> None:
    assert [choose_stories(STORIES, each.name) for each in STORIES] == [[each] for each in STORIES]


def test_the_list_has_a_line_for_each_story_of_the_sandbox() -> None:
    assert len(list_stories(STORIES)) == len(STORIES)


def test_the_story_that_a_demo_tells_in_full_is_a_story_of_the_sandbox() -> None:
    assert EXAMPLE in {each.name for each in STORIES}
