// The report on an evaluation: shows what its address says.

import { caseView } from "./case.js";
import { by, el, setText } from "./dom.js";
import { drawOverview } from "./overview.js";
import { detailOf, search } from "./packs.js";
import { goTo, place } from "./place.js";
import { readRows, wantedRows } from "./rows.js";
import { Table } from "./table.js";
import { followTheme } from "./theme.js";
import { count, outcomeWord, several, visible } from "./words.js";

const FILTERS = ["find", "outcome", "change", "tag", "scorer", "sort"];
const BETWEEN = 300; // milliseconds between two looks at what a search has found so far
const PRINTED = 300; // rows at most, when nothing is opened

const data = JSON.parse(by("data").textContent);
const rows = readRows(data);
const known = new Map(rows.map((row) => [row.id, row]));
const table = new Table(by("table"));
let deep = new Set(); // rows in whose details a text was found
let searched = "";
let listed = null; // what the table shows was asked for so
let shown = [];
let opened = null;

// What is shown

function draw() {
  const wanted = place();
  for (const name of FILTERS) {
    if (by(name).value !== wanted[name]) {
      by(name).value = wanted[name];
    }
  }
  searchDeep(wanted.find);
  drawRows(wanted);
  drawCase(wanted);
}

function drawRows(wanted) {
  const asked = JSON.stringify([FILTERS.map((name) => wanted[name]), deep.size]);
  if (asked !== listed) {
    listed = asked;
    shown = wantedRows(rows, wanted, deep);
    table.show(shown);
    setText(by("count"), shown.length === rows.length ? several(rows.length, "case", "cases") : `${count(shown.length)} of ${several(rows.length, "case", "cases")}`);
    by("nothing").hidden = shown.length > 0;
  }
  table.select(wanted.case);
}

/** Looks into all conversations, pack by pack, while the table already shows what its own words tell. */
async function searchDeep(text) {
  if (text === searched) {
    return;
  }
  searched = text;
  deep = new Set();
  if (text.length < 2) {
    setText(by("searching"), "");
    return;
  }
  setText(by("searching"), "looking into conversations …");
  let drawn = performance.now();
  for await (const found of search(text)) {
    if (searched !== text) {
      return;
    }
    found.forEach((index) => deep.add(index));
    if (performance.now() - drawn > BETWEEN) {
      drawRows(place());
      drawn = performance.now();
    }
  }
  drawRows(place());
  setText(by("searching"), "");
}

async function drawCase(wanted) {
  const asked = wanted.case === "" ? null : `${wanted.case}\n${wanted.trial}`;
  if (asked === opened) {
    return;
  }
  opened = asked;
  document.body.classList.toggle("with-detail", asked !== null);
  by("detail").hidden = asked === null;
  if (asked === null) {
    by("case").replaceChildren();
    table.draw();
    return;
  }
  const parts = await partsOf(wanted);
  if (opened === asked) {
    by("case").replaceChildren(...parts.flat(Infinity).filter(Boolean));
    by("detail").scrollTop = 0;
    isNarrow() ? scrollTo(0, 0) : table.reveal(wanted.case, head(), { focus: false });
  }
}

async function partsOf(wanted) {
  const row = known.get(wanted.case);
  if (row === undefined) {
    return [el("p", { class: "hint" }, "No case has this id.")];
  }
  try {
    return caseView(await detailOf(row.index), wanted.trial);
  } catch (error) {
    return [el("p", { role: "alert" }, `The details of this case cannot be read: ${error.message}`)];
  }
}

function fillChoices() {
  const outcomes = data.names.filter((name, at) => data.rows.some((values) => values[1][at] > 0));
  choices("outcome", outcomes.map((name) => [name, outcomeWord(name)]));
  if (rows.some((row) => row.kinds.length > 1)) {
    choices("outcome", [["flaky", "passed in some trials"]]);
  }
  const changes = ["lost", "won", "worse", "better", "changed", "same", "new", "gone"];
  choices("change", [["flipped", "flipped"], ...changes.filter((word) => rows.some((row) => row.change === word)).map((word) => [word, word])]);
  choices("tag", data.tags.map(({ tag }) => [tag, tag]));
  choices("scorer", data.scorers.map(({ scorer }) => [scorer, scorer]));
  by("change").closest("label").hidden = data.against === null;
  by("table").classList.toggle("compared", data.against !== null);
  by("table").classList.toggle("tagged", data.tags.length > 0);
  for (const name of ["tag", "scorer"]) {
    by(name).closest("label").hidden = by(name).options.length < 2;
  }
}

