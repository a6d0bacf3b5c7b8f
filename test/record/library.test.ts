/** Recordings on real file systems: a limit that is kept to the byte, a disk that is full, a file that was cut off, an index that is gone. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Library, type LibraryRules } from '../../daemon/record/library.ts';
import { Recorder } from '../../daemon/record/recorder.ts';
import { segmentPath } from '../../daemon/record/segmentName.ts';
import { SyntheticCamera } from './units.ts';

const FREE: LibraryRules = { days: () => undefined, mostBytes: undefined, leastFree: 0 };
/** Segments of two seconds, so that there are many soon. */
const LIMITS = { fragment: 500, length: 2_000 };
const noTmpfs = process.getuid?.() === 0 ? false : 'a file system can be mounted by root only';

let root: string;
let folder: string;
let indexes: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'walleye-record-'));
  [folder, indexes] = [join(root, 'recordings'), join(root, 'indexes')];
  mkdirSync(folder);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const segmentsIn = (path: string) =>
  readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.mp4'))
    .map((name) => join(path, name));
const bytesIn = (path: string) =>
  segmentsIn(path).reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);

function recorderOf(library: Library, failed: (error: NodeJS.ErrnoException) => void = assert.ifError) {
  const base = { camera: 'door', stream: 'door_main', folder: library.folder, index: library.index };
  const clock = () => Date.UTC(2026, 10, 22) - 5_000;
  return new Recorder({
    ...base,
    limits: LIMITS,
    clock,
    failed,
    makeRoom: (bytes) => library.makeRoom(bytes),
  });
}

