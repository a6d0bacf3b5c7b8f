import { h265Coding } from '../../../daemon/ingest/h265Coding.ts';
import { fuzzNals } from '../nals.ts';
import { script } from '../packets.ts';

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

export const fuzz = (data: Buffer) => fuzzNals(h265Coding, data);
