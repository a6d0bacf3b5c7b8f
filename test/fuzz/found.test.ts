/** What fuzzing begins with, what it found once, and any bytes: every parser of network bytes neither throws nor takes its time. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FOUND_FOLDER, loadTarget, targetNames } from './targets.ts';

describe('parsers of what strangers send', { timeout: 120_000 }, async () => {
  for (const name of targetNames) {
    const { seeds, fuzz } = await loadTarget(name);
    const folder = join(FOUND_FOLDER, name);
    const found = existsSync(folder)
      ? readdirSync(folder).map((file) => readFileSync(join(folder, file)))
      : [];
    test(`${name}: ${seeds.length} seeds, ${found.length} found, and what becomes of them`, () => {
      for (const input of [...seeds, ...found]) fuzz(input);
      const mutation = fc.record({
        at: fc.nat(4096),
        bytes: fc.uint8Array({ maxLength: 8 }),
        cut: fc.nat(16),
      });
      const mutated = fc
        .tuple(fc.constantFrom(...seeds, ...found), fc.array(mutation, { maxLength: 6 }))
        .map(([input, changes]) => changes.reduce(changed, input));
      fc.assert(
        fc.property(mutated, (input) => fuzz(input)),
        { numRuns: 300 },
      );
    });
  }
});

function changed(input: Buffer, { at, bytes, cut }: { at: number; bytes: Uint8Array; cut: number }): Buffer {
  const from = at % (input.length + 1);
  return Buffer.concat([input.subarray(0, from), bytes, input.subarray(from + cut)]);
}
