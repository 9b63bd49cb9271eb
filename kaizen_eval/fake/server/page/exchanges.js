// The exchanges that the page remembers: the latest ones of one journal.

import { kindOf } from "./words.js";

/** More are in the server's journal, as far as that keeps them. */
export const KEPT = 500;

export class Exchanges {
  #byNumber = new Map();
  #searched = new WeakMap();

  /** How many there were, kept or not. */
  count = 0;

  /** Takes new ones and those that have changed. */
  take(exchanges, count) {
    for (const exchange of exchanges) {
      this.#byNumber.set(exchange.number, exchange);
    }
    this.count = count;
    for (const old of this.newestFirst().slice(KEPT)) {
      this.#byNumber.delete(old.number);
    }
  }

  clear() {
    this.#byNumber.clear();
    this.count = 0;
  }

  get size() {
    return this.#byNumber.size;
  }

  numbered(number) {
    return this.#byNumber.get(Number(number));
  }

  newestFirst() {
    return [...this.#byNumber.values()].sort((one, other) => other.number - one.number);
  }

  /** Those of one conversation, in the order asked. */
  ofConversation(conversation) {
    return this.newestFirst().filter((exchange) => exchange.conversation === conversation).reverse();
  }

  /** Whether an exchange is one of those that are asked for. */
  isWanted(exchange, { outcome, endpoint, find }) {
    return (
      (!outcome || kindOf(exchange) === outcome) &&
      (!endpoint || exchange.endpoint === endpoint) &&
      (!find || this.#textOf(exchange).includes(find.toLowerCase()))
    );
  }

  #textOf(exchange) {
    if (!this.#searched.has(exchange)) {
      const { request, text, reply, model, session, agent, rule, outcome, error, refused } = exchange;
      const whole = [text, model, session, agent, rule, outcome, error, refused, reply, request.messages, request.body];
      const parts = texts(whole);
      this.#searched.set(exchange, parts.join("\n").toLowerCase());
    }
    return this.#searched.get(exchange);
  }
}

/** All texts in a JSON value. */
function texts(value) {
  if (typeof value === "string") {
    return [value];
  }
  return value !== null && typeof value === "object" ? Object.values(value).flatMap(texts) : [];
}
