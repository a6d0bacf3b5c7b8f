/** What it costs to watch a camera: our M-JPEG and our WebSocket beside the reference's ways, rebuilt in r1/. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Asked } from './child.ts';
import { coresOf } from './cpu.ts';
import { median } from './figures.ts';
import type { JpegViewersAnswers, OpenJpegViewers } from './jpegViewers.ts';
import { type MeasureContext, owned } from './measure.ts';
import type { R1Options } from './r1/server.ts';
import { addCameras, startCameras, startDaemon } from './setUp.ts';
import { watchingInBrowser } from './watchingBrowser.ts';
import { PROFILE, STREAM, type Stage, startR1, VIDEO_PATH } from './watchingStage.ts';

/** Milliseconds for children to start and streams to settle before anything is counted. */
const SETTLE = 4_000;
/** Seconds of each of our ways before: V8 compiles what is used most for a minute, and a daemon runs for months. */
const WARM = 60;
interface Way {
  name: string;
  viewers: Omit<OpenJpegViewers, 'url' | 'count'>;
  /** The reference's. */
  r1?: R1Options['decode'];
  /** With more than so many viewers it is left out: it would keep a small machine busy with nothing to compare. */
  most?: number;
}

const WAYS = {
  mjpeg: { name: 'M-JPEG', viewers: { kind: 'multipart' } },
  live: { name: 'WebSocket', viewers: { kind: 'live', stream: STREAM } },
  shared: { name: 'R1’s WebSocket, one decoder', viewers: { kind: 'pieces' }, r1: 'shared' },
  each: { name: 'R1’s WebSocket, a decoder each', viewers: { kind: 'pieces' }, r1: 'each' },
  r1mjpeg: { name: 'R1’s M-JPEG', viewers: { kind: 'multipart' }, r1: 'each', most: 4 },
} as const satisfies Record<string, Way>;
type WayName = keyof typeof WAYS;

/** What is to be at most so much of the reference's CPU, by the number of viewers. */
const TARGETS: readonly { of: WayName; by: readonly WayName[]; viewers: number; most: number }[] = [
  { of: 'mjpeg', by: ['r1mjpeg'], viewers: 4, most: 0.35 },
  { of: 'live', by: ['shared', 'each'], viewers: 4, most: 0.65 },
  { of: 'live', by: ['shared', 'each'], viewers: 16, most: 0.25 },
];
/** Bytes of a connection ÷ bytes of its pictures. */
const MOST_OVERHEAD = 1.05;

interface Work {
  cores: number;
  /** Pictures a second for each viewer. */
  rate: number;
  /** Bytes of the connections ÷ bytes of the pictures. */
  overhead: number;
  /** Megabits a second for each viewer. */
  megabits: number;
}

export async function watching(context: MeasureContext): Promise<void> {
  const { options, step } = context;
  const seconds = options.seconds ?? (options.quick ? 4 : 10);
  const passes = options.passes ?? (options.quick ? 1 : 2);
  const counts = options.viewers ?? [1, 4, 16];
  const cameras = await owned(context, startCameras(1, 1, { same: true }));
  const daemon = await owned(context, startDaemon());
  await addCameras(daemon, cameras);
  const viewers = await owned(context, new Asked<object, JpegViewersAnswers>('test/bench/jpegViewers.ts'));
  const stage: Stage = { daemon, rtsp: cameras.cameras[0]!.rtsp[PROFILE], seconds };
  const fps = cameras.cameras[0]!.fps;

  step('warming up');
  for (const way of ['mjpeg', 'live'] as const)
    await watch(context, { ...stage, seconds: options.quick ? 8 : WARM }, viewers, WAYS[way], 16);

  const works = new Map<string, Work[]>();
  for (let pass = 1; pass <= passes; pass++)
    for (const count of counts)
      for (const name of Object.keys(WAYS) as WayName[]) {
        const way: Way = WAYS[name];
        if (count > (way.most ?? Number.POSITIVE_INFINITY)) continue;
        step(`pass ${pass} of ${passes}: ${way.name}, ${viewersOf(count)}`);
        const work = await watch(context, stage, viewers, way, count);
        works.set(`${name} ${count}`, [...(works.get(`${name} ${count}`) ?? []), work]);
      }
  await viewers.stop();
  report(context, works, counts, fps);
  if (options.browser) await watchingInBrowser(context, stage, passes);
}

