import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faceOf } from '../../kiosk-ui/wall/face.ts';
import { clock } from '../../kiosk-ui/wall/strings.ts';

const NOON = new Date(2026, 2, 3, 14, 5, 20).getTime();

describe('faceOf', () => {
  it('writes nothing on a live tile', () => {
    assert.deepEqual(faceOf({ kind: 'live' }, 'yard', NOON), { kind: 'live', title: '', time: '', note: '' });
  });

  it('shows the age of a late picture without covering it', () => {
    const face = faceOf({ kind: 'late', age: 3_900 }, 'yard', NOON);
    assert.deepEqual([face.title, face.time], ['', '3 s']);
  });

  it('covers a frozen picture, for a minute with its age, then with its time', () => {
    assert.deepEqual(faceOf({ kind: 'frozen', age: 14_200 }, 'yard', NOON), {
      kind: 'frozen',
      title: 'NO PICTURE',
      time: '14 s',
      note: '',
    });
    assert.equal(faceOf({ kind: 'frozen', age: 59_999 }, 'yard', NOON).time, '59 s');
    assert.equal(faceOf({ kind: 'frozen', age: 200_000 }, 'yard', NOON).time, 'since 14:02');
  });

  it('counts trouble from the last picture, and from the daemon’s word where there was none', () => {
    const gone = { kind: 'gone', since: NOON / 1000 - 7, message: 'connection refused' } as const;
    assert.equal(faceOf({ ...gone, age: 20_000 }, 'yard', NOON).time, '20 s');
    const face = faceOf({ ...gone, age: undefined }, 'yard', NOON);
    assert.deepEqual([face.title, face.time, face.note], ['OFFLINE', '7 s', 'Connection refused']);
  });

  it('says what to do about a refused login when the daemon does not', () => {
    const face = faceOf({ kind: 'refused', age: undefined, since: NOON / 1000, message: null }, 'yard', NOON);
    assert.deepEqual(
      [face.title, face.note],
      ['LOGIN REFUSED', 'Check the camera’s user name and password.'],
    );
  });

  it('does not count the first three seconds of connecting', () => {
    assert.equal(faceOf({ kind: 'connecting', elapsed: 2_900 }, 'yard', NOON).time, '');
    assert.equal(faceOf({ kind: 'connecting', elapsed: 4_100 }, 'yard', NOON).time, '4 s');
  });

  it('names the camera that a layout asks for in vain', () => {
    assert.match(faceOf({ kind: 'unknown' }, 'old-gate', NOON).note, /old-gate/);
  });
});

describe('clock', () => {
  it('writes hours and minutes, with the day when it is not today', () => {
    const today = new Date(NOON);
    assert.equal(clock(new Date(2026, 2, 3, 9, 7), today), '09:07');
    assert.match(clock(new Date(2026, 2, 1, 23, 59), today), /1.*, 23:59$/);
  });
});
