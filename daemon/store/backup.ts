import { CONTENTS_FORMAT, type Contents } from './contents.ts';
import { insertSql, type Sql } from './sql.ts';
import type { Store } from './store.ts';
import type { Vault } from './vault.ts';

/** Stays with the machine: measured anew on every one, or what it has done to its cameras lately, or meant for this database. */
const OWN_KEYS = ['benchmark', 'login_attempts', 'vault.traces'];
/** Kept elsewhere in the contents. */
const KNOWN_KEYS = ['settings', 'wall'];

const DAY_COLUMNS = [
  'camera_id',
  'day',
  'wanted_seconds',
  'live_seconds',
  'stalled_seconds',
  'connects',
  'unchanged',
  'repairs',
] as const;
const ERROR_COLUMNS = ['camera_id', 'time', 'stream', 'code', 'message'] as const;

/**
 * Emptied by a restore. The audit log stays, which tells of the restore too. Streams, the wall's sequence, sessions and the
 * service record go with what they belong to.
 */
const REPLACED = ['wall_item', 'screen_wall', 'layout', 'camera', 'user', 'token', 'credential', 'alarm'];

type Backed = Pick<
  Store,
  'cameras' | 'streams' | 'layouts' | 'wall' | 'screenWalls' | 'settings' | 'accounts' | 'credentials'
>;

/** Everything that was saved, at one moment: nothing can be written in between. @throws StoreError `io` */
export function readAll(store: Backed, sql: Sql, vault: Vault): Contents {
  const { settings, accounts } = store;
  const others = sql
    .all<{ key: string }>('settings', 'SELECT key FROM setting ORDER BY key')
    .filter(({ key }) => !OWN_KEYS.includes(key) && !KNOWN_KEYS.includes(key))
    .map(({ key }) => [key, settings.get<unknown>(key)]);
  return {
    format: CONTENTS_FORMAT,
    cameras: store.cameras(),
    streams: store.streams(),
    layouts: store.layouts(),
    wall: store.wall(),
    walls: Object.fromEntries(store.screenWalls.all().map(({ screen, wall }) => [screen, wall])),
    settings: settings.settings(),
    others: Object.fromEntries(others) as Record<string, unknown>,
    users: accounts.users(),
    tokens: accounts.tokens(),
    credentials: credentials(sql, vault),
    service_days: sql.all('service record', `SELECT ${DAY_COLUMNS.join(', ')} FROM service_day`),
    service_errors: sql.all(
      'service record',
      `SELECT ${ERROR_COLUMNS.join(', ')} FROM service_error ORDER BY id`,
    ),
  };
}

function credentials(sql: Sql, vault: Vault): Contents['credentials'] {
  const rows = sql.all<{
    id: number;
    make: string | null;
    username: string;
    cameras: number;
    sealed: Uint8Array;
  }>(
    'credentials',
    'SELECT id, make, username, cameras, sealed_password AS sealed FROM credential ORDER BY id',
  );
  return rows.flatMap(({ id, make, username, cameras, sealed }) => {
    const password = vault.open('credential', id, sealed);
    return password === undefined ? [] : [{ make, username, password, cameras }];
  });
}

/**
 * Puts these contents in the place of all that was saved, in one transaction: all of it or nothing. Passwords are sealed
 * with this box's own key. Whoever has read the store before must read it again.
 *
 * @throws StoreError `invalid`, `exists`, `not_found` (the contents contradict themselves), `io`
 */
export function replaceAll(store: Store, sql: Sql, contents: Contents): void {
  sql.write('restore', () => {
    for (const table of REPLACED) sql.run(`DELETE FROM ${table}`);
    const keys = sql.all<{ key: string }>('settings', 'SELECT key FROM setting');
    for (const { key } of keys) if (!OWN_KEYS.includes(key)) store.settings.put(key, undefined);

    for (const camera of contents.cameras) store.insertCamera(camera, []);
    for (const stream of contents.streams) store.insertStream({ known_transport: null, ...stream });
    for (const layout of contents.layouts) store.putLayout(layout);
    store.putWall(contents.wall);
    for (const [screen, wall] of Object.entries(contents.walls ?? {}))
      store.screenWalls.put(Number(screen), wall);
    store.settings.patchSettings(contents.settings);
    for (const [key, value] of Object.entries(contents.others)) {
      if (!OWN_KEYS.includes(key) && !KNOWN_KEYS.includes(key)) store.settings.put(key, value);
    }
    for (const user of contents.users) store.accounts.insertUser(user);
    for (const token of contents.tokens) store.accounts.insertToken(token);
    for (const { cameras, ...credential } of contents.credentials) {
      const id = store.credentials.remember(credential);
      sql.run('UPDATE credential SET cameras = @cameras WHERE id = @id', { id, cameras });
    }
    for (const day of contents.service_days) sql.run(insertSql('service_day', DAY_COLUMNS), day);
    for (const error of contents.service_errors) sql.run(insertSql('service_error', ERROR_COLUMNS), error);
  });
}
