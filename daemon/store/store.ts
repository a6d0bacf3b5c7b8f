/**
 * What the user saved: cameras, streams, layouts, the wall. Every writing call returns after the data is on disk
 * (WAL, synchronous=FULL), so an answer sent after it is true even when the power goes at that moment.
 */
import type { Database, Statement } from 'better-sqlite3';
import type { Logger } from 'pino';
import type { Layout, Tile, Wall } from '../schema.ts';
import { openDatabase } from './database.ts';
import {
  CAMERA_COLUMNS,
  type CameraRow,
  fromStored,
  STREAM_COLUMNS,
  type StoredStream,
  type StreamRow,
  toStored,
} from './rows.ts';
import { StoreError, toStoreError } from './storeError.ts';

/**
 * Opens the store in `file`; the folder is made (0700) and so is the file (0600).
 *
 * @returns `recovered`: where a damaged database was set aside, null in the normal case. Show it: the store is empty then.
 * @throws StoreError `newer_database`, `migration_failed`, `io`
 */
export function openStore(file: string, log?: Logger): { store: Store; recovered: string | null } {
  const { db, recovered } = openDatabase(file, log);
  return { store: new Store(db), recovered };
}

const insertSql = (table: string, columns: readonly string[]) =>
  `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((column) => `@${column}`).join(', ')})`;

export class Store {
  readonly #db: Database;
  readonly #statements = new Map<string, Statement>();

  constructor(db: Database) {
    this.#db = db;
  }

  // ── cameras ──

  /** In the order in which they were added. */
  cameras(): CameraRow[] {
    return this.#all('cameras', 'SELECT * FROM camera ORDER BY created_at, id') as CameraRow[];
  }

  camera(id: string): CameraRow | undefined {
    return this.#all(`camera ${id}`, 'SELECT * FROM camera WHERE id = ?', id)[0] as CameraRow | undefined;
  }

