import assert from 'node:assert/strict';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import jpeg from 'jpeg-js';
import { MAX_PICTURE, PictureFiles } from '../../daemon/store/pictureFiles.ts';

let folder: string;
let files: PictureFiles;
beforeEach(async () => {
  folder = join(mkdtempSync(join(tmpdir(), 'walleye-pictures-')), 'pictures');
  files = new PictureFiles(folder);
  await files.open();
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

function picture(grey: number): Buffer {
  const data = Buffer.alloc(32 * 16 * 4, grey);
  return jpeg.encode({ width: 32, height: 16, data }, 80).data;
}

test('a picture comes back with its time, and is still a JPEG that any program reads', async () => {
  await files.write('gate', picture(90), 1_763_700_000.25);
  const kept = await files.read('gate');
  assert.equal(kept?.time, 1_763_700_000.25);
  const { width, height, data } = jpeg.decode(kept?.data ?? Buffer.alloc(0));
  assert.deepEqual([width, height], [32, 16]);
  assert.ok(Math.abs((data[0] ?? 0) - 90) < 4);
});

test('after a restart the times are known', async () => {
  await files.write('gate', picture(1), 1000.5);
  await files.write('yard', picture(2), 2000);
  const times = await new PictureFiles(folder).open();
  assert.deepEqual([...times].sort(), [
    ['gate', 1000.5],
    ['yard', 2000],
  ]);
});

test('the newest replaces the one before, under another tag', async () => {
  await files.write('gate', picture(1), 1000);
  const before = await files.read('gate');
  await files.write('gate', picture(2), 1060);
  const after = await files.read('gate');
  assert.equal(after?.time, 1060);
  assert.notEqual(after?.tag, before?.tag);
  assert.deepEqual(readdirSync(folder), ['gate.jpg']);
});

test('a file that the power cut has torn is none: shortened, zeroed, or empty', async () => {
  const file = join(folder, 'gate.jpg');
  await files.write('gate', picture(1), 1000);
  const whole = readFileSync(file);
  truncateSync(file, whole.length - 20);
  assert.equal(await files.read('gate'), undefined);
  writeFileSync(file, Buffer.concat([whole.subarray(0, 200), Buffer.alloc(whole.length - 200)]));
  assert.equal(await files.read('gate'), undefined);
  writeFileSync(file, '');
  assert.equal(await files.read('gate'), undefined);
  assert.deepEqual([...(await new PictureFiles(folder).open())], []);
  writeFileSync(file, whole);
  assert.ok(await files.read('gate'), 'whole again: the check is of the content');
});

test('what was being written when the power went is cleared away', async () => {
  writeFileSync(join(folder, 'gate.jpg.tmp'), 'half');
  await new PictureFiles(folder).open();
  assert.deepEqual(readdirSync(folder), []);
});

test('removed is removed, and what is not there is no error', async () => {
  await files.write('gate', picture(1), 1000);
  files.remove('gate');
  files.remove('gate');
  assert.equal(await files.read('gate'), undefined);
});

test('nobody else on the machine reads the pictures', async () => {
  await files.write('gate', picture(1), 1000);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(statSync(join(folder, 'gate.jpg')).mode & 0o777, 0o600);
});

test('what is too large or no JPEG is refused', async () => {
  await assert.rejects(files.write('gate', Buffer.alloc(MAX_PICTURE + 1, 0xff), 1));
  await assert.rejects(files.write('gate', Buffer.from('GIF89a'), 1));
  assert.deepEqual(readdirSync(folder), []);
});
