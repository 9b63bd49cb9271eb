// What is shown, as the fragment of the page's address: a link to it shows somebody else the same.

const NAMES = ["case", "trial", "outcome", "change", "tag", "scorer", "sort", "find"];

/** By name, empty where the address says nothing. */
export function place() {
  const said = new URLSearchParams(location.hash.slice(1));
  return Object.fromEntries(NAMES.map((name) => [name, said.get(name) ?? ""]));
}

/** The fragment for the present place with some of it changed. */
export function linkTo(changes) {
  const wanted = { ...place(), ...changes };
  return `#${new URLSearchParams(NAMES.filter((name) => wanted[name] !== "").map((name) => [name, wanted[name]]))}`;
}

/** Go there; `isStep` lets the browser's way back lead here again. */
export function goTo(changes, { isStep = false } = {}) {
  const link = linkTo(changes);
  if (link === (location.hash || "#")) {
    return;
  }
  const address = link === "#" ? location.pathname + location.search : link;
  isStep ? history.pushState(null, "", address) : history.replaceState(null, "", address);
  dispatchEvent(new HashChangeEvent("hashchange"));
}
