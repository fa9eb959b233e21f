/** MLflow's error codes. A server may know more of them than this list. */
export type ErrorCode =
  | 'INVALID_PARAMETER_VALUE'
  | 'BAD_REQUEST'
  | 'RESOURCE_ALREADY_EXISTS'
  | 'RESOURCE_DOES_NOT_EXIST'
  | 'ENDPOINT_NOT_FOUND'
  | 'RESOURCE_CONFLICT'
  | 'UNAUTHENTICATED'
  | 'CUSTOMER_UNAUTHORIZED'
  | 'PERMISSION_DENIED'
  | 'REQUEST_LIMIT_EXCEEDED'
  | 'INVALID_STATE'
  | 'INTERNAL_ERROR'
  | 'NOT_IMPLEMENTED'
  | 'TEMPORARILY_UNAVAILABLE'
  | 'DEADLINE_EXCEEDED'
  | (string & Record<never, never>);

export interface CellarErrorDetails {
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** The one error of this client: what the server refused, or that it gave no answer, or a call that cannot be made. */
export class CellarError extends Error {
  readonly code: ErrorCode;
  /** The HTTP status; undefined when there was no answer. */
  readonly status: number | undefined;
  /** The server's name for the request, to be found in its log. */
  readonly requestId: string | undefined;
  /** How long the server asked to be left alone. */
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, details: CellarErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'CellarError';
    this.code = code;
    this.status = details.status;
    this.requestId = details.requestId;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** Whether `error` is a CellarError with one of these codes. */
export const hasCode = (error: unknown, ...codes: readonly ErrorCode[]): error is CellarError =>
  error instanceof CellarError && codes.includes(error.code);

/** For answers without an `error_code`: proxies, gateways, servers of something else. */
const codeByStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'ENDPOINT_NOT_FOUND',
  408: 'DEADLINE_EXCEEDED',
  409: 'RESOURCE_CONFLICT',
  429: 'REQUEST_LIMIT_EXCEEDED',
  501: 'NOT_IMPLEMENTED',
  502: 'TEMPORARILY_UNAVAILABLE',
  503: 'TEMPORARILY_UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

const codeOf = (status: number): ErrorCode => codeByStatus[status] ?? (status < 500 ? 'BAD_REQUEST' : 'INTERNAL_ERROR');

/** What an answer other than 2xx means. Reads the body, whatever it is. `asked` is the call as a person would say it. */
export async function errorFromResponse(response: Response, asked: string, now: number): Promise<CellarError> {
  const text = await response.text().catch(() => '');
  const said = asObject(text);
  const details = {
    status: response.status,
    requestId: response.headers.get('x-request-id') ?? undefined,
    retryAfterMs: retryAfterMs(response.headers.get('retry-after'), now),
  };
  const location = response.headers.get('location');
  if (location !== null && response.status < 400)
    return new CellarError('BAD_REQUEST', `${asked} is redirected to ${location}: use that tracking URI.`, details);
  const code = typeof said['error_code'] === 'string' ? said['error_code'] : codeOf(response.status);
  const message = said['message'] ?? said['detail'];
  if (typeof message === 'string') return new CellarError(code, message, details);
  const html = (response.headers.get('content-type') ?? '').includes('html');
  const words = html || text.trim() === '' ? response.statusText : text.trim().slice(0, 300);
  return new CellarError(code, `${asked} was answered ${response.status}${words === '' ? '' : `: ${words}`}`, details);
}

function asObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** Retry-After is seconds or an HTTP date. */
function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
