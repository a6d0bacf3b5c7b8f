/** Restart, factory reset and restore of the real daemon, which was started by hand: it comes again in its own place. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Backup, CameraAdd, LogList, Settings } from '../../daemon/schema.ts';
import { orderReset } from '../../daemon/system/factoryReset.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { freePort } from '../network/freePort.ts';

const PASSPHRASE = 'correct horse battery';
const CAMERA: CameraAdd = {
  id: 'gate',
  name: 'Gate',
  username: 'admin',
  password: 'hunter2',
  streams: [{ profile: 'main', rtsp_url: 'rtsp://127.0.0.1:9/live' }],
};

describe('the daemon, started by hand', () => {
  let stateDir: string;
  const daemons: Daemon[] = [];
  beforeEach(() => {
    stateDir = mkdtempSync(join(tmpdir(), 'walleye-power-'));
  });
  afterEach(async () => {
    await Promise.all(daemons.splice(0).map((daemon) => daemon.stop()));
    rmSync(stateDir, { recursive: true, force: true });
  });

  /** On a port of its own: the kernel would give another one to the daemon that comes after. */
  async function start(folder = stateDir): Promise<Daemon> {
    const daemon = await startDaemon({ stateDir: folder, port: await freePort() });
    daemons.push(daemon);
    return daemon;
  }

  /** Waits for the daemon after this one. Its process id is the same. */
  async function again(daemon: Daemon, action: () => Promise<unknown>): Promise<void> {
    const listening = () => daemon.log.filter((line) => line.includes('"msg":"listening"')).length;
    const before = listening();
    await action();
    await until('it listens again', () => listening() > before, 120_000);
    assert.doesNotThrow(() => process.kill(daemon.pid, 0), 'in the same place');
  }

  it('restarts when it is told to, with everything as it was', async () => {
    const daemon = await start();
    await daemon.api('POST', '/api/cameras', CAMERA);
    await again(daemon, () => daemon.api('POST', '/api/system/restart'));
    const { cameras } = await daemon.api<{ cameras: { id: string }[] }>('GET', '/api/cameras');
    assert.deepEqual(
      cameras.map(({ id }) => id),
      ['gate'],
    );
    assert.ok(
      daemon.log.some((line) => line.includes('"stopped"')),
      'it had stopped in order',
    );
    const { entries } = await daemon.api<LogList>('GET', '/api/system/logs');
    assert.equal(entries.filter(({ message }) => message === 'listening').length, 1, 'a new log in memory');
    assert.equal(await daemons.pop()?.stop(), 0, 'and it still ends when it is told to');
  });

  it('is a new box after a factory reset, and leaves files of others alone', async () => {
    const daemon = await start();
    await daemon.api('POST', '/api/cameras', CAMERA);
    await daemon.api('PATCH', '/api/settings', { name: 'Gate 3' });
    writeFileSync(join(stateDir, 'notes.txt'), 'not ours');
    const secrets = ['secret.key', 'tokens/screen', 'tokens/cli'].map((file) => join(stateDir, file));
    const before = secrets.map((file) => readFileSync(file, 'hex'));
    await again(daemon, () => daemon.api('POST', '/api/system/factory-reset', { confirm: 'RESET' }));
    assert.deepEqual((await daemon.api<{ cameras: unknown[] }>('GET', '/api/cameras')).cameras, []);
    assert.equal((await daemon.api<Settings>('GET', '/api/settings')).name, 'Walleye');
    for (const [index, file] of secrets.entries())
      assert.notEqual(readFileSync(file, 'hex'), before[index], file);
    assert.equal(readFileSync(join(stateDir, 'notes.txt'), 'utf8'), 'not ours');
    assert.ok(!existsSync(join(stateDir, 'factory-reset')));
  });

  it('is a new box too when the power is cut right after the order', async () => {
    const daemon = await start();
    await daemon.api('POST', '/api/cameras', CAMERA);
    orderReset(stateDir);
    await daemons.pop()?.kill();
    const next = await start();
    assert.deepEqual((await next.api<{ cameras: unknown[] }>('GET', '/api/cameras')).cameras, []);
  });

  it('restores a backup on another box with another key', async () => {
    const one = await start();
    await one.api('POST', '/api/cameras', CAMERA);
    await one.api('PUT', '/api/layouts/all', {
      tiles: [{ x: 0, y: 0, width: 1, height: 1, cameras: ['gate'] }],
    });
    await one.api('PUT', '/api/wall', { sequence: [{ layout: 'all', dwell_seconds: 30 }] });
    const backup = await one.api<Backup>('POST', '/api/system/backup', { passphrase: PASSPHRASE });
    const folder = mkdtempSync(join(tmpdir(), 'walleye-power-'));
    try {
      const other = await start(folder);
      await again(other, () => other.api('POST', '/api/system/restore', { backup, passphrase: PASSPHRASE }));
      const { cameras } = await other.api<{ cameras: { id: string; has_password: boolean }[] }>(
        'GET',
        '/api/cameras',
      );
      assert.deepEqual(
        cameras.map(({ id, has_password }) => [id, has_password]),
        [['gate', true]],
      );
      assert.deepEqual(await other.api('GET', '/api/wall'), await one.api('GET', '/api/wall'));
      const health = await other.api<{ status: string; message: string }>('GET', '/api/health');
      assert.equal(health.status, 'ok', health.message);
      assert.notEqual(
        readFileSync(join(folder, 'secret.key'), 'hex'),
        readFileSync(join(stateDir, 'secret.key'), 'hex'),
      );
      const saved = readdirSync(folder).filter((file) => file.startsWith('walleye.sqlite'));
      for (const file of saved) assert.ok(!readFileSync(join(folder, file)).includes('hunter2'), file);
      await daemons.pop()?.stop();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
