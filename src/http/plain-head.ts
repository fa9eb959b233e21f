/** The head of a plain request: one that needs nothing of HTTP but a method, a path, a query and a body of known length. */
export interface PlainHead {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** Without `?`, not decoded. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string>> & { readonly host: string };
  /** Bytes of the body; 0 for a GET. */
  readonly length: number;
}

/** Headers that change nothing in how a plain request is answered; beside the media type, which the route looks at. */
const known = new Set([
  'host',
  'content-length',
  'content-type',
  'connection',
  'user-agent',
  'accept',
  'accept-encoding',
  'accept-language',
  'sec-fetch-mode',
  'x-mlflow-client-version',
]);
const requestLine = /^(GET|POST|PATCH|DELETE) (\/[!-~]*) HTTP\/1\.1$/;
const printable = /^[\t -~]*$/;
const decimal = /^\d{1,15}$/;

/**
 * Reads a head (without the empty line at its end) strictly: undefined for whatever is not plain, were it only a header
 * that is not known here, one given twice, a line that ends in less than CRLF, or a GET with a body.
 */
export function plainHead(text: string): PlainHead | undefined {
  const end = text.indexOf('\r\n');
  const request = requestLine.exec(text.slice(0, end));
  const fields = end === -1 ? undefined : fieldsIn(text.slice(end + 2));
  if (request === null || fields === undefined) return undefined;
  const { headers, length } = fields;
  const reading = request[1] === 'GET';
  if (reading ? length > 0 : headers['content-length'] === undefined) return undefined;
  const target = request[2]!;
  const at = target.indexOf('?');
  return {
    method: request[1] as PlainHead['method'],
    path: at === -1 ? target : target.slice(0, at),
    query: at === -1 ? '' : target.slice(at + 1),
    headers,
    length,
  };
}

type Fields = Pick<PlainHead, 'headers' | 'length'>;

const mostRemembered = 64;
/** A client sends the same headers again and again; only the length changes now and then. */
const remembered = new Map<string, Fields>();

function fieldsIn(text: string): Fields | undefined {
  const found = remembered.get(text);
  if (found !== undefined) return found;
  const fields = readFields(text);
  if (remembered.size >= mostRemembered) remembered.clear();
  if (fields !== undefined) remembered.set(text, fields);
  return fields;
}

function readFields(text: string): Fields | undefined {
  const headers: Record<string, string> = {};
  for (const line of text.split('\r\n')) {
    const at = line.indexOf(':');
    const name = line.slice(0, Math.max(at, 0)).toLowerCase();
    const value = line.slice(at + 1);
    if (!known.has(name) || headers[name] !== undefined || !printable.test(value)) return undefined;
    headers[name] = value.trim();
  }
  const { host, connection = 'keep-alive', 'content-length': length = '0' } = headers;
  if (host === undefined || connection.toLowerCase() !== 'keep-alive' || !decimal.test(length)) return undefined;
  return { headers: Object.freeze({ ...headers, host }), length: Number(length) };
}
