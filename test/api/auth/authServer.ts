import { type Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { Accounts, type AccountsOptions } from '../../../daemon/api/auth/accounts.ts';
import type { ApiDeps } from '../../../daemon/api/deps.ts';
import type { ErrorBody, Role, Session } from '../../../daemon/schema.ts';
import { openStore, type Store } from '../../../daemon/store/store.ts';
import { type ApiServer, startApi } from '../apiServer.ts';

export const PASSWORD = 'correct horse battery';
export const SCREEN = 'screen-token-of-this-very-test-43-characters';
export const CLI = 'wly_the-token-of-the-command-line-of-this-test-00';

export interface AuthServer extends Omit<ApiServer, 'store'> {
  store: Store;
  accounts: Accounts;
  /** Turns the clock of sessions, tokens, pairing and attempts, in seconds. */
  later(seconds: number): void;
  /** Lines that were logged. */
  logged: string[];
}

/** A server on which everybody has to sign in, as on an address of the network; its clock is the test's. */
export async function startAuth(
  options: Partial<AccountsOptions> = {},
  prepare?: (app: FastifyInstance) => void,
  deps: Partial<ApiDeps> = {},
): Promise<AuthServer> {
  const { store } = openStore(':memory:');
  const logged: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
  const start = Date.now();
  let turned = 0;
  const accounts = new Accounts({
    store: store.accounts,
    log,
    open: false,
    tokens: { screen: SCREEN, cli: CLI },
    now: () => (Date.now() - start) / 1000 + 1_700_000_000 + turned,
    ...options,
  });
  const api = await startApi({ store, accounts, log, ...deps }, prepare);
  return {
    ...api,
    store,
    accounts,
    logged,
    later: (seconds) => {
      turned += seconds;
    },
    close: async () => {
      await api.close();
      store.close();
    },
  };
}

export interface Asked<T> {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  body: T;
  /** Value of a cookie that the answer sets; '' when it is taken away. */
  cookie(name: string): string | undefined;
}

export interface AskOptions {
  body?: unknown;
  headers?: Record<string, string>;
  /** Of the client: any 127.x.y.z, to come from many places. */
  from?: string;
  /** Keeps connections; by default each request has its own. */
  agent?: Agent;
}

/** One request with just these headers: fetch() adds Origin and Sec-Fetch-… of its own. */
export function ask<T = ErrorBody>(
  { port }: { port: number },
  method: string,
  path: string,
  { body, headers = {}, from, agent }: AskOptions = {},
): Promise<Asked<T>> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const asked = httpRequest(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        agent: agent ?? false,
        ...(from === undefined ? {} : { localAddress: from }),
        headers: {
          ...(text === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const answer = Buffer.concat(chunks).toString();
          const isJson = (response.headers['content-type'] ?? '').startsWith('application/json');
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: answer,
            body: (isJson && answer !== '' ? JSON.parse(answer) : undefined) as T,
            cookie: (name) =>
              response.headers['set-cookie']
                ?.map((one) => new RegExp(`^${name}=([^;]*)`).exec(one)?.[1])
                .find((value) => value !== undefined),
          });
        });
      },
    );
    asked.on('error', reject);
    asked.end(text);
  });
}

/** Headers of our own page, in a browser that has this cookie. */
export function page(api: { url: string }, cookie: string, name = 'walleye_session'): Record<string, string> {
  return { cookie: `${name}=${cookie}`, origin: api.url };
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
export const basic = (name: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
});

/** Adds a user, the first of them an administrator whatever is said, and signs him in. */
export async function signedIn(
  api: AuthServer,
  name: string,
  role: Role,
): Promise<{ cookie: string; headers: Record<string, string>; session: Session }> {
  await api.accounts.addUser({ name, role, password: PASSWORD });
  return signIn(api, name);
}

export async function signIn(api: AuthServer, name: string, password = PASSWORD) {
  const answer = await ask<Session>(api, 'POST', '/api/session', { body: { username: name, password } });
  const cookie = answer.cookie('walleye_session');
  if (answer.status !== 200 || cookie === undefined) throw new Error(`${answer.status} ${answer.text}`);
  return { cookie, headers: page(api, cookie), session: answer.body };
}
