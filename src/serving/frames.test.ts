import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { encodeFrame, readFrames } from './frames.ts';

/** Frames and complaints that come of chunks. */
async function heard(...chunks: Uint8Array[]) {
  const stream = new PassThrough();
  const found: unknown[] = [];
  readFrames(
    stream,
    ({ header, body }) => found.push([header, body.toString()]),
    (what) => found.push(what),
  );
  for (const chunk of chunks) {
    stream.write(chunk);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return found;
}

const frame = (header: object, body = '') => Buffer.concat(encodeFrame(header, [Buffer.from(body)]));
const lengths = (header: number, body: number) => {
  const buffer = Buffer.alloc(8);
  buffer.writeUInt32LE(header, 0);
  buffer.writeUInt32LE(body, 4);
  return buffer;
};
const withHeader = (text: string) => Buffer.concat([lengths(text.length, 0), Buffer.from(text)]);

describe('frames', () => {
  test('arrive however they are cut', async () => {
    const both = Buffer.concat([frame({ ok: true }, 'first'), frame({ ok: false }, 'second')]);
    const expected = [
      [{ ok: true }, 'first'],
      [{ ok: false }, 'second'],
    ];
    expect(await heard(both)).toEqual(expected);
    expect(await heard(...Array.from(both, (byte) => Uint8Array.of(byte)))).toEqual(expected);
  });

  test.each([
    ['no JSON', withHeader('{"ok": tru'), 'a header that is no JSON object'],
    ['null', withHeader('null'), 'a header that is no JSON object'],
    ['a list', withHeader('[]'), 'a header that is no JSON object'],
    ['empty', lengths(0, 0), 'a header that is no JSON object'],
    ['longer than any header', lengths(0xffffffff, 0), 'a header of 4294967295 bytes, above 67108864'],
    ['longer than any string', lengths(2, 0xffffffff), 'a body of 4294967295 bytes, above'],
  ])('whose header or body is %s are told of, and nothing is read behind them', async (_, chunk, message) => {
    const found = await heard(frame({ ok: true }), chunk, frame({ ok: true }));
    expect(found).toEqual([[{ ok: true }, ''], expect.stringContaining(message)]);
  });
});
