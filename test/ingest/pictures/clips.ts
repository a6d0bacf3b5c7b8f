/** Clips of MPEG-4 part 2, VP8, VP9 and AV1 in RTP packets that we did not make but for AV1, of which no packetizer is to be had here. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AccessUnit } from '../../../daemon/frame.ts';
import { mpeg4Config } from '../../../daemon/ingest/pictures/mpeg4Coding.ts';
import { pictureCoding } from '../../../daemon/ingest/pictures/pictureCodings.ts';
import { PictureDepacketizer } from '../../../daemon/ingest/pictures/pictureDepacketizer.ts';
import { parseRtp } from '../../../daemon/ingest/rtp.ts';
import { RtpReceiver } from '../../../daemon/ingest/rtpReceiver.ts';
import { parseSdp } from '../../../daemon/ingest/sdp.ts';
import { capture, ffmpeg } from '../ffmpegRtp.ts';
import { rtpBytes } from '../rtpPackets.ts';

export type PictureCodec = 'mpeg4' | 'vp8' | 'vp9' | 'av1';
export const PICTURES = 30;
/** Pictures from one key picture to the next. */
export const GROUP = 10;
export const [WIDTH, HEIGHT] = [320, 180];
const FPS = 15;
const CLOCK_RATE = 90_000;

export interface PictureClip {
  readonly codec: PictureCodec;
  /** As ffmpeg wrote it. */
  readonly file: string;
  readonly sdp: string;
  /** Datagrams. */
  readonly rtp: readonly Buffer[];
}

const REALTIME = ['-deadline', 'realtime', '-cpu-used', '8', '-lag-in-frames', '0', '-b:v', '300k'];
const CODERS: Record<PictureCodec, { file: string; coder: string[] }> = {
  mpeg4: { file: 'clip.mp4', coder: ['-c:v', 'mpeg4', '-bf', '0', '-b:v', '300k'] },
  vp8: { file: 'clip.ivf', coder: ['-c:v', 'libvpx', ...REALTIME] },
  vp9: { file: 'clip.webm', coder: ['-c:v', 'libvpx-vp9', ...REALTIME] },
  av1: {
    file: 'clip.ivf',
    coder: [
      ...[
        '-c:v',
        'libaom-av1',
        '-usage',
        'realtime',
        '-cpu-used',
        '8',
        '-lag-in-frames',
        '0',
        '-b:v',
        '300k',
      ],
    ],
  },
};

export async function pictureClip(folder: string, codec: PictureCodec): Promise<PictureClip> {
  const { file: name, coder } = CODERS[codec];
  const file = join(folder, `${codec}-${name}`);
  const source = ['-f', 'lavfi', '-i', `testsrc=size=${WIDTH}x${HEIGHT}:rate=${FPS}`];
  const group = ['-g', String(GROUP), '-keyint_min', String(GROUP), '-frames:v', String(PICTURES)];
  await ffmpeg(...source, '-pix_fmt', 'yuv420p', ...coder, ...group, file);
  if (codec === 'av1') {
    const sdp =
      'v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 AV1/90000\r\na=fmtp:96 profile=0;level-idx=0;tier=0\r\n';
    return { codec, file, sdp, rtp: packetized(ivfFrames(await readFile(file)), 500) };
  }
  const { rtp, sdp } = await capture(file, 500, '-strict', 'experimental');
  return { codec, file, sdp, rtp };
}

export interface Received {
  readonly units: AccessUnit[];
  readonly depacketizer: PictureDepacketizer;
  readonly receiver: RtpReceiver;
}

