import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Configuration, sceneAt } from '../../kiosk-ui/wall/plan.ts';
import { nextTurn } from '../../kiosk-ui/wall/turn.ts';

const tile = (camera: string) => ({ x: 0, y: 0, width: 1, height: 1, cameras: [camera] });
const configuration: Configuration = {
  cameras: ['a', 'b', 'c'],
  wall: {
    sequence: [
      { layout: 'day', dwell_seconds: 10 },
      { layout: 'deleted', dwell_seconds: 10 },
      { layout: 'gates', dwell_seconds: 5 },
    ],
  },
  layouts: new Map([
    ['day', { name: 'day', tiles: [tile('a')] }],
    ['gates', { name: 'gates', tiles: [tile('b')] }],
  ]),
};
const first = { index: 0, since: 0 };
const cameras = ({ tiles }: { tiles: { cameras: string[] }[] }) => tiles.flatMap((tile) => tile.cameras);

describe('sceneAt', () => {
  it('shows each layout of the sequence for its own dwell time, then the first again', () => {
    assert.deepEqual(cameras(sceneAt(configuration, first, 9_999, false, 1.8)), ['a']);
    const second = sceneAt(configuration, first, 10_000, false, 1.8);
    assert.deepEqual(cameras(second), ['b']);
    assert.deepEqual(cameras(sceneAt(configuration, second.turn, 14_999, false, 1.8)), ['b']);
    assert.deepEqual(cameras(sceneAt(configuration, second.turn, 15_000, false, 1.8)), ['a']);
  });

  it('shows every camera in an even grid when the sequence is empty or all its layouts are gone', () => {
    const empty = { ...configuration, wall: { sequence: [] } };
    assert.deepEqual(cameras(sceneAt(empty, first, 0, false, 1.8)), ['a', 'b', 'c']);
    const gone = { ...configuration, layouts: new Map() };
    assert.deepEqual(cameras(sceneAt(gone, first, 0, false, 1.8)), ['a', 'b', 'c']);
  });

  it('shows a layout without tiles as it was saved', () => {
    const blank = { ...configuration, layouts: new Map([['day', { name: 'day', tiles: [] }]]) };
    assert.deepEqual(sceneAt(blank, first, 0, false, 1.8).tiles, []);
  });

  it('begins anew when the sequence became shorter than the place in it', () => {
    assert.deepEqual(sceneAt(configuration, { index: 7, since: 0 }, 50, false, 1.8).turn, {
      index: 0,
      since: 50,
    });
  });
});

describe('nextTurn', () => {
  it('waits while held and then gives the whole dwell time again', () => {
    const held = nextTurn(first, 3, 10, 50_000, true);
    assert.deepEqual(held, { index: 0, since: 50_000 });
    assert.equal(nextTurn(held, 3, 10, 59_999, false).index, 0);
    assert.equal(nextTurn(held, 3, 10, 60_000, false).index, 1);
  });

  it('stays with the only one', () => {
    assert.equal(nextTurn(first, 1, 10, 1e9, false), first);
  });
});
