import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type SoundTrial, SoundTrust } from '../../daemon/camera/soundTrust.ts';

const FINE: SoundTrial = { asked: true, refused: false, setUp: true, picture: true };
const FRUITLESS: SoundTrial = { ...FINE, picture: false };
const after = (...trials: SoundTrial[]) => {
  const trust = new SoundTrust();
  for (const trial of trials) trust.ended(trial, 0);
  return trust;
};

describe('a stream is asked for its sound', () => {
  it('at first, and as long as pictures come', () => {
    assert.equal(after().asks(0), true);
    assert.equal(after(FINE, FINE, FRUITLESS, FINE, FRUITLESS).asks(0), true);
  });

  it('not any more once two sessions in a row had sound and no picture', () => {
    assert.equal(after(FRUITLESS).asks(0), true, 'it may have been starting');
    assert.equal(after(FRUITLESS, FRUITLESS).asks(0), false);
  });

  it('not where it was not set up: that is not why there was no picture', () => {
    const unheard = { ...FRUITLESS, setUp: false };
    assert.equal(after(unheard, unheard, unheard).asks(0), true);
  });

  it('again ten minutes after it hung up on the question, and at once by somebody’s wish', () => {
    const trust = after({ ...FINE, refused: true, setUp: false });
    trust.ended({ asked: false, refused: false, setUp: false, picture: true }, 1000);
    assert.deepEqual([trust.asks(599_999), trust.asks(600_000)], [false, true]);
    trust.reset();
    assert.equal(trust.asks(0), true);
  });
});
