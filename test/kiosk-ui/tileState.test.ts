import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { StreamState } from '../../daemon/schema.ts';
import { pictureAt } from '../../kiosk-ui/wall/pictureAge.ts';
import { FROZEN, LATE, type TileFacts, tileState } from '../../kiosk-ui/wall/tileState.ts';

const NOW = 100_000;

function facts(changes: Partial<TileFacts> & { state?: StreamState } = {}): TileFacts {
  const { state = 'live', ...rest } = changes;
  return {
    now: NOW,
    downSince: undefined,
    camera: 'known',
    stream: { state, since: 1_700_000_000, message: null },
    openedAt: NOW - 60_000,
    pictureAt: NOW - 100,
    noConnection: false,
    unchangedFor: undefined,
    unchangedLimit: 5_000,
    unpaintedFor: undefined,
    ...rest,
  };
}
const kind = (changes: Partial<TileFacts> & { state?: StreamState }) => tileState(facts(changes)).kind;

describe('tileState by the age of the picture', () => {
  it('is live below two seconds, late from two, and frozen in time for the overlay to be there at five', () => {
    assert.equal(kind({ pictureAt: NOW - 1_999 }), 'live');
    assert.deepEqual(tileState(facts({ pictureAt: NOW - 2_000 })), { kind: 'late', age: 2_000 });
    assert.equal(kind({ pictureAt: NOW - 4_399 }), 'late');
    assert.deepEqual(tileState(facts({ pictureAt: NOW - 4_400 })), { kind: 'frozen', age: 4_400 });
  });

  it('is connecting until the first picture, and counts from when the tile turned to the camera', () => {
    assert.deepEqual(tileState(facts({ pictureAt: undefined, openedAt: NOW - 700 })), {
      kind: 'connecting',
      elapsed: 700,
    });
  });

  it('never shows a picture older than five seconds as live or late, whatever else is known', () => {
    const states: readonly StreamState[] = StreamState.enum;
    assert.ok(states.length >= 11);
    fc.assert(
      fc.property(
        fc.constantFrom(...states),
        fc.integer({ min: FROZEN, max: 1e9 }),
        fc.boolean(),
        (state, age, down) => {
          const result = kind({ state, pictureAt: NOW - age, downSince: down ? NOW - 500 : undefined });
          assert.ok(!['live', 'late', 'connecting'].includes(result), result);
        },
      ),
    );
  });
});

describe('tileState by what the pictures are', () => {
  it('is unchanged when all have been the very same for as long as is worth saying', () => {
    assert.equal(kind({ unchangedFor: 4_999 }), 'live');
    assert.deepEqual(tileState(facts({ unchangedFor: 5_000 })), { kind: 'unchanged', age: 5_000 });
    assert.equal(kind({ unchangedFor: 1e9, unchangedLimit: Number.POSITIVE_INFINITY }), 'live');
  });

  it('is not unchanged but late and frozen when no more pictures come', () => {
    assert.equal(kind({ unchangedFor: 9_000, pictureAt: NOW - LATE }), 'late');
    assert.equal(kind({ unchangedFor: 9_000, pictureAt: NOW - FROZEN }), 'frozen');
  });

  it('is not painted when the screen stands still although other pictures are sent', () => {
    assert.deepEqual(tileState(facts({ unpaintedFor: 3_000 })), { kind: 'notPainted', age: 3_000 });
    assert.equal(kind({ unpaintedFor: 3_000, unchangedFor: 9_000 }), 'notPainted');
    assert.equal(kind({ unpaintedFor: 3_000, pictureAt: NOW - FROZEN }), 'frozen');
  });
});

describe('tileState by the state of the stream', () => {
  it('tells at once of a refused login, a codec that cannot be decoded, a stop and an end', () => {
    for (const state of ['refused', 'unsupported', 'stopped', 'ended'] as const)
      assert.equal(kind({ state }), state);
  });

  it('tells of a camera that is gone or busy when the picture is late, not before', () => {
    for (const state of ['gone', 'busy'] as const) {
      assert.equal(kind({ state }), 'live');
      assert.equal(kind({ state, pictureAt: NOW - LATE }), state);
      assert.equal(kind({ state, pictureAt: undefined }), state);
    }
  });

  it('passes on since when and why', () => {
    const stream = { state: 'gone' as const, since: 1_700_000_000, message: 'connection refused' };
    assert.deepEqual(tileState(facts({ stream, pictureAt: NOW - 9_000 })), {
      kind: 'gone',
      age: 9_000,
      since: 1_700_000_000,
      message: 'connection refused',
    });
  });

  it('leaves stalled, paused and connecting streams to the picture’s age', () => {
    for (const state of ['stalled', 'paused', 'connecting', 'idle'] as const) {
      assert.equal(kind({ state }), 'live');
      assert.equal(kind({ state, pictureAt: NOW - FROZEN }), 'frozen');
    }
  });
});

describe('tileState without the daemon', () => {
  it('is unreachable when the events socket has been away for more than two seconds, however young the picture', () => {
    assert.equal(kind({ downSince: NOW - 2_000 }), 'live');
    assert.deepEqual(tileState(facts({ downSince: NOW - 2_001 })), { kind: 'unreachable', age: 100 });
    assert.equal(kind({ downSince: NOW - 2_001, state: 'gone', pictureAt: undefined }), 'unreachable');
  });
});

describe('tileState of tiles without a picture', () => {
  it('tells an empty tile, a camera that is not there, one without streams and a lack of connections apart', () => {
    assert.equal(kind({ camera: 'none', downSince: 0 }), 'empty');
    assert.equal(kind({ camera: 'unknown' }), 'unknown');
    assert.equal(kind({ stream: undefined }), 'noStream');
    assert.equal(kind({ noConnection: true }), 'noConnection');
  });
});

describe('pictureAt', () => {
  it('is the daemon’s age at the time of its report, so that the age grows when reports stop', () => {
    assert.equal(pictureAt(1_000, { ageMs: 300, at: 5_000 }, true), 4_700);
  });

  it('is the moment of painting before the first report of a live stream', () => {
    assert.equal(pictureAt(1_000, undefined, true), 1_000);
  });

  it('is unknown before the first report of a stream that is not live: its picture may be of any age', () => {
    assert.equal(pictureAt(1_000, undefined, false), undefined);
  });

  it('is unknown before anything was painted or written', () => {
    assert.equal(pictureAt(undefined, { ageMs: 5, at: 1 }, true), undefined);
    assert.equal(pictureAt(1_000, { ageMs: null, at: 2_000 }, true), undefined);
  });
});
