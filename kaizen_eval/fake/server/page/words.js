// How figures, times and outcomes are worded.

const WORDS = { cancelled: "cancelled", miss: "miss", refused: "refused", reply: "reply", "…": "waiting" };
const COUNT = new Intl.NumberFormat("en");

/** One of reply, fault, miss, refused, cancelled, failed, waiting: what is filtered by, and coloured. */
export function kindOf({ outcome }) {
  if (outcome in WORDS) {
    return WORDS[outcome];
  }
  return /^[A-Z]/.test(outcome) ? "failed" : "fault"; // a class's name, or a fault's
}

export function outcomeOf(exchange) {
  const kind = kindOf(exchange);
  if (kind === "fault") {
    return `fault: ${exchange.outcome}`;
  }
  if (kind === "refused" && exchange.refused) {
    return `refused: ${exchange.refused.status}`;
  }
  return kind === "failed" ? `script failed: ${exchange.outcome}` : kind;
}

export function count(number) {
  return COUNT.format(number);
}

/** Such as "1 exchange" or "1,203 exchanges". */
export function several(number, one, many) {
  return `${count(number)} ${number === 1 ? one : many}`;
}

export function milliseconds(ms) {
  if (ms === null || ms === undefined) {
    return "…";
  }
  if (ms >= 10_000) {
    return `${(ms / 1000).toFixed(1)} s`;
  }
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toFixed(ms < 10 ? 2 : ms < 100 ? 1 : 0)} ms`;
}

export function bytes(number) {
  if (number < 1024) {
    return `${number} B`;
  }
  const [size, unit] = number < 1024 ** 2 ? [1024, "KiB"] : [1024 ** 2, "MiB"];
  return `${(number / size).toFixed(1)} ${unit}`;
}

/** The time of day of an instant in seconds since the epoch. */
export function timeOfDay(seconds) {
  const at = new Date(seconds * 1000);
  const digits = (number, most) => String(number).padStart(most, "0");
  const parts = [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => digits(part, 2));
  return `${parts.join(":")}.${digits(at.getMilliseconds(), 3)}`;
}

export function oneLine(text, most = 300) {
  const line = text.slice(0, most * 2).replace(/\s+/g, " ").trim();
  return line.length > most ? `${line.slice(0, most)}…` : line;
}

/** JSON, indented, where a text is an object or a list; else null. */
export function prettyJson(text) {
  if (!/^\s*[[{]/.test(text)) {
    return null;
  }
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return null;
  }
}

/** The last user message, or what tools gave since; of a request that was refused, method and path. */
export function askedIn(exchange) {
  const { messages } = exchange.request;
  const given = messages.slice(messages.findLastIndex((message) => message.role !== "tool") + 1);
  if (given.length > 0) {
    const names = toolNames(messages);
    return given.map((message) => `${names.get(message.tool_call_id) ?? "tool"} → ${message.content}`).join(", ");
  }
  const last = exchange.request.messages.findLast((message) => message.role === "user");
  return last?.content ?? exchange.refused?.asked ?? "";
}

/** Which tool was called, by the id of the call. */
export function toolNames(messages) {
  return new Map(messages.flatMap((message) => message.tool_calls ?? []).map((call) => [call.id, call.name]));
}

/** The names of the tools that a reply calls, if it came. */
export function calledIn({ error, reply }) {
  const calls = error === null ? (reply?.tool_calls ?? []) : [];
  return [...new Set(calls.map((call) => call.name))];
}

/** A conversation's name: its session, or the beginning of its digest. */
export function conversationName(exchange) {
  return exchange.session ?? `~${exchange.conversation.slice(0, 6)}`;
}

export function tokens({ usage }) {
  return usage === null ? "-" : `${count(usage.prompt)} + ${count(usage.completion)}`;
}
