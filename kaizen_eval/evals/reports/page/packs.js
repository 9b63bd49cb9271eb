// The details of cases, which stand packed behind the code: unpacked where one of them is asked for.

const KEPT = 20; // packs, unpacked
const unpacked = new Map();

/** All that is known of the case whose row is the `index`th. */
export async function detailOf(index) {
  let first = 0;
  for (const pack of await packs()) {
    const lines = Number(pack.dataset.lines);
    if (index < first + lines) {
      return JSON.parse((await linesOf(pack))[index - first], (_, value) => value ?? undefined); // null says nothing
    }
    first += lines;
  }
  throw new RangeError(`There are no details of row ${index}.`);
}

/** Tells, pack by pack, the indexes of rows whose details hold a text; capital letters count as small ones. */
export async function* search(text) {
  const wanted = JSON.stringify(text).slice(1, -1).toLowerCase();
  let first = 0;
  for (const pack of await packs()) {
    const found = [];
    (await linesOf(pack)).forEach((line, at) => line.toLowerCase().includes(wanted) && found.push(first + at));
    first += Number(pack.dataset.lines);
    yield found;
  }
}

function packs() {
  const found = () => document.querySelectorAll(".pack");
  if (document.readyState !== "loading") {
    return found();
  }
  return new Promise((tell) => addEventListener("DOMContentLoaded", () => tell(found()), { once: true }));
}

async function linesOf(pack) {
  const known = unpacked.get(pack);
  unpacked.delete(pack);
  const lines = known ?? unpack(pack.textContent);
  unpacked.set(pack, lines); // the newest comes last
  if (unpacked.size > KEPT) {
    unpacked.delete(unpacked.keys().next().value);
  }
  return lines;
}

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return (await new Response(stream).text()).split("\n");
}
