/** What tiles show, what was done before, and where the wall uses a layout. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Wall } from '../../daemon/schema.ts';
import { type Draft, draftOf } from '../../kiosk-ui/admin/layouts/draft.ts';
import { filled, unused, withCamera, withoutCamera, withSetting } from '../../kiosk-ui/admin/layouts/fill.ts';
import { begun, changed, redone, undone } from '../../kiosk-ui/admin/layouts/history.ts';
import {
  freeName,
  isName,
  usesOf,
  usesOnWalls,
  wallRenamed,
  wallShowing,
  wallWithout,
} from '../../kiosk-ui/admin/layouts/uses.ts';
import { evenGrid } from '../../kiosk-ui/wall/grid.ts';

const draft = (...cameras: string[][]): Draft =>
  draftOf({ tiles: evenGrid(cameras.length, 16 / 9).map((rect, i) => ({ ...rect, cameras: cameras[i]! })) });
const shown = ({ tiles }: Draft) => tiles.map(({ cameras }) => cameras.join());

describe('a camera', () => {
  it('replaces what a tile shows, or takes turns with it', () => {
    assert.deepEqual(shown(withCamera(draft(['a'], []), 0, 'b', 'replace')), ['b', '']);
    assert.deepEqual(shown(withCamera(draft(['a'], []), 0, 'b', 'add')), ['a,b', '']);
    assert.deepEqual(shown(withCamera(draft(['a', 'b'], []), 0, 'a', 'add')), ['b,a', '']);
    assert.deepEqual(shown(withoutCamera(draft(['a', 'b'], []), 0, 'a')), ['b', '']);
  });

  it('that no tile shows is found', () => {
    assert.deepEqual(unused(draft(['a'], ['b', 'c']), ['a', 'b', 'c', 'd']), ['d']);
  });
});

describe('filling', () => {
  it('gives each empty tile a camera that is not shown yet', () => {
    assert.deepEqual(shown(filled(draft(['b'], [], [], []), ['a', 'b', 'c'])), ['b', 'a', 'c', '']);
  });

  it('lets the rest take turns evenly when there are more cameras than tiles', () => {
    assert.deepEqual(shown(filled(draft([], []), ['a', 'b', 'c', 'd', 'e'])), ['a,c,e', 'b,d']);
  });
});

describe('a setting of a tile', () => {
  it('is set and left to the wall again, without a trace', () => {
    const before = draft(['a']);
    const set = withSetting(before, 0, 'fit', 'cover');
    assert.equal(set.tiles[0]!.fit, 'cover');
    assert.deepEqual(withSetting(set, 0, 'fit', undefined), before);
  });
});

describe('history', () => {
  it('goes back and forth, and a new change forgets what was undone', () => {
    let history = changed(changed(begun(1), 2), 3);
    history = undone(undone(undone(history)));
    assert.equal(history.now, 1);
    assert.equal(redone(history).now, 2);
    history = changed(redone(history), 9);
    assert.equal(redone(history).now, 9);
    assert.equal(undone(history).now, 2);
  });

  it('counts changes of the same thing in a row as one', () => {
    const history = changed(changed(changed(begun(1), 2, 'dwell'), 3, 'dwell'), 4, 'dwell');
    assert.equal(undone(history).now, 1);
  });

  it('does not count what changed nothing', () => {
    assert.equal(changed(begun(1), 1).past.length, 0);
  });
});

describe('the wall and a layout', () => {
  const wall: Wall = {
    sequence: [
      { layout: 'day', dwell_seconds: 10 },
      { layout: 'gate', dwell_seconds: 20 },
    ],
    schedule: [
      { days: [6, 7], from: '08:00', to: '18:00', sequence: [{ layout: 'gate', dwell_seconds: 5 }] },
      { days: [1], from: '20:00', to: '06:00', sequence: [{ layout: 'day', dwell_seconds: 5 }] },
    ],
  };

  it('says where it is used', () => {
    assert.deepEqual(usesOf(wall, 'gate'), { usual: true, scheduled: 1 });
    assert.deepEqual(usesOf(wall, 'other'), { usual: false, scheduled: 0 });
    const screens = [
      { screen: 1, own: true, wall: { sequence: [] } },
      { screen: 2, own: true, wall },
      { screen: 3, own: false, wall },
    ];
    assert.deepEqual(
      usesOnWalls(screens, 'gate'),
      { usual: true, scheduled: 1 },
      'one that follows adds nothing',
    );
    assert.deepEqual(usesOnWalls(screens.slice(0, 1), 'gate'), { usual: false, scheduled: 0 });
  });

  it('takes it out everywhere; hours that had nothing else go too', () => {
    const rest = wallWithout(wall, 'gate');
    assert.deepEqual(rest.sequence, [{ layout: 'day', dwell_seconds: 10 }]);
    assert.deepEqual(
      rest.schedule?.map(({ days }) => days),
      [[1]],
    );
  });

  it('gives it another name everywhere and keeps the seconds', () => {
    const renamed = wallRenamed(wall, 'gate', 'entrance');
    assert.deepEqual(renamed.sequence[1], { layout: 'entrance', dwell_seconds: 20 });
    assert.deepEqual(renamed.schedule?.[0]?.sequence, [{ layout: 'entrance', dwell_seconds: 5 }]);
    assert.deepEqual(usesOf(renamed, 'gate'), { usual: false, scheduled: 0 });
  });

  it('shows it alone or in turn, and the schedule stays', () => {
    assert.deepEqual(wallShowing(wall, 'gate', 'alone').sequence, [{ layout: 'gate', dwell_seconds: 20 }]);
    assert.equal(wallShowing(wall, 'gate', 'inTurn'), wall);
    assert.deepEqual(wallShowing(wall, 'new', 'inTurn').sequence.at(-1), {
      layout: 'new',
      dwell_seconds: 30,
    });
    assert.deepEqual(wallShowing(wall, 'new', 'alone').schedule, wall.schedule);
  });

  it('gives names that the daemon takes and that are still free', () => {
    assert.equal(freeName('layout', ['layout', 'layout-2']), 'layout-3');
    assert.ok(isName('front_door-2') && !isName('front door') && !isName('') && !isName('a'.repeat(65)));
    assert.ok(isName(freeName('a'.repeat(64), ['a'.repeat(56)])));
  });
});
