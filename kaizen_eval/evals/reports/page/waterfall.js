// What a trial's time went into: requests, faults, waits before the next attempt, first tokens, tools.

import { el } from "./dom.js";
import { milliseconds, visible } from "./words.js";

const TICKS = 4;

/** A line for each attempt and each tool call, on one axis of time. */
export function waterfall(trial) {
  const lines = (trial.turns ?? []).flatMap((turn, at) => linesOf(turn, trial.turns.length > 1 ? at + 1 : 0));
  if (lines.length === 0) {
    return null;
  }
  const whole = Math.max(trial.ms ?? 0, ...lines.map(({ at, ms, waited }) => at + ms + waited)) || 1;
  return [
    el("h3", {}, "Timeline"),
    el("div", { class: "waterfall" }, axis(whole), el("ol", {}, lines.map((line) => lineView(line, whole)))),
    legend(lines),
  ];
}

function linesOf(turn, number) {
  const attempts = (turn.attempts ?? []).map((attempt) => ({
    kind: attempt.error ? "fault" : attempt.misfit ? "misfit" : "reply",
    at: attempt.at,
    ms: attempt.ms,
    waited: attempt.waited_ms ?? 0,
    first: attempt.first_token_ms ?? null,
    name: `${named(turn, attempt)}call ${attempt.call}, attempt ${attempt.attempt}`,
    said: attempt.error ?? (attempt.misfit ? "does not fit" : ""),
  }));
  const tools = (turn.tools ?? []).map((tool) => ({
    kind: tool.error ? "tool-fault" : "tool",
    at: tool.at,
    ms: tool.ms,
    waited: 0,
    first: null,
    name: `${named(turn, tool)}tool ${tool.tool}`,
    said: tool.error ? "failed" : "",
  }));
  const lines = [...attempts, ...tools].sort((one, other) => one.at - other.at);
  return number === 0 ? lines : lines.map((line) => ({ ...line, name: `turn ${number}: ${line.name}` }));
}

/** The agent, where a run has several. */
function named(turn, { agent }) {
  const agents = new Set([...(turn.attempts ?? []), ...(turn.tools ?? [])].map((each) => each.agent));
  return agents.size > 1 ? `${agent}: ` : "";
}

function lineView(line, whole) {
  const said = [
    line.said,
    milliseconds(line.ms),
    line.first !== null && `first token after ${milliseconds(line.first)}`,
    line.waited > 0 && `then waited ${milliseconds(line.waited)}`,
  ];
  return el(
    "li",
    {},
    el("span", { class: "name" }, visible(line.name)),
    el("span", { class: "track", "aria-hidden": "true" }, bars(line, whole)),
    el("span", { class: "said" }, visible(said.filter(Boolean).join(", "))),
  );
}

function bars({ kind, at, ms, first, waited }, whole) {
  return [
    bar(`bar ${kind}`, at, ms, whole),
    first !== null && bar("first", at + first, 0, whole),
    waited > 0 && bar("bar wait", at + ms, waited, whole),
  ];
}

function bar(name, from, length, whole) {
  const element = el("span", { class: name });
  element.style.left = `${(100 * from) / whole}%`;
  element.style.width = `${(100 * length) / whole}%`;
  return element;
}

function axis(whole) {
  const ticks = Array.from({ length: TICKS + 1 }, (_, at) => {
    const tick = el("span", { class: "tick" }, milliseconds((whole * at) / TICKS));
    tick.style.left = `${(100 * at) / TICKS}%`;
    return tick;
  });
  return el("div", { class: "axis", "aria-hidden": "true" }, el("span", { class: "track" }, ticks));
}

const LEGEND = {
  reply: "reply",
  misfit: "reply that does not fit",
  fault: "fault",
  tool: "tool",
  "tool-fault": "tool that failed",
  wait: "wait before the next attempt",
  first: "first token",
};

function legend(lines) {
  const kinds = new Set(lines.flatMap(({ kind, first, waited }) => [kind, first !== null && "first", waited > 0 && "wait"]));
  const shown = Object.entries(LEGEND).filter(([kind]) => kinds.has(kind));
  return el(
    "p",
    { class: "legend hint" },
    shown.map(([kind, word]) => el("span", {}, el("i", { class: kind === "first" ? "first" : `bar ${kind}`, "aria-hidden": "true" }), word)),
  );
}
