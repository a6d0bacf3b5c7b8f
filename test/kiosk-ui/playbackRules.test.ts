import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CameraTimeline } from '../../kiosk-ui/api/recordings.ts';
import { actionOfKey, isTaken } from '../../kiosk-ui/playback/keys.ts';
import {
  endOfRun,
  eventBeside,
  eventsOf,
  isKept,
  isRecorded,
  lastRecorded,
  nextRecorded,
  spanAt,
} from '../../kiosk-ui/playback/spans.ts';
import { correction, speedBeside, stepBackTarget, stepTarget } from '../../kiosk-ui/playback/sync.ts';
import { holds, windowFor } from '../../kiosk-ui/playback/windows.ts';

const span = (from: number, to: number, rest: { protected?: boolean; open?: boolean } = {}) => ({
  ...{ from, to, protected: false, open: false },
  ...rest,
});
const event = (from: number, topic: 'motion' | 'person' = 'motion') => ({
  from,
  to: from + 2,
  topic,
  text: null,
});
const row = (camera: string, spans: CameraTimeline['spans'], events: CameraTimeline['events'] = []) => ({
  ...{ camera, spans, events },
});

describe('spans', () => {
  const spans = [span(100, 200), span(201, 300, { protected: true }), span(400, 500, { open: true })];

  it('are found by their time', () => {
    assert.equal(spanAt(spans, 99.9), undefined);
    assert.equal(spanAt(spans, 100), spans[0]);
    assert.equal(spanAt(spans, 200.5), undefined);
    assert.equal(spanAt(spans, 250), spans[1]);
    assert.equal(spanAt(spans, 500), undefined);
    assert.equal(spanAt([], 1), undefined);
  });

  it('are one run where the gap is too short to be seen', () => {
    assert.ok(isRecorded(spans, 200.5));
    assert.ok(!isRecorded(spans, 300.1));
    assert.equal(endOfRun(spans, 120), 300);
    assert.equal(endOfRun(spans, 450), 500);
    assert.equal(endOfRun(spans, 350), undefined);
  });

  it('say where the next one of any camera begins', () => {
    const rows = [row('a', spans), row('b', [span(320, 330)])];
    assert.equal(nextRecorded(rows, 305), 320);
    assert.equal(nextRecorded(rows, 325), 325);
    assert.equal(nextRecorded(rows, 331), 400);
    assert.equal(nextRecorded(rows, 500), undefined);
    assert.equal(lastRecorded(rows), 500);
    assert.equal(lastRecorded([row('a', [])]), undefined);
  });

  it('are kept where all of them are', () => {
    assert.ok(isKept(spans, 210, 290));
    assert.ok(!isKept(spans, 190, 290));
    assert.ok(!isKept(spans, 310, 320));
  });
});

describe('events', () => {
  const all = eventsOf([row('a', [], [event(10), event(50)]), row('b', [], [event(30, 'person')])]);

  it('of all cameras are in order', () => {
    assert.deepEqual(
      all.map(({ camera, from }) => [camera, from]),
      [
        ['a', 10],
        ['b', 30],
        ['a', 50],
      ],
    );
  });

  it('are gone through one by one, though one begins a little before each', () => {
    let at = 0;
    const seen: number[] = [];
    for (let next = eventBeside(all, at, 1); next; next = eventBeside(all, at, 1)) {
      seen.push(next.from);
      at = next.from - 1;
    }
    assert.deepEqual(seen, [10, 30, 50]);
    const back: number[] = [];
    for (let next = eventBeside(all, at, -1); next; next = eventBeside(all, at, -1)) {
      back.push(next.from);
      at = next.from - 1;
    }
    assert.deepEqual(back, [30, 10]);
  });
});

