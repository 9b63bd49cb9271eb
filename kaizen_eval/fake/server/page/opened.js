// What is open beside the table: one exchange, one conversation, or nothing.

import { conversationView } from "./conversation.js";
import { detailView } from "./detail.js";
import { el } from "./dom.js";
import { hasKey } from "./server.js";
import { several } from "./words.js";

export class Opened {
  #pane;
  #close;
  #shown = null;

  constructor(pane, { close }) {
    this.#pane = pane;
    this.#close = close;
  }

  /** Draws what the page's place names; what has not changed is left alone, with all that is unfolded in it. */
  draw(place, exchanges) {
    const wanted = wantedIn(exchanges, place);
    this.#pane.hidden = wanted === null;
    document.body.classList.toggle("with-detail", wanted !== null);
    if (wanted !== null && !isSame(wanted, this.#shown)) {
      this.#fill(wanted, wanted.name === this.#shown?.name);
    }
    this.#shown = wanted;
  }

  #fill(wanted, isAgain) {
    const open = isAgain ? [...this.#pane.querySelectorAll("details[open]")].map(nameOf) : [];
    const given = { type: "button", class: "close", click: this.#close, "aria-keyshortcuts": "Escape" };
    const content = wanted.content().flat(Infinity);
    this.#pane.replaceChildren(el("button", given, "Close"), ...content.filter((part) => part !== ""));
    for (const fold of this.#pane.querySelectorAll("details")) {
      fold.open = open.includes(nameOf(fold));
    }
    if (!isAgain) {
      this.#pane.scrollTop = 0;
    }
  }
}

function wantedIn(exchanges, { exchange, conversation, test }) {
  if (conversation) {
    return conversationIn(exchanges, conversation);
  }
  return exchange ? exchangeIn(exchanges, exchange, test) : null;
}

function exchangeIn(exchanges, number, test) {
  const exchange = exchanges.numbered(number);
  const name = `exchange ${number}`;
  if (exchange === undefined) {
    return missing(name, `Exchange ${number} is not here: it has not come yet, or is too old to be kept.`);
  }
  const alike = exchanges.ofConversation(exchange.conversation).length;
  const given = { sameConversation: several(alike, "exchange", "exchanges"), test, hasKey: hasKey() };
  return { name, from: [exchange, alike], content: () => detailView(exchange, given) };
}

function conversationIn(exchanges, conversation) {
  const from = exchanges.ofConversation(conversation);
  const name = `conversation ${conversation}`;
  if (from.length === 0) {
    return missing(name, "Nothing of this conversation is here: it has not come yet, or is too old to be kept.");
  }
  return { name, from, content: () => conversationView(from) };
}

function missing(name, said) {
  return { name, from: [], content: () => [el("p", { class: "hint" }, said)] };
}

function isSame(one, other) {
  const isAlike = one.name === other?.name && one.from.length === other.from.length;
  return isAlike && one.from.every((part, index) => part === other.from[index]);
}

function nameOf(fold) {
  return fold.dataset.name;
}
