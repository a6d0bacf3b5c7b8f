/** That fuzzing finds what there is to be found. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { engineCommand } from '../../scripts/fuzzing/engine.ts';
import { runTarget } from '../../scripts/fuzzing/runTarget.ts';
import { debianUnavailable } from '../image/debianRoot.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('scripts/fuzz', { timeout: 120_000, skip: debianUnavailable() }, () => {
  let folder: string;
  let command: readonly string[];
  const run = (body: string, seconds: number) => {
    const bundle = join(folder, 'target.cjs');
    writeFileSync(bundle, `exports.fuzz = (data) => { ${body} };`);
    return runTarget({ name: 'rtcp', command, seconds, folder, bundle });
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'walleye-fuzz-'));
    command = engineCommand(join(ROOT, '.cache/fuzz'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is led by the branches that it sees to bytes that throw, and keeps them', async () => {
    const body = `if (data[0] === 0x57) if (data[1] === 0xa1) if (data[2] === 0x1e) throw new TypeError('a walleye');`;
    const { problem, inputs } = await run(body, 60);
    assert.match(problem ?? '', /TypeError: a walleye/);
    assert.equal(inputs.length, 1);
    assert.deepEqual([...readFileSync(inputs[0]!).subarray(0, 3)], [0x57, 0xa1, 0x1e]);
  });

  it('finds what never ends', async () => {
    const { problem, inputs } = await run('if (data.length > 40) for (;;) data[0]++;', 60);
    assert.match(problem ?? '', /timeout/i);
    assert.equal(inputs.length, 1);
  });

  it('finds nothing where there is nothing', async () => {
    const { problem, runs, covered } = await run('if (data.length > 9) return 1; return 2;', 2);
    assert.equal(problem, undefined);
    assert.ok(runs > 100 && covered > 1, `${runs} inputs, ${covered} branches`);
  });
});
