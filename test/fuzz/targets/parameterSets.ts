import { parseH264Sps } from '../../../daemon/ingest/h264Sps.ts';
import { parseH265Sps } from '../../../daemon/ingest/h265Sps.ts';
import {
  annexBNals,
  hasRecoveryPoint,
  hasStartCode,
  rbsp,
  sameNals,
  toAnnexB,
} from '../../../daemon/nal/annexB.ts';
import { always } from '../target.ts';

export const seeds = [
  '67 64 00 33 ac 15 14 a0 a0 3d a1 00 00 04 f6 00 00 63 38 04',
  '42 01 01 01 60 00 00 03 00 90 00 00 03 00 00 03 00 5d a0 02 80 80 2d 16 59 59 a4 93 2b 9a 80 80 80 82',
  '00 00 00 01 67 42 00 1e 95 a8 28 0f 64 00 00 01 68 ce 3c 80 00 00 01 06 06 01 c4 80',
].map((hex) => Buffer.from(hex.replaceAll(' ', ''), 'hex'));

export function fuzz(data: Buffer): void {
  for (const sps of [parseH264Sps(data), parseH265Sps(data)])
    if ('width' in sps)
      always(sps.width > 0 && sps.height > 0 && sps.width * sps.height < 2 ** 32, 'a size is one');
  rbsp(data, 1);
  hasRecoveryPoint(data, 1);
  if (!hasStartCode(data)) return;
  const nals = annexBNals(data);
  always(sameNals(annexBNals(toAnnexB(nals)), nals), 'what is written is read again');
}
