"""Changes rows of sites: load, decide, and save on condition that they have not changed since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from trigger_provider.domain.sites.site import SiteRow, unknown_site
from trigger_provider.use_cases.saving import AnyDecision, Saved, save_until_unchanged

if TYPE_CHECKING:
    from trigger_provider.use_cases.ports.ledger import Sites

MOST_ROUNDS: Final = 20
"""How often a site's row is loaded and decided about: eight workers may change the same one at the same time."""


class SiteChange(NamedTuple):
    """A site's row as it is to be saved."""

    row: SiteRow


def change_sites(
    sites: Sites,
    new_token: Callable[[], str],
    names: Iterable[str],
    decide: Callable[[SiteRow], AnyDecision],
    known: Mapping[str, SiteRow] | None = None,
) -> Saved[str, SiteRow, AnyDecision]:
    """Decide about each site and save its row. Sites whose rows others kept changing are missing in the result.

    `decide` takes the row as it is now, and may be called again for the same site. A site without a row in the ledger
    gets one of revision 0. The `known` rows are not loaded first: if others have changed them, no save succeeds over
    them, and they are loaded then. Raise `LedgerUnavailable`.
    """
    wanted, rows = list(dict.fromkeys(names)), dict(known or {})
    missing = [site for site in wanted if site not in rows]
    rows |= _load(sites, missing) if missing else {}
    current = {site: rows[site] for site in wanted}
    return save_until_unchanged(partial(_load, sites), sites.save_many, new_token, current, decide, MOST_ROUNDS)


def _load(sites: Sites, names: Iterable[str]) -> Mapping[str, SiteRow]:
    """Return the rows of sites, with a row of revision 0 for each site without one."""
    wanted = list(names)
    rows = sites.load_many(wanted)
    return {site: rows.get(site) or unknown_site(site) for site in wanted}
