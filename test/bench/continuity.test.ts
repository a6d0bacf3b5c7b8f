import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { continuityOf } from './recording/continuity.ts';

const FPS = 15;
const FRAMES = 300;

/** Pictures with these numbers since the camera began, late by up to 20 ms. */
const recorded = (numbers: number[]) =>
  numbers.map((n, i) => ({ time: 1_700_000_000 + n / FPS + ((i * 7) % 20) / 1000, stamp: n % FRAMES }));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('the continuity of recorded pictures', () => {
  for (const [what, numbers, missing, repeated] of [
    ['all there, over three rounds of the clip', range(0, 700), [], 0],
    ['one missing', [...range(0, 10), ...range(11, 30)], [1], 0],
    ['two gaps', [...range(0, 10), ...range(13, 30), ...range(60, 70)], [3, 30], 0],
    ['the clip’s last picture missing', [...range(290, 299), ...range(300, 310)], [1], 0],
    ['a whole round missing', [...range(0, 10), ...range(310, 320)], [300], 0],
    ['two rounds and a bit missing', [...range(0, 10), ...range(615, 620)], [605], 0],
    ['one twice', [...range(0, 10), ...range(9, 20)], [], 1],
    ['a step back over the clip’s end', [...range(295, 302), ...range(298, 310)], [], 1],
    ['nothing', [], [], 0],
  ] as [string, number[], number[], number][])
    it(`tells of ${what}`, () => {
      const found = continuityOf(recorded(numbers), FPS, FRAMES);
      assert.deepEqual(
        found.gaps.map(({ pictures }) => pictures),
        missing,
      );
      assert.equal(found.repeated, repeated);
    });

  it('goes by the numbers where the times are wrong by seconds', () => {
    const pictures = [...recorded(range(0, 10)), ...recorded(range(10, 20))];
    for (const picture of pictures.slice(10)) picture.time += 5;
    assert.deepEqual(continuityOf(pictures, FPS, FRAMES), { gaps: [], repeated: 0 });
  });
});
