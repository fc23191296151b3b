// What the page asks the server. A refusal is an error with its places and rules: `errors: [{pointer, rule}]`.

export class Refused extends Error {
  constructor(status, errors) {
    super(errors.map(({ pointer, rule }) => `${pointer || "/"} ${rule}`).join("; ") || `HTTP ${status}`);
    this.status = status;
    this.errors = errors;
  }
}

async function ask(method, path, body) {
  const options = { method };
  if (body !== undefined) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  const answer = await fetch(path, options);
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, told.errors ?? []);
  return told;
}

const part = encodeURIComponent;
const ofSite = (site, rest) => `/_sandbox/sites/${part(site)}/${rest}`;

export const scene = () => ask("GET", "/api/scene");
export const entry = (number) => ask("GET", `/api/entries/${number}`);
export const event = (id) => ask("GET", `/api/events/${part(id)}`);
export const found = (asked) => ask("GET", `/api/found?${new URLSearchParams(asked)}`);
export const send = (way, request) => ask("POST", "/api/send", { way, request });
export const switchTrouble = (name, site, on) => ask("POST", "/api/troubles", { name, site, on });
export const switchApp = (site, installed) => ask("POST", "/api/apps", { site, installed });
export const recover = () => ask("POST", "/api/recover", {});
export const turnClock = (site, how) => ask("POST", ofSite(site, "clock"), how);
export const addAutomation = (site, automation) => ask("POST", ofSite(site, "automations"), automation);
export const switchAutomation = (site, id, on) =>
  ask("PATCH", ofSite(site, `automations/${part(id)}`), { status: on ? "ACTIVE" : "INACTIVE" });
export const deleteAutomation = (site, id) => ask("DELETE", ofSite(site, `automations/${part(id)}`));
