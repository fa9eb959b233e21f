/**
 * SQL's LIKE as both databases apply it here: `%` is any run of characters, `_` is one, nothing escapes, the pattern
 * covers the whole text, and `ignoreCase` folds ASCII letters only. Never backtracks further than the last `%`, so the
 * cost is at most the product of the lengths.
 */
export function likeMatches(pattern: string, text: string, ignoreCase: boolean): boolean {
  return matches(characters(pattern, ignoreCase), characters(text, ignoreCase));
}

function matches(pattern: ArrayLike<string>, text: ArrayLike<string>): boolean {
  let p = 0;
  let t = 0;
  let percent = -1;
  let resume = 0;
  while (t < text.length) {
    const wanted = pattern[p];
    if (wanted === '%') {
      percent = p++;
      resume = t;
    } else if (wanted !== undefined && (wanted === '_' || wanted === text[t])) {
      p++;
      t++;
    } else if (percent >= 0) {
      p = percent + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === '%') p++;
  return p === pattern.length;
}

/** The text by code points, because `_` stands for one of them. */
function characters(text: string, ignoreCase: boolean): ArrayLike<string> {
  const folded = ignoreCase ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text;
  return /[\ud800-\udbff]/.test(folded) ? [...folded] : folded;
}
