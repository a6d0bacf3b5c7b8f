import { h264Coding } from '../../../daemon/ingest/h264Coding.ts';
import { fuzzNals } from '../nals.ts';
import { script } from '../packets.ts';

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

export const fuzz = (data: Buffer) => fuzzNals(h264Coding, data);
