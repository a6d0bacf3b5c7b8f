import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Circumstances,
  type Configuration,
  FIRST_PLACE,
  hasTurned,
  layoutsOf,
  type Place,
  promoted,
  sceneAt,
  TURN_WAIT,
} from '../../kiosk-ui/wall/plan.ts';
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
    schedule: [{ days: [1], from: '20:00', to: '06:00', sequence: [{ layout: 'night', dwell_seconds: 10 }] }],
  },
  walls: new Map(),
  layouts: new Map([
    ['day', { name: 'day', tiles: [tile('a')] }],
    ['gates', { name: 'gates', tiles: [tile('b')] }],
    ['night', { name: 'night', tiles: [tile('c')] }],
  ]),
};
const first = FIRST_PLACE;
const at = (place: Place, now: number, changes: Partial<Circumstances> = {}, of = configuration) =>
  sceneAt(of, place, { now, entry: -1, held: false, ready: true, aspect: 1.8, ...changes });
const cameras = ({ tiles }: { tiles: { cameras: string[] }[] }) => tiles.flatMap((tile) => tile.cameras);

describe('sceneAt', () => {
  it('has turned when another layout is on the wall, and not by the mere passing of time', () => {
    assert.equal(hasTurned(first, at(first, 9_999).place), false);
    assert.equal(hasTurned(first, at(first, 10_000).place), true);
    assert.equal(hasTurned(first, at(first, 1, { entry: 0 }).place), true);
    assert.equal(hasTurned(first, at(first, 9_999, { held: true }).place), false);
  });

  it('shows each layout of the sequence for its own dwell time, then the first again', () => {
    assert.deepEqual(cameras(at(first, 9_999)), ['a']);
    const second = at(first, 10_000);
    assert.deepEqual(cameras(second), ['b']);
    assert.deepEqual(cameras(at(second.place, 14_999)), ['b']);
    assert.deepEqual(cameras(at(second.place, 15_000)), ['a']);
  });

  it('tells which layout comes next, and when', () => {
    const { next } = at(first, 3_000);
    assert.deepEqual([next && cameras(next), next?.due], [['b'], 10_000]);
  });

  it('waits for the next layout’s pictures, but not for ever', () => {
    assert.deepEqual(cameras(at(first, 10_000, { ready: false })), ['a']);
    assert.deepEqual(cameras(at(first, 9_999 + TURN_WAIT, { ready: false })), ['a']);
    assert.deepEqual(cameras(at(first, 10_000 + TURN_WAIT, { ready: false })), ['b']);
  });

  it('stays while held, and then gives the whole dwell time again', () => {
    const held = at(first, 50_000, { held: true });
    assert.deepEqual([cameras(held), held.next], [['a'], undefined]);
    assert.deepEqual(cameras(at(held.place, 59_999)), ['a']);
    assert.deepEqual(cameras(at(held.place, 60_000)), ['b']);
  });

  it('begins the scheduled sequence at its hour, and the usual one after it', () => {
    const night = at({ ...first, index: 1, since: 7_000 }, 8_000, { entry: 0 });
    assert.deepEqual([cameras(night), night.place], [['c'], { entry: 0, index: 0, since: 8_000 }]);
    const day = at(night.place, 9_000);
    assert.deepEqual([cameras(day), day.place], [['a'], { entry: -1, index: 0, since: 9_000 }]);
  });

  it('changes nothing at the hour while somebody holds the wall', () => {
    assert.deepEqual(cameras(at(first, 8_000, { entry: 0, held: true })), ['a']);
    const gone = { ...configuration, wall: { sequence: configuration.wall.sequence } };
    assert.deepEqual(cameras(at({ ...first, entry: 0 }, 8_000, { held: true }, gone)), ['a']);
  });

  it('shows every camera in an even grid when the sequence is empty or all its layouts are gone', () => {
    assert.deepEqual(cameras(at(first, 0, {}, { ...configuration, wall: { sequence: [] } })), [
      'a',
      'b',
      'c',
    ]);
    assert.deepEqual(cameras(at(first, 0, {}, { ...configuration, layouts: new Map() })), ['a', 'b', 'c']);
  });

  it('shows a layout without tiles as it was saved', () => {
    const blank = { ...configuration, layouts: new Map([['day', { name: 'day', tiles: [] }]]) };
    assert.deepEqual(at(first, 0, {}, blank).tiles, []);
  });

  it('begins anew when the sequence became shorter than the place in it', () => {
    assert.deepEqual(at({ ...first, index: 7 }, 50).place, { entry: -1, index: 0, since: 50 });
  });
});

describe('promoted', () => {
  const large = { x: 0, y: 0, width: 0.6, height: 1, cameras: ['a'] };
  const small = { x: 0.6, y: 0, width: 0.4, height: 0.5, cameras: ['b'] };

  it('puts the camera on the largest tile and leaves the others', () => {
    assert.deepEqual(cameras({ tiles: promoted([small, large], 'x') }), ['b', 'x']);
    assert.deepEqual(cameras({ tiles: promoted([small, large], 'b') }), ['b', 'b']);
  });

  it('changes nothing where the camera is on a tile of that size already', () => {
    const even = [tile('a'), tile('b')];
    assert.deepEqual(promoted(even, 'b'), even);
  });

  it('takes the tile from cameras that take turns on it', () => {
    assert.deepEqual(cameras({ tiles: promoted([{ ...large, cameras: ['a', 'b'] }], 'b') }), ['b']);
  });
});

describe('layoutsOf', () => {
  it('names the layouts of all hours once', () => {
    assert.deepEqual(layoutsOf(configuration.wall), ['day', 'deleted', 'gates', 'night']);
  });
});

describe('nextTurn', () => {
  it('waits while held and then gives the whole dwell time again', () => {
    const held = nextTurn({ index: 0, since: 0 }, 3, 10, 50_000, true);
    assert.deepEqual(held, { index: 0, since: 50_000 });
    assert.equal(nextTurn(held, 3, 10, 59_999, false).index, 0);
    assert.equal(nextTurn(held, 3, 10, 60_000, false).index, 1);
  });

  it('stays with the only one', () => {
    const only = { index: 0, since: 0 };
    assert.equal(nextTurn(only, 1, 10, 1e9, false), only);
  });
});
