/** Many viewers of the cameras' own video from one core, and what it does to them that some read nothing. */
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Asked } from './child.ts';
import { coresOf, residentMegabytes } from './cpu.ts';
import { type MeasureContext, owned } from './measure.ts';
import { addCameras, type Daemon, startCameras, startDaemon } from './setUp.ts';
import type { VideoAnswers, VideoCounts } from './videoViewers.ts';

const VIEWERS = 100;
const CAMERAS = 4;
/** Of each camera's stream. */
const KBPS = 2_000;
/** Of the viewers, that come to read nothing. */
const STALLED = 0.2;
/** Of the daemon with a hundred viewers, MB. */
const MOST_RESIDENT = 250;
/** Milliseconds. */
const SETTLE = 5_000;
/** Until what was sent in the time that counts is here, too. */
const AFTERWARDS = 2_000;
const DAEMON_CORE = 0;
const OTHER_CORE = 1;

type Viewers = Asked<object, VideoAnswers>;

interface Phase {
  counts: VideoCounts;
  cores: number;
  /** The most while it lasted, MB. */
  resident: number;
}

export async function passthrough(context: MeasureContext): Promise<void> {
  const { figures, options, step } = context;
  const seconds = options.seconds ?? (options.quick ? 10 : 30);
  const count = options.viewers?.[0] ?? VIEWERS;
  const stalled = Math.round(count * STALLED);
  const several = availableParallelism() > 1;
  if (!several) step('there is one core only: daemon, cameras and viewers share it');
  const others = several ? OTHER_CORE : undefined;

  const cameras = await owned(
    context,
    startCameras(options.cameras ?? CAMERAS, 1, { same: true, kbps: KBPS, core: others }),
  );
  const daemon = await owned(context, startDaemon({ core: several ? DAEMON_CORE : undefined }));
  await addCameras(daemon, cameras);
  const viewers: Viewers = await owned(context, new Asked('test/bench/videoViewers.ts', others));
  figures.add('pass-through: daemon RSS, nobody looks', residentMegabytes(daemon.pid), 'MB');

  step(`${count} viewers of ${cameras.cameras.length} cameras`);
  const streams = cameras.cameras.map(({ id }) => `${id}_main`);
  await viewers.ask('open', { url: daemon.url, streams, count });
  await sleep(SETTLE);
  step('all of them read');
  const before = await phase(daemon, viewers, seconds, stalled);
  step(`${stalled} of them read nothing`);
  await viewers.ask('stall', { count: stalled });
  const after = await phase(daemon, viewers, seconds, stalled);
  step('they read again');
  const resumed = await viewers.ask('resume', { count: stalled });

  figures.add('pass-through: each viewer gets', before.counts.megabits, 'Mbit/s');
  add(context, `${count} viewers`, before);
  add(context, `the other ${count - stalled} while ${stalled} read nothing`, after);
  figures.add(`pass-through: connections that are open then`, after.counts.open, `of ${count}`);
  figures.add('pass-through: delay p95 with stalled viewers ÷ without', ratio(before, after), '×');
  figures.add('pass-through: stalled viewers read again, all current after', resumed, 'ms');
}

/** The same viewers are counted in both phases: those who never stall. */
async function phase(daemon: Daemon, viewers: Viewers, seconds: number, stalled: number): Promise<Phase> {
  let resident = 0;
  const timer = setInterval(() => {
    resident = Math.max(resident, residentMegabytes(daemon.pid));
  }, 250);
  const { dropped } = await viewers.ask('counts', { from: 0, to: 0, firstViewer: stalled });
  const from = Date.now();
  const [cores = 0] = await coresOf([daemon.pid], () => sleep(seconds * 1000));
  const to = Date.now();
  clearInterval(timer);
  await sleep(AFTERWARDS);
  const counts = await viewers.ask('counts', { from, to, firstViewer: stalled });
  return { counts: { ...counts, dropped: counts.dropped - dropped }, cores, resident };
}

function add({ figures }: MeasureContext, who: string, { counts, cores, resident }: Phase): void {
  const name = `pass-through, ${who}`;
  figures.add(`${name}: pictures they are without`, counts.missing, `of ${counts.expected}`, 0);
  figures.add(`${name}: viewers with a gap`, counts.viewersWithGaps, '', 0);
  figures.add(`${name}: pictures that nobody got`, counts.missingForAll, `of ${counts.sent}`, 0);
  figures.add(`${name}: left out, by \`pace\``, counts.dropped, 'pictures');
  figures.add(`${name}: delay p50`, counts.delayP50, 'ms');
  figures.add(`${name}: delay p95`, counts.delayP95, 'ms');
  figures.add(`${name}: delay, the longest`, counts.delayMost, 'ms');
  figures.add(`${name}: CPU of the daemon`, cores * 100, '% of a core');
  figures.add(`${name}: daemon RSS, the most`, resident, 'MB', MOST_RESIDENT);
}

function ratio(before: Phase, after: Phase): number {
  return after.counts.delayP95 / before.counts.delayP95;
}
