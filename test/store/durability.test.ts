import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, it } from 'node:test';
import { openDatabase } from '../../daemon/store/database.ts';
import { openStore, type Store } from '../../daemon/store/store.ts';
import { cameraRow, contents, streamRow } from './rows.ts';
import { WRITES } from './writer.ts';

const WRITER = join(import.meta.dirname, 'writer.ts');
const root = mkdtempSync(join(tmpdir(), 'walleye-store-'));
after(() => rmSync(root, { recursive: true }));

function fill(store: Store): void {
  store.insertCamera(cameraRow('old', { password: 'p' }), [
    streamRow('old_main', 'old'),
    streamRow('old_sub', 'old', { profile: 'sub', position: 1 }),
  ]);
  store.putLayout({ name: 'one', tiles: [{ x: 0, y: 0, width: 1, height: 1, cameras: ['old'] }] });
}

/** What the store must hold after the write, learnt from one that nobody kills. */
function expected(write: string): unknown {
  const { store } = openStore(':memory:');
  fill(store);
  WRITES[write]!(store);
  const result = contents(store);
  store.close();
  return result;
}

describe('a write of the store', () => {
  for (const write of Object.keys(WRITES)) {
    it(`${write} is kept when the process is killed right after the call returned`, () => {
      const file = join(root, write, 'walleye.sqlite');
      const before = openStore(file).store;
      fill(before);
      before.close();

      const child = spawnSync(process.execPath, [WRITER, file, write], { encoding: 'utf8' });
      assert.equal(child.signal, 'SIGKILL', child.stderr);

      const { store, recovered } = openStore(file);
      assert.equal(recovered, null);
      assert.deepEqual(contents(store), expected(write));
      store.close();
    });
  }

  it('is whole or absent when the process is killed at any moment', async () => {
    const file = join(root, 'many', 'walleye.sqlite');
    const child = spawn(process.execPath, [WRITER, file, 'many'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const told: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      told.push(line);
      if (told.length === 25) child.kill('SIGKILL');
    }

    const { store, recovered } = openStore(file);
    assert.equal(recovered, null);
    const cameras = store.cameras().map((camera) => camera.id);
    assert.deepEqual(
      told.filter((id) => !cameras.includes(id)),
      [],
      'told but lost',
    );
    const owners = store.streams().map((stream) => stream.camera_id);
    assert.deepEqual(owners.toSorted(), cameras.toSorted(), 'a camera came without its stream');
    store.close();
  });

  it('survives a power cut too: the log is synchronised at every commit', () => {
    const { db } = openDatabase(join(root, 'pragmas', 'walleye.sqlite'));
    const pragma = (name: string) => db.pragma(name, { simple: true });
    assert.equal(pragma('journal_mode'), 'wal');
    assert.equal(pragma('synchronous'), 2, 'FULL');
    assert.equal(pragma('foreign_keys'), 1);
    assert.equal(pragma('busy_timeout'), 5000);
    db.close();
  });
});
