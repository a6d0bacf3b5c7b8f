import { existsSync, renameSync, rmSync } from 'node:fs';
import SQLite, { type Database } from 'better-sqlite3';
import { readSegmentPath } from './segmentName.ts';

/** Times in Unix milliseconds. */
export interface Segment {
  id: number;
  camera: string;
  stream: string;
  /** Relative to the folder of recordings. */
  path: string;
  from: number;
  until: number;
  bytes: number;
  codec: string;
  width: number;
  height: number;
  protected: boolean;
  /** It is being written. */
  open: boolean;
}

export interface SegmentQuery {
  camera?: string | undefined;
  /** Those that have something of this time, Unix milliseconds. */
  from?: number | undefined;
  until?: number | undefined;
  limit: number;
  /** The newest first. */
  newest?: boolean | undefined;
}

interface Row extends Omit<Segment, 'protected' | 'open' | 'from' | 'until'> {
  begins: number;
  ends: number;
  protected: 0 | 1;
  open: 0 | 1;
}

/** What a timeline needs of a segment. */
export type SegmentTimes = Pick<Segment, 'from' | 'until' | 'protected' | 'open'>;

interface Sum {
  bytes: number;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS segment (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    camera TEXT NOT NULL, stream TEXT NOT NULL, path TEXT NOT NULL UNIQUE,
    begins REAL NOT NULL, ends REAL NOT NULL, bytes INTEGER NOT NULL,
    codec TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
    protected INTEGER NOT NULL DEFAULT 0, open INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS segment_time ON segment (camera, begins);
  CREATE INDEX IF NOT EXISTS segment_age ON segment (ends);
`;
/** Milliseconds: no segment is longer (segmentMaker.ts), so that the index need not be walked from its beginning. */
const LONGEST = 3_600_000;
/** A camera after the other, without a look at every segment. */
const CAMERAS = `
  WITH RECURSIVE one(camera) AS (
    SELECT min(camera) FROM segment
    UNION ALL SELECT (SELECT min(camera) FROM segment WHERE camera > one.camera) FROM one WHERE one.camera IS NOT NULL
  ) SELECT camera FROM one WHERE camera IS NOT NULL
`;
/** Of segments that are found again, whose camera is not asked: told by the next player. */
const UNKNOWN = { codec: '', width: 0, height: 0 };

/**
 * Which segments there are: a database on the box's own disk, never on a share that may not answer, or a disk that is slow. It is worth
 * no more than a walk through their folder (reconcile.ts), so a damaged one is set aside and made again.
 *
 * What a segment that is being written has come to is known here only while this process lives: writing it down every second would
 * wear out a box's flash memory. The file tells it, after a power cut too.
 */
export class SegmentIndex {
  readonly #db: Database;
  /** The database was not there, or damaged. */
  readonly fresh: boolean;
  /** Of all; summed up once, then kept. */
  #bytes = 0;
  /** How far those have come that are being written. */
  #growing = new Map<number, { until: number; bytes: number }>();

  /** @param file of the database, on a disk of the box's own @throws errors of the file system */
  constructor(file: string) {
    const kept = existsSync(file) ? tryOpen(file) : undefined;
    if (!kept && existsSync(file)) setAside(file);
    this.fresh = kept === undefined;
    this.#db = kept ?? openDatabase(file);
    this.#bytes = (
      this.#db.prepare('SELECT coalesce(sum(bytes), 0) AS bytes FROM segment').get() as Sum
    ).bytes;
  }

  insert(segment: Omit<Segment, 'id' | 'protected'>): number {
    const { from, until, open, ...rest } = segment;
    const { lastInsertRowid } = this.#db
      .prepare(
        `INSERT INTO segment (camera, stream, path, begins, ends, bytes, codec, width, height, open)
         VALUES (@camera, @stream, @path, @begins, @ends, @bytes, @codec, @width, @height, @open)`,
      )
      // The end of one that is being written is anywhere from now on.
      .run({ ...rest, begins: from, ends: open ? from + LONGEST : until, open: open ? 1 : 0 });
    const id = Number(lastInsertRowid);
    if (open) this.#growing.set(id, { until, bytes: segment.bytes });
    this.#bytes += segment.bytes;
    return id;
  }

  /** How far a segment has come that is being written. */
  grow(id: number, until: number, bytes: number): void {
    this.#bytes += bytes - (this.#growing.get(id)?.bytes ?? 0);
    this.#growing.set(id, { until, bytes });
  }

  /** Nobody writes it any more. */
  close(id: number, until: number, bytes: number): void {
    this.#bytes += bytes - this.#bytesOf(id);
    this.#growing.delete(id);
    this.#db.prepare('UPDATE segment SET ends = ?, bytes = ?, open = 0 WHERE id = ?').run(until, bytes, id);
  }

  #bytesOf(id: number): number {
    const row = this.#db.prepare('SELECT bytes FROM segment WHERE id = ?').get(id) as Sum | undefined;
    return this.#growing.get(id)?.bytes ?? row?.bytes ?? 0;
  }

  /** A file that was found: it is new, or was being written when the power went. @param path a segment's @returns its id */
  settle(path: string, { until, bytes }: { until: number; bytes: number }): number {
    const known = this.at(path);
    if (known) {
      this.close(known.id, until, bytes);
      return known.id;
    }
    const name = readSegmentPath(path);
    if (!name) throw new TypeError(`${path} is no segment's`);
    return this.insert({ ...name, ...UNKNOWN, path, from: name.startedAt, until, bytes, open: false });
  }

