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
  readonly #patience: number;
  readonly #token: string | undefined;
  readonly #screen: string | undefined;

  /** @param token what to sign in with · @param screen the cookie of the box's own screen, in its place */
  constructor(url: string, patience: number = PATIENCE, token?: string, screen?: string) {
    this.url = url.replace(/\/+$/, '');
    this.#patience = patience;
    this.#token = token;
    this.#screen = screen;
  }

  /** The same with another patience, in milliseconds. */
  within(patience: number): Client {
    return new Client(this.url, patience, this.#token, this.#screen);
  }

  /** The same as the box's own screen, where its token is known: some things are told to nobody else. */
  asScreen(token: string | undefined): Client {
    return token === undefined ? this : new Client(this.url, this.#patience, undefined, token);
  }

  async call<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.#fetch(method, path, body);
    const text = await response.text().catch((error: unknown) => {
      throw this.#silent(error);
    });
    if (response.ok) return (text === '' ? undefined : parsed(text)) as T;
    const { error } = (parsed(text) ?? {}) as Partial<ErrorBody>;
    if (response.status === 401 && error) throw new CliError(1, error.code, this.#howToSignIn(error.message));
    if (error) throw new CliError(1, error.code, error.message);
    const message = `${this.url} answers ${response.status}, and not in Walleye’s way: something else listens there.`;
    throw new CliError(3, 'not_walleye', message);
  }

  async #fetch(method: string, path: string, body: unknown): Promise<Response> {
    try {
      return await fetch(this.url + path, {
        method,
        headers: {
          ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
          ...(this.#screen === undefined ? {} : { cookie: `walleye_screen=${this.#screen}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(this.#patience),
      });
    } catch (error) {
      throw this.#silent(error);
    }
  }

  #howToSignIn(message: string): string {
    const given =
      this.#token === undefined ? 'No token was found' : `The daemon said: ${message} The token is wrong`;
    return (
      `${given}. On the box run walleye as the daemon’s own user, who may read tokens/cli in its state folder ` +
      '(WALLEYE_STATE_DIR); elsewhere set WALLEYE_TOKEN to a token made on the admin page.'
    );
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
