/** Passwords of a database as a whole: sealing what an older version left in the clear, and finding what cannot be opened. */
import type { Database } from 'better-sqlite3';
import type { Logger } from 'pino';
import { openUrl, sealUrl, URL_COLUMNS } from './sealedUrl.ts';
import type { Sql } from './sql.ts';
import type { SealedTable, Vault } from './vault.ts';

/** Table → its key, and what people know a row by. */
const TABLES: Record<SealedTable, { key: string; name: string }> = {
  camera: { key: 'id', name: 'name' },
  stream: { key: 'name', name: 'name' },
  credential: { key: 'id', name: 'username' },
};
/** Set in the transaction that seals, removed when the plain text is gone from the file too: a crash between is made up for. */
const TRACES = 'vault.traces';
/** Names in one sentence. */
const MOST_NAMES = 5;

/**
 * Seals what stands in the clear (written by version 1), and makes the file and its log forget it: the rows are free space
 * by then, zeroed by secure_delete, but pages and the log may still hold copies.
 * @throws StoreError `io` when the sealing itself fails; that traces could not be removed is told by the log
 */
export function sealPlainPasswords(db: Database, sql: Sql, vault: Vault, file: string, log?: Logger): void {
  if (vault.problem !== null) return;
  const sealed = sql.write('sealing of passwords', () => {
    const count = sealTable('camera', sql, vault) + sealTable('stream', sql, vault) + sealUrls(sql, vault);
    if (count > 0)
      sql.run("INSERT OR REPLACE INTO setting (key, value) VALUES (@key, 'true')", { key: TRACES });
    return count;
  });
  if (sealed > 0)
    log?.info({ file, passwords: sealed }, 'camera passwords that stood in the clear were sealed');
  if (!sql.one('traces', 'SELECT key FROM setting WHERE key = ?', TRACES)) return;
  try {
    db.exec('VACUUM');
    db.pragma('wal_checkpoint(TRUNCATE)');
    sql.write('traces', () => sql.run('DELETE FROM setting WHERE key = @key', { key: TRACES }));
  } catch (error) {
    log?.warn(
      { file, err: error },
      'the database still holds traces of plain passwords; the next start tries again',
    );
  }
}

function sealTable(table: 'camera' | 'stream', sql: Sql, vault: Vault): number {
  const { key } = TABLES[table];
  const rows = sql.all<{ id: string; password: string }>(
    `${table} passwords`,
    `SELECT ${key} AS id, password FROM ${table} WHERE password IS NOT NULL`,
  );
  for (const { id, password } of rows) {
    sql.run(`UPDATE ${table} SET password = NULL, sealed_password = @sealed WHERE ${key} = @id`, {
      id,
      sealed: vault.seal(table, id, password),
    });
  }
  return rows.length;
}

function sealUrls(sql: Sql, vault: Vault): number {
  let sealed = 0;
  for (const { name, ...urls } of streamUrls(sql)) {
    for (const column of URL_COLUMNS) {
      const url = urls[column];
      const kept = url === null ? null : sealUrl(url, name, column, vault);
      if (kept === url) continue;
      sql.run(`UPDATE stream SET ${column} = @kept WHERE name = @name`, { kept, name });
      sealed++;
    }
  }
  return sealed;
}

const streamUrls = (sql: Sql) =>
  sql.all<{ name: string; rtsp_url: string; snapshot_url: string | null }>(
    'stream addresses',
    'SELECT name, rtsp_url, snapshot_url FROM stream',
  );

/** A sentence for each thing that is wrong with the key, none in the normal case. @throws StoreError `io` */
export function keyProblems(sql: Sql, vault: Vault): string[] {
  const unread = (table: SealedTable) => {
    const { key, name } = TABLES[table];
    return sql
      .all<{ id: string | number; name: string; sealed: Uint8Array }>(
        `${table} passwords`,
        `SELECT ${key} AS id, ${name} AS name, sealed_password AS sealed FROM ${table} WHERE sealed_password IS NOT NULL`,
      )
      .filter(({ id, sealed }) => vault.open(table, id, sealed) === undefined)
      .map((row) => row.name);
  };
  if (vault.problem !== null) return [`${vault.problem}.`];
  const closed = streamUrls(sql).filter(({ name, ...urls }) =>
    URL_COLUMNS.some((column) => openUrl(urls[column] ?? '', name, column, vault) === undefined),
  );
  const cameras = unread('camera');
  const streams = [...new Set([...unread('stream'), ...closed.map(({ name }) => name)])];
  const credentials = unread('credential');
  const named = [...cameras, ...streams];
  if (named.length + credentials.length === 0) return [];
  const shown = named.slice(0, MOST_NAMES).join(', ') + (named.length > MOST_NAMES ? ' and others' : '');
  const whose = [
    cameras.length > 0 ? `${cameras.length} cameras` : '',
    streams.length > 0 ? `${streams.length} streams` : '',
    credentials.length > 0 ? `${credentials.length} remembered credentials` : '',
  ].filter((part) => part !== '');
  return [
    `The passwords of ${whose.join(', ')} were sealed with another key and cannot be read${shown ? ` (${shown})` : ''}: ` +
      'put the right key file back and restart, or enter these passwords again.',
  ];
}
