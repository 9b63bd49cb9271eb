// The report on a check: which laws are kept, and of those that are not, how that shows.

import { by, el, longText, setText } from "./dom.js";
import { goTo, place } from "./place.js";
import { followTheme } from "./theme.js";
import { several, visible } from "./words.js";

const FILTERS = ["find", "outcome", "tag"];
const ORDER = ["violated", "stopped", "not judged", "kept", "not applicable"];

const data = JSON.parse(by("data").textContent);
const laws = data.laws.map((law) => ({ law, element: lawView(law), text: textOf(law) }));
laws.sort((one, other) => ORDER.indexOf(one.law.verdict) - ORDER.indexOf(other.law.verdict));

function lawView(law) {
  const summary = el(
    "summary",
    {},
    el("span", { class: "badge", "data-kind": law.verdict }, law.verdict),
    " ",
    el("code", {}, visible(law.id)),
    " ",
    el("span", {}, visible(law.sentence)),
  );
  const tried = law.situations > 0 && `Tried in ${several(law.situations, "situation", "situations")}, ${several(law.runs, "run", "runs")}.`;
  const parts = [
    law.reason && longText(law.reason),
    el("p", { class: "hint" }, [visible(law.source), tried].filter(Boolean).join(". ")),
    law.diagram && [el("h3", {}, "The smallest situation in which it shows"), longText(law.diagram, { tag: "pre", name: "drawn" })],
    law.test && [el("h3", {}, "As a test"), longText(law.test, { tag: "pre", name: "code" })],
  ];
  return el("li", {}, el("details", { "data-id": law.id }, summary, parts));
}

function textOf(law) {
  return [law.id, law.sentence, law.reason, law.source].join("\n").toLowerCase();
}

function drawHead() {
  setText(by("title"), visible(data.subject));
  setText(by("about"), visible(`${data.target}: ${data.effort}`));
  by("verdict").dataset.state = data.state;
  setText(by("sentence"), visible(data.sentence));
  const notices = [data.regression, ...data.notices].filter(Boolean);
  by("reasons").replaceChildren(...notices.map((notice) => el("li", {}, visible(notice))));
  by("charts").replaceChildren(groupsTable(), figuresTable() ?? "");
}

/** How many laws of each group have which verdict. */
function groupsTable() {
  const verdicts = ORDER.filter((verdict) => data.counts[verdict] > 0);
  const groups = [...new Set(data.laws.map(({ group }) => group))];
  const counted = (group, verdict) => data.laws.filter((law) => law.group === group && law.verdict === verdict).length || "";
  return tableOf("Laws by group", ["laws", ...verdicts], groups.map((group) => [group, ...verdicts.map((verdict) => counted(group, verdict))]));
}

function figuresTable() {
  return data.figures.length > 0 ? tableOf("Figures against the baseline", ["situation", "figure", "accepted", "now", "change"], data.figures) : null;
}

function tableOf(title, head, rows) {
  const headRow = el("tr", {}, head.map((word) => el("th", { scope: "col" }, word)));
  const body = rows.map(([first, ...rest]) => el("tr", {}, el("th", { scope: "row" }, visible(first)), rest.map((cell) => el("td", {}, el("span", {}, visible(String(cell)))))));
  return el("figure", { "aria-label": title }, el("figcaption", {}, title), el("div", { class: "wide-table" }, el("table", { class: "scores" }, el("thead", {}, headRow), el("tbody", {}, body))));
}

function draw() {
  const { find, outcome, tag, case: opened } = place();
  for (const name of FILTERS) {
    if (by(name).value !== place()[name]) {
      by(name).value = place()[name];
    }
  }
  for (const { law, element, text } of laws) {
    element.hidden = !((outcome === "" || law.verdict === outcome) && (tag === "" || law.group === tag) && text.includes(find.toLowerCase()));
    if (law.id === opened) {
      element.firstElementChild.open = true;
    }
  }
  const seen = shown().length;
  setText(by("count"), seen === laws.length ? several(seen, "law", "laws") : `${seen} of ${several(laws.length, "law", "laws")}`);
  by("nothing").hidden = seen > 0;
}

const shown = () => laws.filter(({ element }) => !element.hidden).map(({ element }) => element.firstElementChild.firstElementChild);

function step(steps) {
  const summaries = shown();
  const at = summaries.indexOf(document.activeElement);
  const next = at < 0 ? 0 : Math.min(summaries.length - 1, Math.max(0, at + steps));
  summaries[next]?.focus();
}

function foldAll() {
  laws.forEach(({ element }) => (element.firstElementChild.open = false));
  goTo({ case: "" });
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  "/": () => by("find").focus(),
  "?": () => by("help").showModal(),
  Escape: foldAll,
};

function pressed(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || by("help").open) {
    return;
  }
  if (event.target.matches("input, select")) {
    event.key === "Escape" && event.target.blur();
  } else if (event.key in KEYS) {
    event.preventDefault();
    KEYS[event.key]();
  }
}

/** What is unfolded last is what the address names. */
function unfolded(event) {
  if (event.target.matches("#laws details") && event.target.open) {
    goTo({ case: event.target.dataset.id });
  }
}

followTheme();
by("outcome").append(...ORDER.filter((verdict) => data.counts[verdict] > 0).map((verdict) => el("option", { value: verdict }, verdict)));
by("tag").append(...[...new Set(data.laws.map(({ group }) => group))].map((group) => el("option", { value: group }, group)));
drawHead();
by("laws").append(...laws.map(({ element }) => element));
laws.filter(({ law }) => ["violated", "stopped"].includes(law.verdict)).slice(0, 1).forEach(({ element }) => (element.firstElementChild.open = true));
for (const name of FILTERS) {
  by(name).addEventListener("input", () => goTo({ [name]: by(name).value }));
}
by("filters").addEventListener("submit", (event) => event.preventDefault());
by("keys").addEventListener("click", () => by("help").showModal());
document.addEventListener("keydown", pressed);
document.addEventListener("toggle", unfolded, true);
addEventListener("hashchange", draw);
draw();
document.documentElement.dataset.ready = String(Math.round(performance.now()));
