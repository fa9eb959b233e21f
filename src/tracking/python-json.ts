/**
 * JSON as Python's `json.dumps` writes it: a space after each comma and colon, ASCII alone. Tags that hold JSON are
 * compared and searched as text by clients, so the text matters.
 */
export function pythonJson(value: unknown): string {
  return spaced(value).replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}: ${spaced(field)}`).join(', ')}}`;
}
