import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Resampler } from '../../../daemon/ingest/talk/resampler.ts';
import { frequencyOf, levelOf } from '../../peers/tone.ts';

/** `seconds` of a tone, given in pieces as a microphone gives them. */
function through(from: number, to: number, frequency: number, piece = 441): Int16Array {
  const tone = Int16Array.from(
    { length: from },
    (_, n) => 12_000 * Math.sin((2 * Math.PI * frequency * n) / from),
  );
  const resampler = new Resampler(from, to);
  const out: number[] = [];
  for (let at = 0; at < tone.length; at += piece) out.push(...resampler.push(tone.subarray(at, at + piece)));
  return Int16Array.from(out);
}

describe('Resampler', () => {
  for (const from of [8_000, 16_000, 44_100, 48_000])
    it(`keeps a tone of 1 kHz, from ${from} Hz`, () => {
      const heard = through(from, 8_000, 1_000);
      assert.ok(Math.abs(heard.length - 8_000) < 40, `${heard.length} samples of a second`);
      const middle = heard.subarray(1_000, 7_000);
      assert.ok(Math.abs(frequencyOf(middle, 8_000) - 1_000) < 5, `${frequencyOf(middle, 8_000)} Hz`);
      assert.ok(Math.abs(levelOf(middle) / (12_000 / Math.SQRT2) - 1) < 0.05, `${levelOf(middle)}`);
    });

  it('takes out what would come back as another tone', () => {
    // 7 kHz sampled at 8 kHz would be heard as 1 kHz.
    const heard = through(48_000, 8_000, 7_000).subarray(1_000, 7_000);
    assert.ok(levelOf(heard) < 12_000 * 0.02, `${levelOf(heard)}`);
  });

  it('makes the same of samples in pieces of any size', () => {
    assert.deepEqual(through(44_100, 8_000, 700, 7), through(44_100, 8_000, 700, 5_000));
  });
});
