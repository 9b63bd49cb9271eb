// What was said in a trial: messages that are new in each request, the replies, what became of them.

import { el, longText } from "./dom.js";
import { count, milliseconds, money, prettyJson, visible } from "./words.js";

const TIERS = {
  2: "unwrapped: there was something around the data",
  3: "found among other words",
  4: "repaired: it was almost JSON",
  5: "converted: values stood in another form",
};

export function conversationView(turns) {
  const known = new Map(); // by agent, what its last request and reply said
  const isSession = turns.length > 1;
  return turns.map((turn, at) => {
    const said = (turn.attempts ?? []).map((attempt) => attemptView(attempt, known, turn.tools ?? []));
    return said.length > 0 && [isSession && el("h4", {}, `Turn ${at + 1}`), said];
  });
}

function attemptView(attempt, known, tools) {
  const fresh = newMessages(attempt, known);
  return el(
    "section",
    { class: "exchange", "aria-label": `Call ${attempt.call}, attempt ${attempt.attempt}` },
    el("h4", {}, ...headOf(attempt)),
    fresh.length > 0 ? fresh.map(messageView) : el("p", { class: "hint" }, "The same messages again."),
    replyView(attempt),
    tools.filter((tool) => tool.call === attempt.call && tool.agent === attempt.agent && isCalledBy(attempt, tool)).map(toolView),
  );
}

function headOf(attempt) {
  const { usage, tier } = attempt;
  const facts = [
    attempt.model && visible(attempt.model),
    milliseconds(attempt.ms),
    usage && `${count(usage.prompt ?? 0)} + ${count(usage.completion ?? 0)} tokens`,
    attempt.cost !== undefined && money(Number(attempt.cost)),
    attempt.waited_ms && `then waited ${milliseconds(attempt.waited_ms)}`,
  ];
  const repair = tier > 1 && el("span", { class: "badge", "data-kind": "repaired" }, `tier ${tier}`);
  return [`${visible(attempt.agent)}, call ${attempt.call}, attempt ${attempt.attempt}`, repair, el("span", { class: "hint" }, facts.filter(Boolean).join(" · "))];
}

/** Those that the agent's last request and its reply did not hold yet. */
function newMessages({ agent, messages = [], text, tool_calls: calls = [], error }, known) {
  const before = known.get(agent) ?? [];
  const keys = messages.map((message) => JSON.stringify(message));
  let same = 0;
  while (same < before.length && same < keys.length && before[same] === keys[same]) {
    same += 1;
  }
  known.set(agent, keys);
  const fresh = messages.slice(same);
  const isReplyShown = same > 0 && same === before.length && fresh[0]?.role === "assistant";
  return isReplyShown ? fresh.slice(1) : fresh;
}

function messageView(message) {
  return el(
    "div",
    { class: "message", "data-role": message.role },
    el("h5", {}, visible(String(message.role)), message.tool_call_id && el("span", { class: "id" }, visible(String(message.tool_call_id)))),
    contentView(message.content),
    (message.tool_calls ?? []).map(callView),
  );
}

function contentView(content) {
  if (content === null || content === undefined || content === "") {
    return null;
  }
  if (Array.isArray(content)) {
    return content.map((part) => (part?.type === "text" ? contentView(part.text) : code(JSON.stringify(part, null, 2))));
  }
  if (typeof content !== "string") {
    return code(JSON.stringify(content, null, 2));
  }
  const pretty = prettyJson(content);
  return pretty === null ? longText(content) : code(pretty);
}

function callView(call) {
  const { name, arguments: given } = call.function ?? call;
  const text = typeof given === "string" ? given : JSON.stringify(given ?? null);
  return el("div", { class: "call" }, el("h5", {}, "calls ", el("code", {}, visible(String(name))), el("span", { class: "id" }, visible(String(call.id ?? "")))), code(prettyJson(text) ?? text));
}

function replyView(attempt) {
  const kind = attempt.error ? "fault" : attempt.misfit ? "misfit" : "reply";
  return el(
    "div",
    { class: "message reply", "data-kind": kind },
    el("h5", {}, "reply", attempt.error && el("span", { class: "badge", "data-kind": "fault" }, visible(attempt.error)), attempt.finish_reason && attempt.finish_reason !== "stop" && el("span", { class: "hint" }, `ended by ${visible(attempt.finish_reason)}`)),
    contentView(attempt.text),
    attempt.refusal && [el("p", { class: "label" }, "refusal"), longText(attempt.refusal)],
    (attempt.tool_calls ?? []).map(callView),
    attempt.message && longText(attempt.message),
    attempt.misfit && [el("p", { class: "label" }, "It does not fit the signature"), longText(attempt.misfit)],
    attempt.tier in TIERS && el("p", { class: "repair" }, `Tier ${attempt.tier}, ${TIERS[attempt.tier]}.`),
  );
}

function isCalledBy({ tool_calls: calls = [] }, { id }) {
  return calls.some((call) => call.id === id);
}

function toolView(tool) {
  return el(
    "div",
    { class: "message", "data-role": "tool" },
    el("h5", {}, "tool ", el("code", {}, visible(tool.tool)), el("span", { class: "hint" }, milliseconds(tool.ms)), tool.error && el("span", { class: "badge", "data-kind": "fault" }, "failed")),
    tool.result !== undefined && code(prettyJson(tool.result) ?? tool.result),
    tool.error && longText(tool.error),
  );
}

function code(text) {
  return longText(text, { tag: "pre", name: "code" });
}
