"""What the stream says of a change, a call or a line of a log: enough to draw by, the rest being asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tests.sandbox.console.ours import Json, Note
from tests.sandbox.wix.call_documents import call_document
from tests.sandbox.wix.engine.changes import Change, What
from tests.sandbox.wix.journal import Call

_NOTED: Final = (
    "log_event", "level", "message", "event_id", "outcome", "reason", "state", "trigger_key", "instance_id",
    "attempts", "wix_request_id", "violations", "source_id",
)  # fmt: skip


def change_short(change: Change) -> Json:
    """What happened on a site, without payloads and contents."""
    return _SHORT[change.what](change.details)


def call_whole(call: Call) -> Json:
    """A call with what was sent; `answered` is null while the answer is on its way, then whether it was heard."""
    document = {**call_document(call), "answered": call.answered, "troubled": call.trouble is not None}
    number = document.pop("number")
    return {**document, "call": number, "at": round(call.at * 1000)}


def call_short(call: Call) -> Json:
    """The same without payloads."""
    items = [{"event": each.external_entity_id, "effect": each.effect, "code": each.code} for each in call.items]
    return {**call_whole(call), "items": items}


def note_short(note: Note) -> Json:
    """A line of a log, by its coordinates."""
    line = {name: note.line[name] for name in _NOTED if note.line.get(name) is not None}
    return {"at": round(note.at * 1000), "function": note.function, **line}


def _event(document: Any) -> Json:  # noqa: ANN401 - any change
    return {"trigger": document["triggerKey"], "effect": document["effect"], "app": document["appId"]}


def _activation(document: Any) -> Json:  # noqa: ANN401 - any change
    names = {"id": "id", "automation": "automationId", "trigger": "triggerKey", "status": "status", "reason": "reason"}
    return {**{name: document[each] for name, each in names.items()}, "runsAt": document["runsAt"]}


def _action(document: Any) -> Json:  # noqa: ANN401 - any change
    return {
        "activation": document["activationId"],
        "automation": document["automationId"],
        "trigger": document["triggerKey"],
        "kind": document["kind"],
        "error": document["error"],
    }


_SHORT: Final[dict[What, Callable[[Any], Json]]] = {
    What.EVENT: _event,
    What.ACTIVATION: _activation,
    What.ACTION: _action,
    What.AUTOMATION: dict,
    What.CLOCK: dict,
}
