// Messages, tool calls and replies, as a conversation is read.

import { el } from "./dom.js";
import { outcomeOf, kindOf, prettyJson } from "./words.js";

/** A message as it was sent, with what it held besides text. */
export function messageBubble(message, attached = [], names = new Map()) {
  const id = message.tool_call_id;
  const name = names.get(id);
  return el(
    "article",
    { class: "message", "data-role": message.role },
    el("h4", {}, message.role, name === undefined ? "" : el("code", {}, name), id === undefined ? "" : el("code", { class: "id" }, id)),
    message.content === "" ? "" : textOf(message.content, { isData: message.role === "tool" }),
    attached.map((part) => el("p", { class: "attached" }, part)),
    callsOf(message.tool_calls ?? []),
  );
}

/** What the model said, or how the exchange ended without it. */
export function replyBubble(exchange) {
  const { reply, text } = exchange;
  const said = reply ?? { text, refusal: null, tool_calls: [], finish_reason: null };
  const kind = kindOf(exchange);
  const isSilent = !said.text && !said.refusal && said.tool_calls.length === 0;
  const why = isSilent ? whySilent(exchange) : whyNoMore(exchange);
  return el(
    "article",
    { class: "message reply", "data-role": "assistant", "data-kind": kind },
    el("h4", {}, kind === "reply" ? "" : "reply, ", badge(exchange)),
    said.text ? textOf(said.text, { isData: true }) : "",
    said.refusal ? [el("p", { class: "label" }, "refusal"), textOf(said.refusal)] : "",
    callsOf(said.tool_calls),
    why ? el("p", { class: "hint" }, why) : "",
    said.finish_reason ? el("p", { class: "hint" }, `finish reason: ${said.finish_reason}`) : "",
  );
}

/** How an exchange ended, coloured and worded. */
export function badge(exchange) {
  return el("span", { class: "badge", "data-kind": kindOf(exchange) }, outcomeOf(exchange));
}

/** A text; one that is JSON is indented where it is data, and said to be so. */
export function textOf(text, { isData = false } = {}) {
  const pretty = isData ? prettyJson(text) : null;
  if (pretty === null) {
    return el("div", { class: "text" }, text);
  }
  return [el("p", { class: "label" }, "JSON"), el("pre", { class: "json" }, pretty)];
}

function callsOf(calls) {
  return calls.map((call) =>
    el(
      "section",
      { class: "call" },
      el("h5", {}, "calls ", el("code", {}, call.name), call.id ? el("code", { class: "id" }, call.id) : ""),
      el("pre", { class: "json" }, prettyJson(call.arguments) ?? call.arguments),
    ),
  );
}

function whySilent(exchange) {
  switch (kindOf(exchange)) {
    case "waiting":
      return "The answer is not out yet.";
    case "miss":
      return "No rule of the script is for this request: it was answered by a marked 501.";
    case "refused":
      return whyRefused(exchange.refused);
    case "cancelled":
      return "The client gave up before the answer was out.";
    case "failed":
      return "The script, or a function of it, raised this; the client was told by a 500.";
    case "fault":
      return metFault(exchange);
    default:
      return "Nothing was said in words: see the endpoint and the bytes.";
  }
}

/** What ended a stream that had said something. */
function whyNoMore(exchange) {
  switch (kindOf(exchange)) {
    case "cancelled":
      return "Here the client left.";
    case "fault":
      return exchange.stream ? metFault(exchange) : "";
    default:
      return "";
  }
}

function whyRefused(why) {
  const detail = why?.detail ? ` (${why.detail})` : "";
  return why ? `${why.status}: ${why.message}${detail}` : "The service refuses such a request.";
}

function metFault({ outcome, error }) {
  const raised = error === null ? "" : `, for which kaizen-eval's provider raises ${error}`;
  return `The client met the fault ${outcome}${raised}.`;
}

/** What a request's messages hold besides text, for each message; only chat's messages stand as they were sent. */
export function attachments({ endpoint, request }) {
  const sent = endpoint === "chat" ? listIn(request.body?.messages) : [];
  if (sent.length !== request.messages.length) {
    return request.messages.map(() => []);
  }
  return sent.map((message) => listIn(message?.content).filter(isAttached).map(partWords));
}

/** What a client sends may be anything. */
export function listIn(value) {
  return Array.isArray(value) ? value : [];
}

function isAttached(part) {
  return part?.type !== "text";
}

function partWords(part) {
  const held = part?.[part.type];
  const source = held?.url ?? held?.filename ?? held?.file_id ?? held?.data ?? "";
  const text = String(typeof held === "string" ? held : source);
  return `${part?.type}: ${text.length > 120 ? `${text.slice(0, 120)}… (${text.length} characters)` : text}`;
}
