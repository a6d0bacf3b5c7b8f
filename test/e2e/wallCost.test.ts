import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { noBrowser } from './browser.ts';
import { soak } from './soak.ts';

const DIST = join(import.meta.dirname, '../../kiosk-ui/dist');
const LIMIT = 40 * 1024;

/** Every script that the page loads, with what those import. */
function scriptsOf(page: string): Set<string> {
  const html = readFileSync(join(DIST, page), 'utf8');
  const found = new Set<string>();
  const open = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((match) => match[1]!);
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    const source = readFileSync(join(DIST, file), 'utf8');
    for (const [, other] of source.matchAll(/["'`]\.?\/?(?:assets\/)?([\w-]+\.js)["'`]/g)) {
      if (readdirSync(join(DIST, 'assets')).includes(other!)) open.push(`assets/${other}`);
    }
  }
  return found;
}

describe('the cost of the wall’s page', () => {
  it('is at most 40 KB of script, gzipped', (t) => {
    const scripts = scriptsOf('index.html');
    const bytes = [...scripts].map((file) => gzipSync(readFileSync(join(DIST, file))).length);
    const sum = bytes.reduce((a, b) => a + b, 0);
    t.diagnostic(`${sum} bytes in ${scripts.size} files`);
    assert.ok(scripts.size > 0 && sum > 5_000, 'the scripts were not found');
    assert.ok(sum <= LIMIT, `${sum} bytes`);
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
