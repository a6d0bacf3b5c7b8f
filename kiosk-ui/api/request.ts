import type { ErrorBody } from '../../daemon/schema.ts';

/** Milliseconds. The daemon answers most things from memory; one that takes longer is hung. */
const TIMEOUT = 8_000;

/** `status` is undefined when there was no answer at all. `message` is the daemon’s own sentence. */
export interface Failure {
  ok: false;
  status: number | undefined;
  code: string;
  message: string;
}
export type Result<T> = { ok: true; value: T } | Failure;

export interface RequestOptions {
  /** Milliseconds; for what asks cameras or works for long. */
  timeout?: number;
  signal?: AbortSignal;
  /** Sent even when the page is being left. */
  keepalive?: boolean;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One request to the daemon. Never throws: no answer is a failure like any other. */
export async function request<T>(
  method: Method,
  path: string,
  body?: unknown,
  { timeout = TIMEOUT, signal, keepalive = false }: RequestOptions = {},
): Promise<Result<T>> {
  const limit = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(path, {
      method,
      cache: 'no-store',
      keepalive,
      signal: signal ? AbortSignal.any([limit, signal]) : limit,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (response.ok) return { ok: true, value: (text === '' ? undefined : JSON.parse(text)) as T };
    const { error } = readError(text);
    return {
      ok: false,
      status: response.status,
      code: error?.code ?? 'unknown',
      message: error?.message ?? response.statusText,
    };
  } catch (error) {
    return { ok: false, status: undefined, code: 'unreachable', message: String(error) };
  }
}

function readError(text: string): Partial<ErrorBody> {
  try {
    return JSON.parse(text) as Partial<ErrorBody>;
  } catch {
    return {};
  }
}
