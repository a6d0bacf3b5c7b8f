import { h264Coding } from '../../../daemon/ingest/h264Coding.ts';
import { NalDepacketizer } from '../../../daemon/ingest/nalDepacketizer.ts';
import { packetsOf, script } from '../packets.ts';
import { always } from '../target.ts';

export const seeds = [
  // Sets and an IDR picture; a slice in fragments; STAP-A.
  script(
    [0, '67 64 00 33 ac 15 14 a0 a0 3d a1 00 00 04 f6 00 00 63 38 04'],
    [0, '68 ee 3c b0'],
    [1, '65 88 84 33'],
    [16, '5c 81 9a 24'],
    [0, '5c 01 35'],
    [1, '5c 41 36'],
    [17, '78 00 04 68 ee 3c b0 00 04 65 88 84 33'],
  ),
];

export function fuzz(data: Buffer): void {
  const depacketizer = new NalDepacketizer({ coding: h264Coding, clockRate: 90_000 });
  const packets = packetsOf(data);
  const units = packets.flatMap((packet) => depacketizer.push(packet));
  units.push(...depacketizer.flush());
  always(units.length === 0 || units[0]!.key, 'the first picture is a key picture');
  // Each picture holds bytes that came, and the parameter sets: a few of at most so many bytes.
  const came = packets.reduce((sum, { payload }) => sum + payload.length, 0);
  for (const unit of units)
    always(unit.data.length <= (came + 64) * 8, 'pictures do not grow out of nothing');
}
