"""Keeps an unforeseen error of one item of a batch from the other items."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import PurePath
from traceback import extract_tb
from typing import Final, TypeVar

from trigger_provider.entrypoints.sqs_records import is_sqs_record
from trigger_provider.errors import NotKept, TriggerProviderError, UnforeseenError
from trigger_provider.observability.log_events import LogEvent
from trigger_provider.observability.telemetry import increment, log

Item = TypeVar("Item")
Result = TypeVar("Result")

_MOST_IDS: Final = 20


def run_apart(
    run: Callable[[Sequence[Item]], Result], portions: Iterable[Sequence[Item]], is_time_left: Callable[[], bool]
) -> Iterator[tuple[Sequence[Item], Result | Exception | None]]:
    """Run each portion, and yield it with its result or its error. When no time is left, yield it with None.

    If an unforeseen error ends a portion, run its items again one by one, so that only the item that causes the error
    fails. So it must be safe to run an item twice.
    """
    for portion in portions:
        if not is_time_left():
            yield portion, None
            continue
        try:
            yield portion, run(portion)
        except TriggerProviderError as error:
            yield portion, error
        except Exception as error:  # noqa: BLE001 - whatever it is, it must stay with the item that causes it
            if len(portion) > 1:
                yield from run_apart(run, [[item] for item in portion], is_time_left)
            else:
                yield portion, error


def suspects_apart(items: Sequence[Item], is_suspect: Callable[[Item], bool]) -> list[Sequence[Item]]:
    """Cut a batch into one portion without suspects, followed by each suspect alone."""
    trusted = [item for item in items if not is_suspect(item)]
    suspects = [[item] for item in items if is_suspect(item)]
    return [trusted, *suspects] if trusted else [*suspects]


def record_error(error: Exception, *source_ids: str) -> None:
    """Record the kind and place of an error, and count its records. Its text may hold anything, and is left out."""
    ids = [source_id for source_id in source_ids if source_id]
    log(LogEvent.RECORDS_FAILED, source_ids=ids[:_MOST_IDS], error=type(error).__name__, place=_place_of(error))
    increment("RecordsFailed", len(source_ids))


def raise_if_for_all(errors: Sequence[Exception], again: Sequence[object], records: Sequence[object]) -> None:
    """Raise an error if it concerns all records (a service is unavailable), or if a record can't come again alone."""
    is_away = len(again) == len(records) and all(isinstance(error, TriggerProviderError) for error in errors)
    if errors and (is_away or not all(map(is_sqs_record, again))):
        raise sanitise(errors[0])
    if not all(map(is_sqs_record, again)):
        raise NotKept("no message of a queue holds this record")


def sanitise(error: Exception) -> TriggerProviderError:
    """Return an error that may leave the function: ours as it is, any other without its text."""
    if isinstance(error, TriggerProviderError):
        return error
    return UnforeseenError(f"{type(error).__name__} at {_place_of(error)}")


def _place_of(error: Exception) -> str:
    frames = extract_tb(error.__traceback__)
    return f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
