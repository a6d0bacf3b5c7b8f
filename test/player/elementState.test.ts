import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ElementFacts, elementState, WORDS, wordsOf } from '../../kiosk-ui/player/elementState.ts';

const NOW = 100_000;
const UNIX = 1_750_000_000_000;

const live: ElementFacts = {
  now: NOW,
  empty: false,
  problem: undefined,
  downSince: undefined,
  proven: true,
  openedAt: 0,
  stream: { state: 'live', since: 0, message: null },
  error: undefined,
  age: 80,
};

function said(facts: Partial<ElementFacts>, attributes: Record<string, string> = {}) {
  const all = { ...live, ...facts };
  const state = elementState(all);
  return { kind: state.kind, ...wordsOf(state, (name) => attributes[name] ?? null, UNIX, all.proven) };
}

describe('what the element says', () => {
  const gone = { state: 'gone', since: UNIX / 1000 - 30, message: 'connect ETIMEDOUT' } as const;
  const table: [string, Partial<ElementFacts>, ReturnType<typeof said>][] = [
    ['nothing while the picture is live', {}, { kind: 'live', title: '', time: '', note: '' }],
    ['the age from two seconds on', { age: 2_400 }, { kind: 'late', title: '', time: '2 s', note: '' }],
    [
      'all over the picture before five',
      { age: 4_500 },
      { kind: 'frozen', title: 'NO PICTURE', time: '4 s', note: WORDS['note-frozen']! },
    ],
    [
      'that it is connecting, and nothing more in the first seconds',
      { age: undefined, stream: undefined, openedAt: NOW - 2_000 },
      { kind: 'connecting', title: 'Connecting', time: '', note: '' },
    ],
    [
      '… later, for how long',
      { age: undefined, openedAt: NOW - 9_000 },
      { kind: 'connecting', title: 'Connecting', time: '9 s', note: '' },
    ],
    [
      'the camera’s state, in the box’s words, as a sentence',
      { age: 7_000, stream: gone },
      { kind: 'gone', title: 'OFFLINE', time: '7 s', note: 'Connect ETIMEDOUT' },
    ],
    [
      '… since when, where there is no picture',
      { age: undefined, stream: gone },
      { kind: 'gone', title: 'OFFLINE', time: '30 s', note: 'Connect ETIMEDOUT' },
    ],
    [
      '… not yet, while the picture is fresh',
      { stream: gone },
      { kind: 'live', title: '', time: '', note: '' },
    ],
    [
      'that the connection is interrupted',
      { age: 3_000, downSince: NOW - 2_900 },
      { kind: 'unreachable', title: 'NO CONNECTION', time: '3 s', note: WORDS['note-unreachable']! },
    ],
    [
      '… or that there never was one',
      { age: undefined, downSince: 0, proven: false },
      { kind: 'unreachable', title: 'NO CONNECTION', time: '', note: WORDS['note-unreachable-yet']! },
    ],
    [
      'the box’s refusal',
      { age: undefined, error: 'There is no stream x.' },
      { kind: 'error', title: 'NOT SHOWN', time: '', note: 'There is no stream x.' },
    ],
    [
      'what is wrong with its attributes',
      { age: undefined, problem: 'The token is none.' },
      { kind: 'problem', title: 'NOT SHOWN', time: '', note: 'The token is none.' },
    ],
    [
      'that nothing is asked for',
      { empty: true, age: undefined },
      { kind: 'empty', title: 'NO STREAM', time: '', note: WORDS['note-empty']! },
    ],
  ];
  for (const [what, facts, words] of table) it(what, () => assert.deepEqual(said(facts), words));

  it('says since when after a minute', () => {
    assert.match(said({ age: 61_000 }).time, /^since \d/);
  });

  it('says it in the page’s words', () => {
    const attributes = {
      'text-gone': '離線',
      'note-gone': '攝影機沒有回應：{message}',
      'text-seconds': '{n} 秒',
    };
    assert.deepEqual(said({ age: 7_000, stream: { ...gone, message: 'timeout' } }, attributes), {
      kind: 'gone',
      title: '離線',
      time: '7 秒',
      note: '攝影機沒有回應：Timeout',
    });
  });
});
