// Times and ids as a person reads them. Times are milliseconds since the epoch, shown in the browser's zone.

const two = (number) => String(number).padStart(2, "0");
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export function day(at) {
  const date = new Date(at);
  return `${DAYS[date.getDay()]} ${date.getDate()} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`;
}

export function time(at, { milliseconds = false } = {}) {
  const date = new Date(at);
  const seconds = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return milliseconds ? `${seconds}.${String(date.getMilliseconds()).padStart(3, "0")}` : seconds;
}

export const moment = (at) => `${day(at)}, ${time(at)}`;

/** A time for a tick of the axis, as exact as the step between ticks asks for. */
export function tick(at, step) {
  const date = new Date(at);
  if (step < MINUTE) return time(at);
  if (step < DAY) {
    const midnight = date.getHours() === 0 && date.getMinutes() === 0;
    return midnight ? `${date.getDate()} ${MONTHS[date.getMonth()]}` : `${two(date.getHours())}:${two(date.getMinutes())}`;
  }
  if (step < 27 * DAY) return `${date.getDate()} ${MONTHS[date.getMonth()]}`;
  return date.getMonth() === 0 ? String(date.getFullYear()) : MONTHS[date.getMonth()];
}

const SPANS = [[365 * DAY, "year"], [30 * DAY, "month"], [7 * DAY, "week"], [DAY, "day"], [HOUR, "hour"], [MINUTE, "minute"], [SECOND, "second"]];

/** A span in its largest fitting unit, to one unit more. */
export function span(milliseconds) {
  let left = Math.abs(milliseconds);
  const told = [];
  for (const [size, name] of SPANS) {
    const count = Math.floor(left / size);
    if (count && told.length < 2) {
      told.push(`${count} ${name}${count > 1 ? "s" : ""}`);
      left -= count * size;
    } else if (told.length) break;
  }
  return told.join(" ") || "less than a second";
}

export const duration = ({ amount, unit }) => `${amount} ${unit.toLowerCase().replace(/s$/, amount === 1 ? "" : "s")}`;

/** RFC 3339 in the browser's zone, to the second, as a producer writes it. */
export function rfc3339(at) {
  const date = new Date(at);
  const offset = -date.getTimezoneOffset();
  const sign = offset < 0 ? "-" : "+";
  const hours = two(Math.floor(Math.abs(offset) / 60));
  const zone = offset ? `${sign}${hours}:${two(Math.abs(offset) % 60)}` : "Z";
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${time(at)}${zone}`;
}

export const short = (id) => (id ? id.slice(0, 8) : "none");

/** The generation that an event id of a scheduled trigger ends with. */
export const generation = (id) => parseInt(id.slice(-12), 16);

/** Which change of its entity a generation is: the second of its birth stands above the lowest 16 bits. */
export const changeCount = (number) => number % 65_536;

export const spaced = (name) => name.replaceAll("_", " ").toLowerCase();
