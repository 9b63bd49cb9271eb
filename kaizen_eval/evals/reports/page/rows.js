// The rows of the table: read, found by what is asked for, and sorted.

const FIELDS = ["id", "outcomes", "score", "change", "before", "tags", "failing", "ms", "tokens", "cost", "asked", "said"];
const CHANGES = ["lost", "worse", "gone", "won", "better", "changed", "new", "", "same"];
const FLIPS = ["lost", "won"];
const last = Number.MAX_VALUE; // what has no figure comes last

/** Ways to sort, each by figures of which the smaller comes first. */
const ORDERS = {
  "": (row) => [CHANGES.indexOf(row.change), isFlaky(row) ? 0 : 1, row.passed === row.ran ? 1 : 0, row.index],
  score: (row) => [row.score ?? last, row.index],
  slow: (row) => [-(row.ms ?? -1), row.index],
  cost: (row) => [-(row.cost ?? last), row.index],
  tokens: (row) => [-row.tokens, row.index],
  dataset: (row) => [row.index],
};

export function readRows(data) {
  return data.rows.map((values, index) => {
    const row = Object.fromEntries(FIELDS.map((name, at) => [name, values[at]]));
    row.index = index;
    row.ran = row.outcomes.reduce((sum, number) => sum + number, 0);
    row.passed = row.outcomes[data.names.indexOf("passed")];
    row.kinds = data.names.filter((name, at) => row.outcomes[at] > 0);
    return row;
  });
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

function sorted(rows, order) {
  const keyed = rows.map((row) => [order(row), row]);
  keyed.sort(([one], [other]) => {
    const at = one.findIndex((figure, place) => figure !== other[place]);
    return at < 0 ? 0 : one[at] - other[at];
  });
  return keyed.map(([, row]) => row);
}

function textOf(row) {
  row.text ??= [row.id, row.asked, row.said, ...row.tags].join("\n").toLowerCase();
  return row.text;
}
