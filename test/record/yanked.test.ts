/** A disk that is pulled out before what was written last is surely on it. On a loop device with ext4, as root. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Library, type LibraryRules } from '../../daemon/record/library.ts';
import { mendSegment } from '../../daemon/record/mendSegment.ts';
import { Recorder } from '../../daemon/record/recorder.ts';
import { LoopDisk } from '../bench/recording/loopDisk.ts';
import { SyntheticCamera } from './units.ts';

const FREE: LibraryRules = { days: () => undefined, mostBytes: undefined, leastFree: 0 };

describe('a disk that is pulled out', {
  skip: process.getuid?.() === 0 ? false : 'needs root: a loop device',
}, () => {
  let base: string;
  let disk: LoopDisk;
  let library: Library;
  const open = async () => {
    library = await Library.open(join(disk.folder, 'recordings'), join(base, 'indexes'), FREE);
  };
  const record = (failed: (error: NodeJS.ErrnoException) => void) =>
    new Recorder({
      ...{ camera: 'door', stream: 'door_main', folder: library.folder, index: library.index },
      ...{ limits: { fragment: 500, length: 2_000 }, clock: () => Date.UTC(2026, 10, 22), failed },
    });

  beforeEach(async () => {
    base = mkdtempSync(join(tmpdir(), 'walleye-yanked-'));
    disk = new LoopDisk(base);
    await open();
  });
  afterEach(async () => {
    library.end();
    await disk.stop();
    rmSync(base, { recursive: true, force: true });
  });

  for (const [how, after] of [
    ['while it is written to', 3],
    ['and nothing more is written', 0],
  ] as const)
    it(`holds, once it is back, nothing that cannot be played, and the index says what: ${how}`, async () => {
      const errors: (string | undefined)[] = [];
      const recorder = record(({ code }) => errors.push(code));
      const camera = new SyntheticCamera(2_000);
      for (const unit of camera.seconds(5)) recorder.push(unit);
      await recorder.settled();
      // Of another camera: with it the names of all files come onto the disk, though not what is in them.
      writeFileSync(join(disk.folder, 'other'), 'x', { flush: true });
      disk.yank();
      for (const unit of camera.seconds(after)) recorder.push(unit);
      await recorder.stop();
      if (after > 0) assert.ok(errors.length > 0, 'it was said');
      library.end();
      disk.putBack();
      await open();
      assert.deepEqual((await library.reconciled).problems, []);
      const { folder, index } = library;
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.mp4'))
        .toSorted();
      const segments = index.find({ camera: 'door', limit: 100 });
      assert.deepEqual(segments.map(({ path }) => path).toSorted(), files);
      for (const { path, bytes, open } of segments) {
        assert.equal(open, false);
        assert.equal(mendSegment(join(folder, path))?.bytes, bytes, path);
      }
      // The two that were full were closed, and what is closed is on the disk.
      assert.ok(segments.length >= 2, `${segments.length} files`);
    });
});
