// The table of exchanges, newest first; what has not changed is not touched.

import { el, setText } from "./dom.js";
import { linkTo } from "./place.js";
import { askedIn, calledIn, conversationName, kindOf, milliseconds, oneLine, outcomeOf, timeOfDay, tokens } from "./words.js";

const COLUMNS = ["time", "endpoint", "model", "conversation", "asked", "outcome", "rule", "duration", "tokens"];

export class Table {
  #rows = new Map();
  #body;

  constructor(body) {
    this.#body = body;
  }

  /** Draws `exchanges`, of which `isWanted` ones are seen; returns how many those are. */
  draw(exchanges, { isWanted, selected }) {
    this.#dropOthers(new Set(exchanges.map((exchange) => exchange.number)));
    let place = this.#body.firstElementChild;
    let seen = 0;
    for (const exchange of exchanges) {
      const row = this.#rowOf(exchange);
      if (row.element === place) {
        place = place.nextElementSibling;
      } else {
        this.#body.insertBefore(row.element, place);
      }
      row.element.hidden = !isWanted(exchange);
      seen += row.element.hidden ? 0 : 1;
    }
    this.#select(Number(selected));
    return seen;
  }

  clear() {
    this.#rows.clear();
    this.#body.replaceChildren();
  }

  focus(number) {
    const link = this.#rows.get(Number(number))?.link;
    link?.focus({ preventScroll: true });
    link?.scrollIntoView({ block: "nearest" });
  }

  /** The number of the row that is so many rows further down among those that are seen. */
  beside(number, steps) {
    const seen = [...this.#body.children].filter((row) => !row.hidden).map((row) => Number(row.dataset.number));
    const place = seen.indexOf(Number(number));
    const wanted = place < 0 ? 0 : Math.min(seen.length - 1, Math.max(0, place + steps));
    return seen[wanted];
  }

  #rowOf(exchange) {
    let row = this.#rows.get(exchange.number);
    if (row === undefined) {
      row = newRow(exchange.number);
      this.#rows.set(exchange.number, row);
    }
    if (row.shown !== exchange) {
      row.shown = exchange;
      fill(row, exchange);
    }
    return row;
  }

  #select(selected) {
    let first = null;
    for (const element of this.#body.children) {
      const { link } = this.#rows.get(Number(element.dataset.number));
      const isSelected = Number(element.dataset.number) === selected;
      element.classList.toggle("selected", isSelected);
      isSelected ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
      link.tabIndex = isSelected ? 0 : -1;
      first ??= element.hidden ? null : link;
    }
    if (first !== null && !(this.#rows.get(selected)?.element.hidden === false)) {
      first.tabIndex = 0; // one stop for the tabulator; arrows lead on from there
    }
  }

  #dropOthers(numbers) {
    for (const [number, row] of this.#rows) {
      if (!numbers.has(number)) {
        row.element.remove();
        this.#rows.delete(number);
      }
    }
  }
}

function newRow(number) {
  const link = el("a", { href: linkTo({ exchange: number, conversation: "" }), tabindex: "-1" }, String(number));
  const cells = Object.fromEntries(COLUMNS.map((name) => [name, el("td", { class: name })]));
  const outcome = el("span", { class: "badge" });
  const conversation = el("a", { tabindex: "-1" });
  cells.outcome.append(outcome);
  cells.conversation.append(conversation);
  const head = el("th", { scope: "row", class: "number" }, link);
  const element = el("tr", { "data-number": number }, head, Object.values(cells));
  return { element, link, cells, outcome, conversation, shown: null };
}

function fill({ element, cells, outcome, conversation }, exchange) {
  const kind = kindOf(exchange);
  element.dataset.kind = kind;
  outcome.dataset.kind = kind;
  setText(outcome, outcomeOf(exchange));
  const called = calledIn(exchange);
  const calls = called.length === 0 ? [] : [` → ${called.join(", ")}`];
  cells.outcome.replaceChildren(outcome, ...calls);
  setText(cells.time, timeOfDay(exchange.at));
  const mark = exchange.stream ? [" ", el("span", { class: "mark" }, "stream")] : [];
  cells.endpoint.replaceChildren(endpointOf(exchange), ...mark);
  setText(cells.model, exchange.model ?? "-");
  setText(conversation, conversationName(exchange));
  conversation.href = linkTo({ conversation: exchange.conversation, exchange: "" });
  conversation.dataset.conversation = exchange.conversation;
  const agent = exchange.agent === null ? [] : [" ", el("span", { class: "mark" }, exchange.agent)];
  cells.conversation.replaceChildren(conversation, ...agent);
  setText(cells.asked, oneLine(askedIn(exchange)) || "-");
  setText(cells.rule, exchange.rule ?? "-");
  setText(cells.duration, milliseconds(exchange.ended_ms));
  setText(cells.tokens, tokens(exchange));
  cells.asked.title = oneLine(askedIn(exchange));
  cells.outcome.title = called.join(", ");
  cells.rule.title = exchange.rule ?? "";
}

function endpointOf({ endpoint, operation }) {
  return [endpoint, operation].filter(Boolean).join(" ") || "-";
}
