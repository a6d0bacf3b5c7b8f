/** The daemon's rule and the wall's, which may not import each other, held against the same cases. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type TileWish, tileStream } from '../../daemon/camera/tileStream.ts';
import { type CameraStream, StreamState } from '../../daemon/schema.ts';
import { chooseStream } from '../../kiosk-ui/wall/streamChoice.ts';

type Sketch = [profile: string, width: number | null, height: number | null, state?: CameraStream['state']];

const stream = ([profile, width, height, state = 'idle']: Sketch): CameraStream => ({
  name: `yard_${profile}`,
  profile,
  rtsp_url: 'rtsp://x',
  state,
  codec: null,
  width,
  height,
  fps: null,
});

/** As kiosk-ui/wall/tile.ts asks for a tile that is not over the whole screen. */
function wallsChoice(streams: readonly CameraStream[], { width, height, fit, stream }: TileWish) {
  const wish = { width, height, fit, fullScreen: stream === 'main', small: stream === 'sub' };
  return chooseStream(
    streams,
    wish,
    ({ state }) => state,
    () => false,
  );
}

const MAIN: Sketch = ['main', 1920, 1080];
const SUB: Sketch = ['sub', 640, 360];
const THIRD: Sketch = ['third', 1280, 720];
const SMALL: TileWish = { width: 640, height: 360, fit: 'contain', stream: 'auto' };

const CASES: [what: string, streams: Sketch[], wish: Partial<TileWish>, expected: string | undefined][] = [
  ['a small tile', [MAIN, SUB], {}, 'sub'],
  ['a small tile, profiles the other way round', [SUB, MAIN], {}, 'sub'],
  ['a tile a quarter larger than the sub stream', [MAIN, SUB, THIRD], { width: 800, height: 450 }, 'sub'],
  ['a tile larger than that', [MAIN, SUB, THIRD], { width: 816, height: 459 }, 'third'],
  ['a tile larger than all', [MAIN, SUB], { width: 3840, height: 2160 }, 'main'],
  ['a tall tile that shows the whole picture', [MAIN, SUB], { height: 1080 }, 'sub'],
  ['a tall tile that is filled', [MAIN, SUB], { height: 1080, fit: 'cover' }, 'main'],
  ['a tile that wants the main stream', [MAIN, SUB, THIRD], { stream: 'main' }, 'main'],
  [
    'a large tile that wants the sub stream',
    [MAIN, SUB],
    { width: 1920, height: 1080, stream: 'sub' },
    'sub',
  ],
  [
    'unknown sizes',
    [
      ['main', null, null],
      ['sub', null, null],
    ],
    {},
    'sub',
  ],
  ['unknown sizes in a large tile', [['main', null, null], SUB], { width: 1920, height: 1080 }, 'main'],
  [
    'profiles without such names',
    [
      ['A', null, null],
      ['B', null, null],
    ],
    {},
    'B',
  ],
  [
    'profiles without such names, main wanted',
    [
      ['A', null, null],
      ['B', null, null],
    ],
    { stream: 'main' },
    'A',
  ],
  ['the only stream, of unknown size', [['main', null, null]], {}, 'main'],
  ['a stopped sub stream', [MAIN, ['sub', 640, 360, 'stopped']], {}, 'main'],
  [
    'a stopped first stream',
    [
      ['A', null, null, 'stopped'],
      ['B', null, null],
      ['C', null, null],
    ],
    { stream: 'main' },
    'B',
  ],
  ['nothing but a stopped stream', [['sub', 640, 360, 'stopped']], {}, undefined],
  [
    'a sub stream that is gone while main plays',
    [
      ['main', 1920, 1080, 'live'],
      ['sub', 640, 360, 'gone'],
    ],
    {},
    'main',
  ],
  ['a camera that is gone', [MAIN, ['sub', 640, 360, 'gone']], {}, 'sub'],
  ['a sub stream that cannot be decoded', [MAIN, ['sub', 640, 360, 'unsupported']], {}, 'main'],
  ['no stream', [], {}, undefined],
];

describe('the stream that the wall will choose', () => {
  for (const [what, sketches, wish, expected] of CASES) {
    it(`for ${what}: ${expected}`, () => {
      const streams = sketches.map(stream);
      const whole = { ...SMALL, ...wish };
      assert.equal(tileStream(streams, whole)?.profile, expected);
      assert.equal(wallsChoice(streams, whole)?.profile, expected, 'as the page chooses');
    });
  }

  it('is the page’s choice whatever the camera has', () => {
    const edge = fc.option(fc.constantFrom(160, 352, 640, 704, 1280, 1920, 3840));
    const sketch = fc.tuple(
      fc.constantFrom('main', 'sub', 'third', 'Profile_1', 'MainStream', 'SubStream2'),
      edge,
      edge,
      fc.constantFrom(...StreamState.enum),
    );
    const wish = fc.record({
      width: fc.integer({ min: 16, max: 4000 }),
      height: fc.integer({ min: 16, max: 4000 }),
      fit: fc.constantFrom('contain', 'cover', 'fill'),
      stream: fc.constantFrom('auto', 'main', 'sub'),
    });
    fc.assert(
      fc.property(fc.array(sketch, { maxLength: 5 }), wish, (sketches, wish) => {
        const streams = sketches.map(stream).map((one, index) => ({ ...one, name: `s${index}` }));
        assert.equal(
          tileStream(streams, wish as TileWish)?.name,
          wallsChoice(streams, wish as TileWish)?.name,
        );
      }),
      { numRuns: 500 },
    );
  });
});
