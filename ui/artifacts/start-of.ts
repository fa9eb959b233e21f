/** The beginning of a file. */
export interface Start {
  readonly text: string;
  /** There is no more than this. */
  readonly whole: boolean;
}

/** The first `most` bytes of an answer as text; the rest is not asked for. A character that the end cuts is left out. */
export async function startOf(response: Response, most: number): Promise<Start> {
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  let text = '';
  let size = 0;
  while (reader !== undefined) {
    const { done, value } = await reader.read();
    if (done) break;
    const rest = most - size;
    text += decoder.decode(value.subarray(0, rest), { stream: true });
    size += value.length;
    if (size <= most) continue;
    await reader.cancel();
    return { text, whole: false };
  }
  return { text: text + decoder.decode(), whole: true };
}
