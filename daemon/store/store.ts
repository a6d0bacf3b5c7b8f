/**
 * What the user saved: cameras, streams, layouts, the wall. Every writing call returns after the data is on disk
 * (WAL, synchronous=FULL), so an answer sent after it is true even when the power goes at that moment.
 */
import { randomBytes } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { Logger } from 'pino';
import type { Layout, Tile, Wall } from '../schema.ts';
import { AccountStore } from './accounts.ts';
import { AlarmStore } from './alarms.ts';
import { readAll, replaceAll } from './backup.ts';
import type { Contents } from './contents.ts';
import { CredentialStore } from './credentials.ts';
import { openDatabase } from './database.ts';
import {
  CAMERA_COLUMNS,
  type CameraRow,
  fromStored,
  fromStoredCamera,
  STREAM_COLUMNS,
  type StoredCamera,
  type StoredStream,
  type StreamRow,
  toStored,
} from './rows.ts';
import { ScreenWallStore } from './screenWalls.ts';
import { keyProblems, sealPlainPasswords } from './sealing.ts';
import { KEY_BYTES, keyFileBeside, readSecretKey, type SecretKey } from './secretKey.ts';
import { ServiceStore } from './serviceRecords.ts';
import { SettingStore } from './settings.ts';
import { insertSql, Sql } from './sql.ts';
import { StoreError } from './storeError.ts';
import { Vault } from './vault.ts';

/**
 * Opens the store in `file`; the folder is made (0700) and so is the file (0600). Passwords that an older version left in
 * the clear are sealed.
 *
 * @param key what passwords are sealed with, or the file that holds it; by default `secret.key` beside `file`, made when
 *   there is none. A missing or wrong key is no error: see `Store.problems`.
 * @returns `recovered`: where a damaged database was set aside, null in the normal case. Show it: the store is empty then.
 * @throws StoreError `newer_database`, `migration_failed`, `io`
 */
export function openStore(
  file: string,
  log?: Logger,
  key?: Buffer | { readonly file: string },
): { store: Store; recovered: string | null } {
  const { db, recovered } = openDatabase(file, log);
  const vault = new Vault(secretOf(file, key));
  sealPlainPasswords(db, new Sql(db), vault, file, log);
  const store = new Store(db, vault);
  for (const problem of store.problems) log?.error({ file }, problem);
  return { store, recovered };
}

function secretOf(database: string, key: Buffer | { readonly file: string } | undefined): SecretKey {
  if (Buffer.isBuffer(key)) return { key, problem: null };
  if (key) return readSecretKey(key.file, false);
  if (database === ':memory:') return { key: randomBytes(KEY_BYTES), problem: null };
  return readSecretKey(keyFileBeside(database), true);
}

export class Store {
  readonly accounts: AccountStore;
  readonly alarms: AlarmStore;
  readonly service: ServiceStore;
  readonly settings: SettingStore;
  readonly credentials: CredentialStore;
  readonly screenWalls: ScreenWallStore;
  readonly #vault: Vault;
  readonly #db: Database;
  readonly #sql: Sql;

