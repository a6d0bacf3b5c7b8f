import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ScreenWall } from '../../daemon/schema.ts';
import { darkScreens, screenOf, wallsByScreen } from '../../kiosk-ui/wall/screens.ts';

describe('which screen a page is', () => {
  const cases: [string, number][] = [
    ['', 1],
    ['?screen=2', 2],
    ['?x=1&screen=4', 4],
    ['?screen=5', 1],
    ['?screen=0', 1],
    ['?screen=2.5', 1],
    ['?screen=two', 1],
    ['?screen=', 1],
  ];
  for (const [search, screen] of cases)
    it(`“${search}” is screen ${screen}`, () => assert.equal(screenOf(search), screen));
});

describe('which screens are to be dark', () => {
  const off = [{ days: [1], from: '20:00', to: '06:00' }];
  const wall = (screen: number, hours: typeof off): ScreenWall => ({
    screen,
    own: true,
    wall: { sequence: [], screen_off: hours },
  });
  const walls = wallsByScreen([wall(1, []), wall(2, off), wall(3, off)]);
  const night = { weekday: 1, minute: 22 * 60 };
  const day = { weekday: 1, minute: 12 * 60 };
  const own = { screen: 1, dark: false };

  it('the others by their hours, the page’s own as it is', () => {
    assert.deepEqual(darkScreens(walls, own, false, night), [2, 3]);
    assert.deepEqual(darkScreens(walls, { screen: 1, dark: true }, false, night), [1, 2, 3]);
    assert.deepEqual(darkScreens(walls, { screen: 2, dark: false }, false, night), [3], 'a touch has lit it');
    assert.deepEqual(darkScreens(walls, own, false, day), []);
    assert.deepEqual(darkScreens(new Map(), own, false, night), []);
  });

  it('none of the others while an alarm wakes them', () =>
    assert.deepEqual(darkScreens(walls, own, true, night), []));
});
