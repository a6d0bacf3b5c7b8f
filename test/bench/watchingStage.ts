/** What both parts of `watching` look at, and the reference's server. */
import { end, startProgram } from './child.ts';
import { type MeasureContext, owned } from './measure.ts';
import type { R1Options } from './r1/server.ts';
import type { Daemon } from './setUp.ts';

/** 1280×720, of which pictures of 640×360 are made. */
export const PROFILE = 'main';
export const STREAM = `cam1_${PROFILE}`;
export const VIDEO_PATH = `/api/streams/${STREAM}/mjpeg?width=640&height=360&quality=75`;

export interface Stage {
  daemon: Daemon;
  /** Of the camera, for the reference. */
  rtsp: string;
  /** Of one count. */
  seconds: number;
}

/** In a process of its own. */
export async function startR1(context: MeasureContext, options: R1Options) {
  const { child, line } = await startProgram('test/bench/r1/server.ts', [JSON.stringify(options)]);
  return owned(context, { url: line, pid: child.pid ?? 0, stop: () => end(child) });
}
