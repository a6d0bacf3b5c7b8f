import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import jpeg from 'jpeg-js';
import { ffmpegArgs } from '../../daemon/decode/ffmpegArgs.ts';
import { type FfmpegBinary, findFfmpeg } from '../../daemon/decode/ffmpegChoice.ts';
import { collect } from '../../daemon/decode/ffmpegProcess.ts';
import { makeStream } from './streams.ts';

const COLOURS = [0x000000, 0xffffff, 0xff0000, 0x00ff00, 0x0000ff, 0x808080, 0x20c0a0, 0xd08040];
const BAR = 32;
const width = BAR * COLOURS.length;
const height = 64;

/** Bars of exact RGB colours. */
const source = `color=black:size=${width}x${height}:rate=15,format=gbrp,${COLOURS.map(
  (colour, index) =>
    `drawbox=x=${index * BAR}:y=0:w=${BAR}:h=${height}:t=fill:color=0x${colour.toString(16).padStart(6, '0')}`,
).join(',')}`;

describe('colours of the JPEGs', () => {
  let ffmpeg: FfmpegBinary;
  before(async () => {
    ffmpeg = await findFfmpeg({});
  });

  const sources: [string, string, string, string?][] = [
    ['limited range', 'scale=out_color_matrix=bt601:out_range=tv,format=yuv420p', 'fullrange=off'],
    ['full range (Dahua, Axis)', 'scale=out_color_matrix=bt601:out_range=pc,format=yuvj420p', 'fullrange=on'],
    ['fields', 'scale=out_color_matrix=bt601:out_range=tv,format=yuv420p', 'tff=1'],
    ...[0, 8, 14].map((matrix): [string, string, string, string] => [
      `calls its matrix ${matrix}`,
      'scale=out_color_matrix=bt601:out_range=tv,format=yuv420p',
      'fullrange=off',
      `h264_metadata=matrix_coefficients=${matrix}:colour_primaries=9:transfer_characteristics=16`,
    ]),
  ];
  const scalers: [string, (filters: ReadonlySet<string>) => ReadonlySet<string>][] = [
    ['by the best filter', (filters) => filters],
    ['by `scale`', () => new Set(['scale', 'format', 'select'])],
  ];
  for (const [name, filters, x264, metadata] of sources)
    for (const shrink of [1, 2])
      for (const [how, known] of scalers)
        it(`are those of the source: ${name}, size 1/${shrink}, ${how}`, async () => {
          const spec = { width, height, fps: 15, frames: 1, gop: 1, source, filters, x264 };
          const units = await makeStream(metadata === undefined ? spec : { ...spec, metadata });
          const size = { width: width / shrink, height: height / shrink };
          const args = ffmpegArgs({
            version: ffmpeg.release,
            filters: known(ffmpeg.filters),
            codec: 'h264',
            hwaccel: 'software',
            device: null,
            input: { width, height },
            output: { ...size, quality: 95 },
            select: { burst: 0, perMille: 1000 },
          });
          const { stdout } = await collect(
            { command: ffmpeg.path, args },
            { timeout: 20_000, input: Buffer.concat(units.map(({ data }) => data)) },
          );
          const picture = jpeg.decode(stdout, { useTArray: true });
          assert.equal(picture.width, size.width);
          for (const [index, colour] of COLOURS.entries()) {
            const x = Math.floor(((index + 0.5) * BAR) / shrink);
            const at = ((picture.height >> 1) * picture.width + x) * 4;
            const got = [...picture.data.subarray(at, at + 3)];
            const want = [colour >> 16, (colour >> 8) & 255, colour & 255];
            for (const channel of [0, 1, 2])
              assert.ok(
                Math.abs(got[channel]! - want[channel]!) <= 6,
                `colour ${index}: ${got} instead of ${want}`,
              );
          }
        });
});
