// The table of cases, of which only those rows are elements that can be seen.

import { el, setText } from "./dom.js";
import { linkTo } from "./place.js";
import { milliseconds, count, money, outcomeWord, score, visible } from "./words.js";

const SPARE = 12; // rows above and below those that are seen

export class Table {
  #table;
  #body;
  #above = el("tr", { "aria-hidden": "true" }, el("td", { class: "space" }));
  #below = el("tr", { "aria-hidden": "true" }, el("td", { class: "space" }));
  #rows = [];
  #places = new Map();
  #elements = new Map();
  #selected = "";

  constructor(table) {
    this.#table = table;
    this.#body = table.tBodies[0];
    this.#body.append(this.#above, this.#below);
  }

  /** Shows these rows; where they are the same as before, none is made anew, as somebody may just press on one. */
  show(rows) {
    if (rows.length === this.#rows.length && rows.every((row, at) => row === this.#rows[at])) {
      this.draw();
      return;
    }
    this.#rows = rows;
    this.#places = new Map(rows.map((row, at) => [row.id, at]));
    this.#elements.forEach((element) => element.remove());
    this.#elements.clear();
    this.#table.setAttribute("aria-rowcount", String(rows.length + 1));
    this.draw();
  }

  /** The rows that can be seen now. */
  draw() {
    const height = this.#height();
    const top = -this.#body.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(top / height) - SPARE);
    const end = Math.max(first + SPARE, Math.ceil((top + innerHeight) / height) + SPARE);
    this.drawFrom(Math.min(first, this.#rows.length), Math.min(end, this.#rows.length));
  }

  drawFrom(first, end) {
    for (const [at, element] of this.#elements) {
      if (at < first || at >= end) {
        element.remove();
        this.#elements.delete(at);
      }
    }
    let next = this.#above.nextElementSibling;
    for (let at = first; at < end; at += 1) {
      const element = this.#elements.get(at) ?? this.#made(at);
      element === next ? (next = next.nextElementSibling) : this.#body.insertBefore(element, next);
    }
    this.#space(this.#above, first);
    this.#space(this.#below, this.#rows.length - end);
  }

  select(id) {
    this.#selected = id;
    this.#elements.forEach((element, at) => this.#mark(element, this.#rows[at]));
  }

  /** The id of the row that is so many rows further down. */
  beside(id, steps) {
    const at = this.#places.get(id);
    const wanted = at === undefined ? 0 : Math.min(this.#rows.length - 1, Math.max(0, at + steps));
    return this.#rows[wanted]?.id;
  }

  /** Scrolls so far that a row is seen below the `head` that stays at the top, and leads the focus there. */
  reveal(id, head, { focus = true } = {}) {
    const at = this.#places.get(id);
    if (at === undefined) {
      return;
    }
    const height = this.#height();
    const top = this.#body.getBoundingClientRect().top + at * height;
    if (top < head || top + height > innerHeight) {
      scrollBy({ top: top < head ? top - head : top + height - innerHeight + 8, behavior: "instant" });
    }
    this.draw();
    if (focus) {
      this.#elements.get(at)?.querySelector("a").focus({ preventScroll: true });
    }
  }

  #height() {
    const any = this.#elements.values().next().value;
    return any?.offsetHeight || parseFloat(getComputedStyle(this.#table).getPropertyValue("--row")) || 32;
  }

  #space(row, count) {
    row.hidden = count === 0;
    row.firstElementChild.style.height = `${count * this.#height()}px`;
  }

  #made(at) {
    const row = this.#rows[at];
    const element = rowElement(row, at);
    this.#elements.set(at, element);
    this.#mark(element, row);
    return element;
  }

  #mark(element, row) {
    const isSelected = row.id === this.#selected;
    const link = element.querySelector("a");
    element.classList.toggle("selected", isSelected);
    isSelected ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
  }
}

function rowElement(row, at) {
  const link = el("a", { href: linkTo({ case: row.id, trial: "" }) }, visible(row.id));
  const cell = (name, text, title = text) => el("td", { class: name, title }, text);
  return el(
    "tr",
    { "data-id": row.id, "aria-rowindex": String(at + 2) },
    el("th", { scope: "row", class: "id", title: visible(row.id) }, link),
    el("td", { class: "outcome" }, outcomeOf(row)),
    el("td", { class: "change" }, row.change === "" ? "" : el("span", { class: "badge", "data-kind": row.change }, row.change)),
    cell("score", row.before === null ? score(row.score) : `${score(row.score)}`, scoreTitle(row)),
    cell("asked", visible(row.asked)),
    cell("said", visible(row.said)),
    el("td", { class: "tags", title: visible(row.tags.join(", ")) }, row.tags.map((tag) => el("span", { class: "tag" }, visible(tag)))),
    cell("time", milliseconds(row.ms)),
    cell("tokens", count(row.tokens)),
    cell("cost", money(row.cost)),
  );
}

function scoreTitle(row) {
  return row.before === null ? score(row.score) : `${score(row.score)}, before ${score(row.before)}`;
}

/** One word where all trials agree; else how many passed. */
export function outcomeOf(row) {
  const [kind] = row.kinds;
  if (row.kinds.length === 1) {
    return el("span", { class: "badge", "data-kind": kind }, outcomeWord(kind));
  }
  const others = row.kinds.filter((name) => name !== "passed").map(outcomeWord).join(", ");
  const said = `${row.passed} of ${row.ran} passed`;
  return el("span", { class: "badge", "data-kind": row.passed > 0 ? "mixed" : row.kinds[0], title: others }, row.passed > 0 ? said : others);
}
