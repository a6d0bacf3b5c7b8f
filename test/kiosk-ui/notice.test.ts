import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProvisionReport, Update } from '../../daemon/schema.ts';
import { firstOf, outcomeOf, sourcesOf } from '../../kiosk-ui/api/report.ts';
import { headingOf, keyOf, type Notice, noticeOf, placeOf } from '../../kiosk-ui/wall/notice.ts';

const UPDATE: Update = {
  supported: true,
  version: '1.2',
  available: '1.3',
  checked: 1_760_000_000,
  state: 'idle',
  progress: null,
  message: null,
  source: null,
  rolled_back: null,
};
const ROLLED_BACK = { version: '1.3', reason: 'front-door was not live again', at: 1_760_000_100 };
const REPORT: ProvisionReport = { source: 'stick', at: '', applied: ['a', 'b'], problems: [] };
const FAULTY: ProvisionReport = { ...REPORT, applied: [], problems: ['site.json: line 3'] };
const lines = (count: number) => Array.from({ length: count }, (_, i) => `line ${i + 1}`);

describe('what the box says over the wall', () => {
  it('is nothing while all is as it was', () => {
    assert.equal(noticeOf(undefined, undefined), undefined);
    assert.equal(
      noticeOf(UPDATE, undefined),
      undefined,
      'that there is a newer version is no news for a guard',
    );
    for (const state of ['checking', 'failed'] as const)
      assert.equal(noticeOf({ ...UPDATE, state }, undefined), undefined, state);
  });

  it('is that the box must not be switched off, whatever else there is', () => {
    const update: Update = { ...UPDATE, state: 'installing', progress: 41.9, rolled_back: ROLLED_BACK };
    const installing = { kind: 'installing', version: '1.3', percent: 41 };
    assert.deepEqual(noticeOf(update, FAULTY), installing);
    assert.deepEqual(noticeOf({ ...update, state: 'downloading' }, FAULTY), installing);
    assert.deepEqual(noticeOf({ ...update, state: 'restarting', progress: null }, FAULTY), {
      kind: 'restarting',
      version: '1.3',
      percent: undefined,
    });
  });

  it('is what the new version still has to show', () => {
    const update: Update = { ...UPDATE, version: '1.3', state: 'confirming', message: 'front-door' };
    assert.deepEqual(noticeOf(update, undefined), {
      kind: 'confirming',
      version: '1.3',
      waits: 'front-door',
    });
  });

  it('is that the box went back, before what a stick brought', () => {
    const notice = noticeOf({ ...UPDATE, rolled_back: ROLLED_BACK }, FAULTY);
    assert.deepEqual(notice, {
      kind: 'rolledBack',
      version: '1.3',
      running: '1.2',
      reason: 'front-door was not live again',
      at: 1_760_000_100,
    });
  });

  it('is what a stick brought', () => {
    assert.deepEqual(noticeOf(UPDATE, REPORT), { kind: 'provisioned', report: REPORT, count: 2 });
    assert.deepEqual(
      noticeOf({ ...UPDATE, supported: false, rolled_back: ROLLED_BACK }, REPORT)?.kind,
      'provisioned',
    );
  });

  it('is the same however far it has come, and another one in another round', () => {
    const at = (percent: number): Notice => ({ kind: 'installing', version: '1.3', percent });
    assert.equal(keyOf(at(1)), keyOf(at(99)));
    const back = (when: number): Notice => ({
      kind: 'rolledBack',
      version: '1.3',
      running: '1.2',
      reason: '',
      at: when,
    });
    assert.notEqual(keyOf(back(1)), keyOf(back(2)));
  });
});

describe('where it is said', () => {
  const back = noticeOf({ ...UPDATE, rolled_back: ROLLED_BACK }, undefined)!;
  const stick = noticeOf(UPDATE, REPORT)!;
  const faulty = noticeOf(UPDATE, FAULTY)!;
  const place = (notice: Notice, age: number, touched = -Infinity) =>
    placeOf(notice, 1e9, 1e9 - age, touched === -Infinity ? touched : 1e9 - touched);

  it('is over the pictures for a minute, and then the line at the bottom', () => {
    assert.deepEqual([place(back, 59_000), place(back, 61_000)], ['band', 'line']);
    assert.equal(place(back, 3_600_000_000), 'line', 'until somebody has read it');
  });

  it('is over the pictures again when somebody comes to the wall', () => {
    assert.deepEqual([place(back, 1e8, 19_000), place(back, 1e8, 21_000)], ['band', 'line']);
  });

  it('is over the pictures only, and for as long as one needs, where it is what a stick brought', () => {
    assert.deepEqual([place(stick, 59_000), place(stick, 61_000, 0)], ['band', 'none']);
    assert.deepEqual([place(faulty, 590_000), place(faulty, 610_000, 0)], ['band', 'none']);
  });
});

describe('a report', () => {
  it('says in a word how it went', () => {
    const words = (applied: string[], problems: string[]) => [
      outcomeOf({ ...REPORT, applied, problems }),
      headingOf({ ...REPORT, applied, problems }),
    ];
    assert.deepEqual(words(['a'], []), ['all', 'provisionAll']);
    assert.deepEqual(words([], []), ['nothing', 'provisionNothing']);
    assert.deepEqual(words(['a'], ['b']), ['some', 'provisionSome']);
    assert.deepEqual(words([], ['b']), ['none', 'provisionNone']);
  });

  it('names where it came from, also what a newer box calls otherwise', () => {
    const say = (key: string) => `<${key}>`;
    assert.equal(
      sourcesOf({ ...REPORT, source: 'credential, stick' }, say),
      '<sourceCredential> + <sourceStick>',
    );
    assert.equal(sourcesOf({ ...REPORT, source: 'pigeon' }, say), 'pigeon');
    assert.equal(sourcesOf({ ...REPORT, source: 'constructor' }, say), 'constructor');
  });

  it('is cut where it is long, and says how much there is more', () => {
    assert.deepEqual(firstOf(lines(3), 4), { shown: lines(3), more: 0 });
    assert.deepEqual(firstOf(lines(16), 4), { shown: lines(4), more: 12 });
    assert.deepEqual(firstOf(lines(5), 4), { shown: lines(5), more: 0 }, '“and 1 more” would be a line too');
    assert.deepEqual(firstOf([], 4), { shown: [], more: 0 });
    assert.deepEqual(firstOf(lines(2), 0), { shown: [], more: 2 });
  });

  it('counts what its writer left out already', () => {
    const long = [...lines(200), '… and 100 more'];
    assert.deepEqual(firstOf(long, 4), { shown: lines(4), more: 296 });
    assert.deepEqual(firstOf(['a', '… and 7 more'], 4), { shown: ['a'], more: 7 });
  });
});
