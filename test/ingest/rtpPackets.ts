/** Test material for RTP: bytes by hex, packets as the receiver hands them on, and a small reference packetizer. */
import type { AccessUnit } from '../../daemon/frame.ts';
import { h264Coding } from '../../daemon/ingest/h264Coding.ts';
import { NalDepacketizer } from '../../daemon/ingest/nalDepacketizer.ts';
import type { RtpPacket } from '../../daemon/ingest/rtp.ts';
import type { ReceivedPacket } from '../../daemon/ingest/rtpReceiver.ts';
import { annexBNals } from '../../daemon/nal/annexB.ts';

export function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');
}

export function hex(data: Buffer): string {
  return data.toString('hex').replaceAll(/(..)(?=.)/g, '$1 ');
}

/** Sets of Reolink cameras (retina#102): 640×480. */
export const SPS = bytes('67 64 00 33 ac 15 14 a0 a0 3d a1 00 00 04 f6 00 00 63 38 04');
export const PPS = bytes('68 ee 3c b0');
export const SPROP = `${SPS.toString('base64')},${PPS.toString('base64')}`;
/** Slices: first_mb_in_slice 0 and 1, PPS 0. The last bytes tell them apart. */
export const idr = (tag = 0x33) => Buffer.of(0x65, 0x88, 0x84, tag);
export const idrSecondSlice = (tag = 0x34) => Buffer.of(0x65, 0x44, 0x42, 0x20, tag);
export const slice = (tag = 0x35) => Buffer.of(0x41, 0x9a, 0x24, tag);
export const secondSlice = (tag = 0x36) => Buffer.of(0x41, 0x4d, 0x12, tag);

/** One packet of a script: payload as hex or bytes; `m`: marker; `t`: RTP timestamp. */
export interface Script {
  readonly p: string | Buffer;
  readonly t?: number;
  readonly m?: boolean;
  readonly lost?: number;
  readonly restarted?: boolean;
  readonly arrival?: number;
}

/** @param sprop the SDP's `sprop-parameter-sets` */
export function h264Depacketizer(sprop?: string): NalDepacketizer {
  const fmtp = new Map(sprop === undefined ? [] : [['sprop-parameter-sets', sprop]]);
  return new NalDepacketizer({ coding: h264Coding, clockRate: 90_000, fmtp });
}

export function received(script: Script, sequence = 0): ReceivedPacket {
  return {
    marker: script.m ?? false,
    payloadType: 96,
    sequence,
    timestamp: script.t ?? 0,
    ssrc: 1,
    payload: typeof script.p === 'string' ? bytes(script.p) : script.p,
    arrival: script.arrival ?? sequence,
    lost: script.lost ?? 0,
    restarted: script.restarted ?? false,
  };
}

/** What a depacketizer makes of a script, and the depacketizer. */
export function depacketize(scripts: readonly Script[], sprop: string | undefined = SPROP) {
  const depacketizer = h264Depacketizer(sprop);
  const units: AccessUnit[] = [];
  for (const [i, script] of scripts.entries()) units.push(...depacketizer.push(received(script, i)));
  return { units, depacketizer, counters: depacketizer.counters };
}

/** The NAL units of an access unit, as hex. */
export function nalsOf(unit: AccessUnit): string[] {
  return annexBNals(unit.data).map(hex);
}

export function rtpBytes(packet: Partial<RtpPacket> & { payload: Buffer }): Buffer {
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  header[1] = (packet.marker ? 0x80 : 0) | (packet.payloadType ?? 96);
  header.writeUInt16BE(packet.sequence ?? 0, 2);
  header.writeUInt32BE(packet.timestamp ?? 0, 4);
  header.writeUInt32BE(packet.ssrc ?? 1, 8);
  return Buffer.concat([header, packet.payload]);
}

/** Packets of one picture: small NAL units alone or (`aggregate`) in a STAP-A, large ones in FU-A. */
export function packetize(
  nals: readonly Buffer[],
  options: { timestamp: number; sequence: number; size: number; aggregate?: boolean },
): RtpPacket[] {
  const payloads: Buffer[] = [];
  let small: Buffer[] = [];
  const flushSmall = () => {
    if (small.length === 1) payloads.push(small[0]!);
    if (small.length > 1) {
      const parts = small.flatMap((nal) => [Buffer.of(nal.length >> 8, nal.length & 0xff), nal]);
      payloads.push(Buffer.concat([Buffer.of(0x78), ...parts]));
    }
    small = [];
  };
  for (const nal of nals) {
    if (nal.length <= options.size) {
      small.push(nal);
      if (!options.aggregate) flushSmall();
      continue;
    }
    flushSmall();
    for (let at = 1; at < nal.length; at += options.size) {
      const last = at + options.size >= nal.length;
      const header = (at === 1 ? 0x80 : 0) | (last ? 0x40 : 0) | (nal[0]! & 0x1f);
      payloads.push(
        Buffer.concat([Buffer.of((nal[0]! & 0x60) | 28, header), nal.subarray(at, at + options.size)]),
      );
    }
  }
  flushSmall();
  return payloads.map((payload, i) => ({
    marker: i === payloads.length - 1,
    payloadType: 96,
    sequence: (options.sequence + i) & 0xffff,
    timestamp: options.timestamp >>> 0,
    ssrc: 1,
    payload,
  }));
}
