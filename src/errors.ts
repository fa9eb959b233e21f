/**
 * MLflow's error codes and the HTTP status each one travels with (MLflow 3.x, `mlflow/exceptions.py`).
 * Clients branch on the code alone, so a message is free to say what would be right.
 */
export const statusByCode = {
  INVALID_PARAMETER_VALUE: 400,
  BAD_REQUEST: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  RESOURCE_DOES_NOT_EXIST: 404,
  ENDPOINT_NOT_FOUND: 404,
  RESOURCE_CONFLICT: 409,
  REQUEST_LIMIT_EXCEEDED: 429,
  INTERNAL_ERROR: 500,
  NOT_IMPLEMENTED: 501,
  TEMPORARILY_UNAVAILABLE: 503,
} as const;

export type ErrorCode = keyof typeof statusByCode;

/** A failure that a caller may see. Anything else that is thrown is a bug and is answered as INTERNAL_ERROR. */
export class AppError extends Error {
  readonly code: ErrorCode;
  /** Overrides the code's own status where HTTP has a more exact one (405, 413, 415, 431). */
  readonly status: number;
  /** Seconds after which a repeat may succeed; sent as Retry-After. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; status?: number; retryAfterSeconds?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.status = options.status ?? statusByCode[code];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

export const invalid = (message: string) => new AppError('INVALID_PARAMETER_VALUE', message);
export const notFound = (message: string) => new AppError('RESOURCE_DOES_NOT_EXIST', message);
export const alreadyExists = (message: string) => new AppError('RESOURCE_ALREADY_EXISTS', message);

/** A client's value as it may stand in a message: JSON, cut to 80 characters; only its kind when it nests too deep. */
export function shown(value: unknown): string {
  const text = typeof value === 'bigint' ? `${value}` : jsonOf(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Array.isArray(value) ? 'a list' : `an ${typeof value}`;
  }
}
