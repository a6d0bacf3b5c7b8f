import type { RememberedCredential } from '../schema.ts';
import type { Sql } from './sql.ts';
import { StoreError } from './storeError.ts';
import type { Vault } from './vault.ts';

/** A credential to try. `password` never leaves the daemon but to a camera. */
export interface OpenCredential {
  id: number;
  make: string | null;
  username: string;
  password: string;
}

type Stored = RememberedCredential & { sealed_password: Uint8Array };

const NEWEST_FIRST = 'ORDER BY cameras DESC, id DESC';

/** Credentials that opened a camera, tried once on the next camera of that make. Sealed as the cameras' own are. */
export class CredentialStore {
  readonly #sql: Sql;
  readonly #vault: Vault;

  constructor(sql: Sql, vault: Vault) {
    this.#sql = sql;
    this.#vault = vault;
  }

  /** Without passwords, those first that opened the most cameras. */
  list(): RememberedCredential[] {
    const sql = `SELECT id, make, username, cameras FROM credential ${NEWEST_FIRST}`;
    return this.#sql.all<RememberedCredential>('credentials', sql);
  }

  /**
   * What to try on a camera of this make, the likeliest first: those of the make, then those of any. Those that the key
   * cannot open are left out.
   * @param make manufacturer in whatever case; null: not known, only credentials of no particular make
   */
  matching(make: string | null): OpenCredential[] {
    const sql = `SELECT id, make, username, sealed_password FROM credential
      WHERE make IS NULL OR make = ? ORDER BY make IS NULL, cameras DESC, id DESC`;
    return this.#sql.all<Stored>('credentials', sql, lower(make)).flatMap((row) => {
      const password = this.#vault.open('credential', row.id, row.sealed_password);
      return password === undefined ? [] : [{ id: row.id, make: row.make, username: row.username, password }];
    });
  }

  /**
   * Keeps it; the very same one is kept once.
   * @param make in whatever case; null: any make
   * @returns its id
   * @throws StoreError `io`, also when there is no key to seal with
   */
  remember(credential: Omit<OpenCredential, 'id'>): number {
    const make = lower(credential.make);
    const { username, password } = credential;
    return this.#sql.write('credential', () => {
      const same = this.matching(make).find(
        (one) => one.make === make && one.username === username && one.password === password,
      );
      if (same) return same.id;
      // The id is part of what is sealed, and known only now.
      const made = this.#sql.one<{ id: number }>(
        'credential',
        "INSERT INTO credential (make, username, sealed_password, created_at) VALUES (?, ?, x'', ?) RETURNING id",
        make,
        username,
        Date.now() / 1000,
      );
      const id = made?.id ?? 0;
      const sealed = this.#vault.seal('credential', id, password);
      this.#sql.run('UPDATE credential SET sealed_password = @sealed WHERE id = @id', { id, sealed });
      return id;
    });
  }

  /** It opened one more camera. One that was removed meanwhile is no error. @throws StoreError `io` */
  used(id: number): void {
    this.#sql.write(`credential ${id}`, () => {
      this.#sql.run('UPDATE credential SET cameras = cameras + 1 WHERE id = @id', { id });
    });
  }

  /** @throws StoreError `not_found`, `io` */
  remove(id: number): void {
    const place = `credential ${id}`;
    this.#sql.write(place, () => {
      if (this.#sql.run('DELETE FROM credential WHERE id = @id', { id }) === 0)
        throw new StoreError('not_found', place, `There is no ${place}.`);
    });
  }
}

const lower = (make: string | null) => make?.toLowerCase() ?? null;
