import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { diskOf } from '../../daemon/system/disk.ts';

test('the disk of a folder has a size, and not more free than that', async () => {
  const disk = await diskOf(tmpdir());
  assert.ok(disk);
  assert.equal(disk.path, tmpdir());
  assert.ok(disk.total > 1e6 && disk.free >= 0 && disk.free <= disk.total, JSON.stringify(disk));
});

test('a folder that is not there has no disk', async () => {
  assert.equal(await diskOf('/nowhere/at/all'), null);
});
