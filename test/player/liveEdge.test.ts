import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type EdgeOrder, type EdgeView, LiveEdge, steer, targetLag } from '../../kiosk-ui/player/liveEdge.ts';

const PICTURE = 1 / 15;

describe('how much is to be in hand', () => {
  it('is what decoding takes, and more where it ran dry', () => {
    for (const [interval, starved, target] of [
      [PICTURE, 0, 0.03],
      [PICTURE, 1, 0.047],
      [PICTURE, 4, 0.097],
      [PICTURE, 100, 0.13],
      [0.04, 0, 0.03],
      [0.04, 100, 0.09],
      [1, 100, 0.4],
    ] as const)
      assert.ok(Math.abs(targetLag(interval, starved) - target) < 0.001, `${interval}, ${starved}`);
  });
});

describe('steering', () => {
  const usual: EdgeView = {
    lag: 0.04,
    spare: 0.04,
    interval: PICTURE,
    starved: 0,
    rate: 1,
    sinceJump: 60,
    jumpPause: 3,
  };
  const table: [string, Partial<EdgeView>, EdgeOrder][] = [
    ['plays on where there is just enough', {}, { rate: 1, jump: false }],
    ['hurries a little for a little too much', { lag: 0.08, spare: 0.06 }, { rate: 1.03, jump: false }],
    ['hurries more for more', { lag: 0.12, spare: 0.1 }, { rate: 1.06, jump: false }],
    ['… and more', { lag: 0.3, spare: 0.2 }, { rate: 1.12, jump: false }],
    ['… and more', { lag: 0.5, spare: 0.4 }, { rate: 1.25, jump: false }],
    ['… to half as fast again', { lag: 0.59, spare: 0.55 }, { rate: 1.5, jump: false }],
    ['goes by what was spare, not by what is there', { lag: 0.3, spare: 0.03 }, { rate: 1, jump: false }],
    ['keeps more in hand where it ran dry', { spare: 0.1, starved: 4 }, { rate: 1, jump: false }],
    ['goes on hurrying until it is there', { spare: 0.045, rate: 1.06 }, { rate: 1.03, jump: false }],
    ['stops hurrying then', { spare: 0.035, rate: 1.03 }, { rate: 1, jump: false }],
    ['jumps when it is far behind', { lag: 1, spare: 0.9 }, { rate: 1, jump: true }],
    ['does not jump again at once', { lag: 1, spare: 0.9, sinceJump: 2 }, { rate: 1.5, jump: false }],
    [
      'does not jump where jumps do not help',
      { lag: 1, spare: 0.9, sinceJump: 20, jumpPause: 24 },
      { rate: 1.5, jump: false },
    ],
    [
      'knows that a second is one picture of a slow camera',
      { lag: 1.1, spare: 0.3, interval: 1 },
      { rate: 1.12, jump: false },
    ],
    ['jumps when a slow camera is far behind', { lag: 4.5, spare: 4, interval: 1 }, { rate: 1, jump: true }],
  ];
  for (const [what, view, order] of table)
    it(what, () => assert.deepEqual(steer({ ...usual, ...view }), order));
});

describe('LiveEdge', () => {
  /** Pictures at the camera's rate, on a player that does what it is told. @returns the lag at the end, and the jumps */
  function play(edge: LiveEdge, begin: number, lag: number, seconds: number) {
    let now = begin;
    let jumps = 0;
    for (let i = 0; i < seconds * 15; i++) {
      const { rate, jump } = edge.arrived(lag, PICTURE, now);
      if (jump) {
        jumps++;
        edge.jumped(now);
        lag = 0.02;
      } else lag -= (rate - 1) * PICTURE;
      now += PICTURE * 1_000;
    }
    return { lag, jumps };
  }

  it('comes from half a second behind to the edge within five seconds, and stays there', () => {
    const edge = new LiveEdge();
    const { lag, jumps } = play(edge, 0, 0.5, 5);
    assert.equal(jumps, 0);
    assert.ok(lag < 0.06, `${lag}`);
    assert.ok(Math.abs(play(edge, 5_000, lag, 10).lag - lag) < 0.03);
  });

  it('jumps once after a second without pictures', () => {
    assert.deepEqual(play(new LiveEdge(), 0, 1, 10).jumps, 1);
  });

  it('jumps less and less often where each jump ends far behind', () => {
    const edge = new LiveEdge();
    const jumps: number[] = [];
    for (let now = 0; now < 60_000; now += 100)
      if (edge.arrived(2, PICTURE, now).jump) {
        jumps.push(now / 1_000);
        edge.jumped(now);
      }
    assert.deepEqual(jumps, [0, 3, 9, 21, 45]);
  });

  it('holds the video after a jump until a picture is in hand', () => {
    const edge = new LiveEdge();
    assert.equal(edge.held(PICTURE, 0), false);
    edge.jumped(1_000);
    assert.equal(edge.held(PICTURE, 1_000), true);
    edge.arrived(0.01, PICTURE, 1_010);
    assert.equal(edge.held(PICTURE, 1_010), true);
    edge.arrived(0.07, PICTURE, 1_070);
    assert.equal(edge.held(PICTURE, 1_070), false);
  });

  it('does not hold it for long, whatever comes', () => {
    for (const [interval, held] of [
      [PICTURE, 200],
      [1, 400],
      [PICTURE, 1_000],
    ] as const) {
      const edge = new LiveEdge();
      edge.jumped(0);
      assert.equal(edge.held(interval, held), held < 4 * interval * 1_000 && held <= 500);
    }
  });

  it('keeps more in hand for a while when it ran dry, once for each cause', () => {
    const edge = new LiveEdge();
    const rate = (now: number) => edge.arrived(0.08, PICTURE, now).rate;
    assert.equal(rate(0), 1.03);
    for (const at of [100, 200, 300]) edge.starved(PICTURE, at);
    assert.equal(rate(400), 1.03);
    for (const at of [2_000, 4_000, 6_000]) edge.starved(PICTURE, at);
    assert.equal(rate(6_100), 1);
    assert.equal(rate(40_000), 1.03);
  });
});
