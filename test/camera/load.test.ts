import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  BUDGET,
  layoutLoad,
  ONE_BY_ONE,
  PAINTING,
  pictureCost,
  type Speed,
  steppedRates,
} from '../../daemon/camera/load.ts';
import { LEAST_FPS, STEPS, steppedDown } from '../../daemon/decode/stepDown.ts';
import type { Camera, CameraStream, Tile } from '../../daemon/schema.ts';

/** A thousand megapixels decoded, five hundred compressed in a second: about two cores of 2024. */
const SPEED: Speed = { decode_megapixels: 1000, encode_megapixels: 500 };

function camera(
  id: string,
  streams: Partial<CameraStream>[] = [{ profile: 'main' }, { profile: 'sub' }],
): Camera {
  return {
    id,
    name: id,
    address: null,
    username: null,
    has_password: false,
    manufacturer: null,
    model: null,
    firmware: null,
    serial: null,
    ptz: false,
    audio: false,
    recording: false,
    last_picture: null,
    streams: streams.map((stream) => ({
      name: `${id}_${stream.profile}`,
      profile: 'main',
      rtsp_url: 'rtsp://x',
      state: 'idle',
      codec: null,
      width: null,
      height: null,
      fps: null,
      ...stream,
    })),
  };
}
const sized = (id: string, fps = 25): Camera =>
  camera(id, [
    { profile: 'main', width: 1920, height: 1080, fps },
    { profile: 'sub', width: 640, height: 360, fps: Math.min(fps, 15) },
  ]);

/** An even grid of so many tiles, a camera each. */
function grid(side: number, change: Partial<Tile> = {}): Tile[] {
  return Array.from({ length: side * side }, (_, n) => ({
    x: (n % side) / side,
    y: Math.floor(n / side) / side,
    width: 1 / side,
    height: 1 / side,
    cameras: [`c${n}`],
    ...change,
  }));
}
function load(tiles: Tile[], cameras: Camera[] = [], speed: Speed | undefined = SPEED) {
  const known = new Map(cameras.map((one) => [one.id, one]));
  return layoutLoad({ layout: { tiles }, camera: (id) => known.get(id) ?? sized(id), speed });
}

describe('pictureCost', () => {
  it('is what decoding, compressing and painting take, in seconds a second', () => {
    // 1 megapixel in, half of one out, ten times a second, at 100 and 50 megapixels a second.
    const cost = pictureCost(
      { width: 1000, height: 1000, fps: 10 },
      { width: 1000, height: 500 },
      { decode_megapixels: 100, encode_megapixels: 50 },
    );
    assert.ok(Math.abs(cost.decoding - ONE_BY_ONE * 0.1) < 1e-12);
    assert.ok(Math.abs(cost.output - (ONE_BY_ONE + PAINTING) * 0.1) < 1e-12);
  });
});

