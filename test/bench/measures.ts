import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import jpeg from 'jpeg-js';
import { findFfmpeg } from '../../daemon/decode/ffmpegChoice.ts';
import { lumaFromRgba, readFrameStamp } from '../virtual-camera/index.ts';
import { bareFfmpegArgs, TILE } from './bareFfmpeg.ts';
import { cpuSeconds, residentMegabytes, tree } from './cpu.ts';
import { percentile } from './figures.ts';
import { drainMjpeg, type ReceivedPicture, readMjpeg } from './mjpegReader.ts';
import type { Cameras, Daemon } from './setUp.ts';

/** Milliseconds for children to start and streams to settle before anything is counted. */
const SETTLE = 4_000;

export interface CpuResult {
  /** Cores for each tile, medians over the rounds. */
  walleye: number;
  /** ffmpeg as anybody starts it. */
  plain: number;
  /** ffmpeg with the options that our children have: one thread, low delay. */
  tuned: number;
  /** Medians of the rounds' ratios. */
  toPlain: number;
  toTuned: number;
}

/**
 * CPU of daemon and children for each tile ÷ CPU of bare ffmpegs that pull the same RTSP streams over TCP and make the same
 * JPEGs (same scaler, quality and Huffman tables), in turn within one run.
 */
export async function cpuPerTile(
  daemon: Daemon,
  cameras: Cameras,
  profile: 'main' | 'sub',
  rounds: number,
  seconds: number,
): Promise<CpuResult> {
  const tiles = cameras.cameras;
  const cpu = { walleye: [] as number[], plain: [] as number[], tuned: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    const work = {
      walleye: await walleyeCpu(daemon, tiles, profile, seconds),
      plain: await bareCpu(tiles, profile, seconds, false),
      tuned: await bareCpu(tiles, profile, seconds, true),
    };
    for (const who of ['walleye', 'plain', 'tuned'] as const) {
      // A ratio of CPU says nothing unless both did the same work.
      const share = work[who].bytes / work.tuned.bytes;
      if (!(share > 0.9 && share < 1.1)) throw new Error(`${who} made ${share.toFixed(2)} of the pictures`);
      cpu[who].push(work[who].cores / tiles.length);
    }
  }
  const ratios = (base: number[]) => cpu.walleye.map((own, round) => own / (base[round] ?? Number.NaN));
  return {
    walleye: percentile(cpu.walleye, 50),
    plain: percentile(cpu.plain, 50),
    tuned: percentile(cpu.tuned, 50),
    toPlain: percentile(ratios(cpu.plain), 50),
    toTuned: percentile(ratios(cpu.tuned), 50),
  };
}

/** Until V8 has compiled what a daemon that runs for months has compiled: a cold one costs twice as much. */
export async function warmUp(daemon: Daemon, cameras: Cameras, seconds: number): Promise<void> {
  await walleyeCpu(daemon, cameras.cameras, 'sub', seconds);
}

/** Cores used while `seconds` passed, and the bytes of pictures that came meanwhile. */
interface Work {
  cores: number;
  bytes: number;
}

async function walleyeCpu(
  daemon: Daemon,
  tiles: Cameras['cameras'],
  profile: string,
  seconds: number,
): Promise<Work> {
  const stop = new AbortController();
  const meter = { bytes: 0 };
  const readers = tiles.map(({ id }) =>
    drainMjpeg(
      `${daemon.url}/api/streams/${id}_${profile}/mjpeg?${new URLSearchParams(tileQuery())}`,
      stop.signal,
      meter,
    ),
  );
  await sleep(SETTLE);
  const work = await measure(() => tree(daemon.pid), seconds, meter);
  stop.abort();
  await Promise.all(readers);
  return work;
}

function tileQuery(): Record<string, string> {
  return Object.fromEntries(Object.entries(TILE).map(([key, value]) => [key, String(value)]));
}

async function bareCpu(
  tiles: Cameras['cameras'],
  profile: 'main' | 'sub',
  seconds: number,
  tuned: boolean,
): Promise<Work> {
  const binary = await findFfmpeg({});
  const meter = { bytes: 0 };
  const children = tiles.map(({ rtsp }) => {
    const args = bareFfmpegArgs({ ffmpeg: binary, profile, rtsp: rtsp[profile], tuned });
    const child = spawn(binary.path, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.on('data', (chunk: Buffer) => {
      meter.bytes += chunk.length;
    });
    return child;
  });
  await sleep(SETTLE);
  const work = await measure(() => children.map((child) => child.pid ?? 0), seconds, meter);
  for (const child of children)
    if (child.exitCode !== null)
      throw new Error(`a bare ffmpeg ended with ${child.exitCode} while it was measured`);
  await Promise.all(
    children.map((child) => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      return exited;
    }),
  );
  return work;
}

