"""Changes rows of sites: load, decide, and save on condition that they have not changed since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from trigger_provider.domain.sites.site import SiteRow, unknown_site

if TYPE_CHECKING:
    from trigger_provider.use_cases.ports.ledger import Sites

MOST_ROUNDS: Final = 20
"""How often a site's row is loaded and decided about anew: eight workers may want the same one at the same time."""

Change = Callable[[SiteRow], SiteRow]


def change_sites(
    sites: Sites,
    new_token: Callable[[], str],
    names: Iterable[str],
    change: Change,
    known: Mapping[str, SiteRow] | None = None,
) -> Mapping[str, SiteRow]:
    """Change each site's row; give the rows as they are then. Sites are left out that others kept changing.

    `change` is given the row as it is now, and may be asked again; a site without a row has one of revision 0. What
    is `known` of sites need not be loaded again: if it is no longer so, nothing is saved over it.
    """
    done: dict[str, SiteRow] = {}
    left = list(dict.fromkeys(names))
    current = dict(known or {})
    for _ in range(MOST_ROUNDS):
        if not left:
            break
        missing = [site for site in left if site not in current]
        current |= sites.load_many(missing) if missing else {}
        before = {site: current.get(site) or unknown_site(site) for site in left}
        after = {site: change(row) for site, row in before.items()}
        token = new_token()
        changed = {
            site: replace(row, revision=row.revision + 1, token=token)
            for site, row in after.items()
            if row != before[site]
        }
        conflicts = sites.save_many(list(changed.values())) if changed else frozenset()
        done |= {site: changed.get(site, before[site]) for site in left if site not in conflicts}
        left, current = [site for site in left if site in conflicts], {}
    return done
