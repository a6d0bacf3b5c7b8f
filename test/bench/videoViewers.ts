/** Viewers of the cameras' own video, in a process of their own: when each picture came, and which ones never did. */
import { setTimeout as sleep } from 'node:timers/promises';
import { answerQuestions } from './child.ts';
import { percentile } from './figures.ts';
import { LiveViewer } from './liveViewer.ts';

export interface OpenVideoViewers {
  /** Of the daemon. */
  url: string;
  /** The viewers have them in turn. */
  streams: string[];
  count: number;
}
export interface Window {
  /** Unix milliseconds: pictures that the box had from … to count. */
  from: number;
  to: number;
  /** Only viewers from this number on count. */
  firstViewer: number;
}
export interface VideoCounts {
  /** Pictures that somebody got, of all streams. */
  sent: number;
  /** Pictures that viewers are without although others got them, of all viewers. */
  missing: number;
  /** Of them, those that should have had any. */
  expected: number;
  viewersWithGaps: number;
  /** Pictures that nobody got, by the holes in the times. */
  missingForAll: number;
  /** Pictures that the box says it left out, of all viewers since they came. */
  dropped: number;
  /** Milliseconds from the box having a picture to its being here. */
  delayP50: number;
  delayP95: number;
  delayMost: number;
  /** Megabits a second for each viewer. */
  megabits: number;
  /** Viewers whose connection is open. */
  open: number;
}
export interface VideoAnswers {
  open: undefined;
  counts: VideoCounts;
  /** The first so many viewers read nothing any more. */
  stall: undefined;
  /** Milliseconds until the last of them had a picture again that was no older than a second. */
  resume: number;
}

interface Viewer {
  stream: string;
  live: LiveViewer;
  /** Of pictures that were current when they were sent: when the box had them, their media time, how long they took, their bytes. */
  times: number[];
  ids: number[];
  delays: number[];
  bytes: number[];
}
/** Milliseconds that a picture may have been under way to count as current again. */
const CURRENT = 1_000;
/** Pictures at either end of what is counted. */
const EDGE = 2;
const viewers: Viewer[] = [];

answerQuestions({
  open: async ({ url, streams, count }: OpenVideoViewers) => {
    for (let i = 0; i < count; i++) {
      const viewer = newViewer(url, streams[i % streams.length] ?? '');
      viewers.push(viewer);
      await viewer.live.opened();
      viewer.live.say({ type: 'open', tile: 1, stream: viewer.stream, formats: ['mp4'] });
    }
    await untilAll(viewers, ({ times }) => times.length > 0);
  },
  counts,
  stall: ({ count }: { count: number }) => {
    for (const { live } of viewers.slice(0, count)) live.stall();
  },
  resume: async ({ count }: { count: number }) => {
    const stalled = viewers.slice(0, count);
    const begun = performance.now();
    const seen = new Map(stalled.map((viewer) => [viewer, viewer.times.length]));
    for (const { live } of stalled) live.resume();
    // One that the box has hung up on would have to connect anew.
    const isCurrent = (viewer: Viewer) =>
      !viewer.live.open || viewer.delays.slice(seen.get(viewer)).some((delay) => delay < CURRENT);
    await untilAll(stalled, isCurrent);
    return performance.now() - begun;
  },
});

function newViewer(url: string, stream: string): Viewer {
  const viewer: Omit<Viewer, 'live'> = { stream, times: [], ids: [], delays: [], bytes: [] };
  const live = new LiveViewer(url, ({ kind, past, time, at, payload }) => {
    if (kind !== 'mp4' || past) return;
    viewer.times.push(time);
    viewer.ids.push(mediaTime(payload));
    viewer.delays.push(at - time);
    viewer.bytes.push(payload.length);
  });
  return Object.assign(viewer, { live });
}

async function untilAll(
  some: readonly Viewer[],
  done: (viewer: Viewer) => boolean,
  limit = 60_000,
): Promise<void> {
  for (let waited = 0; !some.every(done); waited += 20) {
    if (waited > limit) throw new Error(`not every viewer had a current picture within ${limit / 1000} s`);
    await sleep(20);
  }
}

function counts({ from, to, firstViewer }: Window): VideoCounts {
  const counted = viewers.slice(firstViewer);
  const sum = { sent: 0, missing: 0, expected: 0, viewersWithGaps: 0, missingForAll: 0, bytes: 0 };
  const delays: number[] = [];
  for (const stream of new Set(counted.map((viewer) => viewer.stream))) {
    const own = counted
      .filter((viewer) => viewer.stream === stream)
      .map((viewer) => ({ viewer, indices: indicesOf(viewer, from, to) }));
    const ids = own.flatMap(({ viewer, indices }) => indices.map((i) => viewer.ids[i]!));
    const all = [...new Set(ids)].sort((a, b) => a - b);
    // What the box had at the edge of the time is inside for one viewer and outside for another.
    const inner = new Set(all.slice(EDGE, -EDGE));
    sum.sent += inner.size;
    sum.missingForAll += holes(all);
    for (const { viewer, indices } of own) {
      const missing = inner.size - indices.filter((i) => inner.has(viewer.ids[i]!)).length;
      sum.missing += missing;
      sum.expected += inner.size;
      if (missing > 0) sum.viewersWithGaps++;
      for (const i of indices) {
        delays.push(viewer.delays[i]!);
        sum.bytes += viewer.bytes[i]!;
      }
    }
  }
  const { bytes, ...rest } = sum;
  return {
    ...rest,
    dropped: counted.reduce((all, { live }) => all + live.dropped, 0),
    delayP50: percentile(delays, 50),
    delayP95: percentile(delays, 95),
    delayMost: percentile(delays, 100),
    megabits: (bytes * 8) / 1e6 / counted.length / ((to - from) / 1000),
    open: viewers.filter(({ live }) => live.open).length,
  };
}

function indicesOf({ times }: Viewer, from: number, to: number): number[] {
  return times.flatMap((time, i) => (time >= from && time < to ? [i] : []));
}

/** Of a fragment: the same for all viewers of a stream (`tfdt` of version 1, ISO/IEC 14496-12 §8.8.12). */
function mediaTime(fragment: Buffer): number {
  const at = fragment.indexOf('tfdt');
  if (at < 0) throw new Error('a fragment without a time');
  return Number(fragment.readBigUInt64BE(at + 8));
}

/** Pictures that are missing between times that should be evenly spread. */
function holes(times: readonly number[]): number {
  const steps = times.slice(1).map((time, i) => time - times[i]!);
  const usual = percentile(steps, 50);
  return steps.reduce((sum, step) => sum + (step > 1.6 * usual ? Math.round(step / usual) - 1 : 0), 0);
}
