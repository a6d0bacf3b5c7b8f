/** A script of RTP packets as bytes: the fuzzer changes sizes, times, losses and payloads alike. */
import type { ReceivedPacket } from '../../daemon/ingest/rtpReceiver.ts';

const STEPS = [0, 1, 3_000, 0x8000_0000];

/** A head of two bytes for each: flags (1 marker, 2 lost, 4 restarted, 8 and 16 the step of the timestamp), and the length of what follows. */
export function packetsOf(data: Buffer): ReceivedPacket[] {
  const packets: ReceivedPacket[] = [];
  let timestamp = 0;
  for (let at = 0; at + 2 <= data.length; ) {
    const flags = data[at]!;
    const end = at + 2 + data[at + 1]!;
    timestamp = (timestamp + STEPS[(flags >> 3) & 3]!) >>> 0;
    packets.push({
      marker: (flags & 1) > 0,
      payloadType: 96,
      sequence: packets.length & 0xffff,
      timestamp,
      ssrc: 1,
      payload: data.subarray(at + 2, end),
      arrival: packets.length,
      lost: flags & 2,
      restarted: (flags & 4) > 0,
    });
    at = end;
  }
  return packets;
}

/** @param packets flags and payload of each, hexadecimal */
export function script(...packets: [flags: number, payload: string][]): Buffer {
  return Buffer.concat(
    packets.map(([flags, hex]) => {
      const payload = Buffer.from(hex.replaceAll(' ', ''), 'hex');
      return Buffer.concat([Buffer.of(flags, payload.length), payload]);
    }),
  );
}
