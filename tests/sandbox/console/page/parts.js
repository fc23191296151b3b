// Small pieces that several views share.

import { html, nothing, svg } from "./vendor/lit-html/lit-html.js";
import * as api from "./api.js";
import { moment, span } from "./format.js";
import { changed, current, isOpen, now } from "./store.js";

const TONES = {
  good: ["reported", "accepted", "ENDED", "live", "found"],
  wait: ["pending", "retrying", "parked", "SCHEDULED", "INITIATED", "STARTED", "retry"],
  bad: ["rejected", "failed", "FAILED", "invalid"],
};
const toneOf = (word) => Object.keys(TONES).find((tone) => TONES[tone].includes(word)) ?? "idle";

export const badge = (word, tone = toneOf(word)) => html`<span class="badge ${tone}">${String(word).toLowerCase()}</span>`;

export const statusBadge = (status, answered) =>
  status === null || answered === false
    ? html`<span class="badge bad">${status === null ? "closed" : `${status}, not heard`}</span>`
    : html`<span class="badge ${status < 300 ? "good" : status === 429 ? "wait" : "bad"}">${status}</span>`;

const ICONS = {
  email: svg`<rect x="1.5" y="3" width="13" height="10" rx="1.5"/><path d="m2 4 6 5 6-5"/>`,
  "chat-message": svg`<path d="M2 3h12v8H7l-3.4 2.6V11H2z"/>`,
  notification: svg`<path d="M4 11V7a4 4 0 0 1 8 0v4l1 1.3H3zM6.6 14h2.8"/>`,
  webhook: svg`<path d="M2 8h11M9 4l4 4-4 4"/>`,
};
export const KINDS = { email: "Email", "chat-message": "Chat message", notification: "Notification", webhook: "Webhook" };
export const iconPaths = (kind) => ICONS[kind] ?? nothing;
export const icon = (kind) => html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">${iconPaths(kind)}</svg>`;

export const json = (value) => html`<pre class="json" tabindex="0" role="region" aria-label="JSON">${JSON.stringify(value, null, 2)}</pre>`;

export const pairs = (rows) => html`<dl class="pairs">
  ${rows.filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false).map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}
</dl>`;

export const emptyState = (title, text, link) => html`<div class="empty">
  <svg viewBox="0 0 96 32" aria-hidden="true"><path d="M4 16h88"/><circle cx="22" cy="16" r="5"/><rect x="66" y="11" width="10" height="10" transform="rotate(45 71 16)"/></svg>
  <h3>${title}</h3>
  <p>${text}</p>
  ${link ? html`<a class="button primary" href=${link[0]}>${link[1]}</a>` : nothing}
</div>`;

export const toggle = (on, label, flip, { disabled = false } = {}) => html`<button
  type="button" role="switch" class="switch" aria-checked=${on ? "true" : "false"} aria-label=${label} ?disabled=${disabled}
  @click=${flip}><span></span></button>`;

let turning = false;
let said = "";

/** Turn the clock of the site that is shown; what went wrong is said beside the buttons. */
export async function turn(how) {
  const site = current();
  turning = true;
  said = "";
  changed();
  try {
    await api.turnClock(site.id, how);
  } catch (error) {
    said = error.errors?.some(({ rule }) => rule === "nothing-is-due") ? "Nothing is due." : `The clock stays: ${error.message}`;
  }
  turning = false;
  changed();
}

export const nextDue = (site) => {
  let next = null;
  for (const activation of site.activations.values()) {
    if (isOpen(activation) && activation.runsAt && (next === null || activation.runsAt < next)) next = activation.runsAt;
  }
  return next;
};

export function clockBar() {
  const site = current();
  const due = nextDue(site);
  const ahead = site.ahead > 0 ? `${span(site.ahead)} ahead` : "real time";
  return html`<div class="clock" role="group" aria-label="Clock of ${site.name}">
    <div class="reading"><time>${moment(now())}</time><small>${ahead}${due ? `, next action in ${span(Math.max(0, due - now()))}` : ""}</small></div>
    <button type="button" ?disabled=${turning} @click=${() => turn({ advance: 3600 })}>+1 h</button>
    <button type="button" ?disabled=${turning} @click=${() => turn({ advance: 86400 })}>+1 day</button>
    <button type="button" ?disabled=${turning || !due} @click=${() => turn({ toNextAction: true })}>To next action</button>
    <span class="said" role="status">${said}</span>
  </div>`;
}

export async function copy(text, button) {
  await navigator.clipboard.writeText(text);
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = "Copy"), 1200);
}
