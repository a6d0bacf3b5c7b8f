import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { noBrowser } from './browser.ts';
import { soak } from './soak.ts';

const DIST = join(import.meta.dirname, '../../kiosk-ui/dist');
const LIMIT = 40 * 1024;
/** With what browsers elsewhere load besides, to play the cameras' own video. */
const REMOTE_LIMIT = 56 * 1024;

/** What a script imports before it runs; what it imports when it comes to that, too. */
const STATIC = /(?:from|import)\s*["'`]\.\/([\w-]+\.js)["'`]/g;
const ALL = /["'`]\.?\/?(?:assets\/)?([\w-]+\.js)["'`]/g;

/** Every script that the page loads, with what those import. */
function scriptsOf(page: string, imports: RegExp): Set<string> {
  const html = readFileSync(join(DIST, page), 'utf8');
  const found = new Set<string>();
  const open = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((match) => match[1]!);
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    const source = readFileSync(join(DIST, file), 'utf8');
    for (const [, other] of source.matchAll(imports)) {
      if (readdirSync(join(DIST, 'assets')).includes(other!)) open.push(`assets/${other}`);
    }
  }
  return found;
}

describe('the cost of the wall’s page', () => {
  for (const [who, limit, imports] of [
    ['on the box’s own screen', LIMIT, STATIC],
    ['elsewhere', REMOTE_LIMIT, ALL],
  ] as const)
    it(`is at most ${limit / 1024} KB of script, gzipped, ${who}`, (t) => {
      const scripts = scriptsOf('index.html', imports);
      const bytes = [...scripts].map((file) => gzipSync(readFileSync(join(DIST, file))).length);
      const sum = bytes.reduce((a, b) => a + b, 0);
      t.diagnostic(`${sum} bytes in ${scripts.size} files`);
      assert.ok(scripts.size > 1 && sum > 5_000, 'the scripts were not found');
      assert.ok(sum <= limit, `${sum} bytes`);
    });

  it('does not grow with layouts that turn and cameras that fill the screen', {
    skip: noBrowser,
    timeout: 180_000,
  }, async (t) => {
    const { samples, swaps, turns, early, last } = await soak(70, 20);
    const [first, end] = [samples[0]!, samples.at(-1)!];
    t.diagnostic(`${swaps} swaps, ${turns} turns: ${JSON.stringify([first, end, early, last])}`);
    assert.ok(samples.length >= 2 && swaps >= 6 && turns >= 3);
    assert.ok(end.nodes <= first.nodes + 120, `${first.nodes} nodes became ${end.nodes}`);
    assert.ok(end.listeners <= first.listeners + 120, `${first.listeners} listeners became ${end.listeners}`);
    // What V8 compiles grows for longer than this; the soak of half an hour, run by hand, tells how far.
    assert.ok(early && last && last.at > early.at);
    assert.ok(last.rest < early.rest * 1.05, `${early.rest} bytes became ${last.rest}`);
  });
});
