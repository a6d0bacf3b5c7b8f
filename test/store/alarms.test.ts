import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import type { Alarm } from '../../daemon/schema.ts';
import { openStore } from '../../daemon/store/store.ts';

const alarm = (id: string, since: number): Alarm => ({
  ...{ id, camera: 'door', topic: 'motion', message: 'ü "q"', source: 'api', action: 'none', priority: 0 },
  ...{ sound: false, since, until: since + 1, events: 1, acknowledged: false },
});

it('alarms that are over are kept over a restart, the newest 500, newest first', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'walleye-alarms-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'walleye.sqlite');
  const first = openStore(file).store;
  assert.deepEqual(first.alarms.recent(), []);
  first.alarms.append([]);
  first.alarms.append(Array.from({ length: 300 }, (_, i) => alarm(`a${i}`, i)));
  first.alarms.append(Array.from({ length: 300 }, (_, i) => alarm(`b${i}`, 300 + i)));
  first.alarms.append([alarm('b299', 599)]);
  first.close();
  const { store } = openStore(file);
  t.after(() => store.close());
  const recent = store.alarms.recent();
  assert.equal(recent.length, 500);
  assert.deepEqual(recent[0], alarm('b299', 599));
  assert.deepEqual(
    recent.map(({ since }) => since),
    Array.from({ length: 500 }, (_, i) => 599 - i),
  );
});

it('alarms of a time are found, those that began before it and the active ones too', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'walleye-alarms-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { store } = openStore(join(folder, 'walleye.sqlite'));
  t.after(() => store.close());
  const long = { ...alarm('long', 1_000), until: 1_100 };
  const lasting = { ...alarm('lasting', 1_200), until: null };
  store.alarms.append([alarm('early', 1_040), long, alarm('within', 1_060), alarm('late', 1_070)]);
  store.alarms.append([lasting]);
  const found = (from: number, to: number) => store.alarms.between(from, to).map(({ id }) => id);
  assert.deepEqual(found(1_050, 1_070), ['long', 'within']);
  assert.deepEqual(found(1_199, 1_201), ['lasting']);
  assert.deepEqual(found(2_000, 3_000), []);
});

it('of more than fifty thousand alarms the oldest go', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'walleye-alarms-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { store } = openStore(join(folder, 'walleye.sqlite'));
  t.after(() => store.close());
  store.alarms.append(Array.from({ length: 50_010 }, (_, i) => alarm(`n${i}`, i)));
  const kept = store.alarms.between(-10, 60_000);
  assert.deepEqual([kept.length, kept[0]!.since], [50_000, 10]);
});
