// Elements, made without a line of HTML: whatever the data hold is shown as text.

import { visible } from "./words.js";

/** An element; `attributes` that are functions become event handlers, undefined and false ones are left out. */
export function el(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same for pictures. */
export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(document.getElementById("mark").namespaceURI, tag), attributes, children);
}

export const by = (id) => document.getElementById(id);

/** Sets a text; a text that is the same is not touched, so that nothing is announced or drawn again. */
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

const SHOWN = 2000; // characters of a text that are shown before somebody asks for all

/** A text with its lines; of a huge one the beginning, with a button for the rest. */
export function longText(text, { tag = "div", name = "text" } = {}) {
  const all = String(text);
  const block = el(tag, { class: name, dir: "auto" }, visible(all.slice(0, SHOWN)));
  if (all.length <= SHOWN) {
    return block;
  }
  const more = el("button", { type: "button", class: "more" }, `Show all ${all.length.toLocaleString("en")} characters`);
  more.addEventListener("click", () => {
    setText(block, visible(all));
    more.remove();
    block.tabIndex = -1;
    block.focus();
  });
  return [block, more];
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name, value);
    } else if (value !== undefined && value !== false && value !== null) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.flat(Infinity).filter(isThere));
  return element;
}

function isThere(child) {
  return child !== null && child !== undefined && child !== false && child !== "";
}
