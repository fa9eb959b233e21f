import { type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type PlainHead, plainHead } from './plain-head.ts';

export interface PlainAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  /** JSON. */
  readonly body: string | Buffer;
  /** Called once the answer has been handed to the system. */
  readonly sent?: () => void;
}

export interface PlainOptions {
  /** How a plain request is answered, failures too; undefined when it is not for us. */
  readonly answerer: (head: PlainHead) => ((body: Buffer) => Promise<PlainAnswer>) | undefined;
  /** Headers of every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** How long a connection may be without a request, in milliseconds. */
  readonly idleMs: number;
}

export interface PlainRequests {
  /** From now on a connection ends with an answer that no further request waits behind. */
  end(): void;
  /** Closes the connections that wait for a request. */
  closeIdle(): void;
}

/** A request whose head has arrived, and where in the bytes received its body begins and ends. */
interface Announced {
  readonly answer: (body: Buffer) => Promise<PlainAnswer>;
  readonly start: number;
  readonly end: number;
}

const mostHeadBytes = 16 * 1024;
const mostBodyBytes = 256 * 1024;
/** A request that takes longer to arrive is left to Node's own limits. */
const arrivalMs = 1000;

/**
 * Answers plain requests, as MLflow's clients send them, straight on the socket, at a third of what `node:http` costs.
 * It reads no more of HTTP than `plainHead` does: from the first request on that is anything else, too large or slow, the
 * connection belongs to `node:http`, which gets every byte of that request. See docs/decisions/0010-plain-requests.md.
 */
export function answerPlainRequests(server: Server, options: PlainOptions): PlainRequests {
  const nodeListeners = server.listeners('connection');
  const fixed = headerLines({ 'content-type': 'application/json', ...options.headers });
  const keepAlive = headerLines({ connection: 'keep-alive', 'keep-alive': `timeout=${options.idleMs / 1000}` });
  const close = headerLines({ connection: 'close' });
  const idle = new Set<Socket>();
  let ending = false;

  /** The request that the bytes begin with, once its whole head is there; undefined while the rest of it may come. */
  function announcedIn(bytes: Buffer): Announced | 'not plain' | undefined {
    const at = bytes.indexOf('\r\n\r\n');
    if (at === -1 && mayBecomeHead(bytes)) return undefined;
    const head = at === -1 || at > mostHeadBytes ? undefined : plainHead(bytes.toString('latin1', 0, at));
    if (head === undefined || head.length > mostBodyBytes) return 'not plain';
    const answer = options.answerer(head);
    return answer === undefined ? 'not plain' : { answer, start: at + 4, end: at + 4 + head.length };
  }

  /**
   * Answers the requests of a connection one after the other. The socket is read just while bytes are waited for, so that
   * no more is kept than a request and what came with its end.
   */
  function serve(socket: Socket): void {
    let received: Buffer | undefined;
    let announced: Announced | 'not plain' | undefined;
    let late: NodeJS.Timeout | undefined;
    let answering = false;
    let ended = false;

    function onData(chunk: Buffer): void {
      received = received === undefined ? chunk : Buffer.concat([received, chunk]);
      if (answering) socket.pause();
      else next(received);
    }

    /** The client has nothing more to say, and is answered what it has asked. */
    function onEnd(): void {
      ended = true;
      if (answering) return;
      if (received === undefined) socket.end();
      else next(received);
    }

    /** Goes on with what has been received. */
    function next(bytes: Buffer): void {
      idle.delete(socket);
      announced ??= announcedIn(bytes);
      if (announced === 'not plain') passOn();
      else if (announced === undefined || bytes.length < announced.end) wait();
      else begin(announced, bytes);
    }

    function wait(): void {
      if (ended) {
        server.emit('clientError', new Error('The client ended in the middle of a request.'), socket);
        return;
      }
      late ??= setTimeout(passOn, arrivalMs);
      if (socket.isPaused()) socket.resume();
    }

    function begin({ answer, start, end }: Announced, bytes: Buffer): void {
      clearTimeout(late);
      late = undefined;
      announced = undefined;
      received = bytes.length > end ? bytes.subarray(end) : undefined;
      // Neither more nor the end is heard before what is left has been answered, or is Node's.
      if (received !== undefined) socket.pause();
      answering = true;
      // The answer tells of failures itself; what fails beyond that costs this connection and not the server.
      answer(bytes.subarray(start, end))
        .then(write)
        .catch((error) => socket.destroy(error));
    }

    function write({ status, headers, body, sent }: PlainAnswer): void {
      const last = (ending || ended) && received === undefined;
      const more = headers === undefined ? '' : headerLines(headers);
      const fields = `${fixed}${more}${last ? close : keepAlive}date: ${httpDate()}\r\n`;
      const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${fields}content-length: ${Buffer.byteLength(body)}\r\n\r\n`;
      const free = writeTogether(socket, head, body);
      sent?.();
      if (last) {
        // A client that does not end the connection from its side is not waited for.
        socket.once('finish', () => idle.add(socket));
        socket.end();
      }
      // Whoever does not read the answers is not asked for more requests.
      else if (free) proceed();
      else socket.once('drain', proceed);
    }

    function proceed(): void {
      answering = false;
      if (received !== undefined) next(received);
      else if (ended) socket.end();
      else {
        idle.add(socket);
        if (socket.isPaused()) socket.resume();
      }
    }

    function onTimeout(): void {
      if (idle.has(socket)) socket.destroy();
    }

    function onClose(): void {
      clearTimeout(late);
      idle.delete(socket);
    }

    /** The connection and what it has sent are Node's from here on. */
    function passOn(): void {
      onClose();
      for (const [event, listener] of listeners) socket.off(event, listener);
      socket.setTimeout(0);
      if (socket.isPaused()) socket.resume();
      for (const listener of nodeListeners) listener.call(server, socket);
      if (received !== undefined) socket.unshift(received);
    }

    const listeners = [
      ['data', onData],
      ['end', onEnd],
      ['timeout', onTimeout],
      // The socket destroys itself; without a listener the error would be thrown.
      ['error', () => undefined],
      ['close', onClose],
    ] as const;
    for (const [event, listener] of listeners) socket.on(event, listener);
    socket.setTimeout(options.idleMs);
    idle.add(socket);
  }

  server.removeAllListeners('connection');
  server.on('connection', serve);
  return {
    end() {
      ending = true;
    },
    closeIdle() {
      for (const socket of idle) socket.destroy();
    },
  };
}

const longText = 4096;

/** Writes an answer in one go; false when the client should read it first. */
function writeTogether(socket: Socket, head: string, body: string | Buffer): boolean {
  if (typeof body === 'string' && body.length <= longText) return socket.write(head + body);
  socket.cork();
  socket.write(head, 'latin1');
  const free = socket.write(body);
  socket.uncork();
  return free;
}

/** Whether bytes without the end of a head may be the beginning of one that is not too long. */
const mayBecomeHead = (bytes: Buffer): boolean =>
  bytes.length <= mostHeadBytes && bytes[0]! >= 0x41 && bytes[0]! <= 0x5a;

const headerLines = (headers: Readonly<Record<string, string | number>>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');

let dateSecond = 0;
let date = '';
/** The date of an answer, made once a second. */
function httpDate(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    date = new Date(second * 1000).toUTCString();
  }
  return date;
}
