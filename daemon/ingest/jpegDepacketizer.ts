import type { AccessUnit, VideoParameters } from '../frame.ts';
import { jpegHeaders, type QuantizationTables, tablesOf } from '../jpeg/jpegHeaders.ts';
import { jpegSize } from '../jpeg/jpegSize.ts';
import { MAX_ACCESS_UNIT } from './accessUnits.ts';
import { jpegVideo } from './jpegVideo.ts';
import type { ReceivedPacket } from './rtpReceiver.ts';
import { Timeline } from './timeline.ts';
import type { VideoDepacketizer } from './videoDepacketizer.ts';

const HEADER = 8;
const RESTART_HEADER = 4;
const TABLE_HEADER = 4;
/** What a JPEG's own fields hold. */
const MAX_EDGE = 65_535;
const END = Buffer.of(0xff, 0xd9);

export interface JpegDepacketizerOptions {
  /** Ticks per second of the RTP timestamps. */
  readonly clockRate: number;
  /** Of the SDP, `a=x-dimensions`: the packets' own fields have eight bits, in blocks of eight pixels. */
  readonly dimensions?: { readonly width: number; readonly height: number } | undefined;
}

/** A picture in the making. */
interface Picture {
  readonly timestamp: number;
  readonly parts: Buffer[];
  /** With headers and an end of the camera's own. */
  readonly whole: boolean;
  /** Bytes of the scan so far. */
  bytes: number;
  arrival: number;
  damaged: boolean;
  width: number;
  height: number;
}

/** RTP packets of JPEG in order (RFC 2435) to whole JPEG files, each a key picture (case 67). */
export class JpegDepacketizer implements VideoDepacketizer {
  droppedUnits = 0;
  /** Packets that make no sense. */
  malformed = 0;
  readonly #dimensions: JpegDepacketizerOptions['dimensions'];
  readonly #timeline: Timeline;
  /** Tables of a Q from 128 to 254, which come with some pictures only. */
  #tables = new Map<number, QuantizationTables>();
  #picture: Picture | undefined;
  #begun = false;
  #video: VideoParameters | undefined;

  constructor({ clockRate, dimensions }: JpegDepacketizerOptions) {
    this.#dimensions = dimensions;
    this.#timeline = new Timeline(clockRate);
  }

  get discontinuities(): number {
    return this.#timeline.discontinuities;
  }

  timeOf(timestamp: number): number | undefined {
    return this.#timeline.timeOf(timestamp);
  }

  push(packet: ReceivedPacket): AccessUnit[] {
    const out: AccessUnit[] = [];
    if (packet.restarted) {
      this.#picture = undefined;
      this.#timeline.restart();
    } else if (packet.lost > 0 && this.#picture) this.#picture.damaged = true;
    // A camera without markers.
    if (this.#picture && this.#picture.timestamp !== packet.timestamp) out.push(...this.#finish());
    if (packet.payload.length > 0) this.#take(packet);
    if (packet.marker) out.push(...this.#finish());
    return out;
  }

  flush(): AccessUnit[] {
    return this.#finish();
  }

  #take({ payload, timestamp, arrival }: ReceivedPacket): void {
    const type = payload[4] ?? 0;
    const at = HEADER + (type >= 64 && type <= 127 ? RESTART_HEADER : 0);
    if (payload.length < at) {
      this.malformed++;
      return;
    }
    const offset = payload.readUIntBE(1, 3);
    if (offset === 0) {
      this.#picture = this.#begin(payload, type, at, timestamp);
      if (!this.#picture) this.malformed++;
      if (this.#picture) this.#picture.arrival = arrival;
      return;
    }
    const picture = this.#picture;
    // Joined in the middle, or its beginning is lost.
    if (!picture) return;
    const data = payload.subarray(at);
    picture.arrival = arrival;
    picture.damaged ||= offset !== picture.bytes || offset + data.length > MAX_ACCESS_UNIT;
    if (picture.damaged) return;
    picture.parts.push(Buffer.from(data));
    picture.bytes += data.length;
  }

  /** The first packet of a picture; undefined: nothing can be made of it. */
  #begin(payload: Buffer, type: number, from: number, timestamp: number): Picture | undefined {
    const rest = { timestamp, arrival: 0, damaged: false };
    const whole = payload.subarray(from);
    // Cameras that put a whole JPEG with its own headers into the packets.
    const own = jpegSize(whole);
    if (own) return { ...rest, ...own, whole: true, parts: [Buffer.from(whole)], bytes: whole.length };
    const q = payload[5]!;
    let at = from;
    let tables = tablesOf(q);
    if (q >= 128) {
      if (payload.length < at + TABLE_HEADER) return undefined;
      const [precision, length] = [payload[at + 1]!, payload.readUInt16BE(at + 2)];
      at += TABLE_HEADER;
      if (payload.length < at + length) return undefined;
      tables = length > 0 ? inBand(payload.subarray(at, at + length), precision) : this.#tables.get(q);
      // 255: they may be others with each picture (§3.1.8).
      if (length > 0 && tables && q < 255) this.#tables.set(q, tables);
      at += length;
    }
    // 0 and 1 are all that the RFC defines, and 64 more with restart markers; others are of both parties' own (§3.1.3).
    const kind = type & 63;
    if (!tables || type > 127 || kind > 1) return undefined;
    const { width, height } = this.#size(payload[6]!, payload[7]!);
    const restartInterval = type >= 64 ? payload.readUInt16BE(HEADER) : 0;
    const shape = { width, height, halfLines: kind === 1, restartInterval };
    const data = Buffer.from(payload.subarray(at));
    const parts = [jpegHeaders(shape, tables), data];
    return { ...rest, width, height, whole: false, parts, bytes: data.length };
  }

  /**
   * A width of 2560 is 320 blocks, of which 64 are left in eight bits: seen as 512; 3840×2160 as 1792×112. 0 stands for 2048 or for what the
   * SDP says. Where that says it, it counts if the eight bits agree.
   */
  #size(blocksAcross: number, blocksDown: number): { width: number; height: number } {
    const said = this.#dimensions;
    const agrees = (blocks: number, pixels: number) =>
      blocks === 0 || (Math.ceil(pixels / 8) & 0xff) === blocks;
    const fit = said && said.width <= MAX_EDGE && said.height <= MAX_EDGE;
    if (fit && agrees(blocksAcross, said.width) && agrees(blocksDown, said.height)) return said;
    return { width: (blocksAcross || 256) * 8, height: (blocksDown || 256) * 8 };
  }

  #finish(): AccessUnit[] {
    const picture = this.#picture;
    this.#picture = undefined;
    if (!picture) return [];
    if (picture.damaged) {
      if (this.#begun) this.droppedUnits++;
      return [];
    }
    this.#begun = true;
    // Most leave the end out. Where there is one, a second does no harm, and ffmpeg's decoder (5.1) misses it no more: it may read past the
    // end of a scan, and says “EOI missing” of GStreamer's pictures.
    const data = Buffer.concat(picture.whole ? picture.parts : [...picture.parts, END]);
    const { timestamp, arrival, width, height } = picture;
    this.#video = jpegVideo({ width, height }, this.#video);
    const mediaTime = this.#timeline.at(timestamp, arrival);
    return [{ video: this.#video, data, key: true, mediaTime, receivedAt: arrival }];
  }
}

function inBand(data: Buffer, precision: number): QuantizationTables | undefined {
  const first = precision & 1 ? 128 : 64;
  if (data.length < first) return undefined;
  return { data: Buffer.from(data), precision: data.length > first ? precision : precision & 1 ? 3 : 0 };
}
