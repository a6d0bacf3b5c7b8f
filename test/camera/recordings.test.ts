/** Which cameras are recorded, with a store, disks and the real recorder; the cameras are played. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import type { AlarmEvent } from '../../daemon/camera/alarmRules.ts';
import { isDiskGone } from '../../daemon/camera/recordingFolder.ts';
import { Recordings, type RecordingsOptions } from '../../daemon/camera/recordings.ts';
import type { AccessUnit, AudioFrame } from '../../daemon/frame.ts';
import type { Camera, CameraRecording, RecordingSettings, ServerEvent } from '../../daemon/schema.ts';
import { openStore, type Store } from '../../daemon/store/store.ts';
import { until } from '../api/apiServer.ts';
import { SyntheticCamera, VIDEO } from '../record/units.ts';

type Streams = RecordingsOptions['cameras'];
const noMount = process.getuid?.() === 0 ? false : 'a file system can be mounted by root only';

/** A camera in front of the recordings, whose pictures come now. */
class PlayedCamera {
  readonly id: string;
  readonly watchers = new Set<(unit: AccessUnit) => void>();
  readonly listeners = new Set<(frame: AudioFrame) => void>();
  readonly source: Streams['supervisors'][number]['source'];
  #camera = new SyntheticCamera();
  #until = 0;

  constructor(id: string) {
    this.id = id;
    const none = {
      username: null,
      password: null,
      transport: 'auto',
      knownTransport: null,
      enabled: true,
      keepWarm: false,
    } as const;
    this.source = { name: `${id}_main`, camera: id, profile: 'main', url: 'rtsp://camera/', ...none };
  }
  watch(see: (unit: AccessUnit) => void): () => void {
    this.watchers.add(see);
    return () => this.watchers.delete(see);
  }
  watchSound(hear: (frame: AudioFrame) => void): () => void {
    this.listeners.add(hear);
    return () => this.listeners.delete(hear);
  }
  /** Pictures from now on, with a key picture every second. @param video others begin another file */
  send(seconds: number, video = { ...VIDEO }): void {
    const units = Array.from({ length: seconds * 25 }, (_, i) => this.#camera.picture(i % 25 === 0, video));
    // They come as if the time had gone by: none has a time from before this process.
    const first = units[0]?.receivedAt ?? 0;
    const shift = Math.max(performance.now(), this.#until) - first;
    this.#until = shift + first + seconds * 1000;
    for (const unit of units)
      for (const see of this.watchers) see({ ...unit, receivedAt: unit.receivedAt + shift });
  }
}

let root: string;
let store: Store;
let door: PlayedCamera;
let recordings: Recordings;
let announced: number;
let stop: () => Promise<void>;

function start(): void {
  const listeners = new Set<(event: ServerEvent) => void>();
  const cameras: Streams = {
    supervisors: [door],
    camera: (id) => (id === door.id ? ({ streams: [door.source] } as unknown as Camera) : undefined),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    announce: (event) => {
      announced++;
      for (const listener of listeners) listener(event);
    },
  };
  const log = pino({ level: 'silent' });
  const boxDisk = {
    folder: join(root, 'disk'),
    configured: join(root, 'recording-disk'),
    problem: join(root, 'problem'),
  };
  const folder = { own: join(root, 'own'), indexes: join(root, 'indexes'), boxDisk };
  recordings = new Recordings({ store, cameras, folder, log, round: 100 });
  const controller = new AbortController();
  const done = recordings.run(controller.signal);
  stop = async () => {
    controller.abort();
    await done;
  };
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'walleye-recordings-'));
  ({ store } = openStore(':memory:'));
  store.settings.patchSettings({ time_zone: 'UTC' });
  door = new PlayedCamera('door');
  announced = 0;
  start();
});
afterEach(async () => {
  await stop();
  store.close();
  rmSync(root, { recursive: true, force: true });
});

const put = (door: CameraRecording, more: Partial<RecordingSettings> = {}) =>
  recordings.putSettings({ cameras: { door }, ...more });
const status = async () => (await recordings.status()).cameras[0];
const why = async () => (await status())?.reason;
const seconds = () =>
  recordings.find({ camera: 'door', limit: 100 }).map(({ from, until }) => Math.round((until - from) / 1000));
const event = (more: Partial<AlarmEvent> = {}): AlarmEvent => ({
  ...{ camera: 'door', topic: 'motion', source: 'onvif', message: null, phase: 'moment', key: '', ...more },
});
/** Hours around now, or around noon or midnight, whichever is farther away. */
function hours(now: boolean): CameraRecording['schedule'] {
  const [begin, end] = [-60, 60].map((minutes) => {
    const time = new Date(Date.now() + minutes * 60_000 + (now ? 0 : 43_200_000));
    return { day: time.getUTCDay(), time: time.toISOString().slice(11, 16) };
  });
  return [{ days: [begin!.day], from: begin!.time, to: end!.time }];
}
const isCode = (code: string) => (error: unknown) => (error as { code?: string }).code === code;

