import { h265Coding } from '../../../daemon/ingest/h265Coding.ts';
import { NalDepacketizer } from '../../../daemon/ingest/nalDepacketizer.ts';
import { packetsOf, script } from '../packets.ts';
import { always } from '../target.ts';

export const seeds = [
  // VPS, SPS, PPS and an IDR picture; a fragmented one; an aggregation.
  script(
    [0, '40 01 0c 01 ff ff 01 60 00 00 03 00 90 00 00 03 00 00 03 00 5d 95 98 09'],
    [
      0,
      '42 01 01 01 60 00 00 03 00 90 00 00 03 00 00 03 00 5d a0 02 80 80 2d 16 59 59 a4 93 2b 9a 80 80 80 82',
    ],
    [0, '44 01 c1 72 b4 62 40'],
    [1, '26 01 af 15'],
    [16, '62 01 81 d0 11'],
    [1, '62 01 41 22'],
    [17, '60 01 00 04 02 01 d0 11 00 04 02 01 50 22'],
  ),
];

export function fuzz(data: Buffer): void {
  const depacketizer = new NalDepacketizer({ coding: h265Coding, clockRate: 90_000 });
  const packets = packetsOf(data);
  const units = packets.flatMap((packet) => depacketizer.push(packet));
  units.push(...depacketizer.flush());
  always(units.length === 0 || units[0]!.key, 'the first picture is a key picture');
  // Each picture holds bytes that came, and the parameter sets: a few of at most so many bytes.
  const came = packets.reduce((sum, { payload }) => sum + payload.length, 0);
  for (const unit of units)
    always(unit.data.length <= (came + 64) * 8, 'pictures do not grow out of nothing');
}
