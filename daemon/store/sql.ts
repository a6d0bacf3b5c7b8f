import type { Database, Statement } from 'better-sqlite3';
import { StoreError, toStoreError } from './storeError.ts';

/**
 * The database as the parts of the store use it: statements prepared once, every failure a StoreError that names its
 * place, writing in immediate transactions. `place` says in words what was read or written (`camera front-door`).
 */
export class Sql {
  readonly #db: Database;
  readonly #statements = new Map<string, Statement>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** All rows. The caller knows their shape: only the store writes them. @throws StoreError */
  all<Row>(place: string, sql: string, ...parameters: unknown[]): Row[] {
    return this.guard(place, () => this.#prepare(sql).all(...parameters) as Row[]);
  }

  /** The first row. @throws StoreError */
  one<Row>(place: string, sql: string, ...parameters: unknown[]): Row | undefined {
    return this.guard(place, () => this.#prepare(sql).get(...parameters) as Row | undefined);
  }

  /** Inside `write`. @returns the number of rows changed */
  run(sql: string, parameters: object = {}): number {
    return this.#prepare(sql).run(parameters).changes;
  }

  /** All of it or nothing, on disk when it returns. Nested calls become savepoints of the outer one. @throws StoreError */
  write<T>(place: string, body: () => T): T {
    return this.guard(place, () => this.#db.transaction(body).immediate());
  }

  guard<T>(place: string, body: () => T): T {
    if (!this.#db.open) throw new StoreError('io', place, 'The store is closed.');
    try {
      return body();
    } catch (error) {
      throw toStoreError(error, place);
    }
  }

  #prepare(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

export const insertSql = (table: string, columns: readonly string[]): string =>
  `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((column) => `@${column}`).join(', ')})`;
