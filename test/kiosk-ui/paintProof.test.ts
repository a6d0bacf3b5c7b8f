import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fed, firstLook, nextLook, type PaintProof, stuckFor } from '../../kiosk-ui/wall/paintProof.ts';
import { pixelHash } from '../../kiosk-ui/wall/pixelHash.ts';

/** One second: the daemon's word, then a look. */
function second(proof: PaintProof, now: number, small: number, large: number, unchangedMs: number | null) {
  return nextLook(fed(proof, unchangedMs, now), small, () => large, now);
}

describe('the proof of painting', () => {
  it('is stuck when the pixels stay although other pictures were sent, within five seconds', () => {
    let proof = firstLook(7, 0);
    let told = 0;
    for (let now = 1_000; now <= 5_000; now += 1_000) {
      proof = second(proof, now, 7, 1, 40);
      if (stuckFor(proof, now) !== undefined) told ||= now;
    }
    assert.ok(told > 0 && told <= 4_000, `told at ${told}`);
    assert.equal(proof.changedAt, 0);
  });

  it('is not stuck while the camera itself sends the very same picture', () => {
    let proof = firstLook(7, 0);
    for (let now = 1_000; now <= 60_000; now += 1_000) proof = second(proof, now, 7, 1, now);
    assert.equal(stuckFor(proof, 60_000), undefined);
  });

  it('is not stuck when only the large sample changes: a clock in a quiet room', () => {
    let proof = firstLook(7, 0);
    for (let now = 1_000; now <= 60_000; now += 1_000) {
      proof = second(proof, now, 7, now, 40);
      assert.equal(stuckFor(proof, now), undefined, `at ${now}`);
    }
    assert.equal(proof.changedAt, 60_000);
  });

  it('asks for the large sample only where it is needed', () => {
    const never = () => assert.fail('asked');
    nextLook(fed(firstLook(7, 0), 40, 1_000), 8, never, 1_000);
    nextLook(fed(firstLook(7, 0), 5_000, 1_000), 7, never, 1_000);
    nextLook(fed(firstLook(7, 0), null, 1_000), 7, never, 1_000);
  });

  it('is not stuck with a slow camera whose last picture has been painted', () => {
    let proof = firstLook(1, 0);
    for (let now = 1_000; now <= 30_000; now += 1_000) {
      // A picture every five seconds, half a second before the look.
      const pictures = Math.floor((now + 500) / 5_000);
      proof = second(proof, now, 1 + pictures, pictures, (now + 500) % 5_000);
      assert.equal(stuckFor(proof, now), undefined, `at ${now}`);
    }
  });

  it('knows nothing where the daemon says nothing', () => {
    let proof = firstLook(7, 0);
    for (let now = 1_000; now <= 60_000; now += 1_000) proof = second(proof, now, 7, 1, null);
    assert.equal(stuckFor(proof, 60_000), undefined);
    assert.equal(stuckFor(undefined, 0), undefined);
  });
});

describe('pixelHash', () => {
  it('is another one when one pixel differs by one', () => {
    const pixels = new Uint32Array(144).fill(0xff336699);
    const other = pixels.slice();
    other[77]! ^= 1;
    assert.notEqual(pixelHash(pixels), pixelHash(other));
    assert.equal(pixelHash(pixels), pixelHash(pixels.slice()));
    assert.ok(Number.isInteger(pixelHash(pixels)));
  });
});
