/** A clip: some seconds of one camera's picture as RTP packets, made once, kept on disk, played in a loop. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ClipParameters, type EncoderTools, encodeClip } from './encode.ts';
import type { Capture } from './rtpCapture.ts';

export interface Clip {
  readonly parameters: ClipParameters;
  /** Lines of ffmpeg's `m=video` section (m=, a=rtpmap, a=fmtp), without address and control. */
  readonly sdp: readonly string[];
  readonly frames: readonly ClipFrame[];
}

/** One access unit. */
export interface ClipFrame {
  /** Complete RTP packets as ffmpeg's muxer made them; sequence number, timestamp and SSRC are to be rewritten. */
  readonly packets: readonly Buffer[];
  /** An IDR picture (with parameter sets in front). */
  readonly key: boolean;
}

/** RTP clock of H.264 (RFC 6184), Hz. */
export const VIDEO_CLOCK = 90_000;

/** Counts up when what is drawn or the file format changes, so that old cache files are not taken. */
const FORMAT = 3;
/** libx264 uses one thread a clip, so this many run at once. */
const ENCODERS = 2;

export interface ClipOptions {
  /** Folder of the cache; made when it is not there. */
  readonly cacheDir: string;
  /** Asked for only when something must be encoded. */
  readonly tools: () => Promise<EncoderTools>;
  readonly progress?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Brings clips from the cache or encodes them, two at a time, equal ones once.
 * @throws Error when ffmpeg fails or its packets are not what was asked for
 */
export async function prepareClips(wanted: readonly ClipParameters[], options: ClipOptions): Promise<Clip[]> {
  await mkdir(options.cacheDir, { recursive: true });
  const byKey = new Map(wanted.map((parameters) => [clipKey(parameters), parameters]));
  const clips = new Map<string, Clip>();
  for (const [key, parameters] of byKey) {
    const clip = await readCached(cacheFile(options.cacheDir, key), parameters);
    if (clip) clips.set(key, clip);
  }
  const missing = [...byKey].filter(([key]) => !clips.has(key));
  let begun = 0;
  const worker = async () => {
    for (let next = missing[begun++]; next; next = missing[begun++]) {
      const [key, parameters] = next;
      const number = begun;
      const { title, width, height } = parameters;
      options.progress?.(`encoding clip ${number} of ${missing.length}: ${title}, ${width}×${height}`);
      const capture = await encodeClip(parameters, await options.tools(), options.cacheDir, options.signal);
      clips.set(key, toClip(parameters, capture));
      await writeCached(cacheFile(options.cacheDir, key), capture);
    }
  };
  // Both are waited for even if one fails, so that none is still at work (or its files there) when this throws.
  const giveUp = (error: unknown) => {
    begun = missing.length;
    throw error;
  };
  const ends = await Promise.allSettled(Array.from({ length: ENCODERS }, () => worker().catch(giveUp)));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return wanted.map((parameters) => clips.get(clipKey(parameters))!);
}

function clipKey(parameters: ClipParameters): string {
  const text = JSON.stringify([FORMAT, Object.entries(parameters).sort()]);
  return createHash('sha256').update(text).digest('hex').slice(0, 20);
}

function cacheFile(cacheDir: string, key: string): string {
  return join(cacheDir, `${key}.rtp`);
}

/** One JSON line (SDP and packet lengths), then the packets end to end. */
async function writeCached(file: string, capture: Capture): Promise<void> {
  const head = JSON.stringify({ sdp: capture.sdp, lengths: capture.packets.map(({ length }) => length) });
  // Renamed when whole: another process may be making or reading the same clip.
  const partial = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.part`;
  try {
    await writeFile(partial, Buffer.concat([Buffer.from(`${head}\n`), ...capture.packets]));
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
}

/** @returns undefined when the file is absent or damaged: the clip is then made again */
async function readCached(file: string, parameters: ClipParameters): Promise<Clip | undefined> {
  const bytes = await readFile(file).catch(() => undefined);
  const headEnd = bytes?.indexOf('\n') ?? -1;
  if (!bytes || headEnd < 0) return undefined;
  try {
    const head = JSON.parse(bytes.toString('utf8', 0, headEnd)) as { sdp: string; lengths: number[] };
    let at = headEnd + 1;
    const packets = head.lengths.map((length) => {
      at += length;
      return bytes.subarray(at - length, at);
    });
    return at === bytes.length ? toClip(parameters, { sdp: head.sdp, packets }) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Sorts packets into access units by RTP timestamp and proves that none is missing.
 * @throws Error when the packets are not exactly `frames` pictures at a constant rate with the key frames in place
 */
export function toClip(parameters: ClipParameters, capture: Capture): Clip {
  const { title, frames: wanted, gopFrames, fps } = parameters;
  const wrong = (what: string) => new Error(`clip "${title}": ${what}`);
  const groups: Buffer[][] = [];
  let previous: Buffer | undefined;
  for (const packet of capture.packets) {
    if (packet.length < 13 || packet[0] !== 0x80) throw wrong('not a plain RTP packet');
    if (previous && ((packet.readUInt16BE(2) - previous.readUInt16BE(2)) & 0xffff) !== 1)
      throw wrong('a packet is lost');
    const step = previous ? (packet.readUInt32BE(4) - previous.readUInt32BE(4)) >>> 0 : 0;
    if (step !== 0 && Math.abs(step - VIDEO_CLOCK / fps) > 1) throw wrong(`timestamps step by ${step}`);
    if (previous && step === 0) groups.at(-1)!.push(packet);
    else groups.push([packet]);
    previous = packet;
  }
  if (groups.length !== wanted) throw wrong(`${groups.length} frames instead of ${wanted}`);
  const frames = groups.map((packets, i) => {
    if (packets.findIndex(hasMarker) !== packets.length - 1)
      throw wrong(`frame ${i} does not end with the marker`);
    const key = packets.some(startsIdr);
    if (key !== (i % gopFrames === 0)) throw wrong(`frame ${i} is ${key ? 'a' : 'no'} key frame`);
    return { packets, key };
  });
  const lines = capture.sdp.split(/\r?\n/);
  const media = lines.slice(lines.findIndex((line) => line.startsWith('m=video')));
  const sdp = media.filter((line) => /^(m=|a=rtpmap:|a=fmtp:)/.test(line));
  if (sdp.length !== 3) throw wrong(`unexpected SDP ${capture.sdp}`);
  return { parameters, sdp, frames };
}

function hasMarker(packet: Buffer): boolean {
  return (packet.readUInt8(1) & 0x80) !== 0;
}

/** RFC 6184: an IDR slice alone, first in an FU-A, or in a STAP-A. */
function startsIdr(packet: Buffer): boolean {
  const type = packet.readUInt8(12) & 0x1f;
  if (type === 28) return ((packet[13] ?? 0) & 0x9f) === 0x85;
  if (type !== 24) return type === 5;
  for (let at = 13; at + 2 < packet.length; at += 2 + packet.readUInt16BE(at)) {
    if ((packet.readUInt8(at + 2) & 0x1f) === 5) return true;
  }
  return false;
}
