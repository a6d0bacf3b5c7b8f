import { createHmac, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AccountStore, UserRow } from '../../store/accounts.ts';
import { ApiError } from '../errors.ts';
import { type AttemptLimits, Attempts, networkOf } from './attempts.ts';
import { Gate, GateFull } from './gate.ts';
import { hashPassword, isOutdated, unmatchableHash, verifyPassword } from './passwords.ts';

/** Hashes at once: libuv's pool has four threads, which files and the database's neighbours need too. */
const GATE = { slots: 2, forStrangers: 1, places: 16 };
/** Tries that are held back at the same time. */
const MOST_HELD = 64;
/** As in the schema; longer ones are not looked at. */
const MOST_NAME = 64;
const MOST_PASSWORD = 256;
/** Seconds that a checked `Authorization: Basic` is good for without another look. */
const BASIC_LIFE = 60;
const MOST_BASIC = 256;
/** Users and the networks that they signed in from. */
const MOST_KNOWN = 1_000;

interface Checked {
  user: string;
  /** It ends when the password changes. */
  hash: string;
  until: number;
}

/**
 * Is it this user's password? Everything that costs a hash goes through here, so that no flood of guesses takes the
 * processor from the pictures: few at once, few waiting, the rest refused at once.
 */
export class PasswordCheck {
  readonly attempts: Attempts;
  readonly #store: AccountStore;
  readonly #now: () => number;
  readonly #gate = new Gate(GATE);
  readonly #unmatchable = unmatchableHash();
  readonly #known = new Set<string>();
  readonly #basic = new Map<string, Checked>();
  readonly #secret = randomBytes(32);
  #held = 0;

  /** @param now Unix seconds */
  constructor(store: AccountStore, now: () => number, limits?: AttemptLimits) {
    this.#store = store;
    this.#now = now;
    this.attempts = new Attempts(limits);
    for (const { user, address } of store.sessions())
      if (address !== null) this.#remember(knownKey(user, networkOf(address)));
  }

  /** Entries in memory. */
  get size(): number {
    return this.attempts.size + this.#known.size + this.#basic.size;
  }

  /** For a new password of somebody who may set one. @throws ApiError 503 */
  async hash(password: string): Promise<string> {
    return this.#enter(true, () => hashPassword(password));
  }

  /**
   * The user whose name and password these are.
   * @throws ApiError 401 `wrong_login`, the same for users that there are not and as late; 429 `too_many_attempts`; 503
   */
  async verify(name: string, password: string, address: string): Promise<UserRow> {
    if (name.length > MOST_NAME || password.length > MOST_PASSWORD) throw wrongLogin();
    const user = name.toLowerCase();
    const network = networkOf(address);
    const isKnown = this.#known.has(knownKey(user, network));
    const verdict = this.attempts.begin(network, user, this.#now(), isKnown);
    if ('refused' in verdict) throw tooMany(verdict.refused);
    const row = this.#store.user(name);
    try {
      await this.#hold(verdict.hold);
      const isRight = await this.#enter(isKnown, () =>
        verifyPassword(password, row?.password_hash ?? this.#unmatchable),
      );
      // He may have been removed, or his password changed, while it was hashed.
      if (!isRight || !row || this.#store.user(name)?.password_hash !== row.password_hash) throw wrongLogin();
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401)) this.attempts.withdrawn(network, user);
      throw error;
    }
    this.attempts.succeeded(network, user);
    this.#remember(knownKey(user, network));
    return isOutdated(row.password_hash) ? this.#renew(row, password) : row;
  }

  /** Without counting: for a password that is configured, not guessed. */
  fits(row: UserRow, password: string): Promise<boolean> {
    return this.#enter(true, () => verifyPassword(password, row.password_hash));
  }

  /** The same for each request of a program, which must not cost a hash each time. @throws as `verify` */
  async verifyBasic(name: string, password: string, address: string): Promise<UserRow> {
    const key = createHmac('sha256', this.#secret).update(`${name}\0${password}`).digest('base64');
    const now = this.#now();
    const checked = this.#basic.get(key);
    if (checked && now < checked.until) {
      const row = this.#store.user(checked.user);
      if (row && row.password_hash === checked.hash) return row;
    }
    this.#basic.delete(key);
    const row = await this.verify(name, password, address);
    this.#basic.set(key, { user: row.name, hash: row.password_hash, until: now + BASIC_LIFE });
    if (this.#basic.size > MOST_BASIC) this.#basic.delete(this.#basic.keys().next().value as string);
    return row;
  }

  async #renew(row: UserRow, password: string): Promise<UserRow> {
    const password_hash = await this.#enter(true, () => hashPassword(password)).catch(() => undefined);
    if (password_hash === undefined || this.#store.user(row.name)?.password_hash !== row.password_hash)
      return row;
    this.#store.updateUser(row.name, { password_hash });
    return { ...row, password_hash };
  }

  async #hold(seconds: number): Promise<void> {
    if (seconds === 0) return;
    if (this.#held >= MOST_HELD) throw busy();
    this.#held++;
    await sleep(seconds * 1000, undefined, { ref: false });
    this.#held--;
  }

  async #enter<T>(known: boolean, work: () => Promise<T>): Promise<T> {
    try {
      return await this.#gate.run(known, work);
    } catch (error) {
      throw error instanceof GateFull ? busy() : error;
    }
  }

  #remember(key: string): void {
    this.#known.delete(key);
    this.#known.add(key);
    if (this.#known.size > MOST_KNOWN) this.#known.delete(this.#known.values().next().value as string);
  }
}

const knownKey = (user: string, network: string) => `${user.toLowerCase()} ${network}`;

function wrongLogin(): ApiError {
  return new ApiError(
    401,
    'wrong_login',
    'The user name or the password is wrong. Check both and try again.',
  );
}

function tooMany(seconds: number): ApiError {
  const retryAfter = Math.ceil(seconds);
  const message = `Too many wrong passwords came from this address. Try again in ${retryAfter} s.`;
  return new ApiError(429, 'too_many_attempts', message, { retryAfter });
}

function busy(): ApiError {
  const message = 'Too many people are signing in at this moment. Try again in a few seconds.';
  return new ApiError(503, 'login_busy', message, { retryAfter: 2 });
}
