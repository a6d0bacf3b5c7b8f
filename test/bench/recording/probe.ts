import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { median } from '../figures.ts';

const run = promisify(execFile);

export interface ProbedVideo {
  codec_name: string;
  profile: string;
  level: number;
  width: number;
  height: number;
}
export interface ProbedFile extends ProbedVideo {
  /** Pictures a second, by the usual time from one to the next. */
  fps: number;
  /** In the order of the file: seconds from its beginning, and what tells a picture's bytes from others. */
  pictures: { time: number; hash: string }[];
}

const STREAM = 'stream=codec_name,profile,level,width,height';

/** @throws Error with ffprobe's words where it finds anything wrong */
export async function probeFile(path: string): Promise<ProbedFile> {
  const { streams, packets } = await probe([
    ...['-show_data_hash', 'md5', '-show_entries', `${STREAM}:packet=pts_time,data_hash`],
    path,
  ]);
  const pictures = packets.map(({ pts_time, data_hash }) => ({ time: Number(pts_time), hash: data_hash }));
  const steps = pictures.slice(1).map(({ time }, i) => time - pictures[i]!.time);
  return { ...streams[0], fps: 1 / median(steps), pictures };
}

/** What a camera says that it sends. */
export async function probeSource(rtsp: string): Promise<ProbedVideo> {
  return (await probe(['-rtsp_transport', 'tcp', '-show_entries', STREAM, rtsp])).streams[0];
}

interface Output {
  streams: [ProbedVideo];
  packets: { pts_time: string; data_hash: string }[];
}

async function probe(args: readonly string[]): Promise<Output> {
  const all = ['-v', 'error', '-select_streams', 'v:0', '-of', 'json', ...args];
  const { stdout, stderr } = await run('ffprobe', all, { maxBuffer: 1 << 28 });
  const output = JSON.parse(stdout) as Output;
  if (stderr.trim() !== '') throw new Error(stderr.trim());
  if (!output.streams?.[0]) throw new Error('it holds no video');
  return output;
}