describe('a library of recordings', () => {
  for (const [mostBytes, picture] of [
    [300_000, 1_000],
    [200_000_000, 200_000],
  ] as const)
    it(`never takes more than ${mostBytes} bytes, to the byte, while it is written`, async () => {
      const library = await Library.open(folder, indexes, { ...FREE, mostBytes });
      const recorder = recorderOf(library);
      const camera = new SyntheticCamera(picture);
      let most = 0;
      for (let second = 0; second < 60; second++) {
        for (const unit of camera.seconds(1)) recorder.push(unit);
        // As long as the disk takes.
        while (recorder.busy) {
          await sleep(1);
          most = Math.max(most, bytesIn(folder));
        }
      }
      await recorder.stop();
      assert.ok(most <= mostBytes, `${most} bytes`);
      assert.ok(most > mostBytes * 0.9, `${most} bytes: it was never nearly full`);
      assert.equal(library.index.bytes, bytesIn(folder));
      assert.equal(recorder.dropped, 0);
      // The newest are there.
      const [newest] = library.index.find({ limit: 1, newest: true });
      assert.ok((newest?.until ?? 0) > Date.UTC(2026, 10, 22) + 59_000);
      library.end();
    });

  it('keeps what is protected, and says so when nothing else is left', async () => {
    const library = await Library.open(folder, indexes, { ...FREE, mostBytes: 100_000 });
    const errors: string[] = [];
    const recorder = recorderOf(library, (error) => errors.push(error.code ?? ''));
    const camera = new SyntheticCamera(1_000);
    for (const unit of camera.seconds(3)) recorder.push(unit);
    await recorder.stop();
    for (const segment of library.index.find({ limit: 100 })) await library.protect(segment, true);
    const kept = segmentsIn(folder).length;
    for (const unit of camera.seconds(4)) recorder.push(unit);
    await recorder.stop();
    assert.ok(errors.includes('EDQUOT'), errors.join());
    assert.ok(segmentsIn(folder).length >= kept);
    assert.ok(bytesIn(folder) <= 100_000);
    library.end();
  });

  it('finds what may go behind any number of protected segments, and takes no path from elsewhere', async () => {
    const library = await Library.open(folder, indexes, { ...FREE, mostBytes: 700_000 });
    const base = { camera: 'door', stream: 'door_main', codec: 'h264', width: 640, height: 360, open: false };
    const add = (startedAt: number, path = segmentPath({ ...base, startedAt })) =>
      library.index.insert({ ...base, path, from: startedAt, until: startedAt + 1, bytes: 1_000 });
    for (let i = 0; i < 600; i++) library.index.protect(add(i * 1_000), true);
    const free = Array.from({ length: 100 }, (_, i) => add(1_000_000 + i * 1_000));
    add(1, '../../etc/passwd');
    assert.ok(library.index.find({ limit: 1_000 }).every(({ path }) => path.startsWith('door/')));
    await library.makeRoom(5_000);
    assert.equal(library.index.get(free[0]!), undefined);
    assert.ok(library.index.bytes + 5_000 <= 700_000);
    library.end();
  });

  it('goes on writing on a disk that was full, as soon as there is room', { skip: noTmpfs }, async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=600k', 'none', folder]);
    try {
      const library = await Library.open(folder, indexes, FREE);
      const errors: string[] = [];
      let tidied: Promise<void> | undefined;
      const recorder = recorderOf(library, (error) => {
        errors.push(error.code ?? '');
        tidied = library.tidy(150_000);
      });
      const camera = new SyntheticCamera(1_000);
      let last = 0;
      for (let second = 0; second < 60 && (errors.length === 0 || last < 20); second++) {
        for (const unit of camera.seconds(1)) recorder.push(unit);
        while (recorder.busy) await sleep(1);
        await tidied;
        if (errors.length > 0) {
          // It waits for a second after an error.
          await sleep(last === 0 ? 1_100 : 0);
          last++;
        }
      }
      await recorder.stop();
      assert.ok(errors.includes('ENOSPC'), errors.join());
      assert.equal(library.index.bytes, bytesIn(folder));
      const [newest] = library.index.find({ limit: 1, newest: true });
      const [oldest] = library.index.find({ limit: 1 });
      assert.ok((oldest?.from ?? 0) > Date.UTC(2026, 10, 22) + 1_000, 'the oldest went');
      assert.ok((newest?.until ?? 0) - (oldest?.from ?? 0) > 3_000);
      library.end();
    } finally {
      execFileSync('umount', [folder]);
    }
  });

  it('mends what was being written when the power went, and finds it without its index', async () => {
    const library = await Library.open(folder, indexes, FREE);
    const recorder = recorderOf(library);
    const camera = new SyntheticCamera(1_000);
    for (const unit of camera.seconds(5)) recorder.push(unit);
    while (recorder.busy) await sleep(1);
    const [open] = library.index.find({ limit: 1, newest: true });
    assert.equal(open?.open, true);
    const file = join(folder, open?.path ?? '');
    const whole = statSync(file).size;
    // Half of the next fragment had reached the disk, then half of the last one is lost.
    appendFileSync(file, Buffer.alloc(500));
    library.end();
    const again = await Library.open(folder, indexes, FREE);
    assert.deepEqual(await again.reconciled, { found: 0, mended: 1, lost: 0, problems: [] });
    assert.equal(statSync(file).size, whole);
    assert.equal(again.index.bytes, bytesIn(folder));
    assert.deepEqual(again.index.get(open!.id)?.open, false);
    again.end();

    const first = segmentsIn(folder).sort()[0] ?? '';
    const before = statSync(first).size;
    truncateSync(first, before - 700);
    rmSync(indexes, { recursive: true });
    const found = await Library.open(folder, indexes, FREE);
    assert.equal((await found.reconciled).found, segmentsIn(folder).length);
    assert.ok(statSync(first).size < before - 700, 'half a fragment is taken away');
    const segments = found.index.find({ limit: 100 });
    assert.equal(segments.length, segmentsIn(folder).length);
    for (const { from, until, camera, open } of segments) {
      assert.ok(until > from && until - from < 3_000, `${until - from} ms`);
      assert.deepEqual([camera, open], ['door', false]);
    }
    found.end();
  });

  it('knows what was done to its folder elsewhere, and keeps what is protected', async () => {
    const library = await Library.open(folder, indexes, FREE);
    const recorder = recorderOf(library);
    for (const unit of new SyntheticCamera(1_000).seconds(9)) recorder.push(unit);
    await recorder.stop();
    const [first, second, third] = library.index.find({ limit: 3 });
    await library.protect(first!, true);
    await library.protect(second!, true);
    await library.protect(second!, false);
    library.end();
    // By hand, by another box, by a power cut.
    rmSync(join(folder, third!.path));
    const other = (startedAt: number) =>
      join(folder, segmentPath({ camera: 'door', stream: 'x', startedAt }));
    const from = first!.from;
    for (const [path, content] of [
      [other(from), ''],
      [other(from + 1), Buffer.alloc(5_000)],
    ] as const)
      writeFileSync(path, content);
    const again = await Library.open(folder, indexes, FREE);
    assert.equal((await again.reconciled).lost, 1);
    assert.equal(again.index.get(third!.id), undefined);
    assert.equal(again.index.bytes, bytesIn(folder));
    assert.deepEqual(
      readdirSync(dirname(other(from))).filter((name) => name.startsWith('x')),
      [],
    );
    again.end();
    // The disk comes to a box that has never seen it.
    rmSync(indexes, { recursive: true });
    const box = await Library.open(folder, indexes, { ...FREE, mostBytes: 1 });
    await box.reconciled;
    const kept = () => box.index.find({ limit: 100 }).filter((one) => one.protected);
    assert.deepEqual(
      kept().map(({ path }) => path),
      [first!.path],
    );
    await box.tidy();
    assert.deepEqual(box.index.find({ limit: 100 }), kept());
    await box.remove(kept()[0]!);
    assert.deepEqual(readdirSync(join(folder, 'door')), [], 'a day of which nothing is left');
    box.end();
  });

  it('walks through its folder while it is written', async () => {
    const library = await Library.open(folder, indexes, FREE);
    const recorder = recorderOf(library);
    const camera = new SyntheticCamera(1_000);
    for (const unit of camera.seconds(6)) recorder.push(unit);
    await recorder.stop();
    const before = library.index.find({ limit: 100 });
    library.end();
    rmSync(indexes, { recursive: true });
    const again = await Library.open(folder, indexes, FREE);
    const next = recorderOf(again);
    for (const unit of camera.seconds(6)) {
      next.push(unit);
      await new Promise(setImmediate);
    }
    while (next.busy) await sleep(1);
    assert.equal((await again.reconciled).found, before.length);
    const open = again.index.find({ limit: 100 }).filter((one) => one.open);
    assert.equal(open.length, 1, 'what is being written is left alone');
    await next.stop();
    assert.equal(again.index.bytes, bytesIn(folder));
    assert.equal(again.index.find({ limit: 100 }).length, segmentsIn(folder).length);
    again.end();
  });

  it('deletes what is older than its camera’s days', async () => {
    const library = await Library.open(folder, indexes, FREE);
    const recorder = recorderOf(library);
    for (const unit of new SyntheticCamera().seconds(5)) recorder.push(unit);
    await recorder.stop();
    assert.ok(segmentsIn(folder).length >= 2);
    library.rules = { ...FREE, days: () => 36_500 };
    await library.tidy();
    assert.ok(segmentsIn(folder).length >= 2);
    // Whatever day it is now: this was longer ago than none.
    library.rules = { ...FREE, days: () => -36_500 };
    await library.tidy();
    assert.equal(segmentsIn(folder).length, 0);
    assert.equal(library.index.bytes, 0);
    library.end();
  });
});
