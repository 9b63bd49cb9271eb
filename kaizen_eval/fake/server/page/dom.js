// Elements, made without a line of HTML: whatever a prompt holds is shown as text.

/** An element; `attributes` that are functions become event handlers, undefined and false ones are left out. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
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

/** Sets a text; a text that is the same is not touched, so that nothing is announced or drawn again. */
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

function isThere(child) {
  return child !== null && child !== undefined && child !== false && child !== "";
}
