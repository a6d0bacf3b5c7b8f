/** A camera's way into files, with the recorder and a disk; what is in the files is found by their boxes. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CameraTape } from '../../daemon/camera/cameraTape.ts';
import type { AccessUnit, AudioFrame } from '../../daemon/frame.ts';
import { Library } from '../../daemon/record/library.ts';
import { Recorder } from '../../daemon/record/recorder.ts';
import { readSegment } from '../../daemon/record/segmentBoxes.ts';
import { allOf, boxTree } from '../mp4/boxTree.ts';
import { SyntheticCamera } from '../record/units.ts';

const MIDNIGHT = Date.UTC(2026, 10, 22);

let folder: string;
let library: Library;
let tape: CameraTape;
let camera: SyntheticCamera;
let ended: number;
let watchers: Set<(unit: AccessUnit) => void>;
let listeners: Set<(frame: AudioFrame) => void>;

function begin({ audio = true, mostBytes = 1_000_000 } = {}): void {
  const base = { camera: 'door', stream: 'door_main', folder, index: library.index };
  // Arrivals are counted from 5000 at midnight.
  const recorder = new Recorder({ ...base, clock: () => MIDNIGHT - 5_000, failed: assert.ifError });
  const join = <T>(all: Set<T>, one: T) => {
    all.add(one);
    return () => all.delete(one);
  };
  const supervisor = {
    watch: (see: (unit: AccessUnit) => void) => join(watchers, see),
    watchSound: (hear: (frame: AudioFrame) => void) => join(listeners, hear),
  };
  tape = new CameraTape({ supervisor, recorder, audio, mostBytes: () => mostBytes, ended: () => ended++ });
}

function send(items: Iterable<AccessUnit | AudioFrame>): void {
  for (const item of items)
    if ('video' in item) for (const see of watchers) see(item);
    else for (const hear of listeners) hear(item);
}

/** Seconds from midnight of what is in each file, and its pictures. */
const files = () =>
  library.index.find({ limit: 100 }).map(({ path, open, from, until }) => {
    const bytes = readFileSync(join(folder, path));
    const read = readSegment((offset, length) => bytes.subarray(offset, offset + length), bytes.length);
    assert.equal(read?.whole, bytes.length);
    const pictures = allOf(boxTree(bytes), 'traf')
      .filter((traf) => allOf([traf], 'tfhd')[0]?.body.readUInt32BE(4) === 1)
      .reduce((sum, traf) => sum + (allOf([traf], 'trun')[0]?.body.readUInt32BE(4) ?? 0), 0);
    const tracks = allOf(boxTree(bytes), 'trak').length;
    return { open, from: (from - MIDNIGHT) / 1000, until: (until - MIDNIGHT) / 1000, pictures, tracks };
  });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'walleye-tape-'));
  library = await Library.open(folder, join(folder, 'indexes'), {
    days: () => undefined,
    mostBytes: undefined,
    leastFree: 0,
  });
  camera = new SyntheticCamera();
  watchers = new Set();
  listeners = new Set();
  ended = 0;
});
afterEach(() => {
  library.end();
  rmSync(folder, { recursive: true, force: true });
});

describe('a camera’s recording', () => {
  it('begins with the last seconds, at their own times, and ends in front of a key picture', async () => {
    begin();
    tape.set(false, 5);
    assert.equal(tape.recording, false);
    send(camera.withSound(20, 50));
    tape.set(true, 5);
    assert.equal(tape.recording, true);
    send(camera.withSound(3, 50));
    tape.set(false, 5);
    // In the middle of a group of two seconds: it is finished.
    assert.equal(tape.recording, true);
    send(camera.withSound(4, 50));
    assert.equal(tape.recording, false);
    assert.equal(ended, 1);
    await tape.close();
    const [file, ...others] = files();
    assert.deepEqual(others, []);
    assert.equal(file?.open, false);
    assert.equal(file?.tracks, 2);
    // Pictures from 14 s on, of which the first is shown at the time of its arrival, up to 23 s, where a key picture follows.
    assert.ok(Math.abs(file!.from - 14) < 0.05, `${file?.from}`);
    assert.equal(file?.pictures, 9 * 25);
  });

  it('goes on where the one before ended, and nothing is written twice', async () => {
    begin();
    tape.set(false, 5);
    send(camera.seconds(20));
    for (let i = 0; i < 3; i++) {
      tape.set(true, 5);
      send(camera.seconds(2));
      tape.set(false, 5);
      // The next event comes before there are five seconds in memory.
      send(camera.seconds(2));
      assert.equal(tape.recording, false);
    }
    await tape.close();
    const found = files();
    assert.equal(found.length, 3);
    for (const [i, { from }] of found.entries())
      if (i > 0)
        assert.ok(Math.abs(from - found[i - 1]!.until) < 0.05, `${from} after ${found[i - 1]?.until}`);
    const all = found.reduce((sum, { pictures }) => sum + pictures, 0);
    assert.equal(all, 25 * (6 + 2 + 4 + 4));
  });

  it('ends at once where nothing is kept in memory', async () => {
    begin();
    tape.set(true, undefined);
    send(camera.seconds(3));
    tape.set(false, undefined);
    assert.equal(tape.recording, false);
    send(camera.seconds(3));
    await tape.close();
    const [file] = files();
    assert.equal(file?.pictures, 75);
  });

  it('hands over any amount of memory without a loss', async () => {
    camera = new SyntheticCamera(400_000);
    begin({ audio: false, mostBytes: 1e9 });
    tape.set(false, 4);
    send(camera.seconds(5));
    tape.set(true, 4);
    send([camera.picture(true)]);
    tape.set(false, undefined);
    await tape.close();
    assert.equal(tape.recorder.dropped, 0);
    assert.equal(files()[0]?.pictures, 4 * 25 + 1 + 25);
  });

  it('is without sound where nobody wants it', async () => {
    begin({ audio: false });
    tape.set(true, undefined);
    assert.equal(listeners.size, 0);
    send(camera.withSound(3));
    await tape.close();
    assert.equal(files()[0]?.tracks, 1);
    assert.equal(watchers.size, 0);
  });
});
