import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { newCamera } from '../../daemon/camera/cameraRows.ts';

it('cameras that are added within one second are known by which came first', async () => {
  const added = [];
  for (const name of ['Yard', 'Gate', 'Attic']) {
    added.push(newCamera(name.toLowerCase(), name).created_at);
    await sleep(3);
  }
  assert.deepEqual(
    added.toSorted((a, b) => a - b),
    added,
  );
  assert.equal(new Set(added).size, 3);
});
