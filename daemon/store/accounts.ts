import type { AuditEntry, Role } from '../schema.ts';
import { insertSql, type Sql } from './sql.ts';
import { StoreError } from './storeError.ts';

/** Times are Unix seconds, here and below. Names differ by more than case. */
export interface UserRow {
  name: string;
  role: Role;
  password_hash: string;
  created_at: number;
  last_login: number | null;
}

export interface SessionRow {
  /** SHA-256 of the cookie. */
  id: string;
  user: string;
  created_at: number;
  last_seen: number;
  expires_at: number;
  address: string | null;
  browser: string | null;
}

export interface TokenRow {
  id: string;
  name: string;
  scope: Role;
  /** SHA-256 of the token. */
  hash: string;
  created_at: number;
  expires_at: number | null;
  last_used: number | null;
  created_by: string | null;
}

/** Typed by the row, so that a column forgotten here does not compile. */
const USER: Record<keyof UserRow, true> = {
  name: true,
  role: true,
  password_hash: true,
  created_at: true,
  last_login: true,
};
const SESSION: Record<keyof SessionRow, true> = {
  id: true,
  user: true,
  created_at: true,
  last_seen: true,
  expires_at: true,
  address: true,
  browser: true,
};
const TOKEN: Record<keyof TokenRow, true> = {
  id: true,
  name: true,
  scope: true,
  hash: true,
  created_at: true,
  expires_at: true,
  last_used: true,
  created_by: true,
};

/** Entries of the audit log that are kept. */
export const AUDIT_LIMIT = 20_000;

/** Users, their sessions, tokens, and who did what. Every call throws StoreError `io` when the disk fails. */
export class AccountStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  // ── users ──

  users(): UserRow[] {
    return this.#sql.all('users', 'SELECT * FROM user ORDER BY name');
  }

  user(name: string): UserRow | undefined {
    return this.#sql.one('user', 'SELECT * FROM user WHERE name = ?', name);
  }

  hasUsers(): boolean {
    return this.#sql.one('users', 'SELECT 1 FROM user LIMIT 1') !== undefined;
  }

  admins(): number {
    const sql = "SELECT count(*) AS count FROM user WHERE role = 'admin'";
    return this.#sql.one<{ count: number }>('users', sql)?.count ?? 0;
  }

  /** @throws StoreError `exists` (whatever the case), `invalid` */
  insertUser(row: UserRow): void {
    this.#insert(`user ${row.name}`, 'user', Object.keys(USER), row);
  }

  /** Fields left out stay as they are. @throws StoreError `not_found` */
  updateUser(name: string, change: Partial<Omit<UserRow, 'name'>>): void {
    this.#update('user', 'name', name, Object.keys(USER), change);
  }

  /** His sessions go with him. @throws StoreError `not_found` */
  deleteUser(name: string): void {
    if (this.#delete('DELETE FROM user WHERE name = @name', { name }) === 0) throw notFound(`user ${name}`);
  }

  // ── sessions ──

  /** The one that was used last comes first. */
  sessions(): SessionRow[] {
    return this.#sql.all('sessions', 'SELECT * FROM session ORDER BY last_seen DESC, id');
  }

  sessionsOf(user: string): SessionRow[] {
    return this.#sql.all(
      'sessions',
      'SELECT * FROM session WHERE user = ? ORDER BY last_seen DESC, id',
      user,
    );
  }

  session(id: string): SessionRow | undefined {
    return this.#sql.one('session', 'SELECT * FROM session WHERE id = ?', id);
  }

  /** @throws StoreError `not_found`: no such user */
  insertSession(row: SessionRow): void {
    this.#insert('session', 'session', Object.keys(SESSION), row);
  }

  /** A new id too, where one is given. @throws StoreError `not_found` */
  updateSession(id: string, change: Partial<Omit<SessionRow, 'user'>>): void {
    this.#update('session', 'id', id, Object.keys(SESSION), change);
  }

  /** @returns whether it was there */
  deleteSession(id: string): boolean {
    return this.#delete('DELETE FROM session WHERE id = @id', { id }) > 0;
  }

  // ── tokens ──

  tokens(): TokenRow[] {
    return this.#sql.all('tokens', 'SELECT * FROM token ORDER BY created_at, id');
  }

  tokenByHash(hash: string): TokenRow | undefined {
    return this.#sql.one('token', 'SELECT * FROM token WHERE hash = ?', hash);
  }

  insertToken(row: TokenRow): void {
    this.#insert('token', 'token', Object.keys(TOKEN), row);
  }

  /** @throws StoreError `not_found` */
  updateToken(id: string, change: Pick<TokenRow, 'last_used'>): void {
    this.#update('token', 'id', id, Object.keys(TOKEN), change);
  }

  /** @returns whether it was there */
  deleteToken(id: string): boolean {
    return this.#delete('DELETE FROM token WHERE id = @id', { id }) > 0;
  }

  // ── audit ──

  /** The oldest entry goes when there are too many. */
  appendAudit(entry: Omit<AuditEntry, 'id'>): void {
    this.#sql.write('audit', () => {
      this.#sql.run(insertSql('audit', ['time', 'who', 'address', 'action', 'target', 'detail']), entry);
      this.#sql.run('DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - @limit', {
        limit: AUDIT_LIMIT,
      });
    });
  }

  /** The newest first. @param before only entries with a smaller id */
  audit(limit: number, before = Number.MAX_SAFE_INTEGER): AuditEntry[] {
    return this.#sql.all('audit', 'SELECT * FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?', before, limit);
  }

  #insert(place: string, table: string, columns: string[], row: object): void {
    this.#sql.write(place, () => this.#sql.run(insertSql(table, columns), row));
  }

  #update(table: string, key: string, id: string, columns: string[], change: object): void {
    const given = change as Record<string, unknown>;
    // Names come from our own list, never from the object: they become part of the SQL text.
    const changed = columns.filter((column) => given[column] !== undefined);
    if (changed.length === 0) return;
    const sql = `UPDATE ${table} SET ${changed.map((column) => `${column} = @${column}`).join(', ')} WHERE ${key} = @_key`;
    const place = `${table} ${table === 'session' ? '' : id}`.trim();
    this.#sql.write(place, () => {
      if (this.#sql.run(sql, { ...given, _key: id }) === 0) throw notFound(place);
    });
  }

  #delete(sql: string, parameters: object): number {
    return this.#sql.write('accounts', () => this.#sql.run(sql, parameters));
  }
}

function notFound(place: string): StoreError {
  return new StoreError('not_found', place, `There is no ${place}.`);
}
