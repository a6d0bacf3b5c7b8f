/** Viewers behind links of all kinds, on Ethernet between network namespaces: what the slow one gets, and what that costs the others. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { until } from '../e2e/until.ts';
import { namespacesUnavailable, type TestHost, TestNetwork } from '../network/namespaces.ts';
import type { ViewerHost, ViewerLine } from '../network/viewerHost.ts';

const BOX = '10.77.20.1';
const PORT = 8080;
const PASSWORD = 'correct horse battery';
const NAMES = ['gate', 'yard', 'dock', 'roof'];
const FPS = 15;
const PROGRAMS = join(import.meta.dirname, '../network');

interface Seen {
  host: TestHost;
  /** Since they were last cleared. */
  lines: ViewerLine[];
}

describe('a viewer on 500 kbit/s who loses every twentieth packet', {
  skip: namespacesUnavailable(),
  timeout: 600_000,
}, () => {
  let network: TestNetwork;
  let box: TestHost;
  let slow: Seen;
  let fast: Seen;

  const authorization = `Basic ${Buffer.from(`admin:${PASSWORD}`).toString('base64')}`;
  async function viewer(name: string, number: number, more: Partial<ViewerHost> = {}): Promise<Seen> {
    const host = await network.host(name, [{ bridge: 'a', address: `10.77.20.${number}/24` }]);
    const tiles = NAMES.map((camera, tile) => ({
      ...{ tile, stream: `${camera}_sub`, width: 640, height: 368 },
      formats: ['mp4', 'jpeg'] as ('mp4' | 'jpeg')[],
    }));
    const argument: ViewerHost = { host: BOX, port: PORT, authorization, tiles, ...more };
    const child = await host.start(join(PROGRAMS, 'viewerHost.ts'), argument);
    const seen: Seen = { host, lines: [] };
    createInterface({ input: child.stdout! }).on('line', (line) => seen.lines.push(JSON.parse(line)));
    return seen;
  }
  /** Pictures of each tile in the next so many seconds, and the oldest one. */
  async function watched(seen: Seen, seconds: number) {
    seen.lines = [];
    await until(`${seconds} s`, () => seen.lines.length >= seconds);
    const lines = seen.lines.slice(0, seconds);
    return {
      pictures: NAMES.map((_, tile) => lines.reduce((sum, line) => sum + (line.pictures[tile] ?? 0), 0)),
      oldest: Math.max(...lines.flatMap(({ ages }) => ages.map((age) => age ?? 0))),
      last: lines.at(-1)!,
    };
  }

  before(async () => {
    network = await TestNetwork.create();
    await network.bridge('a');
    box = await network.host('box', [{ bridge: 'a', address: `${BOX}/24` }]);
    const cameras = NAMES.map((name) => ({ name, port: 0, fps: FPS }));
    await box.start(join(PROGRAMS, 'boxHost.ts'), { cameras, port: PORT, address: BOX, password: PASSWORD });
    fast = await viewer('fast', 3);
    await until('the fast one to see everything', () =>
      fast.lines.at(-1)?.pictures.every((count) => count > 0),
    );
  });
  after(() => network?.close());

  it('gets less and less until it can take it: each tile moves, and is of now', async (t) => {
    // Only what goes to this viewer passes here: its own side of the switch.
    slow = await viewer('slow', 2);
    await slow.host.loses(5);
    await slow.host.shaped('500kbit');
    await until(
      'it to be sent JPEGs',
      () => slow.lines.at(-1)?.formats.every((format) => format === 'jpeg'),
      120_000,
    );
    // The level that it comes to rest at.
    await watched(slow, 20);
    const { pictures, oldest, last } = await watched(slow, 20);
    t.diagnostic(
      `level ${last.level}, ${last.bits_per_second} bit/s, pictures in 20 s: ${pictures}, oldest ${Math.round(oldest)} ms`,
    );
    for (const count of pictures) assert.ok(count >= 10, `${pictures} pictures in 20 s`);
    assert.ok(oldest < 5_000, `${oldest} ms`);
  });

  it('costs the others nothing', async (t) => {
    const { pictures, last } = await watched(fast, 10);
    t.diagnostic(`the fast one: ${pictures} in 10 s`);
    assert.equal(last.level, 0);
    assert.deepEqual(last.formats, Array(4).fill('mp4'));
    for (const count of pictures) assert.ok(count > 0.9 * 10 * FPS, `${pictures} pictures in 10 s`);
  });

  it('gets more again when its link does', async () => {
    const before = slow.lines.at(-1)?.level ?? 0;
    await slow.host.shaped(undefined);
    await slow.host.loses(0);
    await until('a step up', () => (slow.lines.at(-1)?.level ?? before) < before, 60_000);
    await until(
      'the camera’s own video',
      () => slow.lines.at(-1)?.formats.every((format) => format === 'mp4'),
      180_000,
    );
  });

  it('who stops reading altogether costs the others nothing', async () => {
    const stalled = await Promise.all(
      [4, 5, 6].map((number) => viewer(`stalled${number}`, number, { stalls: true })),
    );
    assert.equal(stalled.length, 3);
    const { pictures, last } = await watched(fast, 10);
    assert.equal(last.level, 0);
    for (const count of pictures) assert.ok(count > 0.9 * 10 * FPS, `${pictures} pictures in 10 s`);
  });
});
