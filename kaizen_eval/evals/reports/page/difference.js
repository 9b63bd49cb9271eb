// Two texts, word by word: what is only in one of them is marked.

import { el } from "./dom.js";
import { visible } from "./words.js";

const MOST = 1200; // words of each that are laid beside each other; what differs in longer texts is marked as a whole

/** The newer text, with what was taken from the older one, and what was added to it. */
export function differenceView(older, newer) {
  const parts = difference(words(older), words(newer)).map(({ kind, text }) =>
    kind === "same" ? visible(text) : el(kind, {}, visible(text)),
  );
  return el("div", { class: "text difference", dir: "auto" }, parts);
}

/** Parts in order, each the same, only in the older (del) or only in the newer (ins). */
export function difference(older, newer) {
  let start = 0;
  while (start < older.length && start < newer.length && older[start] === newer[start]) {
    start += 1;
  }
  let end = 0;
  const room = Math.min(older.length, newer.length) - start;
  while (end < room && older[older.length - 1 - end] === newer[newer.length - 1 - end]) {
    end += 1;
  }
  const middle = between(older.slice(start, older.length - end), newer.slice(start, newer.length - end));
  return joined([
    ...newer.slice(0, start).map((text) => ({ kind: "same", text })),
    ...middle,
    ...newer.slice(newer.length - end).map((text) => ({ kind: "same", text })),
  ]);
}

function words(text) {
  return text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
}

function between(older, newer) {
  if (older.length > MOST || newer.length > MOST) {
    return [{ kind: "del", text: older.join("") }, { kind: "ins", text: newer.join("") }];
  }
  const lengths = commonLengths(older, newer);
  const parts = [];
  let [a, b] = [0, 0];
  while (a < older.length || b < newer.length) {
    if (a < older.length && b < newer.length && older[a] === newer[b]) {
      parts.push({ kind: "same", text: newer[b] });
      a += 1;
      b += 1;
    } else if (a < older.length && (b === newer.length || lengths[a + 1][b] >= lengths[a][b + 1])) {
      parts.push({ kind: "del", text: older[a++] });
    } else {
      parts.push({ kind: "ins", text: newer[b++] });
    }
  }
  return parts;
}

/** How many words the rests of both have in common, from each place on. */
function commonLengths(older, newer) {
  const lengths = Array.from({ length: older.length + 1 }, () => new Uint16Array(newer.length + 1));
  for (let a = older.length - 1; a >= 0; a -= 1) {
    for (let b = newer.length - 1; b >= 0; b -= 1) {
      lengths[a][b] = older[a] === newer[b] ? lengths[a + 1][b + 1] + 1 : Math.max(lengths[a + 1][b], lengths[a][b + 1]);
    }
  }
  return lengths;
}

function joined(parts) {
  const found = [];
  for (const part of parts.filter(({ text }) => text !== "")) {
    const before = found.at(-1);
    before?.kind === part.kind ? (before.text += part.text) : found.push({ ...part });
  }
  return found;
}
