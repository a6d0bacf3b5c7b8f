/** A recorder that begins with pictures which one before it, in a process that is dead, had in files already. On a real file system. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { AccessUnit } from '../../daemon/frame.ts';
import { Library, type LibraryRules } from '../../daemon/record/library.ts';
import { cutOverlap } from '../../daemon/record/overlap.ts';
import { Recorder } from '../../daemon/record/recorder.ts';
import { VIDEO } from './units.ts';

const FREE: LibraryRules = { days: () => undefined, mostBytes: undefined, leastFree: 0 };
const LIMITS = { fragment: 500, length: 4_000 };
/** Milliseconds of a picture; pictures of a group. */
const EACH = 40;
const GROUP = 25;
/** Unix milliseconds of the first picture, and when each process began. */
const BEGAN = Date.UTC(2026, 10, 22);
const FIRST = BEGAN - 5_000;
const SECOND = BEGAN + 60_000;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'walleye-overlap-'));
  mkdirSync(join(root, 'recordings'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const openLibrary = () => Library.open(join(root, 'recordings'), join(root, 'indexes'), FREE);

/** The pictures from one number to another, as a process that began then received them. @param still all key pictures are the same */
function pictures(from: number, to: number, process: number, still = false): AccessUnit[] {
  return Array.from({ length: to - from }, (_, i) => {
    const number = from + i;
    const key = number % GROUP === 0;
    const text = key && still ? '#still!#' : `#${String(number).padStart(6, '0')}#`;
    const slice = Buffer.concat([Buffer.from([key ? 0x65 : 0x41, 0x88]), Buffer.from(text)]);
    const prefix = [0, 0, 0, 1];
    const sets = key ? VIDEO.parameterSets.flatMap((set) => [...prefix, ...set]) : [];
    const data = Buffer.from([...sets, ...prefix, ...slice]);
    const mediaTime = (number - from) * EACH;
    return { video: VIDEO, data, key, mediaTime, receivedAt: BEGAN + number * EACH - process };
  });
}

/** @param dies nothing is written any more, and nothing is closed */
async function record(library: Library, units: AccessUnit[], process: number, dies = false): Promise<void> {
  const recorder = new Recorder({
    ...{ camera: 'door', stream: 'door_main', folder: library.folder, index: library.index },
    ...{ limits: LIMITS, clock: () => process, failed: assert.ifError },
    cutOverlap: (beginning) => cutOverlap(library, beginning),
  });
  for (const unit of units) recorder.push(unit);
  if (dies) await recorder.settled();
  else await recorder.stop();
}

/** What is in all files, in order. @param gap milliseconds between two files at most */
function written(library: Library, gap = 0): { numbers: string[]; paths: string[] } {
  const segments = library.index.find({ camera: 'door', limit: 1000 });
  const numbers = segments.flatMap(({ path, bytes }) => {
    const file = join(library.folder, path);
    assert.equal(statSync(file).size, bytes, 'the index knows its size');
    return [...readFileSync(file, 'latin1').matchAll(/#(\d{6}|still!)#/g)].map((match) => match[1]!);
  });
  for (const [i, segment] of segments.entries()) {
    const before = segments[i - 1];
    if (before)
      assert.ok(
        Math.abs(segment.from - before.until) <= gap + 1,
        `${segment.from - before.until} ms between files ${i - 1} and ${i}`,
      );
  }
  return { numbers, paths: segments.map(({ path }) => path) };
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i).padStart(6, '0'));

describe('what a recorder before has written as well', () => {
  for (const [where, until, from] of [
    ['in the middle of its file', 190, 150],
    ['from the beginning of its file on, which is gone then', 140, 100],
    ['in the file before its last one, which is gone then', 140, 75],
    ['nowhere: there is a gap', 140, 150],
  ] as const)
    it(`is in its files but once: it was ${where}`, async () => {
      let library = await openLibrary();
      await record(library, pictures(0, until, FIRST), FIRST, true);
      library.end();
      library = await openLibrary();
      await record(library, pictures(from, 250, SECOND), SECOND);
      // Half a second was not written yet when the first one died, and ten pictures more are nowhere.
      const gap = from < until ? 0 : 900;
      const found = written(library, gap);
      const all = numbers(250);
      if (from < until) assert.deepEqual(found.numbers, all);
      else assert.deepEqual(found.numbers.slice(-100), all.slice(150));
      library.end();
      // … and whoever reads the files anew finds the same.
      library = await openLibrary();
      assert.deepEqual(await library.reconciled, { found: 0, mended: 0, lost: 0, problems: [] });
      assert.deepEqual(written(library, gap).numbers, found.numbers);
      library.end();
    });

  it('is found by its time where the scene stands still, and all key pictures are the same', async () => {
    let library = await openLibrary();
    await record(library, pictures(0, 190, FIRST, true), FIRST, true);
    library.end();
    library = await openLibrary();
    await record(library, pictures(150, 250, SECOND, true), SECOND);
    const expected = numbers(250).map((number, i) => (i % GROUP === 0 ? 'still!' : number));
    assert.deepEqual(written(library).numbers, expected);
    library.end();
  });

  it('stays where somebody protects it', async () => {
    let library = await openLibrary();
    await record(library, pictures(0, 190, FIRST), FIRST, true);
    const last = library.index.find({ camera: 'door', limit: 10, newest: true })[0]!;
    await library.protect(last, true);
    library.end();
    library = await openLibrary();
    await record(library, pictures(150, 250, SECOND), SECOND);
    const kept = library.index.get(last.id);
    assert.ok(kept?.protected);
    assert.match(readFileSync(join(library.folder, kept.path), 'latin1'), /#000174#/);
    library.end();
  });

  it('is left alone by a recorder that begins with pictures of its own', async () => {
    const library = await openLibrary();
    await record(library, pictures(0, 100, FIRST, true), FIRST);
    await record(library, pictures(100, 200, FIRST, true), FIRST);
    assert.equal(written(library).numbers.length, 200);
    library.end();
  });
});
