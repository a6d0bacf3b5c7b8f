import type { ErrorBody } from '../../schema.ts';

/** 1: the daemon refused · 2: wrong use of the command · 3: the daemon does not answer. */
export type ExitCode = 1 | 2 | 3;

/** Ends the command. `message` goes to stderr. */
export class CliError extends Error {
  override name = 'CliError';
  readonly exitCode: ExitCode;
  readonly code: string;

  constructor(exitCode: ExitCode, code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.exitCode = exitCode;
    this.code = code;
  }
}

/** Milliseconds. Adding a camera asks it over ONVIF first, which may take the daemon ten seconds. */
const PATIENCE = 30_000;

/** Talks to the daemon. Every failure is a CliError whose sentence can be shown as it is. */
export class Client {
  /** Without a slash at the end. */
  readonly url: string;
  #patience: number;

  constructor(url: string, patience: number = PATIENCE) {
    this.url = url.replace(/\/+$/, '');
    this.#patience = patience;
  }

  async call<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.#fetch(method, path, body);
    const text = await response.text().catch((error: unknown) => {
      throw this.#silent(error);
    });
    if (response.ok) return (text === '' ? undefined : parsed(text)) as T;
    const { error } = (parsed(text) ?? {}) as Partial<ErrorBody>;
    if (error) throw new CliError(1, error.code, error.message);
    const message = `${this.url} answers ${response.status}, and not in Walleye’s way: something else listens there.`;
    throw new CliError(3, 'not_walleye', message);
  }

  async #fetch(method: string, path: string, body: unknown): Promise<Response> {
    try {
      return await fetch(this.url + path, {
        method,
        ...(body === undefined
          ? {}
          : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(this.#patience),
      });
    } catch (error) {
      throw this.#silent(error);
    }
  }

  #silent(cause: unknown): CliError {
    const message = `Walleye does not answer at ${this.url}. Is it running? Start it with: ./scripts/start`;
    return new CliError(3, 'unreachable', message, { cause });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
