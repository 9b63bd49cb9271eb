// One case, opened: what was asked, expected and answered, why it has its score, and how it came about.

import { conversationView } from "./conversation.js";
import { differenceView } from "./difference.js";
import { el, longText } from "./dom.js";
import { linkTo } from "./place.js";
import { waterfall } from "./waterfall.js";
import { count, milliseconds, money, outcomeWord, score, visible } from "./words.js";

/** Its parts; `wanted` is the trial asked for, empty for the first that tells most. */
export function caseView(detail, wanted, names) {
  const { trials, before } = detail;
  const trial = trials.find((each) => String(each.repeat) === wanted) ?? trials.find((each) => each.outcome !== "passed") ?? trials[0];
  const past = before.find((each) => each.repeat === trial?.repeat) ?? before[0];
  return [
    el("h2", {}, visible(detail.id)),
    marksOf(detail),
    trials.length > 1 && tabs(trials, trial, detail.id),
    trial === undefined ? el("p", { class: "hint" }, "It has not run.") : factsOf(trial, past),
    trial?.failure && failureView(trial.failure),
    scoresView(trial, past),
    detail.asked.map((turn, at) => turnView(turn, at, { trial, past, isOnly: detail.asked.length === 1, names })),
    trial && waterfall(trial),
    trial && talkView(trial),
    past && earlierView(past, names),
  ];
}

function marksOf({ tags = [], cluster, limits = {} }) {
  const limited = Object.entries(limits).map(([name, most]) => `at most ${name === "cost" ? money(Number(most)) : `${count(most)} ${name}`}`);
  const marks = [...tags.map((tag) => el("a", { class: "tag", href: linkTo({ tag, case: "" }) }, visible(tag))), cluster && el("span", { class: "hint" }, `cluster ${visible(cluster)}`), limited.length > 0 && el("span", { class: "hint" }, limited.join(", "))];
  return marks.some(Boolean) && el("p", { class: "marks" }, marks);
}

function tabs(trials, shown, id) {
  return el(
    "nav",
    { class: "trials", "aria-label": "Trials of this case" },
    trials.map((trial) =>
      el(
        "a",
        { href: linkTo({ case: id, trial: trial.repeat }), "aria-current": trial === shown && "true", class: "badge", "data-kind": trial.outcome, title: outcomeWord(trial.outcome) },
        `#${trial.repeat} ${outcomeWord(trial.outcome)}`,
      ),
    ),
  );
}

function factsOf(trial, past) {
  const [now, then] = [figures(trial), past ? figures(past) : {}];
  return el(
    "dl",
    { class: "facts" },
    Object.entries(now).map(([name, value]) =>
      el("div", {}, el("dt", {}, name), el("dd", {}, value, then[name] !== undefined && then[name] !== value && el("span", { class: "hint" }, ` before ${then[name]}`))),
    ),
  );
}

function figures(trial) {
  const turns = trial.turns ?? [];
  const sum = (figure) => turns.reduce((total, turn) => total + figure(turn), 0);
  const attempts = sum((turn) => turn.attempts?.length ?? 0);
  const isPriced = turns.every((turn) => turn.cost !== undefined);
  return {
    Outcome: outcomeWord(trial.outcome),
    Score: score(trial.score),
    Time: milliseconds(trial.ms),
    Tokens: `${count(sum((turn) => turn.tokens[0]))} + ${count(sum((turn) => turn.tokens[1]))}`,
    Cost: money(isPriced ? sum((turn) => Number(turn.cost)) : null),
    ...(attempts > 0 ? { Requests: count(attempts) } : {}),
  };
}

function failureView({ type, message = "", traceback = "" }) {
  return el(
    "div",
    { class: "message reply", "data-kind": "fault" },
    el("h4", {}, el("span", { class: "badge", "data-kind": "fault" }, visible(type))),
    message && longText(message),
    traceback && el("details", {}, el("summary", {}, "Where"), longText(traceback, { tag: "pre", name: "code" })),
  );
}

