import type { Logger } from 'pino';
import type { Role, User, UserAdd, UserPatch } from '../../schema.ts';
import type { AccountStore, UserRow } from '../../store/accounts.ts';
import { audit } from '../audit.ts';
import { ApiError } from '../errors.ts';
import type { AttemptLimits } from './attempts.ts';
import { FailedLogins } from './failedLogins.ts';
import { Live } from './live.ts';
import { Pairing } from './pairing.ts';
import { PasswordCheck } from './passwordCheck.ts';
import { isSameSecret, newSecret } from './secrets.ts';
import { Sessions } from './sessions.ts';
import type { TokenFiles } from './tokenFiles.ts';
import { TOKEN_PREFIX, Tokens } from './tokens.ts';

/** What the first administrator is called when nobody says otherwise. */
export const FIRST_ADMIN = 'admin';

export interface AccountsOptions {
  store: AccountStore;
  log: Logger;
  /**
   * Nobody but this machine can reach the daemon: nobody has to sign in before there is a user. False on any address of
   * the network: there everybody has to, from the first moment.
   */
  open: boolean;
  /** Without: tokens that nobody knows. */
  tokens?: TokenFiles;
  /** Unix seconds; tests turn the clock. */
  now?: () => number;
  limits?: AttemptLimits;
}

/** Users, and all that proves who somebody is. */
export class Accounts {
  readonly live = new Live();
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly pairing: Pairing;
  readonly passwords: PasswordCheck;
  readonly #options: AccountsOptions;
  readonly #screen: string;
  readonly #now: () => number;
  readonly #failed = new FailedLogins();
  #hasUsers: boolean;

  constructor(options: AccountsOptions) {
    const { store, tokens, now = () => Date.now() / 1000, limits } = options;
    this.#options = options;
    this.#now = now;
    this.#hasUsers = store.hasUsers();
    this.#screen = tokens?.screen ?? newSecret();
    this.sessions = new Sessions(store, this.live, now);
    this.tokens = new Tokens(store, this.live, tokens?.cli ?? TOKEN_PREFIX + newSecret(), now);
    this.pairing = new Pairing(now);
    this.passwords = new PasswordCheck(store, now, limits);
  }

