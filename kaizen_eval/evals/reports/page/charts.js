// Small pictures of distributions: bars that CSS draws, and one line.

import { el, svg } from "./dom.js";
import { linkTo } from "./place.js";
import { count, outcomeWord, percent, several, visible } from "./words.js";

/** Outcomes as one bar, with a link to each. */
export function outcomesChart(outcomes) {
  const all = outcomes.reduce((sum, [, now]) => sum + now, 0) || 1;
  const shown = outcomes.filter(([, now, before]) => now > 0 || before > 0);
  return [
    el("div", { class: "stack", "aria-hidden": "true" }, shown.map(([name, now]) => part(name, now / all))),
    el(
      "ul",
      { class: "keys" },
      shown.map(([name, now, before]) =>
        el("li", {}, el("a", { href: linkTo({ outcome: name, case: "" }), class: "badge", "data-kind": name }, `${count(now)} ${outcomeWord(name)}`), before !== null && before !== now && el("span", { class: "hint" }, ` before ${count(before)}`)),
      ),
    ),
  ];
}

function part(name, share) {
  const element = el("span", { class: "fill", "data-kind": name });
  element.style.flexGrow = String(share);
  element.hidden = share === 0;
  return element;
}

/** How many trials have which score; what it was is drawn as a line above. */
export function scoresChart({ now, before }) {
  const most = Math.max(1, ...now, ...(before ?? []));
  const said = now.map((number, at) => number > 0 && `${several(number, "trial", "trials")} from ${(at / now.length).toFixed(2)}`);
  return el(
    "div",
    { class: "histogram", role: "img", "aria-label": `Scores: ${said.filter(Boolean).join(", ") || "none"}` },
    el("div", { class: "bins" }, now.map((number, at) => bin(number, before?.[at] ?? null, most, at, now.length))),
    el("div", { class: "scale" }, ["0", "0.5", "1"].map((word) => el("span", {}, word))),
  );
}

function bin(number, before, most, at, bins) {
  const range = `${(at / bins).toFixed(2)}–${((at + 1) / bins).toFixed(2)}`;
  const column = el("span", { class: "bin", title: `${range}: ${count(number)}${before === null ? "" : `, before ${count(before)}`}` });
  const bar = el("span", { class: "column" });
  bar.style.height = `${(100 * number) / most}%`;
  column.append(bar);
  if (before !== null && before > 0) {
    const was = el("span", { class: "was" });
    was.style.bottom = `${(100 * before) / most}%`;
    column.append(was);
  }
  return column;
}

/** A bar for each share, with a mark where it was. */
export function sharesChart(rows, { to }) {
  return el(
    "ul",
    { class: "shares" },
    rows.map(({ name, share, before, note }) =>
      el("li", {}, el("a", { href: to(name), title: visible(name) }, visible(name)), track(share, before), el("span", { class: "figure" }, percent(share)), el("span", { class: "hint" }, note)),
    ),
  );
}

function track(share, before) {
  const bar = el("span", { class: "bar" });
  bar.style.width = `${100 * (share ?? 0)}%`;
  const was = before !== null && before !== undefined && el("span", { class: "was", title: `before ${percent(before)}` });
  if (was) {
    was.style.left = `${100 * before}%`;
  }
  return el("span", { class: "track", "aria-hidden": "true" }, bar, was);
}

/** Pass rates over evaluations, oldest first. */
export function trendChart(points, id) {
  const known = points.map((point, at) => ({ ...point, at })).filter((point) => point.pass_rate !== null);
  const [wide, high] = [600, 120];
  const x = ({ at }) => 14 + ((wide - 28) * at) / Math.max(1, points.length - 1);
  const y = ({ pass_rate: rate }) => high - 10 - (high - 20) * rate;
  const words = known.map((point) => `${point.created.slice(0, 10)} ${percent(point.pass_rate)}`).join(", ");
  const said = `${several(known.length, "evaluation", "evaluations")}, from ${percent(known[0]?.pass_rate)} to ${percent(known.at(-1)?.pass_rate)}`;
  const picture = svg(
    "svg",
    { viewBox: `0 0 ${wide} ${high}`, class: "trend", role: "img", "aria-label": `Passed, run by run: ${words}` },
    [0, 0.5, 1].map((rate) => svg("line", { x1: 0, x2: wide, y1: y({ pass_rate: rate }), y2: y({ pass_rate: rate }), class: "grid" })),
    svg("polyline", { points: known.map((point) => `${x(point)},${y(point)}`).join(" "), class: "curve" }),
    known.map((point) => svg("circle", { cx: x(point), cy: y(point), r: point.id === id ? 6 : 4, class: point.id === id ? "this" : "other" }, svg("title", {}, `${point.id}: ${percent(point.pass_rate)}`))),
  );
  return [picture, el("p", { class: "hint" }, said)];
}