async function watch(
  context: MeasureContext,
  { daemon, rtsp, seconds }: Stage,
  viewers: Asked<object, JpegViewersAnswers>,
  way: Way,
  count: number,
): Promise<Work> {
  const r1 = way.r1 && (await startR1(context, { decode: way.r1, clients: count, profile: PROFILE, rtsp }));
  const base = r1?.url ?? daemon.url;
  const url = {
    multipart: r1 ? `${base}/video` : `${base}${VIDEO_PATH}`,
    live: base,
    pieces: `${base.replace('http', 'ws')}/pieces`,
  }[way.viewers.kind];
  try {
    await viewers.ask('open', { ...way.viewers, url, count });
    await sleep(SETTLE);
    const before = await viewers.ask('counts');
    const begun = performance.now();
    const [cores = 0] = await coresOf([r1?.pid ?? daemon.pid], () => sleep(seconds * 1000));
    const after = await viewers.ask('counts');
    const took = (performance.now() - begun) / 1000;
    const wire = after.wire - before.wire;
    return {
      cores,
      rate: (after.pictures - before.pictures) / count / took,
      overhead: wire / (after.jpegBytes - before.jpegBytes),
      megabits: (wire * 8) / 1e6 / count / took,
    };
  } finally {
    await viewers.ask('close');
    await r1?.stop();
  }
}

function report(
  { figures }: MeasureContext,
  works: ReadonlyMap<string, readonly Work[]>,
  counts: readonly number[],
  fps: number,
): void {
  const of = (name: WayName, count: number, what: keyof Work) =>
    median((works.get(`${name} ${count}`) ?? []).map((work) => work[what]));
  for (const count of counts)
    for (const [name, way] of Object.entries(WAYS) as [WayName, Way][]) {
      if (!works.has(`${name} ${count}`)) continue;
      const title = `${way.name}, ${viewersOf(count)}`;
      figures.add(`${title}: CPU of the server`, of(name, count, 'cores') * 100, '% of a core');
      figures.add(`${title}: pictures a second, of ${fps}`, of(name, count, 'rate'), 'for each');
      figures.add(`${title}: bytes of the connection`, of(name, count, 'megabits'), 'Mbit/s for each');
      const bound = way.r1 ? undefined : MOST_OVERHEAD;
      figures.add(`${title}: ÷ bytes of the JPEGs`, of(name, count, 'overhead'), '×', bound);
    }
  for (const target of TARGETS)
    for (const by of target.by) {
      const own = works.get(`${target.of} ${target.viewers}`);
      const theirs = works.get(`${by} ${target.viewers}`);
      if (!own || !theirs) continue;
      // Round by round: both had the same machine then.
      const ratio = median(own.map(({ cores }, pass) => cores / (theirs[pass]?.cores ?? Number.NaN)));
      const name = `${WAYS[target.of].name} ÷ ${WAYS[by].name}, ${viewersOf(target.viewers)}: CPU`;
      // Who has no CPU left sends less, and costs less than he should. Of the reference: then we look worse than we are.
      const slow = (way: WayName) => of(way, target.viewers, 'rate') < 0.95 * fps;
      if (slow(target.of))
        figures.add(`${name}; no result, we did not keep up`, Number.NaN, '×', target.most);
      else figures.add(`${name}${slow(by) ? ', which did not keep up' : ''}`, ratio, '×', target.most);
    }
}

function viewersOf(count: number): string {
  return count === 1 ? '1 viewer' : `${count} viewers`;
}