function choices(name, pairs) {
  by(name).append(...pairs.map(([value, word]) => el("option", { value }, visible(word))));
}

// What the reader does

const head = () => filtersAbove() + by("table").tHead.offsetHeight;

/** How much of the window the filters take, where they stay at its top. */
function filtersAbove() {
  return getComputedStyle(by("filters")).position === "sticky" ? by("filters").offsetHeight : 0;
}

function resized() {
  document.documentElement.style.setProperty("--head", `${filtersAbove()}px`);
  drawSoon();
}

function select(id) {
  const { case: before } = place();
  goTo({ case: id, trial: "" }, { isStep: before === "" });
  draw();
  isNarrow() ? by("detail").focus() : table.reveal(id, head());
}

function close() {
  const { case: id } = place();
  goTo({ case: "", trial: "" });
  draw();
  cursor = id;
  table.reveal(id, head());
}

function isNarrow() {
  return !by("list").checkVisibility();
}

let cursor = ""; // the row that j and k lead from, where none is opened

function step(steps) {
  const { case: id } = place();
  const from = id || cursor;
  const next = from === "" ? shown[0]?.id : table.beside(from, steps);
  if (next === undefined) {
    return;
  }
  cursor = next;
  if (id !== "") {
    select(next);
  } else {
    table.select(next);
    table.reveal(next, head());
  }
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  "/": () => by("find").focus(),
  "?": () => by("help").showModal(),
  Enter: () => cursor !== "" && select(cursor),
  Escape: () => place().case !== "" && close(),
};

function pressed(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || by("help").open) {
    return;
  }
  if (event.target.matches("input, select, textarea")) {
    leave(event);
    return;
  }
  const isOwn = event.target.matches("button, summary, a") && event.key === "Enter"; // it does what it is for
  const isScrolling = event.key.startsWith("Arrow") && by("detail").contains(event.target);
  if (event.key in KEYS && !isOwn && !isScrolling) {
    event.preventDefault();
    KEYS[event.key]();
  }
}

/** From what is written in: Escape leads back to the page, Enter in the search to the first row. */
function leave(event) {
  if (event.key === "Escape") {
    event.preventDefault();
    event.target.blur();
  } else if (event.key === "Enter" && event.target.id === "find") {
    event.preventDefault();
    event.target.blur();
    cursor = "";
    step(0);
  }
}

function clicked(event) {
  const row = event.target.closest("tr[data-id]");
  const isForBrowser = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0; // a tab of its own
  if (row !== null && !isForBrowser && getSelection().isCollapsed) {
    event.preventDefault();
    cursor = row.dataset.id;
    select(row.dataset.id);
  }
}

/** Paper shows rows that nobody can scroll to. */
function print() {
  if (place().case === "") {
    table.drawFrom(0, Math.min(shown.length, PRINTED));
    setText(by("unprinted"), shown.length > PRINTED ? `${several(shown.length - PRINTED, "more case is", "more cases are")} not printed.` : "");
  }
}

let isDrawn = true;
function drawSoon() {
  if (isDrawn) {
    isDrawn = false;
    requestAnimationFrame(() => {
      isDrawn = true;
      table.draw();
    });
  }
}

/** Where the address names a case, or what is looked for, that is what is wanted, not the overview. */
function begin() {
  draw();
  if (location.hash.length > 1) {
    by("cases").scrollIntoView();
  }
}

followTheme();
fillChoices();
drawOverview(data);
for (const name of FILTERS) {
  by(name).addEventListener("input", () => goTo({ [name]: by(name).value }));
}
by("filters").addEventListener("submit", (event) => event.preventDefault());
by("table").addEventListener("click", clicked);
by("keys").addEventListener("click", () => by("help").showModal());
by("close").addEventListener("click", close);
by("previous").addEventListener("click", () => step(-1));
by("next").addEventListener("click", () => step(1));
document.addEventListener("keydown", pressed);
addEventListener("hashchange", draw);
addEventListener("popstate", draw);
addEventListener("scroll", drawSoon, { passive: true });
addEventListener("resize", resized);
addEventListener("beforeprint", print);
addEventListener("afterprint", () => table.draw());
resized();
begin();
document.documentElement.dataset.ready = String(Math.round(performance.now()));
