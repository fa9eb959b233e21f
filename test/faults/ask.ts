import { Agent, type IncomingHttpHeaders, type RequestOptions, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly ms: number;
}

/** The part of Cellar's answers that the faults look at. */
export interface Reply {
  error_code?: string;
  message?: string;
  experiment_id?: string;
  run?: RunReply;
  runs?: RunReply[];
  metrics?: { key: string; value: number; step: number }[];
  model_version?: VersionReply;
  model_versions?: VersionReply[];
  files?: { path: string; is_dir: boolean; file_size?: number }[];
  next_page_token?: string;
}
interface Pair {
  key: string;
  value: string;
}
interface RunReply {
  info: { run_id: string; run_name: string };
  data: { params?: Pair[]; tags?: Pair[]; metrics?: { key: string; value: number; step: number }[] };
}
interface VersionReply {
  name: string;
  version: string;
  source: string;
}

export class Refused extends Error {
  readonly answer: Answer;
  constructor(asked: string, answer: Answer) {
    super(`${asked} was answered ${answer.status}: ${answer.body.toString('utf8', 0, 300)}`);
    this.answer = answer;
  }
}

export const rest = '/api/2.0/mlflow/';
export const artifacts = '/api/2.0/mlflow-artifacts/artifacts';

/**
 * A client that hides nothing: one request is one attempt, and a connection that breaks is an error. Connections are
 * kept alive, as MLflow's clients do.
 */
export class Asker {
  readonly url: string;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(url: string) {
    this.url = url;
  }

  /** Any answer, whatever its status; rejects when there is none within `timeoutMs`. */
  send(method: string, path: string, body?: object | Buffer, timeoutMs = 30_000): Promise<Answer> {
    const json = body !== undefined && !Buffer.isBuffer(body);
    const content = json ? Buffer.from(JSON.stringify(body)) : body;
    const headers = {
      ...(json && { 'content-type': 'application/json' }),
      ...(content !== undefined && { 'content-length': content.length }),
    };
    return this.#exchange({ method, path, headers }, content, timeoutMs);
  }

  /** The JSON of a 200; throws `Refused` with any other status. */
  async ask(method: 'GET' | 'POST', path: string, body?: object): Promise<Reply> {
    const answer = await this.send(method, path, body);
    if (answer.status !== 200) throw new Refused(`${method} ${path}`, answer);
    return JSON.parse(answer.body.toString()) as Reply;
  }

  post(path: string, body: object): Promise<Reply> {
    return this.ask('POST', rest + path, body);
  }

  get(path: string, query: Readonly<Record<string, string>>): Promise<Reply> {
    return this.ask('GET', `${rest}${path}?${new URLSearchParams(query)}`);
  }

  /** Every page of a list. */
  async *pages(page: (token: string) => Promise<Reply>): AsyncGenerator<Reply> {
    let token = '';
    do {
      const reply = await page(token);
      yield reply;
      token = reply.next_page_token ?? '';
    } while (token !== '');
  }

  close(): void {
    this.#agent.destroy();
  }

  #exchange(options: RequestOptions, content: Buffer | undefined, timeoutMs: number): Promise<Answer> {
    const began = performance.now();
    return new Promise((resolve, reject) => {
      const outgoing = request(this.url, { ...options, agent: this.#agent }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', failed);
        incoming.on('end', () => {
          clearTimeout(timer);
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: Buffer.concat(chunks),
            ms: performance.now() - began,
          });
        });
      });
      const failed = (error: Error) => {
        clearTimeout(timer);
        reject(error);
      };
      const timer = setTimeout(
        () => outgoing.destroy(new Error(`No answer to ${options.method} ${options.path} within ${timeoutMs} ms`)),
        timeoutMs,
      );
      outgoing.on('error', failed);
      outgoing.end(content);
    });
  }
}