function scoresView(trial, past) {
  const scores = trial?.scores ?? [];
  if (scores.length === 0) {
    return null;
  }
  const earlier = new Map((past?.scores ?? []).map((each) => [each.scorer, each]));
  const head = ["Scorer", "Score", past && "Before", "Why"].filter(Boolean);
  return [
    el("h3", {}, "Scores"),
    el(
      "table",
      { class: "scores" },
      el("thead", {}, el("tr", {}, head.map((word) => el("th", { scope: "col" }, word)))),
      el("tbody", {}, scores.map((each) => scoreRow(each, past && (earlier.get(each.scorer) ?? {})))),
    ),
  ];
}

function scoreRow(scored, before) {
  const kind = scored.error ? "scorer_error" : scored.passed ? "passed" : "failed";
  const weight = scored.weight === 1 ? "" : ` × ${scored.weight}`;
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, visible(scored.scorer)),
    el("td", { class: "figure" }, el("span", { class: "badge", "data-kind": kind }, scored.error ? "crashed" : `${score(scored.value)} ${kind}`), weight),
    before && el("td", { class: "figure" }, score(before.value)),
    el("td", {}, longText(scored.error ?? scored.reason ?? ""), Number(scored.cost) > 0 && el("span", { class: "hint" }, `cost ${money(Number(scored.cost))}`)),
  );
}

function turnView(turn, at, { trial, past, isOnly, names }) {
  const answered = trial?.turns?.[at]?.outputs ?? {};
  const earlier = past?.turns?.[at]?.outputs ?? {};
  const fields = [...new Set([...Object.keys(turn.expected ?? {}), ...Object.keys(answered)])];
  return [
    el("h3", {}, isOnly ? "Asked" : `Turn ${at + 1}: asked`),
    el("dl", { class: "values" }, Object.entries(turn.inputs).map(([name, value]) => valueView(name, value))),
    el("h3", {}, isOnly ? "Answered" : `Turn ${at + 1}: answered`),
    fields.length === 0 && el("p", { class: "hint" }, "Nothing."),
    fields.map((name) => fieldView(name, { expected: turn.expected?.[name], answered: answered[name], earlier: past && earlier[name] })),
  ];
}

function fieldView(name, { expected, answered, earlier }) {
  const isAsExpected = isSame(expected, answered);
  const rows = [
    answered ? valueView("answered", answered) : el("div", {}, el("dt", {}, "answered"), el("dd", { class: "hint" }, "nothing")),
    expected && !isAsExpected && valueView("expected", expected),
    expected && isAsExpected && el("div", {}, el("dt", {}, "expected"), el("dd", { class: "hint" }, "the same")),
    expected && answered && !isAsExpected && differenceRow("expected → answered", expected, answered),
    earlier && answered && !isSame(earlier, answered) && differenceRow("before → now", earlier, answered),
    earlier && isSame(earlier, answered) && el("div", {}, el("dt", {}, "before"), el("dd", { class: "hint" }, "the same")),
  ];
  return el("section", { class: "field", "aria-label": name }, el("h4", {}, visible(name)), el("dl", { class: "values" }, rows));
}

function valueView(name, [text, kind]) {
  const mark = kind === "number" ? el("span", { class: "mark" }, "number") : null;
  const shown = text === "" ? el("span", { class: "hint" }, "an empty text") : longText(text, kind === "text" ? {} : { tag: "pre", name: "code" });
  return el("div", {}, el("dt", {}, visible(name), mark), el("dd", {}, shown));
}

function differenceRow(name, [older, olderKind], [newer, newerKind]) {
  if (older === newer) {
    return el("div", {}, el("dt", {}, name), el("dd", { class: "hint" }, `the same signs, as ${olderKind} and as ${newerKind}`));
  }
  return el("div", {}, el("dt", {}, name), el("dd", {}, differenceView(older, newer)));
}

function isSame(one, other) {
  return one !== undefined && other !== undefined && one[0] === other[0] && one[1] === other[1];
}

function talkView(trial) {
  const said = conversationView(trial.turns ?? []).flat(Infinity).filter(Boolean);
  return said.length > 0 && [el("h3", {}, "Conversation"), said];
}

function earlierView(past) {
  const inside = [waterfall(past), talkView(past), past.failure && failureView(past.failure)].flat(Infinity).filter(Boolean);
  return inside.length > 0 && el("details", { class: "earlier" }, el("summary", {}, "How it went in the evaluation before"), inside);
}
