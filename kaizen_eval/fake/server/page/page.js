// The page: follows the journal, and shows what its address says.

import { el, setText } from "./dom.js";
import { Exchanges, KEPT } from "./exchanges.js";
import { Opened } from "./opened.js";
import { goTo, place } from "./place.js";
import { ask, Following, hasKey, useKey } from "./server.js";
import { Table } from "./table.js";
import { count, several } from "./words.js";

const TESTS_AGAIN = 3000; // milliseconds between two looks at whom the server serves
const STATES = {
  connecting: "connecting",
  live: "live",
  locked: "needs a key",
  lost: "disconnected, trying again",
  paused: "paused",
};

const by = (id) => document.getElementById(id);
const exchanges = new Exchanges();
const table = new Table(by("rows"));
const opened = new Opened(by("detail"), { close: () => close() });
let following = null;
let followed = null; // the test whose journal it is
let tests = [];
let isDrawn = true;

// What comes from the server

function follow() {
  following?.stop();
  followed = place().test;
  const mine = new Following({
    test: followed,
    keep: KEPT,
    took: (page, isAnew) => mine === following && take(page, isAnew),
    told: (state, why) => mine === following && tell(state, why),
  });
  following = mine;
}

function take(page, isAnew) {
  if (isAnew) {
    exchanges.clear();
    table.clear();
  }
  for (const exchange of page.exchanges) {
    exchange.at = page.time - (page.clock - exchange.started);
  }
  if (isAnew || page.exchanges.length > 0) {
    exchanges.take(page.exchanges, page.count);
    drawSoon();
  }
}

function tell(state, error = "") {
  if (by("state").dataset.state !== state) {
    by("state").dataset.state = state;
    drawSoon();
  }
  setText(by("state"), error && state === "lost" ? `${STATES[state]}: ${error}` : STATES[state]);
  by("locked").hidden = state !== "locked";
  if (state === "locked") {
    const why = hasKey() ? "The server refuses this key." : "This server needs the key that it was started with.";
    setText(by("why-locked"), why);
    by("key").focus();
  }
}

async function lookForTests() {
  try {
    tests = (await ask("health")).tests;
    drawSoon();
  } catch {
    // whoever follows the journal tells of it
  }
}

// What is shown

/** Whatever comes before the next frame is drawn at once. */
function drawSoon() {
  if (isDrawn) {
    isDrawn = false;
    requestAnimationFrame(() => {
      isDrawn = true;
      draw();
    });
  }
}

function draw() {
  const wanted = place();
  drawFilters(wanted);
  const newest = exchanges.newestFirst();
  const seen = table.draw(newest, {
    isWanted: (exchange) => exchanges.isWanted(exchange, wanted),
    selected: wanted.exchange,
  });
  drawCount(seen, newest.length);
  drawNothing(seen, newest.length);
  opened.draw(wanted, exchanges);
}

function drawFilters(wanted) {
  for (const name of ["find", "outcome", "endpoint"]) {
    if (by(name).value !== wanted[name]) {
      by(name).value = wanted[name];
    }
  }
  drawTests(wanted.test);
}

function drawTests(wanted) {
  const select = by("test");
  const names = [...new Set([...tests, wanted])].filter((name) => name !== "").sort();
  if (JSON.stringify(names) !== select.dataset.names) {
    select.dataset.names = JSON.stringify(names);
    select.replaceChildren(select.firstElementChild, ...names.map((name) => el("option", { value: name }, name)));
  }
  select.value = wanted;
}

function drawCount(seen, kept) {
  const isCut = exchanges.count > kept;
  const last = isCut ? `the last ${count(kept)} of ` : "";
  const all = last + several(exchanges.count, "exchange", "exchanges");
  const said = seen === kept ? all : `${count(seen)} shown of ${all}`;
  setText(by("count"), isUnknown(kept) ? "" : said);
}

/** Whether the server has not told yet what there is. */
function isUnknown(kept) {
  return kept === 0 && ["connecting", "locked", "lost"].includes(by("state").dataset.state);
}

function drawNothing(seen, kept) {
  const nothing = by("nothing");
  nothing.hidden = seen > 0 || isUnknown(kept);
  if (nothing.hidden) {
    return;
  }
  setText(nothing, kept > 0 ? "None of the exchanges is like this. Change what is asked for above." : howToBegin());
}

