import { randomBytes } from 'node:crypto';
import type { Role, Token, TokenAdd, TokenMade } from '../../schema.ts';
import type { AccountStore, TokenRow } from '../../store/accounts.ts';
import type { Live } from './live.ts';
import { isSameSecret, newSecret, sha256 } from './secrets.ts';

/** By which people, and programs that search repositories for secrets, know one. */
export const TOKEN_PREFIX = 'wly_';
/** Name and id of the command line's own token. */
const CLI = 'cli';
const DAY = 86_400;
/** Seconds. */
const USED_INTERVAL = 60;

export interface TokenHolder {
  id: string;
  name: string;
  scope: Role;
}

/** What programs sign in with. Only the SHA-256 is kept. */
export class Tokens {
  readonly #store: AccountStore;
  readonly #live: Live;
  readonly #now: () => number;
  readonly #cli: string;

  /** @param cli the command line's token, from its file · @param now Unix seconds */
  constructor(store: AccountStore, live: Live, cli: string, now: () => number) {
    this.#store = store;
    this.#live = live;
    this.#cli = cli;
    this.#now = now;
  }

  /** @param by who made it */
  make({ name, scope, days }: TokenAdd, by: string): TokenMade {
    const token = `${TOKEN_PREFIX}${newSecret()}`;
    const now = this.#now();
    const row: TokenRow = {
      id: randomBytes(9).toString('base64url'),
      name,
      scope,
      hash: sha256(token),
      created_at: now,
      expires_at: days === undefined || days === null ? null : now + days * DAY,
      last_used: null,
      created_by: by,
    };
    this.#store.insertToken(row);
    return { ...toToken(row), token };
  }

  /** Whose token it is; it is thereby used. */
  find(token: string): TokenHolder | 'expired' | undefined {
    if (isSameSecret(token, this.#cli)) return { id: CLI, name: CLI, scope: 'admin' };
    const row = this.#store.tokenByHash(sha256(token));
    if (!row) return undefined;
    const now = this.#now();
    if (row.expires_at !== null && now >= row.expires_at) return 'expired';
    if (row.last_used === null || now - row.last_used >= USED_INTERVAL)
      this.#store.updateToken(row.id, { last_used: now });
    return { id: row.id, name: row.name, scope: row.scope };
  }

  list(): Token[] {
    return this.#store.tokens().map(toToken);
  }

  /** What is open with it ends. @returns whether there was one */
  remove(id: string): boolean {
    const removed = this.#store.deleteToken(id);
    if (removed) this.#live.end(tokenKey(id));
    return removed;
  }
}

/** `Caller.key` of a token. */
export const tokenKey = (id: string) => `token:${id}`;

function toToken({ id, name, scope, created_at, expires_at, last_used, created_by }: TokenRow): Token {
  return { id, name, scope, created: created_at, expires: expires_at, last_used, created_by };
}
