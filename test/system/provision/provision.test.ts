/** `walleye provision` as a process, against the real daemon. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type {
  Camera,
  Layout,
  RecordingSettings,
  Settings,
  StreamStatus,
  Wall,
} from '../../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../../e2e/daemon.ts';
import { CLI, execute } from '../cliProcess.ts';

const tile = (cameras: string[]) => ({ x: 0, y: 0, width: 1, height: 1, cameras });
const SITE = {
  walleye_site: 1,
  settings: { name: 'Lobby', time_zone: 'asia/taipei' },
  users: [
    { name: 'guard', role: 'viewer', password: 'guard-secret-1' },
    { name: 'boss', role: 'admin', password: 'boss-secret-1' },
  ],
  cameras: [
    {
      ...{ id: 'gate', name: 'Gate', username: 'admin', password: 'gate-secret-1' },
      streams: [
        { profile: 'main', rtsp_url: 'rtsp://127.0.0.1:9/main', transport: 'tcp' },
        { profile: 'sub', rtsp_url: 'rtsp://127.0.0.1:9/sub' },
      ],
    },
  ],
  recording: { cameras: { yard: { mode: 'manual' } }, days: 14 },
  layouts: { all: { tiles: [tile(['gate', 'yard'])] } },
  wall: { sequence: [{ layout: 'all', dwell_seconds: 20 }] },
};
const TABLE =
  'id;name;username;password;main_url\r\nyard;Yard;admin;"yard;secret-1";rtsp://127.0.0.1:9/yard\r\n';

describe('walleye provision', () => {
  let daemon: Daemon;
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'walleye-provision-'));
    writeFileSync(join(folder, 'cams.csv'), TABLE);
    daemon = await startDaemon();
  });
  after(async () => {
    await daemon.stop();
    rmSync(folder, { recursive: true });
  });
  const provision = async (site: unknown, ...args: string[]) => {
    const env = { WALLEYE_STATE_DIR: daemon.stateDir, WALLEYE_PORT: String(daemon.port) };
    const command = [CLI, 'provision', '-', '--cameras', join(folder, 'cams.csv'), ...args];
    const ended = await execute(process.execPath, command, JSON.stringify(site), env);
    assert.doesNotMatch(ended.out + ended.err, /secret-/);
    return ended;
  };
  const ask = async <T>(path: string): Promise<T> => {
    const { readFile } = await import('node:fs/promises');
    const token = (await readFile(join(daemon.stateDir, 'tokens/cli'), 'utf8')).trim();
    const response = await fetch(daemon.url + path, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(response.status, 200, path);
    return (await response.json()) as T;
  };

  it('says with --dry-run what would change, and changes nothing', async () => {
    const { code, out } = await provision(SITE, '--dry-run');
    assert.equal(code, 0);
    assert.match(out, /camera gate: added\n[\s\S]*recording: changed\nlayout all: added\nwall: changed\n/);
    assert.match(out, /\n8 changes to make, none made\n$/);
    assert.deepEqual((await daemon.api<{ cameras: Camera[] }>('GET', '/api/cameras')).cameras, []);
  });

  it('makes the box what the file says, and has nothing to change the second time', async () => {
    const first = await provision(SITE, '--no-host');
    assert.equal(first.code, 0, first.err);
    assert.match(first.out, /\n8 changes\n$/);
    const { cameras } = await ask<{ cameras: Camera[] }>('/api/cameras');
    assert.deepEqual(cameras.map(({ id, has_password }) => [id, has_password]).sort(), [
      ['gate', true],
      ['yard', true],
    ]);
    assert.equal((await ask<Settings>('/api/settings')).time_zone, 'Asia/Taipei');
    assert.deepEqual((await ask<Wall>('/api/wall')).sequence, SITE.wall.sequence);
    assert.deepEqual(await ask('/api/recordings/settings'), SITE.recording);

    const second = await provision(SITE, '--json');
    assert.equal(second.code, 0, second.err);
    const { changes, problems, notes } = JSON.parse(second.out);
    assert.deepEqual([changes, problems], [[], []]);
    assert.equal(notes.length, 2, 'of passwords that were not compared');
    assert.match((await provision(SITE)).out, /nothing to change\n$/);
  });

  it('gives a second screen its wall, once', async () => {
    const site = { walleye_site: 1, walls: { 2: { sequence: SITE.wall.sequence, schedule: [] } } };
    const first = await provision(site);
    assert.match(first.out, /^wall of screen 2: added\n/, first.err);
    assert.deepEqual((await ask<Wall>('/api/walls/2')).sequence, SITE.wall.sequence);
    assert.match((await provision(site)).out, /nothing to change\n$/);
    const third = await provision({ walleye_site: 1, walls: { 5: { sequence: [] } } });
    assert.equal(third.code, 2);
    assert.match(third.err, /\/walls: has the unknown field "5"; known are 2, 3, 4/);
  });

  it('changes only what differs, streams too, and takes a stream away', async () => {
    const [gate] = SITE.cameras;
    const changed = {
      ...SITE,
      cameras: [
        { ...gate, name: 'Main gate', streams: [{ profile: 'main', rtsp_url: 'rtsp://127.0.0.1:9/other' }] },
      ],
    };
    const { code, out, err } = await provision(changed);
    assert.equal(code, 0, err);
    assert.match(out, /^camera gate: changed \(name, password, streams\)\n/);
    assert.match(out, /\n1 change\n$/);
    const camera = await ask<Camera>('/api/cameras/gate');
    assert.deepEqual(
      [camera.name, ...camera.streams.map(({ rtsp_url }) => rtsp_url)],
      ['Main gate', 'rtsp://127.0.0.1:9/other'],
    );
    assert.equal((await ask<StreamStatus>('/api/streams/gate_main')).transport, 'tcp', 'as it was');
    assert.match((await provision(changed)).out, /nothing to change\n$/);
  });

  it('shows the layout, and records, without a camera that cannot be added, and says so', async () => {
    const site = {
      walleye_site: 1,
      // Nothing answers there, and ONVIF has to be asked.
      cameras: [
        { id: 'dead', name: 'Dead', address: '127.0.0.1:9', username: 'a', password: 'dead-secret-1' },
      ],
      recording: { cameras: { dead: { mode: 'manual' }, gate: { mode: 'manual' } } },
      layouts: { some: { tiles: [tile(['dead', 'gate'])] } },
    };
    const { code, out, err } = await provision(site);
    assert.equal(code, 1);
    assert.match(out, /layout some: added/);
    assert.match(
      err,
      /camera dead: .+\n.*recording: is there without dead.*\n.*layout some: is there without dead/,
    );
    const { cameras } = await ask<RecordingSettings>('/api/recordings/settings');
    assert.deepEqual(Object.keys(cameras), ['gate']);
    assert.deepEqual((await ask<Layout>('/api/layouts/some')).tiles[0]?.cameras, ['gate']);
  });

  it('leaves the machine alone unless told to; with --host its faults and its changes are told with the others', async () => {
    const host = {
      hostname: 'no-such-name-here',
      network: [{ address: ['192.0.2.9/24'], gateway: ['192.0.2.1'] }],
    };
    const left = await provision({ ...SITE, host }, '--dry-run');
    assert.match(left.out, /machine itself was left alone: --host/);
    const told = await provision({ ...SITE, host }, '--dry-run', '--host');
    assert.equal(told.code, 0, told.err);
    assert.match(told.out, /^host \/etc\/hostname: changed$/m);
    const network = [{ ...host.network[0], gateway: ['198.51.100.1'] }];
    const wrong = await provision({ ...SITE, host: { ...host, network } }, '--dry-run', '--host');
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /\/host\/network\/0\/gateway\/0: 198\.51\.100\.1 lies in no network/);
  });

  it('writes nothing for a file that is wrong (2), nor without a daemon (3)', async () => {
    const wrong = await provision({
      ...SITE,
      settings: { name: 'Other', wall_clok: true },
      wall: { sequence: 1 },
    });
    assert.equal(wrong.code, 2);
    assert.match(
      wrong.err,
      /2 things are wrong[\s\S]*\/settings: has the unknown field "wall_clok"[\s\S]*\/wall\/sequence/,
    );
    const unknown = await provision({ ...SITE, layouts: { x: { tiles: [tile(['nobody'])] } } });
    assert.equal(unknown.code, 2);
    assert.match(unknown.err, /layout x names nobody/);
    assert.equal((await ask<Settings>('/api/settings')).name, 'Lobby');
    const alone = await execute(
      process.execPath,
      [CLI, '--url', 'http://127.0.0.1:9', 'provision', '-'],
      JSON.stringify(SITE),
    );
    assert.equal(alone.code, 3);
  });
});