async function measure(pids: () => number[], seconds: number, meter: { bytes: number }): Promise<Work> {
  const bytes = meter.bytes;
  const cores = await coresUsed(pids, seconds);
  return { cores, bytes: meter.bytes - bytes };
}

async function coresUsed(pids: () => number[], seconds: number): Promise<number> {
  const counted = pids();
  const before = cpuSeconds(counted);
  const begun = performance.now();
  await sleep(seconds * 1000);
  return (cpuSeconds(counted) - before) / ((performance.now() - begun) / 1000);
}

export interface Spread {
  p50: number;
  p95: number;
  samples: number;
}

/** Milliseconds from the camera's sending of an access unit to its JPEG at a reader, by the frame stamp in the pixels. */
export async function delay(
  daemon: Daemon,
  cameras: Cameras,
  profile: 'main' | 'sub',
  seconds: number,
): Promise<Spread> {
  const camera = cameras.cameras[0];
  if (!camera) throw new Error('no camera');
  const pictures: ReceivedPicture[] = [];
  const stop = new AbortController();
  const url = `${daemon.url}/api/streams/${camera.id}_${profile}/mjpeg?${new URLSearchParams(tileQuery())}`;
  const reading = readMjpeg(url, stop.signal, (picture) => pictures.push(picture));
  await sleep(SETTLE);
  pictures.length = 0;
  await sleep(seconds * 1000);
  const table = await fetch(`${cameras.control}/cameras/${camera.id}/sentAt?profile=${profile}`);
  const { sentAt } = (await table.json()) as { sentAt: (number | null)[] };
  stop.abort();
  await reading;
  const delays: number[] = [];
  for (const { jpeg: data, at } of pictures) {
    const { data: rgba, width, height } = jpeg.decode(data, { useTArray: true });
    const stamp = readFrameStamp(lumaFromRgba(rgba, width, height), width, height);
    const sent = stamp === undefined ? null : (sentAt[stamp] ?? null);
    // A stamp sent again after the picture came belongs to the clip's next round.
    if (sent !== null && sent <= at) delays.push(at - sent);
  }
  if (delays.length < pictures.length * 0.9)
    throw new Error(`only ${delays.length} of ${pictures.length} frame stamps could be read`);
  return spread(delays);
}

/** Milliseconds from the request for a size that nobody has asked for yet to its first whole picture. */
export async function firstPicture(
  daemon: Daemon,
  stream: string,
  samples: number,
  gop: number,
): Promise<Spread> {
  const times: number[] = [];
  for (let sample = 0; sample < samples; sample++) {
    await sleep(Math.random() * gop * 1000); // anywhere in the group of pictures
    const stop = new AbortController();
    const begun = performance.timeOrigin + performance.now();
    const first = Promise.withResolvers<number>();
    const width = 640 - 16 * (sample % 20);
    const reading = readMjpeg(
      `${daemon.url}/api/streams/${stream}/mjpeg?width=${width}&quality=${70 + Math.floor(sample / 20)}`,
      stop.signal,
      ({ at }) => first.resolve(at),
    );
    times.push((await first.promise) - begun);
    stop.abort();
    await reading;
  }
  return spread(times);
}

export interface ViewersResult {
  /** Cores that each of viewer 2 … n costs the daemon. */
  perViewer: number;
  viewers: number;
  residentOne: number;
  residentAll: number;
}

/** What each further viewer of a rendition costs the daemon. */
export async function viewersCost(
  daemon: Daemon,
  stream: string,
  viewers: number,
  seconds: number,
): Promise<ViewersResult> {
  const url = `${daemon.url}/api/streams/${stream}/mjpeg?${new URLSearchParams(tileQuery())}`;
  const stop = new AbortController();
  const readers = [drainMjpeg(url, stop.signal)];
  await sleep(SETTLE);
  const one = await coresUsed(() => [daemon.pid], seconds);
  const residentOne = residentMegabytes(daemon.pid);
  while (readers.length < viewers) readers.push(drainMjpeg(url, stop.signal));
  await sleep(SETTLE);
  const all = await coresUsed(() => [daemon.pid], seconds);
  const residentAll = residentMegabytes(daemon.pid);
  stop.abort();
  await Promise.all(readers);
  return { perViewer: (all - one) / (viewers - 1), viewers, residentOne, residentAll };
}

function spread(values: number[]): Spread {
  return { p50: percentile(values, 50), p95: percentile(values, 95), samples: values.length };
}
