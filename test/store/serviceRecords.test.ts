import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { ServiceDay } from '../../daemon/schema.ts';
import { KEPT_DAYS, KEPT_ERRORS, type ServiceError } from '../../daemon/store/serviceRecords.ts';
import { openStore } from '../../daemon/store/store.ts';
import { cameraRow } from './rows.ts';

const NOTHING = {
  wanted_seconds: 0,
  live_seconds: 0,
  stalled_seconds: 0,
  connects: 0,
  unchanged: 0,
  repairs: 0,
};
const day = (name: string, change: Partial<ServiceDay> = {}): ServiceDay => ({
  day: name,
  ...NOTHING,
  ...change,
});
const error = (time: number, stream: string | null = 'gate_main'): ServiceError => ({
  ...{ time, stream, code: 'stalled', message: `no packet at ${time}` },
});

function opened(...cameras: string[]) {
  const { store } = openStore(':memory:');
  for (const camera of cameras) store.insertCamera(cameraRow(camera), []);
  return store;
}

describe('the service record on disk', () => {
  it('adds to what a day has, also after a restart on the same day', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'walleye-record-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'walleye.sqlite');
    const first = openStore(file).store;
    first.insertCamera(cameraRow('gate'), []);
    const some = day('2026-11-21', { wanted_seconds: 60.5, live_seconds: 50.25, connects: 1, repairs: 2 });
    first.service.add([{ camera: 'gate', days: [some], errors: [error(1.5)] }]);
    first.close();
    const { store } = openStore(file);
    t.after(() => store.close());
    const more = day('2026-11-21', { wanted_seconds: 1, stalled_seconds: 2, connects: 3, unchanged: 4 });
    store.service.add([{ camera: 'gate', days: [more, day('2026-11-22')], errors: [error(2, null)] }]);
    assert.deepEqual(store.service.read('gate'), {
      days: [
        day('2026-11-22'),
        {
          ...{ day: '2026-11-21', wanted_seconds: 61.5, live_seconds: 50.25, stalled_seconds: 2 },
          ...{ connects: 4, unchanged: 4, repairs: 2 },
        },
      ],
      errors: [error(2, null), error(1.5)],
    });
  });

  it(`keeps ${KEPT_DAYS} days and ${KEPT_ERRORS} errors of each camera, the newest`, (t) => {
    const store = opened('gate', 'yard');
    t.after(() => store.close());
    const names = Array.from({ length: KEPT_DAYS + 5 }, (_, i) =>
      new Date(Date.UTC(2026, 10, 1 + i)).toISOString().slice(0, 10),
    );
    for (const name of names) store.service.add([{ camera: 'gate', days: [day(name)], errors: [] }]);
    store.service.add([{ camera: 'yard', days: [day('2020-01-01')], errors: [error(0)] }]);
    const times = Array.from({ length: KEPT_ERRORS + 7 }, (_, i) => i);
    store.service.add([{ camera: 'gate', days: [], errors: times.map((time) => error(time)) }]);
    const { days, errors } = store.service.read('gate');
    assert.deepEqual(
      days.map((one) => one.day),
      names.toReversed().slice(0, KEPT_DAYS),
    );
    assert.deepEqual(
      errors.map(({ time }) => time),
      times.toReversed().slice(0, KEPT_ERRORS),
    );
    assert.equal(store.service.read('yard').days.length, 1);
    assert.equal(store.service.read('yard').errors.length, 1);
  });

  it('goes with its camera, and one that is not there costs the others nothing', (t) => {
    const store = opened('gate', 'yard');
    t.after(() => store.close());
    const both = ['gate', 'yard'].map((camera) => ({
      camera,
      days: [day('2026-11-21')],
      errors: [error(1)],
    }));
    store.service.add(both);
    store.deleteCamera('gate');
    store.service.add(both);
    assert.deepEqual(store.service.read('gate'), { days: [], errors: [] });
    assert.equal(store.service.read('yard').errors.length, 2);
    store.insertCamera(cameraRow('gate'), []);
    assert.deepEqual(store.service.read('gate'), { days: [], errors: [] }, 'a new camera begins anew');
    store.service.add([]);
  });
});
