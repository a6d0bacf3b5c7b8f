import assert from 'node:assert/strict';
import { it } from 'node:test';
import { pino } from 'pino';
import { type Repeating, UnchangedWatch } from '../../daemon/camera/unchanged.ts';

it('a camera that repeats itself is noted once each time, as long as the setting says', () => {
  const hubs = new Map<string, Repeating>();
  const hub = (repeatedFor: number, silentFor: number | null = 50): Repeating => ({ repeatedFor, silentFor });
  let limit = 4;
  const notes: string[] = [];
  const watch = new UnchangedWatch({
    hubs: () => [...hubs].map(([name, one]) => ({ camera: name.split('.')[0] ?? '', hub: one })),
    limit: () => limit,
    note: (camera) => notes.push(camera),
    log: pino({ level: 'silent' }),
  });
  const look = () => {
    watch.look();
    return [notes.join(), [...watch.cameras].join()];
  };
  hubs.set('a.main', hub(0)).set('a.sub', hub(3_999)).set('b.main', hub(0, null));
  assert.deepEqual(look(), ['', '']);
  hubs.set('a.sub', hub(4_000));
  assert.deepEqual(look(), ['a', 'a']);
  hubs.set('a.sub', hub(60_000)).set('a.main', hub(5_000));
  assert.deepEqual(look(), ['a', 'a']);
  hubs.set('a.sub', hub(0)).set('a.main', hub(0));
  assert.deepEqual(look(), ['a', '']);
  hubs.set('a.main', hub(4_500));
  assert.deepEqual(look(), ['a,a', 'a']);
  hubs.set('a.main', hub(4_500, 2_500));
  assert.deepEqual(look(), ['a,a', ''], 'it has stopped altogether: another matter');
  limit = 0;
  hubs.set('b.main', hub(99_000));
  assert.deepEqual(look(), ['a,a', '']);
});