  /** @param path of its file */
  at(path: string): Segment | undefined {
    return this.#all('SELECT * FROM segment WHERE path = ?', path)[0];
  }

  /** Of the newest segment; 0: there is none. */
  get lastId(): number {
    return this.#db.prepare('SELECT coalesce(max(id), 0) FROM segment').pluck().get() as number;
  }

  /** Segments of a stream that a daemon before us was writing, and that were not looked at since. */
  left(camera: string, stream: string): Segment[] {
    const sql = 'SELECT * FROM segment WHERE camera = ? AND stream = ? AND open = 1';
    return this.#all(sql, camera, stream).filter(({ id }) => !this.#growing.has(id));
  }

  /** Those whose files lie in a folder, `door/2026-11-22`. */
  ofDay(day: string): Segment[] {
    // The character after the slash.
    return this.#all('SELECT * FROM segment WHERE path >= ? AND path < ?', `${day}/`, `${day}0`);
  }

  /** Whether there is anything of a folder's. */
  hasDay(day: string): boolean {
    const sql = 'SELECT 1 FROM segment WHERE path >= ? AND path < ? LIMIT 1';
    return this.#db.prepare(sql).get(`${day}/`, `${day}0`) !== undefined;
  }

  /** Folders of which there is something, `door/2026-11-22`. */
  days(): string[] {
    const sql = 'SELECT DISTINCT substr(path, 1, length(camera) + 11) FROM segment';
    return this.#db.prepare(sql).pluck().all() as string[];
  }

  protect(id: number, yes: boolean): void {
    this.#db.prepare('UPDATE segment SET protected = ? WHERE id = ?').run(yes ? 1 : 0, id);
  }

  remove(id: number): void {
    this.#bytes -= this.#bytesOf(id);
    this.#growing.delete(id);
    this.#db.prepare('DELETE FROM segment WHERE id = ?').run(id);
  }

  get(id: number): Segment | undefined {
    return this.#all('SELECT * FROM segment WHERE id = ?', id)[0];
  }

  find({
    camera,
    from = 0,
    until = Number.MAX_SAFE_INTEGER,
    limit,
    newest = false,
  }: SegmentQuery): Segment[] {
    const of = camera === undefined ? '' : 'camera = @camera AND ';
    const order = newest ? 'begins DESC, id DESC' : 'begins, id';
    const sql = `SELECT * FROM segment WHERE ${of}ends > @from AND begins < @until ORDER BY ${order} LIMIT @limit`;
    const values = { from, until, limit, ...(camera === undefined ? {} : { camera }) };
    return this.#all(sql, values).filter((segment) => segment.until > from);
  }

