import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { joinPieces, PIECE, toPieces } from './r1/pieces.ts';

describe('base64 in pieces', () => {
  for (const bytes of [1, 1000, (PIECE / 4) * 3, (PIECE / 4) * 3 + 1, 100_000])
    it(`brings ${bytes} bytes over`, () => {
      const jpeg = Buffer.from(Array.from({ length: bytes }, (_, i) => (i * 31) % 256));
      const got: string[] = [];
      const join = joinPieces((base64) => got.push(base64));
      const pieces = toPieces(1, jpeg);
      assert.equal(pieces.length, Math.ceil((Math.ceil(bytes / 3) * 4) / PIECE));
      for (const piece of [...pieces, ...pieces]) join(piece);
      assert.deepEqual(got, [jpeg.toString('base64'), jpeg.toString('base64')]);
    });
});
