import { newCounters } from '../../../daemon/ingest/counters.ts';
import { VideoReceiver } from '../../../daemon/ingest/videoReceiver.ts';
import { always } from '../target.ts';

const packet = (hex: string) => {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
};
export const seeds = [
  Buffer.concat([
    packet('80 60 00 01 00 00 00 00 00 00 00 01 67 42 00 1e 95 a8 28 0f 64'),
    packet('80 60 00 02 00 00 00 00 00 00 00 01 68 ce 3c 80'),
    packet('80 e0 00 03 00 00 00 00 00 00 00 01 65 88 84 33'),
    packet('90 e0 00 05 00 00 0b b8 00 00 00 01 be de 00 01 10 aa 00 00 41 9a 24 35'),
    packet('80 c8 00 06 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00'),
    packet('81 cb 00 01 00 00 00 01'),
  ]),
];

/** RTP and RTCP as they come by UDP, each behind a byte of its length; times run on. */
export function fuzz(data: Buffer): void {
  let now = 0;
  const counters = newCounters();
  let units = 0;
  const receiver = new VideoReceiver({
    format: {
      payloadType: 96,
      codec: 'h264',
      name: 'H264',
      clockRate: 90_000,
      channels: undefined,
      fmtp: new Map(),
    } as never,
    ...{ dimensions: undefined, ssrc: undefined, reorder: true, counters },
    accessUnit: ({ data }) => {
      units++;
      always(data.length > 0, 'a picture has bytes');
    },
    ...{ senderReport: () => {}, goodbye: () => {}, now: () => now },
  });
  for (let at = 0; at < data.length; ) {
    const end = at + 1 + data[at]!;
    receiver.track.packet(data.subarray(at + 1, end));
    at = end;
    now += 20;
    if (receiver.track.deadline !== undefined && receiver.track.deadline < now) receiver.track.flush(now);
  }
  receiver.track.flush(Number.POSITIVE_INFINITY);
  receiver.track.report();
  always(counters.frames_received === units, 'every picture is counted');
}
