import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { pino } from 'pino';
import { carryOutReset, orderReset } from '../../daemon/system/factoryReset.ts';

const log = pino({ level: 'silent' });
/** As a daemon of this version leaves them. */
const OURS = [
  'walleye.sqlite',
  'walleye.sqlite-wal',
  'walleye.sqlite-shm',
  'walleye.sqlite.corrupt-20260101T120000Z',
  'walleye.sqlite.newer-20260101T120000Z',
  'walleye.sqlite.newer-20260101T120000Z-wal',
  'walleye.sqlite.v2',
  'walleye.sqlite.v2.new',
  'walleye.sqlite.corrupt-20260101T120000Z-2-wal',
  'secret.key',
  'secret.key.4711',
  'tokens/screen',
  'tokens/cli',
  'tls/cert.pem',
  'tls/key.pem',
  'tls/site.pem',
  'pictures/front-door.jpg',
  'pictures/yard.jpg.tmp',
];
const FOREIGN = [
  'notes.txt',
  'walleye.sqlite.bak',
  'tls/other.pem',
  'pictures/holiday 2026.jpg',
  'photos/a.jpg',
];

describe('a factory reset', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'walleye-reset-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(names: string[]): void {
    for (const name of names) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), 'x');
    }
  }
  const left = () =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .sort();

  it('does nothing without an order', () => {
    write(OURS);
    assert.equal(carryOutReset(folder, log), false);
    assert.equal(left().length, OURS.length);
  });

  it('removes every file of ours, and no other', () => {
    write([...OURS, ...FOREIGN]);
    orderReset(folder);
    assert.equal(carryOutReset(folder, log), true);
    assert.deepEqual(left(), [...FOREIGN].sort());
    assert.equal(existsSync(join(folder, 'tokens')), false, 'a folder of ours goes when it is empty');
    assert.equal(carryOutReset(folder, log), false, 'once');
  });

  it('is carried on with wherever it was broken off', () => {
    for (let gone = 0; gone <= OURS.length; gone++) {
      write(OURS);
      orderReset(folder);
      for (const name of OURS.slice(0, gone)) rmSync(join(folder, name));
      assert.equal(carryOutReset(folder, log), true);
      assert.deepEqual(left(), [], `${gone} files were gone already`);
    }
  });

  it('never goes through a link out of the folder', () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'walleye-elsewhere-'));
    try {
      writeFileSync(join(elsewhere, 'key.pem'), 'not ours');
      symlinkSync(elsewhere, join(folder, 'tls'));
      orderReset(folder);
      carryOutReset(folder, log);
      assert.ok(existsSync(join(elsewhere, 'key.pem')));
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });

  it('can be ordered before the folder exists', () => {
    const fresh = join(folder, 'state');
    orderReset(fresh);
    assert.equal(carryOutReset(fresh, log), true);
  });
});
