// The shell: the site, its clock, the five views, and which of them is shown.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { automationsView } from "./automations.js";
import { eventView } from "./event.js";
import { faultsView } from "./faults.js";
import { begin, changed, chooseSite, current, onChange, state } from "./store.js";
import { timelineView } from "./timeline.js";
import { tryView } from "./try.js";

const VIEWS = [
  ["timeline", "Timeline", timelineView],
  ["event", "Events", eventView],
  ["try", "Try it", tryView],
  ["automations", "Automations", automationsView],
  ["faults", "Faults", faultsView],
];
const FIRST_SITES = 4;
const root = document.getElementById("app");

const route = () => {
  const [name, ...rest] = location.hash.slice(1).split("/");
  const found = VIEWS.find(([each]) => each === name) ?? VIEWS[0];
  return { name: found[0], title: found[1], view: found[2], rest: rest.map(decodeURIComponent) };
};

function theme() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

function otherTheme() {
  const other = theme() === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = other;
  localStorage.setItem("theme", other);
  changed();
}

/** There are many sites, so that each scenario has one of its own: offer the first, and those where something happened. */
const offered = () =>
  [...state.sites.values()].filter((site, place) => place < FIRST_SITES || site.events.length || site.id === state.site);

const CONNECTION = { live: "Live", connecting: "Connecting", lost: "Connection lost; trying again" };

function shell() {
  const { name, title, view, rest } = route();
  const troubles = [...state.on].filter((each) => each.endsWith("@*") || each.endsWith(`@${state.site}`)).length;
  document.title = `${title}: sandbox of the Wix trigger provider`;
  return html`
    <header class="top">
      <div class="brand"><img src="page/icon.svg" alt="" width="22" height="22"> Sandbox</div>
      <nav aria-label="Views">
        ${VIEWS.map(
          ([each, label]) => html`<a href="#${each}" aria-current=${each === name ? "page" : nothing}
            >${label}${each === "faults" && troubles ? html`<span class="count" aria-label="${troubles} on">${troubles}</span>` : nothing}</a>`,
        )}
      </nav>
      <div class="tools">
        <label class="site"><span>Site</span>
          <select .value=${state.site} @change=${(change) => chooseSite(change.target.value)}>
            ${offered().map(
              (site) => html`<option value=${site.id} ?selected=${site.id === state.site}>${site.name} · ${site.id.slice(0, 8)}${site.events.length ? ` · ${site.events.length}` : ""}</option>`,
            )}
          </select>
        </label>
        <span class="live ${state.connection}" role="status" title=${CONNECTION[state.connection]}
          ><span class="visually-hidden">${CONNECTION[state.connection]}</span></span>
        <button type="button" class="quiet" aria-label="Use the ${theme() === "dark" ? "light" : "dark"} theme" @click=${otherTheme}>
          <svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="5.5"/><path d="M8 2.5a5.5 5.5 0 0 1 0 11z" class="filled"/></svg>
        </button>
      </div>
    </header>
    <main id="view" tabindex="-1" aria-label=${title}>${current() ? view(rest) : nothing}</main>`;
}

let drawn = false;

function draw() {
  if (!drawn) root.replaceChildren();
  drawn = true;
  render(shell(), root);
}

addEventListener("hashchange", () => {
  changed();
  document.getElementById("view")?.focus({ preventScroll: true });
  scrollTo(0, 0);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
// The clock moves by itself, as long as somebody sees it.
setInterval(() => document.hidden || changed(), 1000);
document.querySelector(".skip").addEventListener("click", (click) => {
  click.preventDefault(); // the address is the view's
  document.getElementById("view")?.focus();
});

onChange(draw);
begin().catch((error) => root.replaceChildren(`The sandbox does not answer: ${error.message}`));
