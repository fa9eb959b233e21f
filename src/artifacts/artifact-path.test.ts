import { describe, expect, it, test } from 'vitest';
import {
  artifactFolder,
  artifactName,
  artifactPath,
  cleanArtifactFolder,
  cleanArtifactPath,
  joinArtifactPath,
} from './artifact-path.ts';

const refusal = (run: () => string): unknown => {
  try {
    return `accepted as ${run()}`;
  } catch (error) {
    return error;
  }
};
const becauseOf = (why: string) =>
  expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE', status: 400, message: expect.stringContaining(why) });

describe('a path from a URL is decoded once', () => {
  test.each([
    ['a.txt', 'a.txt'],
    ['1/0ea5/artifacts/model/MLmodel', '1/0ea5/artifacts/model/MLmodel'],
    ['a%2Fb.txt', 'a/b.txt'],
    ['a+b.txt', 'a+b.txt'],
    ['a%2Bb.txt', 'a+b.txt'],
    ['a%20b.txt', 'a b.txt'],
    ['%E6%97%A5%E6%9C%AC.txt', '日本.txt'],
    ['%F0%9F%8D%B7.png', '🍷.png'],
    ['e%CC%81', 'e\u0301'],
    ['%C3%A9', '\u00e9'],
    ['images/loss~x+step+1+timestamp+1700000000000+ab.png', 'images/loss~x+step+1+timestamp+1700000000000+ab.png'],
    ['a;b.txt', 'a;b.txt'],
    ['a%3Bb.txt', 'a;b.txt'],
    ['a%3Fb.txt', 'a?b.txt'],
    ["a'b&c=d@e!$(),*~[].txt", "a'b&c=d@e!$(),*~[].txt"],
    ['dir/a:b', 'dir/a:b'],
    ['..;/x', '..;/x'],
    ['...', '...'],
    ['..a/a..', '..a/a..'],
    ['.hidden/.env', '.hidden/.env'],
    ['__proto__/constructor', '__proto__/constructor'],
    ['con/NUL.txt', 'con/NUL.txt'],
    // Accepted here, but a client sends such a name undecorated ("100%"), which no server can decode: MLflow's own
    // clients cannot read it back either.
    ['100%25', '100%'],
    ['50%25%20off.txt', '50% off.txt'],
    // MLflow 2.22 names the pictures of log_image so; decoded again it would still be a plain name.
    ['over-time%25step%253%25timestamp%251795448917011%25ab.png', 'over-time%step%3%timestamp%1795448917011%ab.png'],
    ['n'.repeat(255), 'n'.repeat(255)],
    [`${'n'.repeat(250)}/`.repeat(4) + 'n'.repeat(20), `${'n'.repeat(250)}/`.repeat(4) + 'n'.repeat(20)],
  ])('%s', (raw, path) => {
    expect(artifactPath(raw)).toBe(path);
  });
});

describe('a path from a URL is refused', () => {
  test.each([
    ['', 'empty'],
    ['..', "'..' segment"],
    ['.', "'..' segment"],
    ['../x', "'..' segment"],
    ['../../../../etc/passwd', "'..' segment"],
    ['a/../b', "'..' segment"],
    ['a/..', "'..' segment"],
    ['a/./b', "'..' segment"],
    ['%2e%2e/x', "'..' segment"],
    ['%2E%2E%2Fx', "'..' segment"],
    ['.%2e/x', "'..' segment"],
    ['..%2f..%2fx.txt', "'..' segment"],
    ['a/..%20/b', "'..' segment"],
    ['a/.%20', "'..' segment"],
    ['%252e%252e/x', 'more than once'],
    ['%252e%252e%252fx', 'more than once'],
    ['%25252e%25252e/x', 'more than once'],
    ['a%252Fb', 'more than once'],
    ['a%2500', 'more than once'],
    ['a%255cb', 'more than once'],
    ['..%5cx', 'backslash'],
    ['a%5C..%5Cb', 'backslash'],
    ['a\\b', 'backslash'],
    ['%5c%5chost%5cshare', 'backslash'],
    ['/etc/passwd', 'absolute'],
    ['%2Fetc%2Fpasswd', 'absolute'],
    ['//host/share', 'absolute'],
    ['a//b', 'empty segment'],
    ['a%2F%2Fb', 'empty segment'],
    ['a/', 'must end in a file name'],
    ['a%2F', 'must end in a file name'],
    ['C:/Windows', 'drive letter'],
    ['c:x', 'drive letter'],
    ['C%3A%2FWindows', 'drive letter'],
    ['file:/etc/passwd', 'drive letter or file:'],
    ['FILE:x', 'drive letter or file:'],
    ['file:///etc/passwd', 'drive letter or file:'],
    ['a%00.txt', 'control character'],
    ['a%0d%0aSet-Cookie:x', 'control character'],
    ['a%09b', 'control character'],
    ['a%7fb', 'control character'],
    ['a%C2%85b', 'control character'],
    ['a%23b', "'#'"],
    ['a#b', "'#'"],
    ['a%', 'not percent-encoded UTF-8'],
    ['a%zz', 'not percent-encoded UTF-8'],
    ['a%f', 'not percent-encoded UTF-8'],
    ['%ff', 'not percent-encoded UTF-8'],
    ['%c0%ae%c0%ae/x', 'not percent-encoded UTF-8'],
    ['%e0%80%ae', 'not percent-encoded UTF-8'],
    ['%ed%a0%80', 'not percent-encoded UTF-8'],
    ['\u00e9', 'must be percent-encoded'],
    ['a b', 'must be percent-encoded'],
    ['n'.repeat(256), 'longer than 255 bytes'],
    ['%E6%97%A5'.repeat(86), 'longer than 255 bytes'],
    [`${'n'.repeat(250)}/`.repeat(4) + 'n'.repeat(21), 'longer than 1024 bytes'],
    [`${'n/'.repeat(600)}n`, 'longer than 1024 bytes'],
  ])('%s', (raw, why) => {
    expect(refusal(() => artifactPath(raw))).toEqual(becauseOf(why));
  });
});

