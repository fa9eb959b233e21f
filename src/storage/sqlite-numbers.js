// @ts-check
// Shared by the event loop and the second thread; plain JavaScript as sqlite-reader.js is.

/**
 * Executes the steps of kind `numbers` on one connection. The driver makes a JavaScript array of every row, which costs
 * several times what SQLite needs to read it; a function that SQLite calls with the row's values costs next to nothing.
 * @param {import('better-sqlite3').Database} db
 */
export function sqliteNumbers(db) {
  /** @type {Map<string, import('better-sqlite3').Statement>} */
  const statements = new Map();
  let collected = new Float64Array(1024);
  let length = 0;

  db.function('collect', { varargs: true, directOnly: true }, (/** @type {number[]} */ ...row) => {
    if (length + row.length > collected.length) {
      const larger = new Float64Array(2 * collected.length);
      larger.set(collected);
      collected = larger;
    }
    for (const value of row) collected[length++] = value;
  });

  /** @param {string} sql */
  function prepare(sql) {
    let statement = statements.get(sql);
    if (statement === undefined) {
      if (statements.size >= 200) statements.clear();
      const columns = db.prepare(sql).columns();
      const names = columns.map(({ name }) => name);
      statement = db.prepare(`select count(collect(${names.join(', ')})) from (${sql})`);
      statements.set(sql, statement);
    }
    return statement;
  }

  return {
    /** @param {string} sql @param {readonly unknown[]} params */
    read(sql, params) {
      length = 0;
      prepare(sql).get(params);
      return collected.slice(0, length);
    },
    clear: () => statements.clear(),
  };
}
