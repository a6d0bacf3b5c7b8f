import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import SQLite, { type Database } from 'better-sqlite3';
import { mendSegment } from './segmentFile.ts';
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

const FILE = 'index.sqlite';
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS segment (
    id INTEGER PRIMARY KEY,
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
 * Which segments there are: a database beside them, so that a disk can be moved with both. It is worth no more than a walk through
 * the folder, so a damaged one is set aside and made again.
 */
export class SegmentIndex {
  readonly #db: Database;
  readonly #folder: string;
  /** Of all; summed up once, then kept. */
  #bytes = 0;

  private constructor(folder: string, db: Database) {
    this.#folder = folder;
    this.#db = db;
    this.#bytes = (db.prepare('SELECT coalesce(sum(bytes), 0) AS bytes FROM segment').get() as Sum).bytes;
  }

  /** @returns `rebuilt`: it was not there, or damaged, and segments were found without it. @throws errors of the file system */
  static open(folder: string): { index: SegmentIndex; rebuilt: boolean; mended: number } {
    const file = join(folder, FILE);
    const fresh = !existsSync(file);
    const found = fresh ? undefined : tryOpen(file);
    if (!fresh && !found) setAside(file);
    const db = found ?? openDatabase(file);
    const index = new SegmentIndex(folder, db);
    const rebuilt = found ? 0 : index.#rebuild();
    return { index, rebuilt: rebuilt > 0, mended: index.#mend() };
  }

  /** Every segment that lies there. */
  #rebuild(): number {
    let found = 0;
    for (const path of segmentFiles(this.#folder)) {
      const name = readSegmentPath(path);
      const mended = name && mendSegment(join(this.#folder, path));
      if (!name || !mended) continue;
      if (mended.content.fragments.length === 0) {
        rmSync(join(this.#folder, path), { force: true });
        continue;
      }
      const { until } = mended.content;
      this.insert({
        ...name,
        ...UNKNOWN,
        path,
        from: name.startedAt,
        until,
        bytes: mended.bytes,
        open: false,
      });
      found++;
    }
    return found;
  }

  /** Segments that were being written when the power went. */
  #mend(): number {
    const open = this.#all('SELECT * FROM segment WHERE open = 1');
    for (const { id, path, from } of open) {
      const mended = mendSegment(join(this.#folder, path));
      if (!mended || mended.content.fragments.length === 0) {
        rmSync(join(this.#folder, path), { force: true });
        this.remove(id);
      } else this.update(id, from + (mended.content.until - mended.content.from), mended.bytes, false);
    }
    return open.length;
  }

  insert(segment: Omit<Segment, 'id' | 'protected'>): number {
    const { from, until, open, ...rest } = segment;
    const { lastInsertRowid } = this.#db
      .prepare(
        `INSERT INTO segment (camera, stream, path, begins, ends, bytes, codec, width, height, open)
         VALUES (@camera, @stream, @path, @begins, @ends, @bytes, @codec, @width, @height, @open)`,
      )
      .run({ ...rest, begins: from, ends: until, open: open ? 1 : 0 });
    this.#bytes += segment.bytes;
    return Number(lastInsertRowid);
  }

  /** How far a segment has come; `open`: it is still being written. */
  update(id: number, until: number, bytes: number, open: boolean): void {
    this.#bytes += bytes - this.#bytesOf(id);
    const sql = 'UPDATE segment SET ends = ?, bytes = ?, open = ? WHERE id = ?';
    this.#db.prepare(sql).run(until, bytes, open ? 1 : 0, id);
  }

  #bytesOf(id: number): number {
    const row = this.#db.prepare('SELECT bytes FROM segment WHERE id = ?').get(id) as Sum | undefined;
    return row?.bytes ?? 0;
  }

  protect(id: number, yes: boolean): void {
    this.#db.prepare('UPDATE segment SET protected = ? WHERE id = ?').run(yes ? 1 : 0, id);
  }

  remove(id: number): void {
    this.#bytes -= this.#bytesOf(id);
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
    return this.#all(sql, values);
  }

  /** Cameras of which there is something, by name. */
  cameras(): string[] {
    return (this.#db.prepare(CAMERAS).all() as { camera: string }[]).map(({ camera }) => camera);
  }

  /** When there is something of a camera, Unix milliseconds, by the beginnings. Tens of thousands in a month. */
  times(camera: string, from: number, until: number): SegmentTimes[] {
    const sql = `SELECT begins, ends, protected, open FROM segment
      WHERE camera = ? AND begins >= ? AND begins < ? AND ends > ? ORDER BY begins, id`;
    const rows = this.#db
      .prepare(sql)
      .raw()
      .all(camera, from - LONGEST, until, from);
    return (rows as [number, number, number, number][]).map(([begins, ends, kept, open]) => ({
      from: begins,
      until: ends,
      protected: kept === 1,
      open: open === 1,
    }));
  }

  /** Whether there is something of a camera between two times, Unix milliseconds. */
  has(camera: string, from: number, until: number): boolean {
    const sql = 'SELECT 1 FROM segment WHERE camera = ? AND begins >= ? AND begins < ? AND ends > ? LIMIT 1';
    return this.#db.prepare(sql).get(camera, from - LONGEST, until, from) !== undefined;
  }

  /** The recorded time of a camera that is the nearest to another, Unix milliseconds; undefined: nothing is recorded. */
  nearest(camera: string, at: number): number | undefined {
    const sql = (order: string, compared: string) =>
      `SELECT begins, ends FROM segment WHERE camera = ? AND begins ${compared} ? ORDER BY begins ${order} LIMIT 1`;
    const before = this.#db.prepare(sql('DESC', '<=')).get(camera, at) as Row | undefined;
    const after = this.#db.prepare(sql('ASC', '>')).get(camera, at) as Row | undefined;
    const times = [before && Math.min(before.ends, at), after?.begins].filter((time) => time !== undefined);
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
    return rows.map(({ begins, ends, protected: kept, open, ...rest }) => ({
      ...rest,
      from: begins,
      until: ends,
      protected: kept === 1,
      open: open === 1,
    }));
  }

  end(): void {
    this.#db.close();
  }
}

function openDatabase(file: string): Database {
  const db = new SQLite(file);
  db.pragma('journal_mode = WAL');
  // The index can be made again: the last moments before a power cut are found in the files.
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

/** Relative paths, camera by camera, the oldest first. */
function* segmentFiles(folder: string): Iterable<string> {
  for (const camera of folders(folder))
    for (const day of folders(join(folder, camera)))
      for (const file of readdirSync(join(folder, camera, day)).sort()) yield `${camera}/${day}/${file}`;
}

function folders(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}
