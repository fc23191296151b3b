"""Finds the stories that a person asks for."""

from __future__ import annotations

from collections.abc import Sequence

from tests.sandbox.tale import Story


class NoSuchStoryError(Exception):
    """No story, or more than one, goes by that name; the message lists the names to choose from."""


def choose_stories(stories: Sequence[Story], wanted: str) -> Sequence[Story]:
    """Return all stories if `wanted` is empty, else the one with that name, number, or part of a name or sentence.

    Raise NoSuchStoryError unless exactly one story fits.
    """
    if not wanted.strip():
        return stories
    fitting = find_stories(stories, wanted)
    if len(fitting) == 1:
        return fitting
    problem = "more than one story" if fitting else "no story"
    names = "\n".join(list_stories(stories, fitting or stories))
    raise NoSuchStoryError(f"STORY={wanted} is the name, number or part of {problem}. Choose one of these:\n{names}")


def find_stories(stories: Sequence[Story], wanted: str) -> Sequence[Story]:
    """Return the stories that fit: a whole name or a number goes before parts."""
    word = simplify(wanted)
    whole = [story for number, story in enumerate(stories, 1) if word in (simplify(story.name), str(number))]
    return whole or [story for story in stories if word in simplify(story.name) or word in simplify(story.sentence)]


def list_stories(stories: Sequence[Story], some: Sequence[Story] | None = None) -> list[str]:
    """Return a line for each story, or for some of them, with its number among all stories."""
    width = max(len(story.name) for story in stories)
    return [
        f"{number:3}  {story.name:<{width}}  {story.sentence}"
        for number, story in enumerate(stories, 1)
        if story in (some or stories)
    ]


def simplify(text: str) -> str:
    """Return text in which dashes, underscores, blanks and capitals make no difference."""
    return " ".join(text.casefold().replace("_", " ").replace("-", " ").split())
