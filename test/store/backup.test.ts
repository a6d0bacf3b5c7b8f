import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Contents, readContents } from '../../daemon/store/contents.ts';
import { openStore, type Store } from '../../daemon/store/store.ts';
import { cameraRow, contents as dump, streamRow } from './rows.ts';

const open = () => openStore(':memory:', undefined, randomBytes(32)).store;

/** One of everything that a backup holds, and what it must not hold. */
function fill(store: Store): void {
  store.insertCamera(cameraRow('gate', { password: 'hunter2', username: 'admin', ptz: true }), [
    streamRow('gate_main', 'gate', { password: 'of the stream', username: 'x', width: 1920, height: 1080 }),
    streamRow('gate_sub', 'gate', { position: 1, fps: 12.5, enabled: false }),
  ]);
  store.insertCamera(cameraRow('yard', { created_at: 1_700_000_001 }), []);
  store.putLayout({ name: 'all', tiles: [{ x: 0, y: 0, width: 1, height: 1, cameras: ['gate', 'yard'] }] });
  store.putLayout({ name: 'tall', tiles: [], orientation: 'portrait' });
  store.putWall({
    sequence: [{ layout: 'all', dwell_seconds: 20 }],
    screen_off: [{ days: [6, 7], from: '20:00', to: '06:00' }],
  });
  store.screenWalls.put(2, {
    sequence: [{ layout: 'tall', dwell_seconds: 5 }],
    schedule: [{ days: [1], from: '08:00', to: '09:00', sequence: [] }],
  });
  store.screenWalls.put(4, { sequence: [] });
  store.settings.patchSettings({ name: 'Gate 3', time_zone: 'Asia/Taipei', language: 'zh-TW' });
  store.settings.put('alarm_rules', { enabled: true, rules: [] });
  store.settings.put('benchmark', { decode_megapixels: 1 });
  store.settings.put('login_attempts', { '10.0.0.1': [] });
  const at = 1_700_000_000;
  store.accounts.insertUser({
    name: 'admin',
    role: 'admin',
    password_hash: 'scrypt$hash',
    created_at: at,
    last_login: null,
  });
  store.accounts.insertSession({
    id: 'a'.repeat(64),
    user: 'admin',
    created_at: at,
    last_seen: at,
    expires_at: at + 1e9,
    address: null,
    browser: null,
  });
  store.accounts.insertToken({
    id: 't1',
    name: 'prometheus',
    scope: 'viewer',
    hash: 'f'.repeat(64),
    created_at: at,
    expires_at: null,
    last_used: null,
    created_by: 'admin',
  });
  store.accounts.appendAudit({
    time: at,
    who: 'admin',
    address: null,
    action: 'x',
    target: null,
    detail: null,
  });
  const id = store.credentials.remember({ make: 'Dahua', username: 'root', password: 'of all Dahuas' });
  store.credentials.used(id);
}

/** Through text, as it goes through a file. */
function read(text: string): Contents {
  const result = readContents(text);
  assert.ok(result.ok, JSON.stringify(result));
  return result.contents;
}

