/** A disk of recordings that does not answer, as a share whose server is gone: a file system that the kernel has frozen. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Camera, Recording, RecordingList, RecordingStatus } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { startVirtualCameras, type VirtualCameras } from '../virtual-camera/index.ts';
import { MjpegViewer } from './mjpegViewer.ts';

const MB = 1024 * 1024;
/** More than may wait for the disk at a time. */
const CAMERAS = 10;
const skip = process.getuid?.() === 0 ? false : 'a file system can be frozen by root only';

describe('a disk of recordings that does not answer', { skip, timeout: 180_000 }, () => {
  let root: string;
  let disk: string;
  let loop: string;
  let cameras: VirtualCameras;
  let daemon: Daemon;
  let frozen = false;

  const freeze = (yes: boolean) => {
    execFileSync('fsfreeze', [yes ? '--freeze' : '--unfreeze', disk]);
    frozen = yes;
  };
  const list = async () => (await daemon.api<RecordingList>('GET', '/api/recordings')).recordings;
  const status = () => daemon.api<RecordingStatus>('GET', '/api/recordings/status');
  const writtenUntil = async () => (await status()).cameras.map(({ until: time }) => time ?? 0);

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'walleye-hung-'));
    disk = join(root, 'disk');
    mkdirSync(disk);
    const file = openSync(join(root, 'image'), 'w');
    ftruncateSync(file, 256 * MB);
    closeSync(file);
    execFileSync('mkfs.ext4', ['-q', join(root, 'image')]);
    loop = execFileSync('losetup', ['--find', '--show', join(root, 'image')], { encoding: 'utf8' }).trim();
    execFileSync('mount', [loop, disk]);
    const names = Array.from({ length: CAMERAS }, (_, i) => `Cam${i}`);
    cameras = await startVirtualCameras({ cameras: names.map((name) => ({ name, port: 0, fps: 5 })) });
    daemon = await startDaemon({ stateDir: join(root, 'state') });
    for (const { id, name, username, password, rtspUrl } of cameras.cameras) {
      const streams = [{ profile: 'sub', rtsp_url: rtspUrl('sub') }];
      await daemon.api('POST', '/api/cameras', { id, name, username, password, streams });
    }
  });
  after(async () => {
    if (frozen) freeze(false);
    await daemon?.stop();
    await cameras?.close();
    execFileSync('umount', ['--lazy', disk]);
    execFileSync('losetup', ['--detach', loop]);
    rmSync(root, { recursive: true, force: true });
  });

  it('holds up neither pictures nor answers, and is gone on with', async () => {
    const ids = cameras.cameras.map(({ id }) => id);
    const always = Object.fromEntries(ids.map((id) => [id, { mode: 'always', stream: 'sub' }]));
    await daemon.api('PUT', '/api/recordings/settings', {
      cameras: always,
      folder: join(disk, 'recordings'),
      min_free_bytes: 0,
    });
    await until('all are recorded', async () => {
      const times = await writtenUntil();
      return times.length === CAMERAS && times.every((time) => time > 0);
    });
    const known: Recording[] = await list();
    const viewer = await MjpegViewer.open(`${daemon.url}/api/streams/${ids[0]}_sub/mjpeg`);
    await until('it is live', () => viewer.pictures > 3);

    freeze(true);
    // Long enough for each recorder to wait for the disk with several fragments.
    await sleep(6_000);
    const before = viewer.pictures;
    const answered = async (path: string) => {
      const response = await fetch(`${daemon.url}${path}`, { signal: AbortSignal.timeout(5_000) });
      assert.ok(response.ok, path);
      return response.text();
    };
    // Of the box's own disk, by libuv's threads; and of the index of recordings.
    assert.match(await answered('/'), /<html/);
    const there = (JSON.parse(await answered('/api/recordings')) as RecordingList).recordings;
    assert.ok(known.every(({ id }) => there.some((one) => one.id === id)));
    const live = (JSON.parse(await answered('/api/cameras')) as { cameras: Camera[] }).cameras;
    assert.equal(live.length, CAMERAS);
    await until('pictures go on', () => viewer.pictures > before + 20);
    const [stood] = await writtenUntil();
    await sleep(2_000);
    assert.equal((await writtenUntil())[0], stood, 'it was frozen indeed');

    freeze(false);
    await until('all are recorded again', async () =>
      (await writtenUntil()).every((time) => time > Date.now() / 1000 - 3),
    );
    assert.equal((await status()).problem, null);
    assert.ok(
      (await status()).cameras.every(({ dropped }) => dropped === 0),
      'what waited is written',
    );
    viewer.close();
  });
});
