import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { encodeFrame, type Frame, readFrames } from './frames.ts';

function reading() {
  const stream = new PassThrough();
  const frames: Frame[] = [];
  readFrames(stream, (frame) => frames.push(frame));
  return { stream, frames };
}

function withLengths(header: number, body: number, rest = ''): Buffer {
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32LE(header, 0);
  lengths.writeUInt32LE(body, 4);
  return Buffer.concat([lengths, Buffer.from(rest)]);
}

it('reads frames however they are cut', async () => {
  const { stream, frames } = reading();
  const bytes = Buffer.concat([...encodeFrame({ n: 1 }, [Buffer.from('abc')]), ...encodeFrame({ n: 2 })]);
  for (const byte of bytes) stream.write(Buffer.of(byte));
  stream.end();
  await once(stream, 'end');
  expect(frames.map(({ header, body }) => [header, body.toString()])).toEqual([
    [{ n: 1 }, 'abc'],
    [{ n: 2 }, ''],
  ]);
});

it.each([
  ['text', withLengths(4, 0, 'oops'), 'no JSON object'],
  ['a header of null', withLengths(4, 0, 'null'), 'no JSON object'],
  ['lengths of gigabytes', withLengths(0xffffffff, 0xffffffff), 'was announced'],
])('ends a stream that says what is no frame: %s', async (_, bytes, why) => {
  const { stream, frames } = reading();
  const failed = once(stream, 'error');
  stream.write(bytes);
  const [error] = await failed;
  expect(error.message).toContain(why);
  expect(frames).toEqual([]);
});
