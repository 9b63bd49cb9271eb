// One exchange, whole: what was asked, what was answered and why, and how to ask it again.

import { attachments, badge, listIn, messageBubble, replyBubble } from "./chat.js";
import { el } from "./dom.js";
import { curlOf } from "./curl.js";
import { linkTo } from "./place.js";
import { bytes, conversationName, count, kindOf, milliseconds, timeOfDay, toolNames } from "./words.js";

const CONTENT = ["model", "messages", "input", "instructions", "tools", "response_format", "text"]; // shown elsewhere

export function detailView(exchange, { sameConversation, test, hasKey }) {
  return [
    el("h2", {}, `Exchange ${exchange.number} `, badge(exchange)),
    facts(factsOf(exchange, sameConversation)),
    nearMisses(exchange),
    el("h3", {}, "Request"),
    messages(exchange),
    el("h3", {}, "Reply"),
    replyBubble(exchange),
    settings(exchange.request.body),
    tools(exchange.request.body),
    schema(exchange.request.body),
    fold("Headers", el("pre", {}, headersOf(exchange))),
    curl(exchange, { test, hasKey }),
    exchange.request.body === null ? "" : fold("Raw request", copied(indented(exchange.request.body), "the request")),
    fold("Raw journal entry", copied(indented(exchange), "the entry")),
  ];
}

function factsOf(exchange, sameConversation) {
  const { usage } = exchange;
  const whole = linkTo({ conversation: exchange.conversation, exchange: "" });
  return {
    Time: timeOfDay(exchange.at),
    Endpoint: [exchange.endpoint, exchange.operation, exchange.stream ? "stream" : null].filter(Boolean).join(" "),
    Model: exchange.model,
    Conversation: el("a", { href: whole }, `${conversationName(exchange)} (${sameConversation})`),
    Agent: exchange.agent,
    Rule: exchange.rule === null ? null : el("code", {}, exchange.rule),
    "Provider raises": exchange.error,
    Attempt: exchange.attempt === 0 ? null : `${exchange.attempt + 1}, the same was asked before`,
    "First byte": exchange.first_byte_ms === null ? null : milliseconds(exchange.first_byte_ms),
    Whole: milliseconds(exchange.ended_ms),
    Bytes: `${bytes(exchange.bytes_in)} in, ${bytes(exchange.bytes_out)} out`,
    Tokens: usage === null ? "none billed" : usageOf(usage),
    Door: exchange.door,
  };
}

function usageOf(usage) {
  const cached = usage.cached === 0 ? "" : ` (${count(usage.cached)} cached)`;
  const reasoning = usage.reasoning === 0 ? "" : ` (${count(usage.reasoning)} reasoning)`;
  const sides = [`${count(usage.prompt)} prompt${cached}`, `${count(usage.completion)} completion${reasoning}`];
  const estimated = usage.counted_in === "estimate" ? " (estimated)" : "";
  return `${sides.join(" + ")} = ${count(usage.total)}${estimated}`;
}

function facts(said) {
  const there = Object.entries(said).filter(([, value]) => value !== null && value !== undefined);
  return el("dl", {}, there.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

function nearMisses(exchange) {
  const near = exchange.near_misses;
  if (near.length === 0) {
    return "";
  }
  const rows = near.map(({ rule, differed }) => el("li", {}, el("code", {}, rule), el("p", {}, differed)));
  const title = "Rules that came near";
  const list = el("ol", { class: "near" }, rows);
  return kindOf(exchange) === "miss" ? [el("h3", {}, title), list] : fold(`${title} (${near.length})`, list);
}

function messages(exchange) {
  const attached = attachments(exchange);
  const said = exchange.request.messages;
  if (said.length === 0) {
    return el("p", { class: "hint" }, "It holds no messages.");
  }
  const names = toolNames(said);
  return said.map((message, index) => messageBubble(message, attached[index], names));
}

function settings(body) {
  const there = Object.entries(body ?? {}).filter(([name]) => !CONTENT.includes(name));
  if (there.length === 0) {
    return "";
  }
  const worded = there.map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]);
  return [el("h3", {}, "Settings"), facts(Object.fromEntries(worded))];
}

function tools(body) {
  const offered = listIn(body?.tools);
  const names = offered.map((tool) => tool?.function?.name ?? tool?.name ?? tool?.type ?? "?");
  return offered.length === 0 ? "" : fold(`Tools offered: ${names.join(", ")}`, json(offered));
}

function schema(body) {
  const format = body?.response_format ?? body?.text?.format;
  if (format === null || typeof format !== "object") {
    return "";
  }
  return fold(`Format of the reply: ${format.type}`, json(format.json_schema?.schema ?? format.schema ?? format));
}

function curl(exchange, given) {
  const line = curlOf(exchange, given);
  return line === null ? "" : fold("Ask it again with curl", copied(line, "the line"));
}

function json(value) {
  return el("pre", { class: "json" }, indented(value));
}

function indented(value) {
  return JSON.stringify(value, null, 2);
}

function headersOf({ request }) {
  return Object.entries(request.headers).map(([name, value]) => `${name}: ${value}\n`);
}

/** Something that is closed at first. */
function fold(title, ...content) {
  return el("details", { "data-name": title }, el("summary", {}, title), content);
}

/** A text with a button that copies it. */
function copied(text, what) {
  const shown = el("pre", { tabindex: "0" }, text);
  const told = el("span", { class: "hint", role: "status" });
  const button = el("button", { type: "button", click: () => copy(text, shown, told) }, `Copy ${what}`);
  return [el("p", { class: "copy" }, button, " ", told), shown];
}

async function copy(text, shown, told) {
  try {
    await navigator.clipboard.writeText(text);
    told.textContent = "Copied.";
  } catch {
    getSelection().selectAllChildren(shown); // a page that came over plain HTTP from another machine may not copy
    told.textContent = "Selected: press Ctrl+C or ⌘C.";
  }
}
