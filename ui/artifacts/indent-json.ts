const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** JSON in lines that are easy to read, every number as it is written; text that is no JSON as it is. */
export function indentJson(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  const tokens = text.match(token) ?? [];
  let depth = 0;
  let out = '';
  const newLine = () => `\n${'  '.repeat(depth)}`;
  for (const [i, part] of tokens.entries()) {
    const opens = part === '{' || part === '[';
    const closes = part === '}' || part === ']';
    const before = tokens[i - 1];
    if (closes) depth--;
    const isEmpty = closes && (before === '{' || before === '[');
    if (closes && !isEmpty) out += newLine();
    else if (before === ',' || (!isEmpty && (before === '{' || before === '['))) out += newLine();
    out += part === ':' ? ': ' : part;
    if (opens) depth++;
  }
  return out;
}
