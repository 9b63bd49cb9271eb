// What the page asks the server for: its journal, as it grows; whom it serves; and to begin anew.

const KEY = "kaizen-api-key";
const WAIT = 25; // seconds that the server may hold back an answer that says nothing new
const MOST = 100; // exchanges in one answer: the server is busy with other things
const BREATH = 100; // milliseconds between two answers, so that a busy server stays one
const LONGEST_REST = 5000;

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export function useKey(key) {
  sessionStorage.setItem(KEY, key);
}

export function hasKey() {
  return sessionStorage.getItem(KEY) !== null;
}

/** A control path's answer, or Refused. */
export async function ask(path, { test = "", ...options } = {}) {
  const headers = new Headers();
  if (test) {
    headers.set("x-kaizen-test", test);
  }
  if (hasKey()) {
    headers.set("authorization", `Bearer ${sessionStorage.getItem(KEY)}`);
  }
  // without credentials of its own the browser asks for no password when the answer is 401
  const response = await fetch(path, { cache: "no-store", credentials: "omit", ...options, headers });
  const said = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new Refused(response.status, said.error?.message ?? `status ${response.status}`);
  }
  return said;
}

/** Follows one test's journal until it is stopped.
 *
 * `took(page, isAnew)` gets what is new; `told(state, why)` gets "live", "lost" or "locked", after which it has ended.
 */
export class Following {
  #stop = new AbortController();
  #journal = null;
  #since = 0;
  #rest = 0;

  constructor({ test, keep, took, told }) {
    Object.assign(this, { test, keep, took, told });
    this.#run();
  }

  stop() {
    this.#stop.abort();
  }

  async #run() {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#once(signal);
      } catch (error) {
        if (signal.aborted) {
          return;
        }
        if (error.status === 401) {
          this.told("locked", error.message);
          return;
        }
        this.#forget();
        this.told("lost", error.status ? error.message : "");
      }
      await rest(this.#rest, signal);
    }
  }

  async #once(signal) {
    const page = await ask(this.#path(), { test: this.test, signal });
    const isAnew = page.journal !== this.#journal || page.version < this.#since;
    this.#journal = page.journal;
    this.#since = page.version;
    this.#rest = BREATH;
    this.took(page, isAnew);
    this.told("live");
  }

  #path() {
    const asked = new URLSearchParams({ since: this.#since, limit: MOST, last: this.keep });
    if (this.#journal !== null) {
      asked.set("journal", this.#journal);
      asked.set("wait", WAIT);
    }
    return `journal?${asked}`;
  }

  /** Another server may stand there now, whose journal has the same numbers. */
  #forget() {
    this.#journal = null;
    this.#since = 0;
    this.#rest = Math.min(LONGEST_REST, Math.max(500, this.#rest * 2));
  }
}

function rest(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
