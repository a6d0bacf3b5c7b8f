/**
 * A daemon that is killed while it records: the next one goes on with the sessions that it left. Between two pictures nobody can tell
 * that there was another process, least of all the camera.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Recording, RecordingList, StreamStatus } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { DescriptorKeeper } from '../system/descriptorKeeper.ts';
import { startVirtualCameras, type VirtualCamera, type VirtualCameras } from '../virtual-camera/index.ts';
import { probe, stampsIn } from './stampedVideo.ts';

const FPS = 15;
/** Seconds: longer than the daemon is away, so that a new session would have to wait for a key picture. */
const GOP = 4;
const SIZE = { width: 640, height: 360 };
/** The clip's own would round two pictures to the same time where the box's clock and the camera's part by milliseconds. */
const FINE = ['-enc_time_base', '1:90000'];

describe('a daemon that is killed while it records', { timeout: 240_000 }, () => {
  let keeper: DescriptorKeeper;
  let cameras: VirtualCameras;
  let door: VirtualCamera;
  let stateDir: string;
  let daemon: Daemon;

  const start = async () => {
    daemon = await startDaemon({ stateDir, keeper });
  };
  const list = async () => (await daemon.api<RecordingList>('GET', '/api/recordings?camera=door')).recordings;
  const mode = (mode: 'always' | 'off') =>
    daemon.api('PUT', '/api/recordings/settings', { cameras: { door: { mode, stream: 'sub' } } });
  const kept = () => until('the session to be kept', () => keeper.kept.length === 1);
  /** Until something later than now is in a file. */
  const recorded = async (seconds: number) => {
    const since = Date.now() / 1000;
    await until(`${seconds} s more`, async () => ((await list()).at(-1)?.to ?? 0) > since + seconds);
  };

  /** The numbers in the pictures of all files, in order. */
  async function stamps(): Promise<(number | undefined)[]> {
    const found: (number | undefined)[] = [];
    for (const { id } of await list())
      found.push(...(await stampsIn(`${daemon.url}/api/recordings/${id}/media.mp4`, SIZE, [], FINE)));
    return found;
  }

  /** No number is missing, none comes twice. */
  function follow(numbers: readonly (number | undefined)[]): void {
    const count = door.frames('sub');
    const wrong = numbers.flatMap((number, i) => {
      const expected = ((numbers[i - 1] ?? 0) + 1) % count;
      return i === 0 || number === expected ? [] : [`${i} of ${numbers.length}: ${number}, not ${expected}`];
    });
    assert.deepEqual(wrong, []);
  }

  before(async () => {
    keeper = await DescriptorKeeper.start();
    stateDir = await mkdtemp(join(tmpdir(), 'walleye-handover-'));
    cameras = await startVirtualCameras({
      cameras: [{ name: 'Door', auth: 'digest', port: 0, fps: FPS, gop: GOP }],
    });
    [door] = cameras.cameras as [VirtualCamera];
    await start();
    const { id, name, username, password, rtspUrl } = door;
    const streams = (['main', 'sub'] as const).map((profile) => ({ profile, rtsp_url: rtspUrl(profile) }));
    await daemon.api('POST', '/api/cameras', { id, name, username, password, streams });
  });
  after(async () => {
    await daemon?.stop();
    await cameras?.close();
    await keeper?.stop();
    await rm(stateDir, { recursive: true, force: true });
  });

  it('leaves its session to the next one: not a picture is missing, and the camera has seen one session', async () => {
    await mode('always');
    await kept();
    await recorded(GOP);
    for (let kill = 0; kill < 3; kill++) {
      await daemon.kill();
      await start();
      await recorded(GOP / 2);
    }
    assert.equal(door.stats.totalSessions, 1);
    assert.equal(door.stats.connections, 1);
    assert.deepEqual(door.stats.requests.slice(-3), ['OPTIONS', 'OPTIONS', 'OPTIONS'], 'keep-alives');
    follow(await stamps());
    const status = await daemon.api<StreamStatus>('GET', '/api/streams/door_sub');
    assert.equal(status.state, 'live');
    assert.ok(daemon.log.some((line) => line.includes('the daemon before has left sessions')));
  });

  it('tells the times of the pictures as before', async () => {
    const times = (await list()).toSorted((a: Recording, b: Recording) => a.from - b.from);
    for (const [i, { from }] of times.entries()) {
      const before = times[i - 1];
      // Each tells the time of day by its own first second, and this machine may be busy.
      if (before) assert.ok(Math.abs(from - before.to) < 0.5, `${from - before.to} s between two files`);
    }
    for (const { id } of times) await probe(`${daemon.url}/api/recordings/${id}/media.mp4`);
  });

  it('and goes on in one that the camera has closed meanwhile with a new one', async () => {
    await daemon.kill();
    await door.fault({ refuse: true });
    await door.clearFaults();
    await start();
    await recorded(GOP);
    assert.equal(door.stats.totalSessions, 2);
    await kept();
  });

  it('and a connection of which nothing else was left is closed: the camera has one session, a new one', async () => {
    await kept();
    await daemon.kill();
    const [stream] = await readdir(keeper.runtime);
    await rm(join(keeper.runtime, stream!, 'talk.json'));
    await start();
    await recorded(GOP);
    assert.equal(door.stats.totalSessions, 3);
    assert.equal(door.stats.sessions, 1);
  });

  it('keeps nothing of what is not recorded any more, and nothing when it ends as it should', async () => {
    await kept();
    await mode('off');
    await until('nothing is kept', () => keeper.kept.length === 0);
    assert.deepEqual(await readdir(keeper.runtime), []);
    await mode('always');
    await kept();
    assert.equal(await daemon.stop(), 0);
    await until('no session on the camera', () => door.stats.sessions === 0);
    assert.deepEqual(await readdir(keeper.runtime), []);
    await start();
    await recorded(GOP);
  });
});
