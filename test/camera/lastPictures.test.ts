import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import jpeg from 'jpeg-js';
import { pino } from 'pino';
import { LastPictures, type Shown } from '../../daemon/camera/lastPictures.ts';
import { smallStream } from '../../daemon/camera/smallStream.ts';
import type { JpegFrame } from '../../daemon/frame.ts';
import { jpegSize } from '../../daemon/jpeg/jpegSize.ts';
import type { ServerEvent } from '../../daemon/schema.ts';
import { until } from '../api/apiServer.ts';
import { camera } from '../api/memoryCameras.ts';

const log = pino({ level: 'silent' });
let folder: string;
let shown: Shown & { frames: { camera: string; frame: JpegFrame }[]; there: Set<string>; changed(): void };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'walleye-last-'));
  const listeners = new Set<(event: ServerEvent) => void>();
  shown = {
    frames: [],
    there: new Set(['gate', 'yard']),
    camera: (id) => (shown.there.has(id) ? camera(id) : undefined),
    newestPictures: () => shown.frames,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    changed: () => {
      for (const listener of listeners) listener({ type: 'changed', what: 'cameras' });
    },
  };
});
afterEach(() => rmSync(folder, { recursive: true }));

const JPEGS = new Map<number, Buffer>();
function encoded(width: number): Buffer {
  const known = JPEGS.get(width);
  if (known) return known;
  const height = 16;
  const { data } = jpeg.encode({ width, height, data: Buffer.alloc(width * height * 4, 128) }, 50);
  JPEGS.set(width, data);
  return data;
}

let sequence = 0;
/** @param age milliseconds */
function show(id: string, width: number, age = 0): void {
  const receivedAt = performance.now() - age;
  const frame = { data: encoded(width), sequence: ++sequence, receivedAt, decodedAt: receivedAt };
  shown.frames.push({ camera: id, frame });
}

/** Runs it until `body` is done. */
async function running(body: (pictures: LastPictures) => Promise<void>, every = 60_000): Promise<void> {
  const pictures = new LastPictures({ folder, log, look: 10, every });
  await pictures.open();
  const stop = new AbortController();
  const run = pictures.run(stop.signal, shown);
  await body(pictures).finally(() => stop.abort());
  await run;
}
const width = async (pictures: LastPictures, id: string) =>
  jpegSize((await pictures.read(id))?.data ?? Buffer.alloc(0))?.width;

test('a camera that is shown leaves its picture, known by the time when it was taken', async () => {
  show('gate', 640, 2000);
  await running(async (pictures) => {
    await until(() => pictures.time('gate'), 'the picture');
    assert.ok(Math.abs((pictures.time('gate') ?? 0) - (Date.now() / 1000 - 2)) < 1);
    assert.equal(await width(pictures, 'gate'), 640);
    assert.equal(pictures.time('yard'), null);
    assert.equal(await pictures.read('yard'), undefined);
  });
});

for (const [widths, chosen] of [
  [[320, 640, 1280, 1920], 1280],
  [[1920, 2560], 1920],
  [[160, 400], 400],
  [[160], undefined],
] as const) {
  test(`of pictures ${widths.join(', ')} wide ${chosen ?? 'none'} is kept`, async () => {
    for (const one of widths) show('gate', one);
    await running(async () => {});
    await running(async (pictures) => assert.equal(await width(pictures, 'gate'), chosen));
  });
}

test('a picture of the right size that is old loses against a new one', async () => {
  show('gate', 1280, 60_000);
  show('gate', 400);
  await running(async () => {});
  await running(async (pictures) => assert.equal(await width(pictures, 'gate'), 400));
});

test('within a minute one picture is written, and the newest of all when the daemon stops', async () => {
  show('gate', 640);
  await running(async (pictures) => {
    await until(() => pictures.time('gate'), 'the first');
    const first = pictures.time('gate');
    shown.frames.length = 0;
    show('gate', 400);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(pictures.time('gate'), first);
  });
  await running(async (pictures) => assert.equal(await width(pictures, 'gate'), 400));
});

test('what is shown no more is not written again', async () => {
  show('gate', 640);
  await running(async (pictures) => {
    const first = await until(() => pictures.time('gate'), 'the first');
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(pictures.time('gate'), first, 'the very same frame, although a minute was 20 ms');
  }, 20);
});

test('a picture goes with its camera: at once, and at the start when it was removed meanwhile', async () => {
  show('gate', 640);
  show('yard', 640);
  await running(async (pictures) => {
    await until(() => pictures.time('gate') && pictures.time('yard'), 'both');
    shown.there.delete('gate');
    shown.changed();
    assert.equal(pictures.time('gate'), null);
    assert.deepEqual(readdirSync(folder), ['yard.jpg']);
  });
  shown.frames.length = 0;
  shown.there.clear();
  await running(async () => {});
  assert.deepEqual(readdirSync(folder), []);
});

test('a folder that cannot be written costs the pictures and nothing else', async () => {
  const pictures = new LastPictures({ folder: '/proc/nowhere', log, look: 10 });
  await pictures.open();
  show('gate', 640);
  const stop = new AbortController();
  const run = pictures.run(stop.signal, shown);
  await new Promise((resolve) => setTimeout(resolve, 50));
  stop.abort();
  await run;
  assert.equal(pictures.time('gate'), null);
});

test('the size of a JPEG is read from its header; of what is none, nothing', () => {
  assert.deepEqual(jpegSize(encoded(400)), { width: 400, height: 16 });
  for (let end = 0; end < 700; end++) jpegSize(encoded(400).subarray(0, end));
  for (const bytes of ['', 'GIF89a-and-more', '\xff\xd8\xff\xd9'])
    assert.equal(jpegSize(Buffer.from(bytes, 'latin1')), undefined);
});

test('a snapshot is made of the smallest stream that is wide enough', () => {
  const stream = (profile: string, width: number | null, state: 'idle' | 'stopped' = 'idle') => ({
    ...{ name: profile, profile, rtsp_url: '', state, codec: null, fps: null },
    ...{ width, height: width === null ? null : (width * 9) / 16 },
  });
  const main = stream('main', 1920);
  const sub = stream('sub', 640);
  const choose = (width: number, ...streams: ReturnType<typeof stream>[]) =>
    smallStream({ streams }, width)?.profile;
  assert.equal(choose(640, main, sub), 'sub');
  assert.equal(choose(800, main, sub), 'main');
  assert.equal(choose(4000, main, sub), 'main');
  assert.equal(choose(640, main, stream('sub', 640, 'stopped')), 'main');
  assert.equal(choose(640, stream('main', null), stream('sub', null)), 'sub');
  assert.equal(choose(640, stream('main', null)), 'main');
  assert.equal(choose(640, stream('main', 1920, 'stopped')), undefined);
});