function howToBegin() {
  const begin = `Nothing was asked yet. Point a client at ${location.origin}/v1`;
  if (followed !== "" || tests.length === 0) {
    return begin;
  }
  const others = several(tests.length, "test has a journal of its own", "tests have journals of their own");
  return `${begin} ${others}: choose one above.`;
}

// What the reader does

function close() {
  const { exchange } = place();
  goTo({ exchange: "", conversation: "" });
  draw();
  table.focus(exchange || table.beside(0, 0));
}

function select(number) {
  const { exchange, conversation } = place();
  goTo({ exchange: String(number), conversation: "" }, { isStep: !exchange && !conversation });
  draw();
  by("list").checkVisibility() ? table.focus(number) : by("detail").focus(); // a narrow page has room for one of them
}

const STEPS = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };

function pressed(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || by("really").open) {
    return;
  }
  const isWriting = event.target.matches("input, select, textarea");
  if (event.key === "Escape" && !isWriting && !by("detail").hidden) {
    close();
  } else if (event.key === "/" && !isWriting) {
    event.preventDefault();
    by("find").focus();
  } else if (event.key in STEPS && !isWriting && !by("detail").contains(event.target)) {
    step(event);
  }
}

function step(event) {
  const number = table.beside(place().exchange, STEPS[event.key]);
  if (number !== undefined) {
    event.preventDefault();
    select(number);
  }
}

function clickedRow(event) {
  const row = event.target.closest("tr");
  const isForBrowser = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0; // a tab of its own
  if (row !== null && !isForBrowser && getSelection().isCollapsed) {
    event.preventDefault();
    const { conversation } = event.target.dataset;
    conversation ? goTo({ conversation, exchange: "" }, { isStep: true }) : select(row.dataset.number);
  }
}

function pause() {
  const isPaused = by("pause").getAttribute("aria-pressed") === "true";
  by("pause").setAttribute("aria-pressed", String(!isPaused));
  setText(by("pause"), isPaused ? "Pause" : "Resume");
  if (isPaused) {
    tell("connecting");
    follow();
  } else {
    following?.stop();
    following = null;
    tell("paused");
  }
}

function askReset() {
  const whose = followed === "" ? "Those of the server itself; tests keep theirs." : `Those of the test ${followed}.`;
  setText(by("really-whose"), whose);
  by("really").returnValue = "no";
  by("really").showModal();
}

async function reset() {
  if (by("really").returnValue !== "yes") {
    return;
  }
  try {
    await ask("reset", { method: "POST", test: followed });
    goTo({ exchange: "", conversation: "" });
    exchanges.clear();
    table.clear();
    drawSoon();
  } catch (error) {
    tell(error.status === 401 ? "locked" : "lost", error.status === 401 ? "" : error.message);
  }
}

function unlock(event) {
  event.preventDefault();
  useKey(by("key").value);
  by("key").value = "";
  tell("connecting");
  follow();
  lookForTests();
}

function moved() {
  if (place().test !== followed) {
    exchanges.clear();
    table.clear();
    if (by("pause").getAttribute("aria-pressed") === "true") {
      pause();
    } else {
      follow();
    }
  }
  drawSoon();
}

for (const name of ["find", "outcome", "endpoint"]) {
  by(name).addEventListener("input", () => goTo({ [name]: by(name).value }));
}
by("test").addEventListener("input", () => goTo({ test: by("test").value, exchange: "", conversation: "" }));
by("test").addEventListener("focus", lookForTests);
by("filters").addEventListener("submit", (event) => event.preventDefault());
by("rows").addEventListener("click", clickedRow);
by("pause").addEventListener("click", pause);
by("reset").addEventListener("click", askReset);
by("really").addEventListener("close", reset);
by("locked").addEventListener("submit", unlock);
document.addEventListener("keydown", pressed);
addEventListener("hashchange", moved);
addEventListener("popstate", moved);
setInterval(() => document.hidden || by("state").dataset.state !== "live" || lookForTests(), TESTS_AGAIN);
follow();
lookForTests();
draw();
