// How figures, times and outcomes are worded.

const COUNT = new Intl.NumberFormat("en");
const OUTCOMES = {
  passed: "passed",
  failed: "failed",
  task_error: "task error",
  scorer_error: "scorer error",
  timeout: "timeout",
  budget_exceeded: "over budget",
  not_run: "not run",
};
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/g;

/** Signs that have no picture, or turn others round, are named instead. */
export function visible(text) {
  return text.replace(HIDDEN, (sign) => `⟨U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
}

export function outcomeWord(outcome) {
  return OUTCOMES[outcome] ?? outcome;
}

export function count(number) {
  return COUNT.format(number);
}

/** Such as "1 case" or "1,203 cases". */
export function several(number, one, many) {
  return `${count(number)} ${number === 1 ? one : many}`;
}

export function milliseconds(ms) {
  if (ms === null || ms === undefined) {
    return "–";
  }
  if (ms >= 1000) {
    return `${(ms / 1000).toFixed(ms >= 10_000 ? 1 : 2)} s`;
  }
  return `${ms.toFixed(ms === 0 || ms >= 10 ? 0 : 2)} ms`;
}

export function score(value) {
  return value === null || value === undefined ? "–" : Number.isInteger(value) ? String(value) : value.toFixed(3);
}

export function percent(share) {
  return share === null || share === undefined ? "–" : `${(100 * share).toFixed(share === 1 ? 0 : 1)} %`;
}

/** USD. */
export function money(cost) {
  if (cost === null || cost === undefined) {
    return "unknown";
  }
  return cost === 0 ? "$0" : `$${cost.toFixed(cost < 0.01 ? 6 : 4)}`;
}

/** JSON, indented, where a text is an object or a list; else null. */
export function prettyJson(text) {
  if (!/^\s*[[{]/.test(text) || /\d{16}|\d\.\d*0\D|\d[eE]/.test(text)) {
    return null; // what a browser would write in another way stays as it is
  }
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return null;
  }
}
