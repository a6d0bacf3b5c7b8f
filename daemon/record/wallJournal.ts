import { existsSync, renameSync, rmSync } from 'node:fs';
import SQLite, { type Database } from 'better-sqlite3';
import type { ShownTile, ShownWall, WallChanges, WallReplay } from '../schema.ts';

/** Seconds. */
const KEPT = 30 * 86_400;
/** A page says every twenty seconds that nothing has changed. Silent for so long: nobody knows what it shows. */
const SILENCE = 60;
/** Changes that follow sooner take the place of the one before. */
const LEAST = 0.9;
/** Between two looks at what is too old. */
const PRUNE_EVERY = 3_600;
/** Changes of one answer. */
const MOST = 10_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS shown (
    screen INTEGER NOT NULL, since REAL NOT NULL, until REAL NOT NULL,
    layout TEXT, tiles TEXT NOT NULL,
    PRIMARY KEY (screen, since)
  ) STRICT, WITHOUT ROWID;
`;

interface Row {
  since: number;
  until: number;
  layout: string | null;
  tiles: string;
}

/**
 * What the box's screens showed, change by change: a database of its own, since it is written all day long, is no setting that a
 * backup should hold, and a damaged one is worth no more than a new one. Times in Unix seconds.
 */
export class WallJournal {
  readonly #db: Database;
  #last = new Map<number, Row>();
  #prunedAt = 0;

  private constructor(db: Database) {
    this.#db = db;
  }

  /** @param file or `:memory:` @throws errors of the file system */
  static open(file: string): WallJournal {
    try {
      return new WallJournal(openDatabase(file));
    } catch (error) {
      const { code = '' } = error as { code?: string };
      if (!code.startsWith('SQLITE_CORRUPT') && code !== 'SQLITE_NOTADB') throw error;
      if (existsSync(file)) renameSync(file, `${file}.damaged`);
      for (const suffix of ['-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
      return new WallJournal(openDatabase(file));
    }
  }

  /** A screen still shows what it said last. In memory: a disk is not written to every second. */
  lives(screen: number, at: number): void {
    const last = this.#last.get(screen);
    if (last && at >= last.until && at - last.until < SILENCE) last.until = at;
  }

  /** What a screen shows now. @throws errors of SQLite */
  note(screen: number, { layout, tiles }: ShownWall, at: number): void {
    const row = { since: at, until: at, layout, tiles: JSON.stringify(tiles) };
    const last = this.#last.get(screen);
    const goesOn = last && at >= last.until && at - last.until < SILENCE;
    if (goesOn) {
      last.until = at;
      this.#keepUntil(screen, last);
      if (last.layout === layout && last.tiles === row.tiles) return;
      if (at - last.since < LEAST) {
        Object.assign(last, { layout, tiles: row.tiles });
        const sql =
          'UPDATE shown SET layout = @layout, tiles = @tiles WHERE screen = @screen AND since = @since';
        this.#run(sql, { screen, ...last });
        return;
      }
    }
    if (last && !goesOn) this.#keepUntil(screen, last);
    this.#last.set(screen, row);
    const sql = 'INSERT OR REPLACE INTO shown VALUES (@screen, @since, @until, @layout, @tiles)';
    this.#run(sql, { screen, ...row });
    this.#prune(at);
  }

  /** @param now Unix seconds @returns undefined: nobody knows */
  at(screen: number, at: number, now: number): WallReplay | undefined {
    const sql = 'SELECT * FROM shown WHERE screen = ? AND since <= ? ORDER BY since DESC LIMIT 1';
    const row = this.#db.prepare(sql).get(screen, at) as Row | undefined;
    if (!row) return undefined;
    const last = this.#last.get(screen);
    if (last?.since === row.since) row.until = last.until;
    const still = last?.since === row.since && now - row.until < SILENCE;
    if (!still && at > row.until) return undefined;
    const { since, layout } = row;
    const until = still ? null : row.until;
    return { at, since, until, layout, tiles: JSON.parse(row.tiles) as ShownTile[] };
  }

  /** The time that is known and the nearest; undefined: nothing is. */
  nearest(screen: number, at: number): number | undefined {
    const one = (sql: string) => this.#db.prepare(sql).get(screen, at) as Row | undefined;
    const before = one('SELECT * FROM shown WHERE screen = ? AND since <= ? ORDER BY since DESC LIMIT 1');
    const after = one('SELECT * FROM shown WHERE screen = ? AND since > ? ORDER BY since LIMIT 1');
    const times = [before && Math.min(before.until, at), after?.since].filter((time) => time !== undefined);
    return times.toSorted((a, b) => Math.abs(a - at) - Math.abs(b - at))[0];
  }

  /** The first ten thousand. */
  changes(screen: number, from: number, to: number): WallChanges['changes'] {
    const sql =
      'SELECT since AS at, layout FROM shown WHERE screen = ? AND since >= ? AND since < ? ORDER BY since LIMIT ?';
    return this.#db.prepare(sql).all(screen, from, to, MOST) as WallChanges['changes'];
  }

  end(): void {
    for (const [screen, last] of this.#last) this.#keepUntil(screen, last);
    this.#db.close();
  }

  #keepUntil(screen: number, { since, until }: Row): void {
    const sql = 'UPDATE shown SET until = @until WHERE screen = @screen AND since = @since';
    this.#run(sql, { screen, since, until });
  }

  #prune(now: number): void {
    if (now - this.#prunedAt < PRUNE_EVERY) return;
    this.#prunedAt = now;
    this.#run('DELETE FROM shown WHERE until < @before', { before: now - KEPT });
  }

  #run(sql: string, values: Record<string, unknown>): void {
    this.#db.prepare(sql).run(values);
  }
}

function openDatabase(file: string): Database {
  const db = new SQLite(file);
  db.pragma('journal_mode = WAL');
  // The last moments before a power cut may be lost.
  db.pragma('synchronous = NORMAL');
  db.exec(SCHEMA);
  return db;
}