describe('a decoded path', () => {
  test.each(['a.txt', 'sp ace/日本.txt', 'a+b', '100%', 'a%zz'])('is accepted: %s', (path) => {
    expect(cleanArtifactPath(path)).toBe(path);
  });

  test.each([
    ['\ud800.txt', 'well-formed'],
    ['a\udfff', 'well-formed'],
    ['a\0', 'control character'],
    ['%2e%2e/x', 'more than once'],
    ['..\\x', 'backslash'],
    ['../x', "'..' segment"],
    ['/etc', 'absolute'],
    ['', 'empty'],
  ])('is refused: %j', (path, why) => {
    expect(refusal(() => cleanArtifactPath(path))).toEqual(becauseOf(why));
  });

  it('is shown in the message, but not at any length', () => {
    expect((refusal(() => cleanArtifactPath(`../${'x'.repeat(5000)}`)) as Error).message.length).toBeLessThan(300);
  });
});

describe('a folder', () => {
  it('may be the root, and may end in one slash', () => {
    expect(artifactFolder('')).toBe('');
    expect(artifactFolder('a/b%20c/')).toBe('a/b c');
    expect(cleanArtifactFolder(undefined)).toBe('');
    expect(cleanArtifactFolder('')).toBe('');
    expect(cleanArtifactFolder('a/b/')).toBe('a/b');
  });

  test.each(['/', '//', 'a//', '../', './', '..', '%2e%2e%2f', '%2f'])('is refused: %s', (raw) => {
    expect(refusal(() => artifactFolder(raw))).toEqual(becauseOf('Invalid artifact path'));
  });
});

it('is refused for its length before anything else is asked of it', () => {
  expect(refusal(() => cleanArtifactPath(`%25${'25'.repeat(1_000_000)}`))).toEqual(becauseOf('longer than 1024 bytes'));
});

it('is refused for its length before it is decoded', () => {
  expect(refusal(() => artifactPath('%ff'.repeat(1025)))).toEqual(becauseOf('longer than 1024 bytes'));
  expect(refusal(() => artifactFolder(`${'%ff'.repeat(1025)}/`))).toEqual(becauseOf('longer than 1024 bytes'));
});

it('may be encoded as long as its bytes allow', () => {
  const longest = `${'%6e'.repeat(250)}%2F`.repeat(4) + '%6e'.repeat(20);
  expect(artifactPath(longest)).toBe(`${'n'.repeat(250)}/`.repeat(4) + 'n'.repeat(20));
});

describe('joining', () => {
  it('keeps the root out of the way', () => {
    expect(joinArtifactPath('', 'a')).toBe('a');
    expect(joinArtifactPath('a', '')).toBe('a');
    expect(joinArtifactPath('1/run/artifacts', 'model/MLmodel')).toBe('1/run/artifacts/model/MLmodel');
  });

  it('holds the result to the limit of length', () => {
    const long = `${'n'.repeat(250)}/`.repeat(3) + 'n'.repeat(200);
    expect(refusal(() => joinArtifactPath(long, long))).toEqual(becauseOf('longer than 1024 bytes'));
  });
});

it('names a file by its last segment', () => {
  expect(artifactName('a/b/c.txt')).toBe('c.txt');
  expect(artifactName('c.txt')).toBe('c.txt');
});