describe('layoutLoad', () => {
  it('takes the sub stream for small tiles, and sums what they cost', () => {
    const { percent, tiles } = load(grid(3));
    assert.deepEqual(
      tiles.map(({ stream, fps }) => [stream, fps]),
      Array.from({ length: 9 }, (_, n) => [`c${n}_sub`, 15]),
    );
    const { decoding, output } = pictureCost(
      { width: 640, height: 360, fps: 15 },
      { width: 640, height: 360 },
      SPEED,
    );
    const one = decoding + output;
    assert.equal(percent, Math.round((9 * one * 1000) / BUDGET) / 10);
    assert.ok(tiles.every(({ limited_fps, assumed }) => limited_fps === null && !assumed));
  });

  it('says what a layout of main streams is too much by, and which tiles run slower', () => {
    const { percent, tiles } = load(grid(3, { stream: 'main' }));
    assert.ok(percent !== null && percent > 100, String(percent));
    assert.ok(tiles.every(({ stream }) => stream?.endsWith('_main')));
    const limits = new Set(tiles.map(({ limited_fps }) => limited_fps));
    assert.equal(limits.size, 1, 'all cost the same, so all are limited the same');
    const [limit] = limits;
    assert.ok(limit && limit >= LEAST_FPS && limit < 25, String(limit));
  });

  it('has all tiles give way alike, the cheap ones too', () => {
    const tiles = [
      { x: 0, y: 0, width: 0.75, height: 0.75, cameras: ['big'], stream: 'main' as const },
      ...grid(4).slice(0, 7),
    ];
    const slow: Speed = { decode_megapixels: 800, encode_megapixels: 160 };
    const answer = load(tiles, [camera('big', [{ width: 3840, height: 2160, fps: 25 }])], slow);
    assert.ok((answer.percent ?? 0) > 100, String(answer.percent));
    const shares = answer.tiles.map(({ fps, limited_fps }) => (limited_fps ?? 0) / (fps ?? 1));
    assert.ok(
      shares.every((share) => share < 1 && Math.abs(share - shares[0]!) < 0.1),
      JSON.stringify(shares),
    );
  });

  it('takes the dearest camera of a rotation, wherever it stands in it', () => {
    const cameras = [sized('cheap', 5), sized('dear', 30)];
    for (const order of [
      ['cheap', 'dear'],
      ['dear', 'cheap'],
    ]) {
      const [tile] = load(grid(1, { cameras: order }), cameras).tiles;
      assert.equal(tile?.camera, 'dear');
      assert.equal(tile?.fps, 30);
    }
  });

  it('assumes the usual where nothing is known, and says so', () => {
    const unknown = camera('c0');
    const [small] = load(grid(3), [unknown]).tiles;
    assert.deepEqual([small?.stream, small?.fps, small?.assumed], ['c0_sub', 15, true]);
    const [large] = load(grid(1, { stream: 'main' }), [unknown]).tiles;
    assert.deepEqual([large?.stream, large?.fps, large?.assumed], ['c0_main', 25, true]);
    const rateOnly = camera('c0', [{ profile: 'main', width: 1280, height: 720, fps: null }]);
    assert.equal(load(grid(1), [rateOnly]).tiles[0]?.assumed, true);
    assert.deepEqual(
      load(grid(3), [unknown]).tiles[0]?.percent,
      load(grid(3), [sized('c0')]).tiles[0]?.percent,
      'as if it had been known',
    );
  });

  it('costs nothing for an empty tile and for a camera that is not there', () => {
    const tiles = grid(1, { cameras: [] });
    assert.deepEqual(load(tiles).tiles, [
      { index: 0, camera: null, stream: null, percent: 0, fps: null, limited_fps: null, assumed: false },
    ]);
    const answer = layoutLoad({ layout: { tiles: grid(2) }, camera: () => undefined, speed: SPEED });
    assert.equal(answer.percent, 0);
  });

  it('tells streams and rates, but no percentage, before the box was measured', () => {
    const answer = layoutLoad({ layout: { tiles: grid(2) }, camera: (id) => sized(id), speed: undefined });
    assert.equal(answer.percent, null);
    for (const tile of answer.tiles) {
      assert.deepEqual([tile.percent, tile.limited_fps], [null, null]);
      assert.ok(tile.stream && tile.fps);
    }
  });

  it('goes by the screen: a larger one takes larger streams', () => {
    const layout = { tiles: grid(2) };
    const at = (width: number, height: number) =>
      layoutLoad({ layout, camera: (id) => sized(id), speed: SPEED, screen: { width, height } });
    assert.equal(at(1280, 720).tiles[0]?.stream, 'c0_sub');
    assert.equal(at(3840, 2160).tiles[0]?.stream, 'c0_main');
    assert.ok((at(3840, 2160).percent ?? 0) > (at(1280, 720).percent ?? 0));
  });

  it('turns the usual screen for a portrait layout', () => {
    const tiles: Tile[] = [{ x: 0, y: 0, width: 1, height: 0.4, cameras: ['c0'], fit: 'cover' }];
    const of = (
      layout: Parameters<typeof layoutLoad>[0]['layout'],
      screen?: { width: number; height: number },
    ) => layoutLoad({ layout, camera: (id) => sized(id), speed: SPEED, screen });
    assert.deepEqual(of({ tiles, orientation: 'portrait' }), of({ tiles }, { width: 1080, height: 1920 }));
  });

  it('grows with every tile, with the rate, and on a slower box', () => {
    const speed = fc.record({
      decode_megapixels: fc.double({ min: 20, max: 5000, noNaN: true }),
      encode_megapixels: fc.double({ min: 20, max: 5000, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 30 }),
        speed,
        (side, fps, speed) => {
          const tiles = grid(side);
          const cameras = tiles.map((_, n) => sized(`c${n}`, fps));
          const percent = (...given: Parameters<typeof load>) => load(...given).percent ?? Number.NaN;
          const whole = percent(tiles, cameras, speed);
          assert.ok(percent(tiles.slice(1), cameras, speed) <= whole);
          const faster = tiles.map((_, n) => sized(`c${n}`, fps * 2));
          assert.ok(percent(tiles, faster, speed) >= whole);
          const half = {
            decode_megapixels: speed.decode_megapixels / 2,
            encode_megapixels: speed.encode_megapixels / 2,
          };
          assert.ok(percent(tiles, cameras, half) >= whole);
        },
      ),
    );
  });
});

