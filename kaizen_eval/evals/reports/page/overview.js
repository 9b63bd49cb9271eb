// What comes before the table: the verdict, figures, distributions.

import { outcomesChart, scoresChart, sharesChart, trendChart } from "./charts.js";
import { by, el, setText } from "./dom.js";
import { linkTo } from "./place.js";
import { score, several, visible } from "./words.js";

const SHOWN = 12; // tags that are shown before somebody asks for all

export function drawOverview(data) {
  const { evaluation, against, verdict } = data;
  setText(by("title"), visible(evaluation.dataset));
  by("about").replaceChildren(...aboutOf(evaluation, against));
  by("verdict").dataset.state = verdict.state;
  setText(by("word"), verdict.word ? `${verdict.word}:` : "");
  setText(by("why"), visible(verdict.sentence));
  by("reasons").replaceChildren(...(verdict.reasons ?? []).map((reason) => el("li", {}, visible(reason))));
  by("figures").replaceChildren(...data.figures.map(figureView));
  by("charts").replaceChildren(...chartsOf(data).filter(Boolean));
  by("legend").hidden = data.scores.before === null;
  by("facts").replaceChildren(...factsOf(evaluation, against));
}

function aboutOf(evaluation, against) {
  const parts = [evaluation.task, evaluation.strategy, evaluation.model, evaluation.created?.slice(0, 16).replace("T", " ")];
  const names = parts.filter(Boolean).map(visible).join(" · ");
  return [names, against ? el("span", { class: "hint" }, ` · B, against A: ${visible(against.id)}`) : ""];
}

function figureView({ name, value, before }) {
  return el("div", {}, el("dt", {}, name), el("dd", {}, value, before && before !== value && el("span", { class: "hint" }, ` before ${before}`)));
}

function chartsOf(data) {
  return [
    chart("Outcomes", outcomesChart(data.outcomes)),
    chart("Scores", scoresChart(data.scores)),
    data.tags.length > 0 && chart("Passed, by tag", folded(data.tags.map(tagRow), "tag")),
    data.scorers.length > 0 && chart("Passed, by scorer", folded(data.scorers.map(scorerRow), "scorer")),
    data.trend.length > 1 && chart("Passed, run by run", trendChart(data.trend, data.evaluation.id)),
  ];
}

function chart(title, content) {
  return el("figure", { "aria-label": title }, el("figcaption", {}, title), content);
}

function tagRow({ tag, passed, before, cases }) {
  return { name: tag, share: passed, before, note: several(cases, "case", "cases") };
}

function scorerRow({ scorer, passed, before, score: mean, errors }) {
  const crashed = errors > 0 ? `, ${several(errors, "crash", "crashes")}` : "";
  return { name: scorer, share: passed, before, note: `mean ${score(mean)}${crashed}` };
}

/** The worst first; of many, the rest on request. */
function folded(rows, filter) {
  const worst = [...rows].sort((one, other) => (one.share ?? 2) - (other.share ?? 2));
  const to = (name) => linkTo({ [filter]: name, case: "" });
  const first = sharesChart(worst.slice(0, SHOWN), { to });
  if (worst.length <= SHOWN) {
    return first;
  }
  const rest = el("details", {}, el("summary", {}, `${worst.length - SHOWN} more`), sharesChart(worst.slice(SHOWN), { to }));
  return [first, rest];
}

function factsOf(evaluation, against) {
  const names = [...new Set([...Object.keys(evaluation), ...Object.keys(against ?? {})])];
  const worded = (value) => (value === undefined ? "–" : typeof value === "string" ? visible(value) : visible(JSON.stringify(value)));
  return names.map((name) => {
    const [now, then] = [worded(evaluation[name]), against ? worded(against[name]) : null];
    return el("div", {}, el("dt", {}, name.replaceAll("_", " ")), el("dd", {}, now, then !== null && then !== now && el("span", { class: "hint" }, ` before ${then}`)));
  });
}