describe('holding videos to one clock', () => {
  it('lets be what is close', () => {
    assert.deepEqual(correction({ want: 10, shown: 10.02, speed: 1 }), { do: 'rate', rate: 1 });
    assert.deepEqual(correction({ want: 10, shown: 9.99, speed: 0.25 }), { do: 'rate', rate: 0.25 });
  });

  it('brakes what is ahead and hurries what is behind, gently', () => {
    const ahead = correction({ want: 10, shown: 10.2, speed: 1 });
    assert.ok(ahead.do === 'rate' && ahead.rate < 1 && ahead.rate >= 0.92);
    const behind = correction({ want: 10, shown: 9.8, speed: 2 });
    assert.ok(behind.do === 'rate' && behind.rate > 2 && behind.rate <= 2.16);
  });

  it('jumps where that would take too long, and never before the beginning', () => {
    assert.deepEqual(correction({ want: 10, shown: 9.4, speed: 1 }), { do: 'seek', to: 10 });
    assert.deepEqual(correction({ want: -0.2, shown: 5, speed: 1 }), { do: 'seek', to: 0 });
    // At eight times the speed this is a tenth of a second.
    assert.equal(correction({ want: 10, shown: 9.2, speed: 8 }).do, 'rate');
  });

  it('comes together within seconds from anywhere below a jump', () => {
    for (const start of [-0.49, -0.1, 0.1, 0.49]) {
      let shown = start;
      let want = 0;
      for (let step = 0; step < 80; step++) {
        const next = correction({ want, shown, speed: 1 });
        assert.equal(next.do, 'rate');
        shown += 0.1 * (next.do === 'rate' ? next.rate : 1);
        want += 0.1;
      }
      assert.ok(Math.abs(shown - want) < 0.05, `${start} became ${shown - want}`);
    }
  });

  it('knows the speeds', () => {
    assert.equal(speedBeside(1, 1), 2);
    assert.equal(speedBeside(8, 1), 8);
    assert.equal(speedBeside(0.25, -1), 0.25);
  });

  it('looks for the next picture where one begins late, without stepping over one that begins early', () => {
    assert.ok(stepTarget(1, 0.1, 0) < 1.1);
    assert.ok(stepTarget(1, 0.1, 2) > 1.1);
    assert.ok(stepTarget(1, 0.1, 2) < 1.2);
    assert.ok(stepBackTarget(1) < 1 && stepBackTarget(1) > 0.99);
  });
});

describe('windows', () => {
  const day = [span(10_000, 20_000), span(20_300, 30_000, { open: true })];

  it('begin at the half hour, however one got there', () => {
    const window = windowFor(day, 12_000);
    assert.deepEqual(window, { from: 10_790, to: 12_610 });
    assert.deepEqual(windowFor(day, 12_500), window);
    assert.ok(window && holds(window, 12_000) && !holds(window, 12_610));
  });

  it('begin with the recording, and end where it has come to', () => {
    assert.equal(windowFor(day, 10_001)?.from, 10_000);
    assert.equal(windowFor(day, 29_990)?.to, 30_000);
  });

  it('are short where they are loaded as a whole', () => {
    assert.deepEqual(windowFor(day, 12_005, true), { from: 11_998, to: 12_032 });
  });

  it('are none where there is nothing', () => {
    assert.equal(windowFor(day, 20_100), undefined);
    assert.equal(windowFor([], 20_100), undefined);
  });
});

describe('keys', () => {
  const press = (key: string, rest = {}) =>
    actionOfKey({ key, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...rest });

  it('do what the page says', () => {
    assert.deepEqual(press(' '), { do: 'toggle' });
    assert.deepEqual(press('ArrowLeft'), { do: 'jump', seconds: -5 });
    assert.deepEqual(press('ArrowRight', { shiftKey: true }), { do: 'jump', seconds: 60 });
    assert.deepEqual(press('.'), { do: 'frame', step: 1 });
    assert.deepEqual(press(','), { do: 'frame', step: -1 });
    assert.deepEqual(press('N'), { do: 'event', step: 1 });
    assert.deepEqual(press('p'), { do: 'event', step: -1 });
    assert.deepEqual(press('+', { shiftKey: true }), { do: 'speed', step: 1 });
    assert.deepEqual(press('Home'), { do: 'edge', edge: 'start' });
    assert.deepEqual(press('3'), { do: 'choose', index: 2 });
  });

  it('leave the browser its own', () => {
    assert.equal(press('l', { ctrlKey: true }), undefined);
    assert.equal(press('ArrowLeft', { altKey: true }), undefined);
    assert.equal(press('F5'), undefined);
    assert.equal(press('Tab'), undefined);
  });

  it('leave fields and buttons theirs', () => {
    assert.ok(isTaken('n', 'INPUT', 'text'));
    assert.ok(isTaken(' ', 'BUTTON', 'button'));
    assert.ok(!isTaken('ArrowLeft', 'BUTTON', 'button'));
    assert.ok(isTaken(' ', 'INPUT', 'checkbox'));
    assert.ok(!isTaken('n', 'INPUT', 'checkbox'));
    assert.ok(!isTaken(' ', 'DIV', ''));
  });
});