describe('steppedRates', () => {
  type Row = [decoding: number, output: number, fps: number];
  const table: [what: string, tiles: Row[], expected: (number | null)[]][] = [
    [
      'what fits stays as it is',
      [
        [0.2, 0.3, 25],
        [0.2, 0.3, 15],
      ],
      [null, null],
    ],
    [
      'two thirds of the rate where that suffices',
      [
        [0.3, 0.45, 30],
        [0.1, 0.25, 15],
      ],
      [20, 10],
    ],
    ['half of it, then a third', [[0.4, 1.1, 30]], [15]],
    ['a third', [[0.4, 1.7, 30]], [10]],
    [
      'no less where that does not suffice either: the size goes down then',
      [
        [0.4, 5, 30],
        [0, 0.1, 60],
      ],
      [10, 20],
    ],
    [
      'nobody below five a second',
      [
        [0, 1.4, 12],
        [0, 0.5, 6],
      ],
      [5, 5],
    ],
    [
      'a stream slower than that is left alone',
      [
        [0, 4, 4],
        [0, 4, 20],
      ],
      [null, 6],
    ],
    ['reading a stream costs the same at any rate', [[2, 0.1, 30]], [10]],
    [
      'empty tiles have no rate',
      [
        [0, 0, 0],
        [0, 1.4, 21],
      ],
      [null, 14],
    ],
  ];
  for (const [what, tiles, expected] of table)
    it(what, () => {
      assert.deepEqual(
        steppedRates(tiles.map(([decoding, output, fps]) => ({ decoding, output, fps }))),
        expected,
      );
    });

  it('is what the box does at that step', () => {
    const source = { width: 1920, height: 1080 };
    for (const fps of [4, 6, 12, 25, 30]) {
      const [limit] = steppedRates([{ decoding: 0.4, output: 1.1, fps }]);
      const { fps: made } = steppedDown({ quality: 75 }, STEPS[2]!, source, fps);
      assert.equal(limit ?? fps, Math.floor(made ?? fps), String(fps));
    }
  });

  const tile = fc.record({
    decoding: fc.double({ min: 0, max: 1, noNaN: true }),
    output: fc.double({ min: 0.001, max: 3, noNaN: true }),
    fps: fc.integer({ min: 1, max: 60 }),
  });

  it('keeps to the budget whenever the steps of the rate let it', () => {
    const third = ({ decoding, output, fps }: { decoding: number; output: number; fps: number }) =>
      decoding + (output * Math.max(fps / 3, Math.min(fps, LEAST_FPS))) / fps;
    fc.assert(
      fc.property(fc.array(tile, { minLength: 1, maxLength: 20 }), (tiles) => {
        const limits = steppedRates(tiles);
        const sum = tiles.reduce(
          (total, { decoding, output, fps }, n) => total + decoding + (output * (limits[n] ?? fps)) / fps,
          0,
        );
        const least = tiles.reduce((total, one) => total + third(one), 0);
        assert.ok(sum <= Math.max(1, least) + 1e-6, `${sum} of ${least}`);
      }),
    );
  });

  it('never limits a tile below the floor, nor above its own rate, and all by the same share', () => {
    fc.assert(
      fc.property(fc.array(tile, { minLength: 1, maxLength: 20 }), (tiles) => {
        const limits = steppedRates(tiles);
        for (const [n, { fps }] of tiles.entries()) {
          const limit = limits[n] ?? null;
          if (limit !== null)
            assert.ok(limit < fps && limit >= Math.min(LEAST_FPS, fps), `${limit} of ${fps}`);
        }
        const fast = tiles.flatMap(({ fps }, n) => (fps > 3 * LEAST_FPS ? [(limits[n] ?? fps) / fps] : []));
        assert.ok(
          fast.every((share) => Math.abs(share - fast[0]!) < 1 / (3 * LEAST_FPS)),
          String(fast),
        );
      }),
    );
  });
});
