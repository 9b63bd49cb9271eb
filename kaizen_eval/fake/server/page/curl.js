// A request as a line for the shell, without its key.

const PATHS = {
  chat: "/v1/chat/completions",
  responses: "/v1/responses",
  embeddings: "/v1/embeddings",
  moderations: "/v1/moderations",
};

/** None where the journal does not tell what was asked, such as for a response that was retrieved by its id. */
export function curlOf({ endpoint, operation, session, agent, request }, { test, hasKey }) {
  if (operation !== null || request.body === null || !(endpoint in PATHS)) {
    return null;
  }
  const headers = ["content-type: application/json"];
  const named = { "x-kaizen-test": test || null, "x-kaizen-session": said(session), "x-kaizen-agent": said(agent) };
  for (const [name, value] of Object.entries(named)) {
    if (value !== null) {
      headers.push(`${name}: ${value}`);
    }
  }
  const shown = headers.map((header) => `-H ${quoted(header)}`);
  if (hasKey) {
    shown.push('-H "authorization: Bearer $OPENAI_API_KEY"'); // the shell's own, as this line may be shared
  }
  return ["curl", location.origin + PATHS[endpoint], ...shown, "-d", quoted(JSON.stringify(request.body))].join(" ");
}

function said(id) {
  return id === null ? null : JSON.stringify(id);
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
