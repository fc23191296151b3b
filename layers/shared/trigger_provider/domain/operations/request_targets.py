"""What a message asks for, as far as it can be read: a trigger of a site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from trigger_provider.domain.catalogue.reserved_names import ENVELOPE_MEMBERS, REQUEST_DETAIL_TYPE
from trigger_provider.domain.payload.formats import is_uuid

if TYPE_CHECKING:
    from trigger_provider.domain.catalogue.trigger import Catalogue


class RequestTarget(NamedTuple):
    """One thing that a message asks for. What can't be read is None."""

    trigger: str | None
    site: str | None


def targets_of(document: Mapping[str, Any], catalogue: Catalogue) -> Iterator[RequestTarget]:
    """Yield each thing that a message asks for, even if intake could not accept it."""
    match document:
        case {"requests": [*requests]}:
            yield from dict.fromkeys(map(_read_target, requests))
            return
    if not document.keys() >= ENVELOPE_MEMBERS:
        yield _read_target(document)
    elif document.get("detail-type") == REQUEST_DETAIL_TYPE:
        yield _read_target(document["detail"])
    else:
        for trigger, binding in catalogue.match(str(document["source"]), str(document["detail-type"])):
            try:
                yield _read_target(binding.request(document))
            except Exception:  # noqa: BLE001 - if one binding fails on this event, the others are still shown
                yield RequestTarget(trigger.key, None)


def _read_target(request: object) -> RequestTarget:
    if not isinstance(request, dict):
        return RequestTarget(None, None)
    trigger, site = request.get("triggerKey"), request.get("instanceId")
    return RequestTarget(
        trigger if isinstance(trigger, str) else None,
        site.lower() if isinstance(site, str) and is_uuid(site) else None,
    )
