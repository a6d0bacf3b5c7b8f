/** Test material for sound: packets for depacketizers, files that ffmpeg reads, and what is in them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AudioParameters } from '../../daemon/frame.ts';
import type { AudioDepacketizer, CodedAudio } from '../../daemon/ingest/audioDepacketizer.ts';
import { FFMPEG } from './ffmpegRtp.ts';
import { received, type Script } from './rtpPackets.ts';

/** What a frame must have to be written to a file. */
interface Frame {
  readonly audio: AudioParameters;
  readonly data: Buffer;
}

/** What a depacketizer makes of a script. */
export function unpack(depacketizer: AudioDepacketizer, scripts: readonly Script[]): CodedAudio[] {
  return scripts.flatMap((script, i) => depacketizer.push(received(script, i)));
}

const RATES = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000];

/** An AAC-LC frame behind an ADTS header (ISO/IEC 14496-3 §1.A.2), written here from the standard. */
export function adts(frame: Buffer, rate: number, channels: number): Buffer {
  const length = frame.length + 7;
  const index = RATES.indexOf(rate);
  return Buffer.concat([
    Buffer.of(0xff, 0xf1, 0x40 | (index << 2), (channels << 6) | (length >> 11)),
    Buffer.of((length >> 3) & 0xff, ((length & 7) << 5) | 0x1f, 0xfc),
    frame,
  ]);
}

const CRC_TABLE = Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let i = 0; i < 8; i++) value = (value << 1) ^ (value < 0 ? 0x04c11db7 : 0);
  return value;
});

/** A page of an Ogg stream (RFC 3533 §6) with one packet. */
function oggPage(packet: Buffer, sequence: number, granule: number): Buffer {
  const segments = Math.floor(packet.length / 255) + 1;
  const head = Buffer.alloc(27 + segments, 255);
  head.write('OggS');
  head.fill(0, 4, 26);
  head[5] = sequence === 0 ? 2 : 0;
  head.writeBigUInt64LE(BigInt(granule), 6);
  head.writeUInt32LE(1, 14);
  head.writeUInt32LE(sequence, 18);
  head[26] = segments;
  head[head.length - 1] = packet.length % 255;
  const page = Buffer.concat([head, packet]);
  let crc = 0;
  for (const byte of page) crc = (crc << 8) ^ CRC_TABLE[((crc >>> 24) ^ byte) & 255]!;
  page.writeInt32LE(crc, 22);
  return page;
}

/** Opus packets as an Ogg file (RFC 7845). */
function oggOpus(frames: readonly (Frame & { duration: number })[]): Buffer {
  const head = Buffer.from('OpusHead\x01\x02\x00\x00\x80\xbb\x00\x00\x00\x00\x00', 'latin1');
  head[9] = frames[0]?.audio.channels ?? 2;
  const tags = Buffer.from('OpusTags\x00\x00\x00\x00\x00\x00\x00\x00', 'latin1');
  let granule = 0;
  const pages = frames.map(({ data, duration }, i) => {
    granule += duration * 48;
    return oggPage(data, i + 2, granule);
  });
  return Buffer.concat([oggPage(head, 0, 0), oggPage(tags, 1, 0), ...pages]);
}

/** ffmpeg's name of a format, further arguments, and the bytes. */
function fileOf(frames: readonly (Frame & { duration: number })[]): [format: string[], bytes: Buffer] {
  const { codec, sampleRate, channels, codeBits } = frames[0]!.audio;
  const data = frames.map((frame) => frame.data);
  const raw = ['-ar', `${sampleRate}`, '-ac', `${channels}`];
  switch (codec) {
    case 'aac':
      return [['-f', 'aac'], Buffer.concat(data.map((frame) => adts(frame, sampleRate, channels)))];
    case 'opus':
      return [['-f', 'ogg'], oggOpus(frames)];
    case 'pcm_mulaw':
      return [['-f', 'mulaw', ...raw], Buffer.concat(data)];
    case 'pcm_alaw':
      return [['-f', 'alaw', ...raw], Buffer.concat(data)];
    case 'adpcm_g726':
      return [['-f', 'g726', '-code_size', `${codeBits}`, '-ar', `${sampleRate}`], Buffer.concat(data)];
  }
}

export interface Tone {
  readonly seconds: number;
  /** Hz, by how often it rises through zero. */
  readonly frequency: number;
  /** Root mean square, of full scale. */
  readonly level: number;
  /** What ffmpeg complained of. */
  readonly complaints: string;
}

/** Decodes frames by ffmpeg and measures the tone in them. */
export async function listen(frames: readonly (Frame & { duration: number })[]): Promise<Tone> {
  const [format, bytes] = fileOf(frames);
  const child = spawn(FFMPEG, [
    '-v',
    'error',
    ...format,
    '-i',
    'pipe:0',
    '-f',
    's16le',
    '-ac',
    '1',
    'pipe:1',
  ]);
  const chunks: Buffer[] = [];
  let complaints = '';
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(bytes);
  await once(child, 'close');
  const pcm = Buffer.concat(chunks);
  const rate = frames[0]!.audio.sampleRate;
  const count = pcm.length >> 1;
  const sample = (i: number) => pcm.readInt16LE(i * 2);
  // The first and last tenth of a second are the codec's run-up and what it fills its last frame with.
  const from = rate / 10;
  const to = count - from;
  let rises = 0;
  let squares = 0;
  for (let i = from; i < to; i++) {
    squares += sample(i) ** 2;
    if (sample(i - 1) < 0 && sample(i) >= 0) rises++;
  }
  return {
    seconds: count / rate,
    frequency: (rises * rate) / (to - from),
    level: Math.sqrt(squares / (to - from)) / 32768,
    complaints,
  };
}