describe('the contents of a store', () => {
  let store: Store;
  let other: Store;
  beforeEach(() => {
    store = open();
    other = open();
    fill(store);
  });
  afterEach(() => {
    store.close();
    other.close();
  });

  it('come back whole in another store with another key', () => {
    other.replaceContents(read(JSON.stringify(store.contents())));
    assert.deepEqual(dump(other), dump(store));
    assert.deepEqual(other.contents(), store.contents());
    assert.equal(other.camera('gate')?.password, 'hunter2', 'sealed with the other key, and readable by it');
    assert.deepEqual(
      other.credentials.matching('dahua').map(({ password }) => password),
      ['of all Dahuas'],
    );
    assert.deepEqual(other.credentials.list()[0]?.cameras, store.credentials.list()[0]?.cameras);
    assert.equal(other.settings.settings().name, 'Gate 3');
    assert.deepEqual(other.settings.get('alarm_rules'), { enabled: true, rules: [] });
    assert.deepEqual(other.problems, []);
  });

  it('hold no sessions, no audit log, no benchmark', () => {
    const text = JSON.stringify(store.contents());
    assert.ok(!text.includes('a'.repeat(64)), 'session');
    for (const word of ['benchmark', 'audit', 'login_attempts']) assert.ok(!text.includes(word), word);
    other.replaceContents(read(text));
    assert.deepEqual(other.accounts.sessions(), []);
    assert.equal(other.settings.get('benchmark'), undefined);
  });

  it('take the place of all that was there, but for the audit log and the benchmark', () => {
    const before = other.contents();
    fill(other);
    other.insertCamera(cameraRow('old', { password: 'p' }), [streamRow('old_main', 'old')]);
    other.replaceContents(read(JSON.stringify(before)));
    assert.deepEqual(other.contents(), before);
    assert.deepEqual(other.cameras(), []);
    assert.equal(other.accounts.users().length, 0);
    assert.equal(other.accounts.sessions().length, 0, 'nobody is signed in any more');
    assert.equal(other.accounts.audit(10).length, 1);
    assert.deepEqual(other.settings.get('benchmark'), { decode_megapixels: 1 });
    assert.deepEqual(other.settings.get('login_attempts'), { '10.0.0.1': [] }, 'no camera is locked by it');
  });

  it('change nothing at all when one row cannot be stored', () => {
    fill(other);
    const before = { ...other.contents(), sessions: other.accounts.sessions() };
    const good = store.contents();
    const broken: [string, Partial<Contents>][] = [
      ['a stream of no camera', { streams: [{ ...streamRow('lost', 'nowhere') }] }],
      ['two cameras of one id', { cameras: [...good.cameras, cameraRow('gate')] }],
      ['a second wall of no layout', { walls: { 2: { sequence: [{ layout: 'lost', dwell_seconds: 5 }] } } }],
      ['a wall of no layout', { wall: { sequence: [{ layout: 'lost', dwell_seconds: 5 }] } }],
      [
        'two users of one name',
        { users: [...good.users, ...good.users.map((u) => ({ ...u, name: 'ADMIN' }))] },
      ],
      [
        'a record of no camera',
        {
          service_days: [
            {
              camera_id: 'nowhere',
              day: '2026-01-01',
              wanted_seconds: 1,
              live_seconds: 1,
              stalled_seconds: 0,
              connects: 1,
              unchanged: 0,
              repairs: 0,
            },
          ],
        },
      ],
    ];
    for (const [what, change] of broken) {
      const contents = read(JSON.stringify({ ...good, ...change }));
      assert.throws(() => other.replaceContents(contents), { name: 'StoreError' }, what);
      assert.deepEqual({ ...other.contents(), sessions: other.accounts.sessions() }, before, what);
    }
  });
});

describe('readContents', () => {
  const good = () => {
    const store = open();
    try {
      fill(store);
      return JSON.parse(JSON.stringify(store.contents())) as Contents;
    } finally {
      store.close();
    }
  };

  it('refuses what could leave the folder of pictures, or is no row of ours', () => {
    const contents = good();
    const wrong: [string, unknown][] = [
      ['no JSON', undefined],
      ['nothing', {}],
      ['a list', []],
      ['an id with a path', { ...contents, cameras: [cameraRow('../../etc/cron')] }],
      ['a stream without a name', { ...contents, streams: [streamRow('', 'gate')] }],
      ['a tile that is none', { ...contents, layouts: [{ name: 'x', tiles: [1] }] }],
      [
        'a role that is none',
        { ...contents, users: contents.users.map((user) => ({ ...user, role: 'root' })) },
      ],
      ['no wall', { ...contents, wall: undefined }],
      ['a wall of a screen that there cannot be', { ...contents, walls: { 5: { sequence: [] } } }],
    ];
    for (const [what, value] of wrong) {
      const result = readContents(value === undefined ? '{"format":1' : JSON.stringify(value));
      assert.ok(!result.ok && result.why === 'damaged', what);
    }
  });

  it('takes a file of a version that knew one screen only', () => {
    const { walls, ...old } = good();
    assert.deepEqual(Object.keys(walls ?? {}), ['2', '4']);
    const store = open();
    fill(store);
    store.replaceContents(read(JSON.stringify(old)));
    assert.deepEqual(store.screenWalls.all(), []);
    store.close();
  });

  it('tells a format of the future from a damaged file', () => {
    assert.deepEqual(readContents(JSON.stringify({ ...good(), format: 2 })), {
      ok: false,
      why: 'newer',
      place: '',
    });
  });

  it('leaves out fields that it does not know', () => {
    const contents = { ...good(), later: 1 };
    assert.ok(readContents(JSON.stringify(contents)).ok);
  });
});