describe('which cameras are recorded', { timeout: 60_000 }, () => {
  it('by their hours', async () => {
    await assert.rejects(put({ mode: 'schedule' }), isCode('no_hours'));
    await put({ mode: 'schedule', schedule: hours(false) });
    assert.equal(door.watchers.size, 0);
    assert.equal(recordings.is('door'), false);
    await put({ mode: 'schedule', schedule: hours(true) });
    assert.equal(door.watchers.size, 1);
    assert.deepEqual([recordings.is('door'), await why()], [true, 'schedule']);
    door.send(3);
    await put({ mode: 'schedule', schedule: hours(false) });
    assert.equal(recordings.is('door'), false);
    assert.equal(door.watchers.size, 0, 'nobody holds the stream open');
    assert.deepEqual(seconds(), [3]);
  });

  it('by hand, on top of every mode but off', async () => {
    await assert.rejects(recordings.start('door'), isCode('recording_off'));
    for (const recording of [
      { mode: 'manual' },
      { mode: 'schedule', schedule: hours(false) },
      { mode: 'event' },
    ] as const) {
      await put(recording);
      assert.equal(await why(), null);
      await recordings.start('door');
      assert.equal(await why(), 'manual');
      await recordings.stop('door');
    }
    await put({ mode: 'always' });
    await recordings.start('door');
    assert.equal(await why(), 'always');
    await put({ mode: 'off' });
    assert.equal(recordings.is('door'), false);
    // Forgotten by that.
    await put({ mode: 'manual' });
    assert.equal(recordings.is('door'), false);
  });

  it('by what happens, from before it until a while after the last of it', async () => {
    await put({ mode: 'event', event: { pre_seconds: 2, post_seconds: 1 } });
    assert.deepEqual(
      [door.watchers.size, recordings.is('door'), (await status())?.mode],
      [1, false, 'event'],
    );
    door.send(6);
    assert.deepEqual(seconds(), []);
    const before = announced;
    recordings.tell(event());
    assert.deepEqual([recordings.is('door'), await why()], [true, 'event']);
    assert.ok(announced > before, 'the wall has a mark for it');
    await sleep(600);
    recordings.tell(event());
    await sleep(700);
    assert.equal(recordings.is('door'), true, 'counted from the last one');
    await sleep(500);
    // It is over; what comes from the next key picture on is not of it.
    door.send(1);
    assert.equal(recordings.is('door'), false);
    await until(() => recordings.find({ limit: 1 })[0]?.open === false, 'the file is closed');
    const [length = 0] = seconds();
    assert.ok(length >= 2 && length <= 3, `${length} s`);
  });

  it('by events of its topics, within its hours, that last', async () => {
    await put({ mode: 'event', event: { topics: ['person'], post_seconds: 1 } });
    recordings.tell(event());
    assert.equal(recordings.is('door'), false);
    recordings.tell(event({ topic: 'person', phase: 'begin' }));
    assert.equal(recordings.is('door'), true);
    await sleep(1_500);
    assert.equal(await why(), 'event');
    recordings.tell(event({ topic: 'person', phase: 'end' }));
    assert.equal(await why(), 'event');
    await put({ mode: 'event', schedule: hours(false) });
    assert.equal(recordings.is('door'), false);
    recordings.tell(event({ topic: 'person' }));
    assert.equal(recordings.is('door'), false);
    assert.equal(door.watchers.size, 0, 'nothing is kept in memory either');
    recordings.tell(event({ camera: 'nobody' }));
  });

  it('with their sound unless nobody wants it, and that may change', async () => {
    await put({ mode: 'always' });
    assert.equal(door.listeners.size, 1);
    await put({ mode: 'always', audio: false });
    assert.deepEqual([door.listeners.size, door.watchers.size], [0, 1]);
  });
});

