import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AdtsSplitter } from '../../daemon/decode/adtsSplitter.ts';
import { SoundPlaces } from '../../daemon/decode/soundPlaces.ts';
import { adts } from '../ingest/sound.ts';

describe('the time of what comes out of a transcoder', () => {
  it('is that of what went in at its place', () => {
    const places = new SoundPlaces();
    assert.equal(places.at(0), undefined);
    for (let i = 0; i < 5; i++) places.add({ mediaTime: 1000 + i * 20, receivedAt: 50 + i }, 20);
    places.add({ mediaTime: 5000, receivedAt: 99 }, 20); // the camera was away
    assert.equal(places.at(-1), undefined);
    assert.deepEqual(places.at(30), { mediaTime: 1030, receivedAt: 51 });
    assert.deepEqual(places.at(110), { mediaTime: 5010, receivedAt: 99 });
    assert.equal(places.fed, 120);
  });

  it('is forgotten after ten seconds', () => {
    const places = new SoundPlaces();
    for (let i = 0; i < 1000; i++) places.add({ mediaTime: i * 20, receivedAt: i }, 20);
    assert.equal(places.at(9000), undefined);
    assert.equal(places.at(15_000)?.mediaTime, 15_000);
  });
});

describe('the output of a transcoder', () => {
  const frames = fc.array(fc.uint8Array({ minLength: 1, maxLength: 2000 }), { minLength: 1, maxLength: 12 });

  it('is cut into its frames, however it comes', () => {
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 700 }), (given, step) => {
        const all = Buffer.concat(given.map((data) => adts(Buffer.from(data), 48_000, 1)));
        const splitter = new AdtsSplitter();
        const found: Buffer[] = [];
        for (let at = 0; at < all.length; at += step)
          found.push(...splitter.push(all.subarray(at, at + step)));
        assert.deepEqual(
          found.map((data) => data.toString('hex')),
          given.map((data) => Buffer.from(data).toString('hex')),
        );
        assert.equal(splitter.lost, false);
      }),
    );
  });

  it('that is none is said to be lost, once and for all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 7 }), (bytes) => {
        const splitter = new AdtsSplitter();
        splitter.push(Buffer.concat([Buffer.of(0x47), Buffer.from(bytes)]));
        assert.equal(splitter.lost, true);
        assert.deepEqual(splitter.push(adts(Buffer.of(1), 48_000, 1)), []);
      }),
    );
  });
});
