// The rows of the table: read, found by what is asked for, and sorted.

const CHANGES = ["lost", "worse", "gone", "won", "better", "changed", "new", "", "same"];
const FLIPS = ["lost", "won"];
const last = Number.MAX_VALUE; // what has no figure comes last

/** Ways to sort, each by a figure of which the smaller comes first; where it is the same, the dataset's order stays. */
const ORDERS = {
  "": (row) => 4 * CHANGES.indexOf(row.change) + (isFlaky(row) ? 0 : 2) + (row.passed === row.ran ? 1 : 0),
  score: (row) => row.score ?? last,
  slow: (row) => -(row.ms ?? -1),
  cost: (row) => -(row.cost ?? last),
  tokens: (row) => -row.tokens,
  dataset: () => 0,
};

export function readRows(data) {
  const passed = data.names.indexOf("passed");
  return data.rows.map((values, index) => rowOf(values, index, passed, data.names));
}

/** The fields are in the order in which they were written. */
function rowOf([id, outcomes, score, change, before, tags, failing, ms, tokens, cost, asked, said], index, passed, names) {
  const ran = outcomes.reduce((sum, number) => sum + number, 0);
  const kinds = names.filter((_, at) => outcomes[at] > 0);
  const row = { id, outcomes, score, change, before, tags, failing, ms, tokens, cost, asked, said };
  return { ...row, index, ran, passed: outcomes[passed], kinds, text: null };
}

/** Some trials of it passed, and some did not. */
export function isFlaky(row) {
  return row.passed > 0 && row.passed < row.ran;
}

/** Those that are asked for, in the order asked for; `deep` holds the indexes that a search in all texts found. */
export function wantedRows(rows, { outcome, change, tag, scorer, find, sort }, deep) {
  const text = find.toLowerCase();
  const wanted = rows.filter(
    (row) =>
      (outcome === "" || (outcome === "flaky" ? isFlaky(row) : row.kinds.includes(outcome))) &&
      (change === "" || (change === "flipped" ? FLIPS.includes(row.change) : row.change === change)) &&
      (tag === "" || row.tags.includes(tag)) &&
      (scorer === "" || row.failing.includes(scorer)) &&
      (text === "" || textOf(row).includes(text) || deep.has(row.index)),
  );
  return sorted(wanted, ORDERS[sort] ?? ORDERS[""]);
}

function sorted(rows, figure) {
  const keyed = rows.map((row) => [figure(row), row]);
  return keyed.sort(([one], [other]) => one - other).map(([, row]) => row);
}

function textOf(row) {
  row.text ??= [row.id, row.asked, row.said, ...row.tags].join("\n").toLowerCase();
  return row.text;
}
