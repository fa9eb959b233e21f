import { describe, expect, it } from 'vitest';
import { plainHead } from './plain-head.ts';

const lines = (...rest: string[]) => rest.join('\r\n');
const host = 'Host: cellar:5000';

describe('a plain head', () => {
  it('is read as the Python client sends it', () => {
    const text = lines(
      'POST /api/2.0/mlflow/runs/log-metric HTTP/1.1',
      host,
      'User-Agent: mlflow-python-client/3.17.2',
      'Accept-Encoding: gzip, deflate',
      'Accept: */*',
      'Connection: keep-alive',
      'X-MLflow-Client-Version: 3.17.2',
      'Content-Length: 97',
      'Content-Type: application/json',
    );
    expect(plainHead(text)).toEqual({
      method: 'POST',
      path: '/api/2.0/mlflow/runs/log-metric',
      query: '',
      headers: {
        host: 'cellar:5000',
        'user-agent': 'mlflow-python-client/3.17.2',
        'accept-encoding': 'gzip, deflate',
        accept: '*/*',
        connection: 'keep-alive',
        'x-mlflow-client-version': '3.17.2',
        'content-length': '97',
        'content-type': 'application/json',
      },
      length: 97,
    });
  });

  it('has its query apart, and no body when it is a GET', () => {
    expect(plainHead(lines('GET /a/b?c=%20d?e HTTP/1.1', host))).toMatchObject({
      path: '/a/b',
      query: 'c=%20d?e',
      length: 0,
    });
  });

  it('is not changed by what another request brought', () => {
    const first = plainHead(lines('GET /a HTTP/1.1', host))!;
    const second = plainHead(lines('GET /b HTTP/1.1', host))!;
    expect([first.path, second.path]).toEqual(['/a', '/b']);
    expect(() => Object.assign(first.headers, { host: 'other' })).toThrow(TypeError);
  });

  it.each([
    ['another version', lines('GET /a HTTP/1.0', host)],
    ['another method', lines('PUT /a HTTP/1.1', host, 'Content-Length: 1')],
    ['a method in small letters', lines('get /a HTTP/1.1', host)],
    ['the whole URL', lines('GET http://cellar/a HTTP/1.1', host)],
    ['a space in the path', lines('GET /a b HTTP/1.1', host)],
    ['a letter outside of ASCII in the path', lines('GET /\xe9 HTTP/1.1', host)],
    ['no headers', 'GET /a HTTP/1.1'],
    ['no host', lines('GET /a HTTP/1.1', 'Accept: */*')],
    ['two hosts', lines('GET /a HTTP/1.1', host, 'host: other')],
    ['a header that is not known', lines('GET /a HTTP/1.1', host, 'Authorization: Basic eDp5')],
    ['an origin', lines('POST /a HTTP/1.1', host, 'Content-Length: 1', 'Origin: http://cellar')],
    ['chunks', lines('POST /a HTTP/1.1', host, 'Transfer-Encoding: chunked')],
    ['a length and chunks', lines('POST /a HTTP/1.1', host, 'Content-Length: 1', 'Transfer-Encoding: chunked')],
    ['an encoding', lines('POST /a HTTP/1.1', host, 'Content-Length: 1', 'Content-Encoding: gzip')],
    ['an expectation', lines('POST /a HTTP/1.1', host, 'Content-Length: 1', 'Expect: 100-continue')],
    ['no length', lines('POST /a HTTP/1.1', host)],
    ['two lengths', lines('POST /a HTTP/1.1', host, 'Content-Length: 1', 'Content-Length: 1')],
    ['a list of lengths', lines('POST /a HTTP/1.1', host, 'Content-Length: 1, 1')],
    ['a signed length', lines('POST /a HTTP/1.1', host, 'Content-Length: +1')],
    ['a length in hexadecimal', lines('POST /a HTTP/1.1', host, 'Content-Length: 0x1')],
    ['an empty length', lines('POST /a HTTP/1.1', host, 'Content-Length: ')],
    ['a body of a GET', lines('GET /a HTTP/1.1', host, 'Content-Length: 1')],
    ['the end of the connection', lines('GET /a HTTP/1.1', host, 'Connection: close')],
    ['an upgrade', lines('GET /a HTTP/1.1', host, 'Connection: upgrade')],
    ['a folded line', lines('GET /a HTTP/1.1', host, 'Accept: a', ' b')],
    ['a space before the colon', lines('GET /a HTTP/1.1', 'Host : cellar')],
    ['a line without a colon', lines('GET /a HTTP/1.1', host, 'Accept')],
    ['a line without a name', lines('GET /a HTTP/1.1', host, ': x')],
    ['a lone line feed', lines('GET /a HTTP/1.1', 'Host: cellar\nAccept: */*')],
    ['a lone carriage return', lines('GET /a HTTP/1.1', 'Host: cellar\rAccept: */*')],
    ['a NUL', lines('GET /a HTTP/1.1', 'Host: cel\0lar')],
    ['a value outside of ASCII', lines('GET /a HTTP/1.1', host, 'User-Agent: \xe9')],
    ['a name of every object', lines('GET /a HTTP/1.1', host, '__proto__: x', 'constructor: y')],
  ])('is none with %s', (_, text) => {
    expect(plainHead(text)).toBeUndefined();
  });

  it.each(['\n', '\r', '\v', '\f', '\0', '\xa0', '\x85'])('is none with %j at either end of a value', (odd) => {
    for (const value of [`${odd}1`, `1${odd}`])
      for (const name of ['Host', 'Accept', 'Content-Length'])
        expect(
          plainHead(lines('POST /a HTTP/1.1', ...(name === 'Host' ? [] : [host]), `${name}: ${value}`)),
        ).toBeUndefined();
  });
});