  /** Cameras of which there is something, by name. */
  cameras(): string[] {
    return (this.#db.prepare(CAMERAS).all() as { camera: string }[]).map(({ camera }) => camera);
  }

  /** When there is something of a camera, Unix milliseconds, by the beginnings. Tens of thousands in a month. */
  times(camera: string, from: number, until: number): SegmentTimes[] {
    const sql = `SELECT id, begins, ends, protected, open FROM segment
      WHERE camera = ? AND begins >= ? AND begins < ? AND ends > ? ORDER BY begins, id`;
    const rows = this.#db
      .prepare(sql)
      .raw()
      .all(camera, from - LONGEST, until, from);
    return (rows as [number, number, number, number, number][])
      .map(([id, begins, ends, kept, open]) => ({
        from: begins,
        until: this.#endOf({ id, begins, ends, open: open as Row['open'] }),
        protected: kept === 1,
        open: open === 1,
      }))
      .filter((times) => times.until > from);
  }

  /** Whether there is something of a camera between two times, Unix milliseconds. */
  has(camera: string, from: number, until: number): boolean {
    const sql = `SELECT id, begins, ends, open FROM segment
      WHERE camera = ? AND begins >= ? AND begins < ? AND ends > ? ORDER BY open LIMIT 4`;
    const rows = this.#db.prepare(sql).all(camera, from - LONGEST, until, from) as Row[];
    return rows.some((row) => this.#endOf(row) > from);
  }

  /** The recorded time of a camera that is the nearest to another, Unix milliseconds; undefined: nothing is recorded. */
  nearest(camera: string, at: number): number | undefined {
    const sql = (order: string, compared: string) =>
      `SELECT id, begins, ends, open FROM segment WHERE camera = ? AND begins ${compared} ? ORDER BY begins ${order} LIMIT 1`;
    const before = this.#db.prepare(sql('DESC', '<=')).get(camera, at) as Row | undefined;
    const after = this.#db.prepare(sql('ASC', '>')).get(camera, at) as Row | undefined;
    const times = [before && Math.min(this.#endOf(before), at), after?.begins].filter(
      (time) => time !== undefined,
    );
    return times.toSorted((a, b) => Math.abs(a - at) - Math.abs(b - at))[0];
  }

  /** Closed ones that nobody protects, the oldest first. */
  oldest(limit: number): Segment[] {
    const sql = 'SELECT * FROM segment WHERE open = 0 AND protected = 0 ORDER BY ends, id LIMIT ?';
    return this.#all(sql, limit);
  }

  /** Bytes of all. */
  get bytes(): number {
    return this.#bytes;
  }

  #all(sql: string, ...values: unknown[]): Segment[] {
    // The index came with the disk: a path in it that is no segment's may lead anywhere.
    const rows = (this.#db.prepare(sql).all(...values) as Row[]).filter(({ path }) => readSegmentPath(path));
    return rows.map(({ begins, ends, protected: kept, open, bytes, ...rest }) => ({
      ...rest,
      from: begins,
      until: this.#endOf({ id: rest.id, begins, ends, open }),
      bytes: this.#growing.get(rest.id)?.bytes ?? bytes,
      protected: kept === 1,
      open: open === 1,
    }));
  }

  /** One that was being written when the power went, and was not looked at since, has nothing. */
  #endOf({ id, begins, ends, open }: Pick<Row, 'id' | 'begins' | 'ends' | 'open'>): number {
    return open === 1 ? (this.#growing.get(id)?.until ?? begins) : ends;
  }

  end(): void {
    this.#db.close();
  }
}

function openDatabase(file: string): Database {
  const db = new SQLite(file);
  db.pragma('journal_mode = WAL');
  // It can be made again: what was added in the moments before a power cut is found in the folder.
  db.pragma('synchronous = NORMAL');
  db.exec(SCHEMA);
  return db;
}

function tryOpen(file: string): Database | undefined {
  try {
    const db = openDatabase(file);
    if (db.pragma('quick_check(1)', { simple: true }) === 'ok') return db;
    db.close();
  } catch (error) {
    const { code = '' } = error as { code?: string };
    if (!code.startsWith('SQLITE_CORRUPT') && code !== 'SQLITE_NOTADB' && code !== 'SQLITE_ERROR')
      throw error;
  }
  return undefined;
}

function setAside(file: string): void {
  renameSync(file, `${file}.damaged`);
  for (const suffix of ['-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
}
