/**
 * The filter for "the name holds this text", whatever the case. MLflow's strings have no escape: text with one kind of
 * quote stands in the other; of text with both kinds the part up to the second kind is searched.
 */
export function nameFilter(text: string): string {
  const wanted = text.trim();
  if (wanted === '') return '';
  const quote = wanted.includes("'") ? '"' : "'";
  return `name ILIKE ${quote}%${wanted.split(quote, 1)[0]}%${quote}`;
}
