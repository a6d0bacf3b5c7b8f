/** Clips that ffmpeg encodes, cut into access units and audio frames as ingest hands them on, and ffmpeg's own view of them. */
import { execFile, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AccessUnit, AudioFrame, AudioParameters, VideoParameters } from '../../daemon/frame.ts';
import { h264Coding } from '../../daemon/ingest/h264Coding.ts';
import { h265Coding } from '../../daemon/ingest/h265Coding.ts';
import { annexBNals, toAnnexB } from '../../daemon/nal/annexB.ts';
import { FFMPEG, ffmpeg } from '../ingest/ffmpegRtp.ts';

const run = promisify(execFile);
const FFPROBE = 'ffprobe';
const MAX_OUTPUT = 64 * 1024 * 1024;

/** Why tests with ffprobe cannot run here; false where they can. */
export const noFfprobe: string | false =
  spawnSync(FFPROBE, ['-version']).status === 0 ? false : 'there is no ffprobe (Debian: apt install ffmpeg)';

export interface VideoClip {
  /** An MPEG transport stream: the original. */
  readonly file: string;
  /** In decoding order; `mediaTime` is the presentation time, the first picture's is 0. */
  readonly units: AccessUnit[];
}

/** Encodes a moving picture. `coder`: ffmpeg's options of the encoder. */
export async function videoClip(
  folder: string,
  name: string,
  codec: 'h264' | 'hevc',
  coder: readonly string[],
  { size = '320x180', fps = 25, pictures = 50 } = {},
): Promise<VideoClip> {
  const file = join(folder, `${name}.ts`);
  const source = ['-f', 'lavfi', '-i', `testsrc=size=${size}:rate=${fps}`, '-frames:v', `${pictures}`];
  await ffmpeg(...source, '-pix_fmt', 'yuv420p', ...coder, '-f', 'mpegts', file);
  const raw = join(folder, `${name}.${codec}`);
  // Its muxer has put a delimiter before each picture.
  await ffmpeg('-i', file, '-c', 'copy', '-f', codec, raw);
  const packets = await packetsOf(file);
  const coding = codec === 'h264' ? h264Coding : h265Coding;
  const sets = coding.parameterSets();
  const pictureNals: Buffer[][] = [];
  for (const nal of annexBNals(await readFile(raw))) {
    const role = coding.role(nal);
    if (role === 'delimiter') pictureNals.push([]);
    else pictureNals.at(-1)?.push(nal);
    if (role === 'parameterSet') sets.add(nal);
  }
  if (pictureNals.length !== packets.length)
    throw new Error(`${pictureNals.length} of ${packets.length} pictures`);
  const first = Math.min(...packets.map(({ pts }) => pts));
  let video: VideoParameters | undefined;
  const units = pictureNals.map((nals, i): AccessUnit => {
    const slices = nals.filter((nal) => coding.isSlice(nal));
    video ??= sets.activate(coding.ppsId(slices[0]!)!);
    const mediaTime = (packets[i]!.pts - first) * 1000;
    const key = slices.some((nal) => coding.isKey(nal));
    return { video: video!, data: toAnnexB(nals), key, mediaTime, receivedAt: 5000 + (i * 1000) / fps };
  });
  return { file, units };
}

/** Encodes a tone. Opus: packets of 20 ms; AAC: frames of 1024 samples. */
export async function audioClip(
  folder: string,
  codec: 'aac' | 'opus',
  { sampleRate = 48_000, channels = 2, seconds = 2 } = {},
): Promise<AudioFrame[]> {
  const file = join(folder, `${codec}-${sampleRate}-${channels}.mkv`);
  const coder = codec === 'aac' ? 'aac' : 'libopus';
  const source = ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=${sampleRate}:duration=${seconds}`];
  await ffmpeg(...source, '-ac', `${channels}`, '-c:a', coder, file);
  const data = await packetData(file);
  const [stream] = await probe<{ extradata: string }>(file, 'stream', '-show_data');
  const audio: AudioParameters = {
    codec,
    sampleRate,
    channels,
    codecString: codec === 'aac' ? 'mp4a.40.2' : 'opus',
    config: codec === 'aac' ? fromHexDump(stream!.extradata) : undefined,
    codeBits: undefined,
  };
  const duration = codec === 'aac' ? 1_024_000 / sampleRate : 20;
  return data.map((bytes, i) => ({
    audio,
    data: bytes,
    mediaTime: i * duration,
    duration,
    receivedAt: 5000 + i * duration,
  }));
}

export interface Packet {
  /** Seconds. */
  readonly pts: number;
  readonly dts: number;
  readonly duration: number;
  readonly size: number;
  readonly key: boolean;
  readonly stream: number;
}

/** ffprobe's entries of a section (`stream`, `packet`), as strings. */
export async function probe<T>(file: string, section: string, ...args: string[]): Promise<T[]> {
  const { stdout } = await run(
    FFPROBE,
    ['-v', 'error', `-show_${section}s`, ...args, '-print_format', 'json', file],
    { maxBuffer: MAX_OUTPUT },
  );
  return (JSON.parse(stdout) as Record<string, T[]>)[`${section}s`] ?? [];
}

export async function packetsOf(file: string): Promise<Packet[]> {
  const packets = await probe<Record<string, string>>(file, 'packet');
  return packets.map((p) => ({
    pts: Number(p.pts_time),
    dts: Number(p.dts_time),
    duration: Number(p.duration_time),
    size: Number(p.size),
    key: p.flags!.startsWith('K'),
    stream: Number(p.stream_index),
  }));
}

/** The hash of each decoded picture (or block of sound) of a file’s stream, in order of presentation, and ffmpeg's complaints. */
export async function frameHashes(
  file: string,
  stream = '0:v:0',
): Promise<{ hashes: string[]; complaints: string }> {
  const output = ['-map', stream, '-fps_mode', 'passthrough', '-f', 'framemd5', '-'];
  const { stdout, stderr } = await run(FFMPEG, ['-nostdin', '-v', 'warning', '-i', file, ...output], {
    maxBuffer: MAX_OUTPUT,
  });
  const lines = stdout.split('\n').filter((line) => /^\d/.test(line));
  return { hashes: lines.map((line) => line.split(',').at(-1)!.trim()), complaints: stderr };
}

async function packetData(file: string): Promise<Buffer[]> {
  const packets = await probe<{ data: string }>(file, 'packet', '-show_data');
  return packets.map(({ data }) => fromHexDump(data));
}

/** ffprobe's hex dump: offset, up to sixteen bytes in pairs, the characters. */
function fromHexDump(dump: string): Buffer {
  const lines = dump.split('\n').filter((line) => line.includes(':'));
  return Buffer.from(lines.map((line) => line.slice(10, 50).replaceAll(' ', '')).join(''), 'hex');
}