/** What comes of the packets; `without`: some are lost. */
export function receive(
  { rtp, sdp, codec }: PictureClip,
  without: (i: number) => boolean = () => false,
): Received {
  const format = parseSdp(sdp.slice(sdp.indexOf('v='))).media[0]!.formats[0]!;
  if (format.codec !== codec) throw new Error(`${format.codec} is what the SDP says`);
  const { payloadType, clockRate } = format;
  const receiver = new RtpReceiver({ payloadType, clockRate, reorder: true, now: () => 0 });
  const coding = pictureCoding(format.codec, mpeg4Config(format.fmtp.get('config')))!;
  const depacketizer = new PictureDepacketizer({ coding, clockRate });
  const units: AccessUnit[] = [];
  for (const [i, datagram] of rtp.entries()) {
    if (without(i)) continue;
    const packet = parseRtp(datagram);
    if ('invalid' in packet) throw new Error('no RTP');
    for (const ready of receiver.push(packet, i)) units.push(...depacketizer.push(ready));
  }
  for (const ready of receiver.flush(Number.POSITIVE_INFINITY)) units.push(...depacketizer.push(ready));
  units.push(...depacketizer.flush());
  return { units, depacketizer, receiver };
}

/** The picture that each datagram is of, by its timestamp. */
export function pictureOf(rtp: readonly Buffer[]): number[] {
  const times = rtp.map((datagram) => datagram.readUInt32BE(4));
  const order = [...new Set(times)];
  return times.map((time) => order.indexOf(time));
}

/** The frames of an IVF file. */
export function ivfFrames(file: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = file.readUInt16LE(6); at < file.length; ) {
    const length = file.readUInt32LE(at);
    frames.push(file.subarray(at + 12, at + 12 + length));
    at += 12 + length;
  }
  return frames;
}

/** OBUs with their sizes as RTP has them: without, and without temporal delimiters (RTP payload format for AV1 §5). */
export function obusForRtp(unit: Buffer): Buffer[] {
  const obus: Buffer[] = [];
  for (let at = 0; at < unit.length; ) {
    const header = unit[at]!;
    let [length, next] = [0, at + 1];
    for (let shift = 0; ; shift += 7) {
      const byte = unit[next++]!;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    if (header >> 3 !== 2)
      obus.push(Buffer.concat([Buffer.of(header & ~2), unit.subarray(next, next + length)]));
    at = next + length;
  }
  return obus;
}

/** Each packet as full as may be: OBUs cut where it ends; a length before all, or (every other packet) not before the last. */
function packetized(units: readonly Buffer[], size: number): Buffer[] {
  const packets: Buffer[] = [];
  for (const [n, unit] of units.entries()) {
    const bodies: { elements: Buffer[]; continues: boolean; goesOn: boolean }[] = [];
    let body = { elements: [] as Buffer[], continues: false, goesOn: false };
    let room = size;
    for (const obu of obusForRtp(unit)) {
      for (let at = 0; at < obu.length; ) {
        const piece = obu.subarray(at, at + room);
        body.elements.push(piece);
        at += piece.length;
        room -= piece.length;
        if (room > 0) continue;
        body.goesOn = at < obu.length;
        bodies.push(body);
        body = { elements: [], continues: at < obu.length, goesOn: false };
        room = size;
      }
    }
    if (body.elements.length > 0) bodies.push(body);
    bodies.forEach(({ elements, continues, goesOn }, i) => {
      const counted = packets.length % 2 === 1 && elements.length <= 3;
      const flags = (continues ? 0x80 : 0) | (goesOn ? 0x40 : 0) | (n % GROUP === 0 && i === 0 ? 8 : 0);
      const parts = elements.flatMap((element, e) =>
        counted && e === elements.length - 1 ? [element] : [leb128(element.length), element],
      );
      const payload = Buffer.concat([Buffer.of(flags | (counted ? elements.length << 4 : 0)), ...parts]);
      const timestamp = (n * CLOCK_RATE) / FPS;
      packets.push(
        rtpBytes({ payload, timestamp, sequence: packets.length, marker: i === bodies.length - 1 }),
      );
    });
  }
  return packets;
}

function leb128(value: number): Buffer {
  return value < 128 ? Buffer.of(value) : Buffer.concat([Buffer.of((value & 127) | 128), leb128(value >> 7)]);
}
