import { parse } from 'content-disposition';
import { describe, expect, it, test } from 'vitest';
import { artifactHeaders, contentTypeOf, notModified, requestedRange } from './headers.ts';

const info = { size: 10, modifiedTime: Date.UTC(2026, 10, 23, 16, 1, 2, 345), etag: 'abc' };
const date = 'Mon, 23 Nov 2026 16:01:02 GMT';

test.each([
  ['MLmodel', 'text/plain'],
  ['MLproject', 'text/plain'],
  ['conda.yaml', 'text/plain'],
  ['a.json', 'text/plain'],
  ['a.js', 'text/plain'],
  ['a.csv', 'text/plain'],
  ['a.ipynb', 'text/plain'],
  ['fig.png', 'image/png'],
  ['fig.svg', 'image/svg+xml'],
  ['page.html', 'text/html'],
  ['a.webp', 'image/webp'],
  ['model.pkl', 'application/octet-stream'],
  ['model.skops', 'application/octet-stream'],
  ['no-extension', 'application/octet-stream'],
  ['html', 'application/octet-stream'],
  ['.png', 'application/octet-stream'],
  ['a.constructor', 'application/octet-stream'],
  ['a.__proto__', 'application/octet-stream'],
  ['', 'application/octet-stream'],
])('the content type of %s is %s', (name, type) => {
  expect(contentTypeOf(name)).toBe(type);
});

describe('the headers of artifact bytes', () => {
  test.each(['a.txt', '日本.txt', 'a"b;c=d.txt', "a'b%41.txt", 'e\u0301.txt', '🍷', 'a;filename=evil.exe'])(
    'offer a download named %s',
    (name) => {
      const header = artifactHeaders(name, info)['content-disposition']!;
      expect(header).toMatch(/^attachment; filename/);
      expect(header).toMatch(/^[\x20-\x7e]*$/);
      expect(parse(header).parameters['filename']).toBe(name);
    },
  );

  it('let no line break through', () => {
    expect(artifactHeaders('a\r\nSet-Cookie: x', info)['content-disposition']).not.toMatch(/[\r\n]/);
  });

  it('run nothing, are not sniffed, and say what state of the file they carry', () => {
    expect(artifactHeaders('page.html', info)).toMatchObject({
      'content-security-policy': expect.stringMatching(/^sandbox; default-src 'none'/),
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
      etag: '"abc"',
      'last-modified': date,
    });
  });
});

test.each([
  [undefined, 'all'],
  ['bytes=0-0', { start: 0, end: 0 }],
  ['bytes=1-2', { start: 1, end: 2 }],
  ['bytes=0-9', { start: 0, end: 9 }],
  ['bytes=0-', { start: 0, end: 9 }],
  ['bytes=9-', { start: 9, end: 9 }],
  ['bytes=5-999999999999999999999999', { start: 5, end: 9 }],
  ['bytes=-3', { start: 7, end: 9 }],
  ['bytes=-99', { start: 0, end: 9 }],
  ['BYTES=1-2', { start: 1, end: 2 }],
  ['bytes= 1-2 ', { start: 1, end: 2 }],
  ['bytes=10-', 'none'],
  ['bytes=10-20', 'none'],
  ['bytes=999999999999999999999999-', 'none'],
  ['bytes=-0', 'none'],
  ['bytes=2-1', 'all'],
  ['bytes=-', 'all'],
  ['bytes=', 'all'],
  ['bytes=a-b', 'all'],
  ['bytes=0x1-2', 'all'],
  ['bytes=1-2,4-5', 'all'],
  ['bytes=-1-2', 'all'],
  ['bytes=1.5-2', 'all'],
  ['lines=1-2', 'all'],
  ['1-2', 'all'],
])('the range %s of ten bytes is %j', (range, expected) => {
  expect(requestedRange({ range }, info)).toEqual(expected);
});

test.each([
  ['bytes=0-', 'none'],
  ['bytes=-1', 'none'],
  [undefined, 'all'],
])('the range %s of an empty file is %j', (range, expected) => {
  expect(requestedRange({ range }, { ...info, size: 0 })).toEqual(expected);
});

test.each([
  ['"abc"', true],
  [date, true],
  ['"other"', false],
  ['W/"abc"', false],
  ['Mon, 23 Nov 2026 16:01:03 GMT', false],
  ['garbage', false],
])('a range if the file is in state %s: %s', (ifRange, honoured) => {
  const range = requestedRange({ range: 'bytes=1-2', 'if-range': ifRange }, info);
  expect(range).toEqual(honoured ? { start: 1, end: 2 } : 'all');
});

test.each([
  [{}, false],
  [{ 'if-none-match': '"abc"' }, true],
  [{ 'if-none-match': 'W/"abc"' }, true],
  [{ 'if-none-match': '"x", "abc"' }, true],
  [{ 'if-none-match': '*' }, true],
  [{ 'if-none-match': '"x"' }, false],
  [{ 'if-none-match': '"x"', 'if-modified-since': date }, false],
  [{ 'if-modified-since': date }, true],
  [{ 'if-modified-since': 'Mon, 23 Nov 2026 16:01:01 GMT' }, false],
  [{ 'if-modified-since': 'garbage' }, false],
])('with the conditions %j the client has the file: %s', (conditions, has) => {
  expect(notModified(conditions, info)).toBe(has);
});