  constructor(db: Database, vault: Vault) {
    this.#db = db;
    this.#vault = vault;
    this.#sql = new Sql(db);
    this.credentials = new CredentialStore(this.#sql, vault);
    this.accounts = new AccountStore(this.#sql);
    this.alarms = new AlarmStore(this.#sql);
    this.service = new ServiceStore(this.#sql);
    this.settings = new SettingStore(this.#sql);
    this.screenWalls = new ScreenWallStore(this.#sql);
  }

  // ── cameras ──

  /** In the order in which they were added. */
  cameras(): CameraRow[] {
    const sql = 'SELECT * FROM camera ORDER BY created_at, id';
    return this.#sql.all<StoredCamera>('cameras', sql).map((row) => fromStoredCamera(row, this.#vault));
  }

  camera(id: string): CameraRow | undefined {
    const row = this.#sql.one<StoredCamera>(`camera ${id}`, 'SELECT * FROM camera WHERE id = ?', id);
    return row && fromStoredCamera(row, this.#vault);
  }

  /** The camera and its streams, or nothing. @throws StoreError `exists`, `not_found`, `invalid`, `io` */
  insertCamera(row: CameraRow, streams: readonly StreamRow[]): void {
    this.#sql.write(`camera ${row.id}`, () => {
      this.#sql.run(insertSql('camera', CAMERA_COLUMNS), toStored('camera', row.id, row, this.#vault));
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
    return this.#sql.all<StoredStream>('streams', sql).map((row) => fromStored(row, this.#vault));
  }

  stream(name: string): StreamRow | undefined {
    const row = this.#sql.one<StoredStream>(`stream ${name}`, 'SELECT * FROM stream WHERE name = ?', name);
    return row && fromStored(row, this.#vault);
  }

  /** @throws StoreError `exists`, `not_found` (no such camera), `invalid`, `io` */
  insertStream(row: StreamRow): void {
    this.#sql.write(`stream ${row.name}`, () => {
      this.#sql.run(insertSql('stream', STREAM_COLUMNS), toStored('stream', row.name, row, this.#vault));
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
    return this.#sql.all<StoredLayout>('layouts', 'SELECT * FROM layout ORDER BY name').map(toLayout);
  }

  layout(name: string): Layout | undefined {
    const row = this.#sql.one<StoredLayout>(`layout ${name}`, 'SELECT * FROM layout WHERE name = ?', name);
    return row && toLayout(row);
  }

  /** Makes or replaces it; the wall keeps it in its sequence. @throws StoreError `invalid`, `io` */
  putLayout(layout: Layout): void {
    this.#sql.write(`layout ${layout.name}`, () => {
      // Not INSERT OR REPLACE: that deletes the row first, and the wall's entry would go with it.
      const sql = `INSERT INTO layout (name, tiles, orientation) VALUES (@name, @tiles, @orientation)
        ON CONFLICT (name) DO UPDATE SET tiles = excluded.tiles, orientation = excluded.orientation`;
      const { name, tiles, orientation = null } = layout;
      this.#sql.run(sql, { name, tiles: JSON.stringify(tiles), orientation });
    });
  }

  /** It leaves the wall's sequence too. @throws StoreError `not_found`, `io` */
  deleteLayout(name: string): void {
    this.#delete('layout', 'name', name);
  }

  /** Of the first screen. */
  wall(): Wall {
    const sql = 'SELECT layout, dwell_seconds FROM wall_item ORDER BY position';
    const sequence = this.#sql.all<Wall['sequence'][number]>('wall', sql);
    return { sequence, ...this.settings.get<Omit<Wall, 'sequence'>>('wall') };
  }

  /** Replaces all of the first screen's, the hours too. @throws StoreError `not_found` (a layout that does not exist), `invalid`, `io` */
  putWall(wall: Wall): void {
    this.#sql.write('wall', () => {
      this.#sql.run('DELETE FROM wall_item', {});
      for (const [position, item] of wall.sequence.entries()) {
        this.#sql.run(insertSql('wall_item', ['position', 'layout', 'dwell_seconds']), { position, ...item });
      }
      const { sequence, ...hours } = wall;
      this.settings.put('wall', Object.keys(hours).length > 0 ? hours : undefined);
    });
  }

  // ── backup ──

  /** Everything that was saved, passwords in the clear. @throws StoreError `io` */
  contents(): Contents {
    return readAll(this, this.#sql, this.#vault);
  }

  /** In the place of all that was saved; all of it or nothing. @throws StoreError `invalid`, `exists`, `not_found`, `io` */
  replaceContents(contents: Contents): void {
    replaceAll(this, this.#sql, contents);
  }

  // ── the database itself ──

  /** What is wrong with the key of the passwords, a sentence each; none in the normal case. @throws StoreError `io` */
  get problems(): string[] {
    return keyProblems(this.#sql, this.#vault);
  }

  /** For the watchdog. @throws StoreError when the database does not answer */
  check(): void {
    this.#sql.all('check', 'SELECT name FROM stream LIMIT 1');
  }

  /** May be called twice. Folds the write-ahead log into the file. */
  close(): void {
    this.#db.close();
  }

  #update(
    table: 'camera' | 'stream',
    key: string,
    id: string,
    columns: readonly string[],
    change: object,
  ): void {
    const stored = toStored(table, id, change, this.#vault);
    // Names come from our own list, never from the object: they become part of the SQL text.
    const changed = columns.filter((column) => column !== key && stored[column] !== undefined);
    const assignments = changed.map((column) => `${column} = @${column}`).join(', ') || `${key} = ${key}`;
    const place = `${table} ${id}`;
    this.#sql.write(place, () => {
      const sql = `UPDATE ${table} SET ${assignments} WHERE ${key} = @key`;
      if (this.#sql.run(sql, { ...stored, key: id }) === 0) throw notFound(place);
    });
  }

  #delete(table: string, key: string, id: string): void {
    const place = `${table} ${id}`;
    this.#sql.write(place, () => {
      if (this.#sql.run(`DELETE FROM ${table} WHERE ${key} = @key`, { key: id }) === 0) throw notFound(place);
    });
  }
}

interface StoredLayout {
  name: string;
  tiles: string;
  orientation: Layout['orientation'] | null;
}

/** Only we write it, and the table checks that it is JSON. */
function toLayout(row: StoredLayout): Layout {
  const { name, tiles, orientation } = row;
  return { name, tiles: JSON.parse(tiles) as Tile[], ...(orientation ? { orientation } : {}) };
}

function notFound(place: string): StoreError {
  return new StoreError('not_found', place, `There is no ${place}.`);
}
