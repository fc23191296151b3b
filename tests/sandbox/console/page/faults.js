// Wix's troubles, to switch on, and off again: and what recovery looks like meanwhile.

import { html, nothing } from "./vendor/lit-html/lit-html.js";
import { live } from "./vendor/lit-html/directives/live.js";
import { repeat } from "./vendor/lit-html/directives/repeat.js";
import * as api from "./api.js";
import { short, time } from "./format.js";
import { badge, emptyState, statusBadge, toggle } from "./parts.js";
import { changed, current, standing, state, triggerName } from "./store.js";

const MOST_CALLS = 40;
const STRIP = 60;
const MOST_WAITING = 20;

let everywhere = false;
let said = "";

async function attempt(work, done = "") {
  said = "";
  try {
    await work();
    said = done;
  } catch (error) {
    said = error.message;
  }
  changed();
}

function trouble(site, { name, title, text }) {
  const here = `${name}@${everywhere ? "*" : site.id}`;
  const other = state.on.has(`${name}@${everywhere ? site.id : "*"}`);
  const on = state.on.has(here);
  const flip = () => attempt(() => api.switchTrouble(name, everywhere ? null : site.id, !on));
  return html`<li class=${on ? "on" : ""}>${toggle(on, title, flip)}<div><h3>${title}${other ? html` <span class="badge wait">${everywhere ? `on at ${site.name}` : "on for every site"}</span>` : nothing}</h3><p class="muted">${text}</p></div></li>`;
}

const tone = ({ status, answered }) => (status === null || answered === false ? "bad" : answered === null ? "wait" : status < 300 ? "good" : status === 429 ? "wait" : "bad");

function call(each) {
  const effects = [...Map.groupBy(each.items, ({ effect }) => effect)].map(([effect, items]) => (items.length > 1 ? `${items.length} ${effect}` : effect)).join(", ");
  return html`<tr><td><time>${time(each.at, { milliseconds: true })}</time></td><td><b>${each.route}</b><div class="muted">${triggerName(each.triggerKey)}</div></td>
    <td>${each.answered === null ? badge("on its way", "wait") : statusBadge(each.status, each.answered)}</td>
    <td>${effects}${each.items.length === 1 && each.items[0].event ? html` <a href="#event/${each.items[0].event}"><code>${short(each.items[0].event)}</code></a>` : nothing}</td></tr>`;
}

export function faultsView() {
  const site = current();
  const calls = site.calls.filter(({ route }) => route !== "token");
  const shown = calls.slice(-MOST_CALLS).reverse();
  const waiting = site.events.filter((event) => ["retrying", "parked", "pending"].includes(standing(event)));
  return html`<div class="bar"><h1>Faults</h1></div>
    <div class="split even">
      <section class="panel" aria-label="Troubles of Wix">
        <div class="line head"><h2>Troubles of Wix</h2>
          <label class="check"><input type="checkbox" .checked=${live(everywhere)} @change=${(change) => { everywhere = change.target.checked; changed(); }}> on every site</label></div>
        <ul class="troubles">${state.scene.troubles.map((each) => trouble(site, each))}
          <li class=${site.installed ? "" : "on"}>${toggle(!site.installed, "App removed", () => attempt(() => api.switchApp(site.id, !site.installed)))}<div><h3>App removed</h3><p class="muted">The owner of ${site.name} removes the app: Wix tells us so, refuses our tokens for this site, and what lives there ends. Switched off, the app is installed again.</p></div></li></ul>
        <p class="said" role="status">${said}</p>
      </section>
      <section class="panel" aria-label="Recovery">
        <div class="line head"><h2>Recovery</h2><button type="button" @click=${() => attempt(api.recover, "recover ran")}>Run recover now</button></div>
        ${calls.length ? html`<div class="strip" role="img" aria-label="The last ${Math.min(calls.length, STRIP)} calls: ${calls.slice(-STRIP).filter((each) => tone(each) === "good").length} worked">${calls.slice(-STRIP).map((each) => html`<i class=${tone(each)}></i>`)}</div>` : nothing}
        ${waiting.length ? html`<h3>On the way</h3><ul class="waiting">${repeat(waiting.slice(-MOST_WAITING).reverse(), ({ id }) => id, (event) => html`<li><a href="#event/${event.id}">${triggerName(event.trigger)} <code>${short(event.id)}</code></a>${badge(standing(event))}<span class="muted">${event.attempts ? `after ${event.attempts} ${event.attempts === 1 ? "try" : "tries"}` : ""} ${event.reason ?? ""}</span></li>`)}</ul>${waiting.length > MOST_WAITING ? html`<p class="muted">and ${waiting.length - MOST_WAITING} more</p>` : nothing}` : nothing}
        ${shown.length
          ? html`<h3>Calls to Wix</h3><div class="scroll" tabindex="0" role="region" aria-label="Calls to Wix"><table><thead><tr><th>At</th><th>Call</th><th>Answer</th><th>Effect</th></tr></thead><tbody>${repeat(shown, (each) => each.call, call)}</tbody></table></div>`
          : emptyState("No call to Wix yet", "Switch a fault on, send an event, and watch: the row waits in the ledger. Delivery reports it once Wix works again.", ["#try", "Try it"])}
      </section>
    </div>`;
}