describe('a folder of recordings on a disk of its own', { skip: noMount, timeout: 60_000 }, () => {
  let disk: string;
  let folder: string;
  const mount = () => execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'none', disk]);
  const unmount = () => execFileSync('umount', ['-l', disk]);
  const problem = async () => (await recordings.status()).problem?.code;
  const filesBelow = () => readdirSync(disk, { recursive: true, encoding: 'utf8' });

  beforeEach(() => {
    disk = join(root, 'disk');
    folder = join(disk, 'recordings');
    mkdirSync(disk);
    mount();
  });
  afterEach(async () => {
    await stop();
    try {
      unmount();
    } catch {
      // It is not mounted.
    }
  });

  it('does not come back on the disk below when that one is missing at the start', async () => {
    await put({ mode: 'always' }, { folder });
    door.send(2);
    await stop();
    unmount();
    start();
    await until(async () => (await problem()) === 'folder_unmounted', 'the problem');
    door.send(3);
    await sleep(300);
    assert.deepEqual(filesBelow(), []);
    assert.equal(recordings.is('door'), false);
    assert.throws(() => recordings.find({ limit: 1 }), isCode('folder_unmounted'));
    // It is there again, with what was recorded.
    mount();
    await until(() => recordings.is('door'), 'it goes on by itself');
    assert.equal(await problem(), undefined);
    door.send(2);
    // Not what is known of: until the folder has been walked through, that is what lay on the disk of before.
    await until(() => filesBelow().some((name) => name.endsWith('.mp4')), 'a file');
    await until(() => seconds().length > 0, 'a recording');
  });

  it('that the box itself mounts may be chosen before it is there, and nothing is written below it', async () => {
    unmount();
    writeFileSync(join(root, 'recording-disk'), '');
    writeFileSync(join(root, 'problem'), 'The server nas has no address.\n');
    await put({ mode: 'always' }, { folder });
    assert.equal(recordings.settings.folder, folder);
    const said = (await recordings.status()).problem;
    assert.equal(said?.code, 'folder_unmounted');
    assert.match(said.message, /is not there yet.* The server nas has no address\.$/);
    // Not even by whoever says it once more.
    await put({ mode: 'always' }, { folder });
    door.send(3);
    await sleep(300);
    assert.deepEqual([filesBelow(), recordings.is('door')], [[], false]);
    mount();
    await until(() => recordings.is('door'), 'it begins by itself');
    assert.equal(await problem(), undefined);
    door.send(3);
    await until(() => seconds().length > 0, 'a recording');
    // The same when it is missing later: there is no other disk to choose by saying so again.
    await stop();
    unmount();
    start();
    await until(async () => (await problem()) === 'folder_unmounted', 'the problem');
    assert.doesNotMatch(
      (await recordings.status()).problem?.message ?? '',
      /save the recording settings again/,
    );
    mount();
  });

  it('is taken as it is by whoever says the same again, and by nobody who says something else', async () => {
    await put({ mode: 'always' }, { folder });
    await stop();
    unmount();
    start();
    await until(async () => (await problem()) === 'folder_unmounted', 'the problem');
    await put({ mode: 'always', days: 3 }, { folder });
    assert.equal(recordings.settings.cameras.door?.days, 3, 'that was saved');
    assert.equal(await problem(), 'folder_unmounted');
    assert.deepEqual(filesBelow(), []);
    await put({ mode: 'always', days: 3 }, { folder });
    assert.equal(await problem(), undefined);
    assert.equal(recordings.is('door'), true);
    door.send(2);
    await stop();
    assert.ok(filesBelow().some((name) => name.endsWith('.mp4')));
    // From now on it is the folder's own disk.
    start();
    await until(() => recordings.is('door'), 'it records again');
    mount();
  });

  it('is given up when its disk is taken away, and goes on when that comes back', async () => {
    await put({ mode: 'always' }, { folder });
    door.send(2);
    await until(() => seconds().length > 0, 'a file');
    unmount();
    // The next file cannot begin.
    door.send(2);
    await until(async () => (await problem()) === 'folder_unmounted', 'the problem');
    door.send(3);
    await sleep(300);
    assert.deepEqual(filesBelow(), []);
    mount();
    await until(() => recordings.is('door'), 'it goes on by itself');
    door.send(3);
    await until(() => seconds().length > 0, 'a file');
    assert.equal(await problem(), undefined);
  });

  it('that somebody removed or renamed is made anew', async () => {
    await put({ mode: 'always' }, { folder });
    door.send(2);
    await until(() => seconds().length > 0, 'a file');
    renameSync(folder, `${folder}-elsewhere`);
    door.send(2);
    await until(() => existsSync(folder) && recordings.is('door'), 'it goes on by itself');
    door.send(3);
    await until(() => seconds().length > 0, 'a file');
    assert.equal(await problem(), undefined);
  });

  it('is given up after errors of the disk, and after no others', () => {
    const gone = (code: string) => isDiskGone(Object.assign(new Error(code), { code }));
    for (const code of ['EIO', 'ENOENT', 'EROFS', 'ESTALE', 'SQLITE_IOERR_WRITE', 'SQLITE_READONLY_DBMOVED'])
      assert.equal(gone(code), true, code);
    for (const code of ['ENOSPC', 'EDQUOT', 'EACCES', 'SQLITE_FULL', 'SQLITE_BUSY'])
      assert.equal(gone(code), false, code);
  });
});