  /** The camera and its streams, or nothing. @throws StoreError `exists`, `not_found`, `invalid`, `io` */
  insertCamera(row: CameraRow, streams: readonly StreamRow[]): void {
    this.#write(`camera ${row.id}`, () => {
      this.#run(insertSql('camera', CAMERA_COLUMNS), row);
      for (const stream of streams) this.insertStream(stream);
    });
  }

  /** Fields left out stay as they are. @throws StoreError `not_found`, `invalid`, `io` */
  updateCamera(id: string, change: Partial<Omit<CameraRow, 'id'>>): void {
    this.#update('camera', 'id', id, CAMERA_COLUMNS, change);
  }

  /** Its streams go with it; tiles of layouts keep their place. @throws StoreError `not_found`, `io` */
  deleteCamera(id: string): void {
    this.#delete('camera', 'id', id);
  }

  // ── streams ──

  /** Camera by camera, each camera's best picture first. */
  streams(): StreamRow[] {
    const sql = `SELECT stream.* FROM stream JOIN camera ON camera.id = camera_id
      ORDER BY camera.created_at, camera.id, position, stream.name`;
    return (this.#all('streams', sql) as StoredStream[]).map(fromStored);
  }

  stream(name: string): StreamRow | undefined {
    const [row] = this.#all(`stream ${name}`, 'SELECT * FROM stream WHERE name = ?', name) as StoredStream[];
    return row && fromStored(row);
  }

  /** @throws StoreError `exists`, `not_found` (no such camera), `invalid`, `io` */
  insertStream(row: StreamRow): void {
    this.#write(`stream ${row.name}`, () => {
      this.#run(insertSql('stream', STREAM_COLUMNS), toStored(row));
    });
  }

  /** Fields left out stay as they are. @throws StoreError `not_found`, `invalid`, `io` */
  updateStream(name: string, change: Partial<Omit<StreamRow, 'name'>>): void {
    this.#update('stream', 'name', name, STREAM_COLUMNS, change);
  }

  /** @throws StoreError `not_found`, `io` */
  deleteStream(name: string): void {
    this.#delete('stream', 'name', name);
  }

  // ── layouts and wall ──

  layouts(): Layout[] {
    return (this.#all('layouts', 'SELECT * FROM layout ORDER BY name') as StoredLayout[]).map(toLayout);
  }

  layout(name: string): Layout | undefined {
    const [row] = this.#all(`layout ${name}`, 'SELECT * FROM layout WHERE name = ?', name) as StoredLayout[];
    return row && toLayout(row);
  }

  /** Makes or replaces it; the wall keeps it in its sequence. @throws StoreError `invalid`, `io` */
  putLayout(layout: Layout): void {
    this.#write(`layout ${layout.name}`, () => {
      // Not INSERT OR REPLACE: that deletes the row first, and the wall's entry would go with it.
      const sql = `INSERT INTO layout (name, tiles) VALUES (@name, @tiles)
        ON CONFLICT (name) DO UPDATE SET tiles = excluded.tiles`;
      this.#run(sql, { name: layout.name, tiles: JSON.stringify(layout.tiles) });
    });
  }

  /** It leaves the wall's sequence too. @throws StoreError `not_found`, `io` */
  deleteLayout(name: string): void {
    this.#delete('layout', 'name', name);
  }

  wall(): Wall {
    const sql = 'SELECT layout, dwell_seconds FROM wall_item ORDER BY position';
    return { sequence: this.#all('wall', sql) as Wall['sequence'] };
  }

  /** Replaces the whole sequence. @throws StoreError `not_found` (a layout that does not exist), `invalid`, `io` */
  putWall(wall: Wall): void {
    this.#write('wall', () => {
      this.#run('DELETE FROM wall_item', {});
      for (const [position, item] of wall.sequence.entries()) {
        this.#run(insertSql('wall_item', ['position', 'layout', 'dwell_seconds']), { position, ...item });
      }
    });
  }

  // ── the database itself ──

  /** For the watchdog. @throws StoreError when the database does not answer */
  check(): void {
    this.#all('check', 'SELECT name FROM stream LIMIT 1');
  }

  /** May be called twice. Folds the write-ahead log into the file. */
  close(): void {
    this.#db.close();
  }

  #all(place: string, sql: string, ...parameters: unknown[]): unknown[] {
    return this.#guard(place, () => this.#prepare(sql).all(...parameters));
  }

  #run(sql: string, parameters: object): number {
    return this.#prepare(sql).run(parameters).changes;
  }

  /** Nested calls become savepoints of the outer transaction. */
  #write(place: string, body: () => void): void {
    this.#guard(place, () => this.#db.transaction(body).immediate());
  }

  #update(table: string, key: string, id: string, columns: readonly string[], change: object): void {
    const stored = toStored(change);
    // Names come from our own list, never from the object: they become part of the SQL text.
    const changed = columns.filter((column) => column !== key && stored[column] !== undefined);
    const assignments = changed.map((column) => `${column} = @${column}`).join(', ') || `${key} = ${key}`;
    const place = `${table} ${id}`;
    this.#write(place, () => {
      const sql = `UPDATE ${table} SET ${assignments} WHERE ${key} = @key`;
      if (this.#run(sql, { ...stored, key: id }) === 0) throw notFound(place);
    });
  }

  #delete(table: string, key: string, id: string): void {
    const place = `${table} ${id}`;
    this.#write(place, () => {
      if (this.#run(`DELETE FROM ${table} WHERE ${key} = @key`, { key: id }) === 0) throw notFound(place);
    });
  }

  #prepare(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #guard<T>(place: string, body: () => T): T {
    if (!this.#db.open) throw new StoreError('io', place, 'The store is closed.');
    try {
      return body();
    } catch (error) {
      throw toStoreError(error, place);
    }
  }
}

interface StoredLayout {
  name: string;
  tiles: string;
}

/** Only we write it, and the table checks that it is JSON. */
function toLayout(row: StoredLayout): Layout {
  return { name: row.name, tiles: JSON.parse(row.tiles) as Tile[] };
}

function notFound(place: string): StoreError {
  return new StoreError('not_found', place, `There is no ${place}.`);
}
