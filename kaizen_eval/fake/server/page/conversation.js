// One conversation: its exchanges in the order asked, each with what it added and what came back.

import { attachments, messageBubble, replyBubble } from "./chat.js";
import { el } from "./dom.js";
import { linkTo } from "./place.js";
import { conversationName, milliseconds, outcomeOf, several, timeOfDay, toolNames } from "./words.js";

export function conversationView(exchanges) {
  const [first] = exchanges;
  const whose = first.agent === null ? "" : ` of agent ${first.agent}`; // several may ask in one session
  const many = several(exchanges.length, `exchange${whose}`, `exchanges${whose}, in the order asked`);
  const name = first.session === null ? `Conversation ${conversationName(first)}` : `Session ${first.session}`;
  return [
    el("h2", {}, name),
    el("p", { class: "hint" }, `${many}.`),
    exchanges.map((exchange, index) => turn(exchange, exchanges[index - 1])),
  ];
}

function turn(exchange, before) {
  const known = before === undefined ? 0 : knownMessages(exchange.request.messages, before);
  const attached = attachments(exchange);
  const isAgain = before !== undefined && known === 0 && before.request.messages.length > 0;
  const names = toolNames(exchange.request.messages);
  const fresh = exchange.request.messages.slice(known);
  const name = `Exchange ${exchange.number}`;
  const how = ` ${timeOfDay(exchange.at)}, ${outcomeOf(exchange)}, ${milliseconds(exchange.ended_ms)}`;
  const link = el("a", { href: linkTo({ exchange: exchange.number, conversation: "" }) }, name);
  return el(
    "section",
    { class: "turn", "aria-label": name },
    el("h3", {}, link, el("span", { class: "hint" }, how)),
    isAgain ? hint("It begins with other messages than the exchange before: all of them follow.") : "",
    fresh.length === 0 ? hint("The same messages again.") : "",
    fresh.map((message, index) => messageBubble(message, attached[known + index], names)),
    replyBubble(exchange),
  );
}

function hint(said) {
  return el("p", { class: "hint" }, said);
}

/** How many of the messages were shown with the exchange before: all that it sent, and its reply. */
function knownMessages(messages, before) {
  const sent = before.request.messages;
  if (sent.length > messages.length || !sent.every((message, index) => isSame(message, messages[index]))) {
    return 0;
  }
  return isReplyOf(messages[sent.length], before) ? sent.length + 1 : sent.length;
}

function isReplyOf(message, before) {
  if (message?.role !== "assistant") {
    return false;
  }
  const reply = before.reply ?? { text: before.text, tool_calls: [] };
  const calls = (message.tool_calls ?? []).map((call) => call.arguments);
  return message.content === (reply.text ?? "") && isSame(calls, reply.tool_calls.map((call) => call.arguments));
}

function isSame(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}
