/** Sessions with cameras that nobody looks at, against as many ffmpegs that take in the same streams and do nothing with them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamList } from '../../daemon/schema.ts';
import { end } from './child.ts';
import { coresOf, residentMegabytes, tree } from './cpu.ts';
import { median } from './figures.ts';
import { type MeasureContext, owned } from './measure.ts';
import { type Cameras, type Daemon, startCameras, startDaemon, waitUntilLive } from './setUp.ts';

const STREAMS = 16;
/** Seconds until V8 has compiled what a daemon that runs for months has compiled. */
const WARM_UP = 30;
/** Seconds between key frames, as most cameras are delivered. */
const GOP = 2;

/** What came in, as the cameras and the daemon tell it. */
interface Counted {
  /** Sent, whoever took them. */
  pictures: number;
  /** Left out by a camera because somebody did not read. */
  unread: number;
  /** Came to the daemon. */
  taken: number;
}

export async function ingest(context: MeasureContext): Promise<void> {
  const { figures, options, step } = context;
  const seconds = options.seconds ?? (options.quick ? 15 : 60);
  const passes = options.passes ?? 3;
  const count = options.cameras ?? STREAMS;
  const cameras = await owned(context, startCameras(count, GOP, { same: true, large: true }));
  const daemon = await owned(context, startDaemon());
  step('the daemon alone');
  await sleep((options.quick ? 5 : WARM_UP) * 1000);
  const base = residentMegabytes(daemon.pid);
  await addMain(daemon, cameras);
  step(`${count} streams of 1920×1080, 4 Mbit/s`);
  await waitUntilLive(
    daemon,
    cameras.cameras.map(({ id }) => `${id}_main`),
    GOP,
  );
  await sleep((options.quick ? 5 : WARM_UP) * 1000);
  const resident = residentMegabytes(daemon.pid);
  figures.add(`ingest ${count}: daemon RSS, without streams`, base, 'MB');
  figures.add(`ingest ${count}: daemon RSS, each stream beside`, (resident - base) / count, 'MB', 12);

  const others = await owned(context, startOthers(cameras));
  await sleep((options.quick ? 5 : WARM_UP) * 1000);
  const works: { own: number; others: number }[] = [];
  const before = await counted(daemon, cameras);
  for (let pass = 1; pass <= passes; pass++) {
    step(`CPU beside ${count} ffmpegs, ${pass} of ${passes}`);
    // Both at the same time: the machine's ups and downs concern both.
    const pids = [daemon.pid, ...others.pids];
    const [own = 0, ...theirs] = await coresOf(pids, () => sleep(seconds * 1000));
    works.push({ own, others: theirs.reduce((sum, cores) => sum + cores, 0) });
  }
  others.check();
  const after = await counted(daemon, cameras);
  if (tree(daemon.pid).length > 1) throw new Error('the daemon decodes: somebody looks');
  const each = (of: (work: (typeof works)[number]) => number) => (median(works.map(of)) / count) * 100;
  figures.add(
    `ingest ${count}: Walleye, each`,
    each(({ own }) => own),
    '% of a core',
  );
  figures.add(
    `ingest ${count}: ffmpeg -c copy -f null, each`,
    each((work) => work.others),
    '% of a core',
  );
  const ratio = median(works.map((work) => work.own / work.others));
  figures.add(`ingest ${count}: CPU, Walleye ÷ ffmpeg -c copy -f null`, ratio, '×', 0.8);
  const taken = after.taken - before.taken;
  // Half of what was sent was for the ffmpegs. One picture of each camera may be on its way while we count.
  const missing = (after.pictures - before.pictures) / 2 - taken - count;
  figures.add(`ingest ${count}: pictures that Walleye is without`, Math.max(0, missing), `of ${taken}`, 0);
  figures.add(`ingest ${count}: pictures that cameras left out`, after.unread - before.unread, '', 0);
}

/** Their large streams stay open although nobody looks. */
async function addMain(daemon: Daemon, { cameras }: Cameras): Promise<void> {
  for (const { id, rtsp } of cameras) {
    const streams = [{ profile: 'main', rtsp_url: rtsp.main, keep_warm: true }];
    await daemon.post('/api/cameras', { id, name: id, streams });
  }
}

function startOthers({ cameras }: Cameras) {
  const children = cameras.map(({ rtsp }): ChildProcess => {
    const args = ['-nostdin', '-loglevel', 'error', '-rtsp_transport', 'tcp', '-i', rtsp.main];
    return spawn('ffmpeg', [...args, '-c', 'copy', '-f', 'null', '-'], { stdio: 'ignore' });
  });
  return {
    pids: children.map(({ pid }) => pid ?? 0),
    /** @throws Error when one has ended: then it cost less than it should have */
    check: () => {
      const ended = children.filter(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null);
      if (ended.length > 0) throw new Error(`${ended.length} of ${children.length} ffmpegs ended early`);
    },
    stop: async () => {
      await Promise.all(children.map((child) => end(child)));
    },
  };
}

async function counted(daemon: Daemon, { cameras, control }: Cameras): Promise<Counted> {
  const stats = await Promise.all(
    cameras.map(async ({ id }) => {
      const answer = await fetch(`${control}/cameras/${id}`);
      return ((await answer.json()) as { stats: { framesSent: number; framesDropped: number } }).stats;
    }),
  );
  const { streams } = await daemon.api<StreamList>('GET', '/api/streams');
  return {
    pictures: stats.reduce((sum, { framesSent }) => sum + framesSent, 0),
    unread: stats.reduce((sum, { framesDropped }) => sum + framesDropped, 0),
    taken: streams.reduce((sum, { frames_received }) => sum + frames_received, 0),
  };
}
