import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { timeZone } from '../../kiosk-ui/i18n/format.ts';
import { language } from '../../kiosk-ui/i18n/language.ts';
import { faceOf, letters } from '../../kiosk-ui/wall/face.ts';

const NOON = Date.parse('2026-03-03T14:05:20Z');

describe('faceOf', () => {
  before(() => {
    timeZone.value = 'UTC';
  });
  after(() => {
    timeZone.value = undefined;
    language.value = 'en';
  });

  it('writes nothing on a live tile', () => {
    assert.deepEqual(faceOf({ kind: 'live' }, 'yard', NOON), {
      kind: 'live',
      title: '',
      time: '',
      note: '',
      still: '',
    });
  });

  it('shows the age of a late picture without covering it', () => {
    const face = faceOf({ kind: 'late', age: 3_900 }, 'yard', NOON);
    assert.deepEqual([face.title, face.time], ['', '3 s']);
  });

  it('covers a frozen picture, for a minute with its age, then with its time', () => {
    const frozen = faceOf({ kind: 'frozen', age: 14_200 }, 'yard', NOON);
    assert.deepEqual([frozen.title, frozen.time], ['NO PICTURE', '14 s']);
    assert.equal(faceOf({ kind: 'frozen', age: 59_999 }, 'yard', NOON).time, '59 s');
    assert.equal(faceOf({ kind: 'frozen', age: 200_000 }, 'yard', NOON).time, 'since 14:02');
  });

  it('tells times in the box’s time zone, in the language in use', () => {
    timeZone.value = 'Asia/Taipei';
    language.value = 'zh-TW';
    const face = faceOf({ kind: 'frozen', age: 200_000 }, 'yard', NOON);
    timeZone.value = 'UTC';
    language.value = 'en';
    assert.deepEqual([face.title, face.time], ['沒有畫面', '自 22:02 起']);
  });

  it('tells a picture that is always the same from one that is not painted', () => {
    const same = faceOf({ kind: 'unchanged', age: 7_300 }, 'yard', NOON);
    const stuck = faceOf({ kind: 'notPainted', age: 3_100 }, 'yard', NOON);
    assert.deepEqual([same.title, same.time], ['SAME PICTURE', '7 s']);
    assert.deepEqual([stuck.title, stuck.time], ['REPAIRING', '3 s']);
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

  it('says in another language what it knows itself: the daemon’s words are English', () => {
    language.value = 'zh-CN';
    const message = 'no video that can be taken among: video hevc';
    const state = { age: undefined, since: NOON / 1000, message } as const;
    const unsupported = faceOf({ kind: 'unsupported', ...state }, 'yard', NOON);
    const gone = faceOf({ kind: 'gone', ...state }, 'yard', NOON);
    language.value = 'en';
    assert.match(unsupported.note, /^[^A-Za-z]*Walleye[^A-Za-z]*$/);
    assert.equal(gone.note, '');
  });

  it('does not count the first three seconds of connecting', () => {
    assert.equal(faceOf({ kind: 'connecting', elapsed: 2_900 }, 'yard', NOON).time, '');
    assert.equal(faceOf({ kind: 'connecting', elapsed: 4_100 }, 'yard', NOON).time, '4 s');
  });

  it('tells of when a kept picture is, with the day when that is not today', () => {
    const state = { kind: 'connecting', elapsed: 0 } as const;
    assert.equal(faceOf(state, 'yard', NOON, NOON / 1000 - 3_600).still, 'Picture from 13:05');
    assert.match(faceOf(state, 'yard', NOON, NOON / 1000 - 86_400).still, /2.*14:05/);
  });

  it('names the camera that a layout asks for in vain', () => {
    assert.match(faceOf({ kind: 'unknown' }, 'old-gate', NOON).note, /old-gate/);
  });
});

describe('letters', () => {
  it('counts Chinese characters as one and a half of the others', () => {
    assert.equal(letters('NO PICTURE'), 10);
    assert.equal(letters('沒有畫面'), 6);
  });
});