  /** Everybody has to prove who he is. As it was last, while the database does not answer: the wall goes on without it. */
  get required(): boolean {
    // The last administrator cannot be removed: once true it stays so.
    if (!this.#options.open || this.#hasUsers) return true;
    try {
      this.#hasUsers = this.#options.store.hasUsers();
    } catch (error) {
      this.#options.log.error({ err: error }, 'the database does not tell whether there are users');
    }
    return this.#hasUsers;
  }

  /** There is an administrator. */
  get paired(): boolean {
    return this.#options.store.admins() > 0;
  }

  /** Whether it is the token of the box's own screen. */
  isScreen(token: string): boolean {
    return isSameSecret(token, this.#screen);
  }

  users(): User[] {
    return this.#options.store.users().map(toUser);
  }

  user(name: string): UserRow | undefined {
    return this.#options.store.user(name);
  }

  /** @throws ApiError 409 `first_user_is_no_admin`, `user_exists`; 503 */
  async addUser({ name, role, password }: UserAdd): Promise<User> {
    const { store } = this.#options;
    const password_hash = await this.passwords.hash(password);
    const isFirst = !store.hasUsers();
    if (isFirst && role !== 'admin') {
      const message = 'The first user must be an administrator: nobody could change anything otherwise.';
      throw new ApiError(409, 'first_user_is_no_admin', message);
    }
    if (store.user(name)) throw new ApiError(409, 'user_exists', `There is a user ${name} already.`);
    const row: UserRow = { name, role, password_hash, created_at: this.#now(), last_login: null };
    store.insertUser(row);
    if (role === 'admin') this.pairing.finish();
    // From now on everybody has to sign in: what was opened before must not stay open.
    if (isFirst) this.live.end('open');
    return toUser(row);
  }

  /** @throws ApiError 403 `grant_expired`, 409 `already_paired`, 503 */
  async addFirstAdmin(grant: string, name: string, password: string): Promise<User> {
    const check = () => {
      if (this.paired) throw alreadyPaired(409);
      if (this.pairing.isGranted(grant)) return;
      const message =
        'The code from the screen was given too long ago. Type the code that the screen shows now.';
      throw new ApiError(403, 'grant_expired', message);
    };
    check();
    const password_hash = await this.passwords.hash(password);
    // Two phones may be at it; between this and the row nobody else gets a turn.
    check();
    const row: UserRow = { name, role: 'admin', password_hash, created_at: this.#now(), last_login: null };
    this.#options.store.insertUser(row);
    this.pairing.finish();
    this.live.end('open');
    return toUser(row);
  }

  /**
   * Another role or password ends the user's sessions, and what his programs hold open.
   * @param keep the session that does not end: of an administrator who changes himself
   * @throws ApiError 404 `user_not_found`, 409 `last_admin`, 503
   */
  async patchUser(name: string, { role, password }: UserPatch, keep: string | null): Promise<User> {
    const { store } = this.#options;
    this.#require(name);
    const password_hash = password === undefined ? undefined : await this.passwords.hash(password);
    const before = this.#require(name);
    if (role !== undefined && role !== 'admin') this.#checkLastAdmin(before, 'Make somebody else one first.');
    const isOther = password_hash !== undefined || (role !== undefined && role !== before.role);
    store.updateUser(before.name, {
      ...(role === undefined ? {} : { role }),
      ...(password_hash === undefined ? {} : { password_hash }),
    });
    if (isOther) {
      this.sessions.endOf(before.name, keep);
      this.live.end(basicKey(before.name));
    }
    return toUser(this.#require(name));
  }

  /** @throws ApiError 404 `user_not_found`, 409 `last_admin` */
  removeUser(name: string): void {
    const row = this.#require(name);
    this.#checkLastAdmin(row, 'Make somebody else one first, or reset the box to its factory state.');
    this.sessions.endOf(row.name);
    this.#options.store.deleteUser(row.name);
    this.live.end(basicKey(row.name));
  }

  /** Signs a user in whose password was right. @returns the cookie and its session */
  signIn(user: string, address: string, browser: string | undefined) {
    this.#options.store.updateUser(user, { last_login: this.#now() });
    return this.sessions.start(user, address, browser);
  }

  /**
   * `WALLEYE_ADMIN_PASSWORD`: makes the user `admin`, or sets his password and makes him an administrator again. Nothing
   * happens when it is so already: a restart signs nobody out.
   */
  async setAdminPassword(password: string): Promise<'made' | 'changed' | 'unchanged'> {
    const row = this.#options.store.user(FIRST_ADMIN);
    if (!row) {
      await this.addUser({ name: FIRST_ADMIN, role: 'admin', password });
      return 'made';
    }
    const isSame = row.role === 'admin' && (await this.passwords.fits(row, password));
    if (isSame) return 'unchanged';
    await this.patchUser(FIRST_ADMIN, { role: 'admin', password }, null);
    return 'changed';
  }

  /**
   * Writes a failed sign-in down, unless there are too many. The name is told only when there is such a user: people type
   * their password into the wrong field.
   */
  noteFailure(action: 'login.failed' | 'pairing.failed', address: string, name: string | null): void {
    const user = name === null ? null : (this.#options.store.user(name.slice(0, 64))?.name ?? null);
    const left = this.#failed.note(`${action} ${address} ${user}`, this.#now());
    if (left === undefined) return;
    const unknown = name !== null && user === null ? 'unknown user' : null;
    const detail = [unknown, left > 0 ? `${left} more were not written down` : null]
      .filter(Boolean)
      .join(', ');
    const { store, log } = this.#options;
    audit(
      { store: { accounts: store }, log },
      { caller: { name: 'none', address } },
      action,
      user,
      detail || null,
    );
  }

  #require(name: string): UserRow {
    const row = this.#options.store.user(name);
    if (!row)
      throw new ApiError(404, 'user_not_found', `There is no user ${name}. GET /api/users lists them.`);
    return row;
  }

  #checkLastAdmin({ name, role }: UserRow, wayOut: string): void {
    if (role !== 'admin' || this.#options.store.admins() > 1) return;
    const message = `${name} is the only administrator, and nobody could change anything any more. ${wayOut}`;
    throw new ApiError(409, 'last_admin', message);
  }
}

/** `Caller.key` of a program that signs in with a user's password. */
export const basicKey = (user: string) => `basic:${user.toLowerCase()}`;

/** @param status 404 to the screen, which asks for a code that there is not; 409 to who wants to pair */
export function alreadyPaired(status: 404 | 409): ApiError {
  const message = 'This box is paired already. Sign in as an administrator.';
  return new ApiError(status, 'already_paired', message);
}

function toUser({ name, role, created_at, last_login }: UserRow): User {
  return { name, role: role as Role, created: created_at, last_login };
}
