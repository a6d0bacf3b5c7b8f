/** A clip as the box would send it: MP4 fragments, access units and JPEGs of the same pictures, each with its frame stamp. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ffmpeg } from '../ingest/ffmpegRtp.ts';
import { STAMP_HEIGHT, stampCells } from '../virtual-camera/frameStamp.ts';

/** Units of a second in the fragments. */
export const TIMESCALE = 90_000;

export interface ClipPicture {
  /** moof and mdat; its time is counted from the clip's beginning. */
  readonly fragment: Buffer;
  /** Annex B. */
  readonly unit: Buffer;
  readonly jpeg: Buffer;
  readonly key: boolean;
}

export interface Clip {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly codec: string;
  /** ftyp and moov. */
  readonly segment: Buffer;
  readonly pictures: readonly ClipPicture[];
}

export interface ClipOptions {
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number;
  /** Pictures from one key picture to the next. */
  readonly gop?: number;
  /** Groups in the clip. */
  readonly groups?: number;
  /** Degrees by which the colours are turned, to tell clips apart. */
  readonly hue?: number;
  readonly profile?: 'baseline' | 'high';
  /** Pictures that are shown before one that is sent earlier, in a row. */
  readonly bPictures?: number;
}

/** Draws and encodes it; some seconds of work. */
export async function makeClip(options: ClipOptions = {}): Promise<Clip> {
  const {
    width = 640,
    height = 360,
    fps = 15,
    gop = 15,
    groups = 10,
    hue = 0,
    profile = 'baseline',
    bPictures = 0,
  } = options;
  const delay = bPictures > 0 ? ['-b_strategy', '0', '-bf', `${bPictures}`] : ['-tune', 'zerolatency'];
  const count = gop * groups;
  const folder = await mkdtemp(join(tmpdir(), 'walleye-clip-'));
  const file = (name: string) => join(folder, name);
  try {
    await writeFile(file('stamps'), Buffer.concat(Array.from({ length: count }, (_, n) => stampCells(n))));
    const strip = Math.ceil(height * STAMP_HEIGHT);
    await ffmpeg(
      ...['-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=${fps},hue=h=${hue}`],
      ...['-f', 'rawvideo', '-pix_fmt', 'gray', '-video_size', '32x1', '-framerate', `${fps}`],
      ...['-i', file('stamps'), '-filter_complex'],
      `[1:v]scale=${width}:${strip}:flags=neighbor[s];[0:v][s]overlay=0:0:shortest=1,format=yuv420p[out]`,
      ...['-map', '[out]', '-frames:v', `${count}`, '-c:v', 'libx264', '-preset', 'ultrafast'],
      ...[...delay, '-profile:v', profile, '-threads', '1', '-g', `${gop}`],
      ...['-sc_threshold', '0', '-movflags', '+frag_every_frame+empty_moov+default_base_moof'],
      ...['-video_track_timescale', `${TIMESCALE}`, '-f', 'mp4', file('clip.mp4')],
    );
    await ffmpeg(
      ...['-i', file('clip.mp4'), '-c', 'copy', '-bsf:v', 'h264_mp4toannexb,h264_metadata=aud=insert'],
      ...['-f', 'h264', file('clip.h264')],
    );
    await ffmpeg('-i', file('clip.mp4'), '-q:v', '3', '-fps_mode', 'passthrough', file('%05d.jpg'));
    const boxes = topBoxes(await readFile(file('clip.mp4')));
    const segment = Buffer.concat(boxes.filter(({ type }) => /ftyp|moov/.test(type)).map(({ data }) => data));
    const moofs = boxes.filter(({ type }) => type === 'moof');
    const mdats = boxes.filter(({ type }) => type === 'mdat');
    const units = unitsOf(await readFile(file('clip.h264')));
    const jpegs = (await readdir(folder)).filter((name) => name.endsWith('.jpg')).sort();
    if (new Set([count, moofs.length, mdats.length, units.length, jpegs.length]).size !== 1)
      throw new Error(
        `${count} pictures, ${moofs.length} fragments, ${units.length} units, ${jpegs.length} JPEGs`,
      );
    const pictures = units.map(async (unit, i) => ({
      fragment: Buffer.concat([moofs[i]!.data, mdats[i]!.data]),
      unit,
      jpeg: await readFile(file(jpegs[i]!)),
      key: i % gop === 0,
    }));
    return { width, height, fps, codec: codecOf(segment), segment, pictures: await Promise.all(pictures) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function topBoxes(file: Buffer): { type: string; data: Buffer }[] {
  const boxes = [];
  for (let at = 0; at + 8 <= file.length; ) {
    const size = file.readUInt32BE(at);
    boxes.push({ type: file.toString('latin1', at + 4, at + 8), data: file.subarray(at, at + size) });
    at += size;
  }
  return boxes;
}

/** Each begins with the delimiter that ffmpeg's filter put there. */
function unitsOf(stream: Buffer): Buffer[] {
  const delimiter = Buffer.from([0, 0, 0, 1, 9]);
  const starts: number[] = [];
  for (let at = stream.indexOf(delimiter); at >= 0; at = stream.indexOf(delimiter, at + 5)) starts.push(at);
  return starts.map((start, i) => stream.subarray(start, starts[i + 1]));
}

/** From the decoder configuration: profile, constraints and level, two hexadecimal digits each (RFC 6381). */
function codecOf(segment: Buffer): string {
  const at = segment.indexOf('avcC') + 5;
  return `avc1.${segment.toString('hex', at, at + 3).toUpperCase()}`;
}

/** The fragment at another decoding time, in units of the timescale. */
export function atTime(fragment: Buffer, time: number): Buffer {
  const moved = Buffer.from(fragment);
  const at = moved.indexOf('tfdt') + 4;
  if (moved[at] === 1) moved.writeBigUInt64BE(BigInt(time), at + 4);
  else moved.writeUInt32BE(time, at + 4);
  return moved;
}
