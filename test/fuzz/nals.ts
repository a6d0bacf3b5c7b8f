import type { NalCoding } from '../../daemon/ingest/nalCoding.ts';
import { NalDepacketizer } from '../../daemon/ingest/nalDepacketizer.ts';
import { packetsOf } from './packets.ts';
import { always } from './target.ts';

/** What a script of packets becomes, of either coding. @throws Error where a picture is none */
export function fuzzNals(coding: NalCoding, data: Buffer): void {
  const depacketizer = new NalDepacketizer({ coding, clockRate: 90_000 });
  const packets = packetsOf(data);
  const units = packets.flatMap((packet) => depacketizer.push(packet));
  units.push(...depacketizer.flush());
  always(units.length === 0 || units[0]!.key, 'the first picture is a key picture');
  // Each picture holds bytes that came, and the parameter sets: a few of at most so many bytes.
  const came = packets.reduce((sum, { payload }) => sum + payload.length, 0);
  for (const unit of units)
    always(unit.data.length <= (came + 64) * 8, 'pictures do not grow out of nothing');
}
