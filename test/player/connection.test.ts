/** What the player's socket reckons: acknowledgements, the box's clock, addresses. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ACK_BYTES, ACK_IDLE, ACK_LEAST, ACK_PAUSE, AckBatch } from '../../kiosk-ui/player/ackBatch.ts';
import { addressProblem, apiUrl, liveProtocols, liveUrl } from '../../kiosk-ui/player/boxAddress.ts';
import { ClockOffset } from '../../kiosk-ui/player/clockOffset.ts';

describe('AckBatch', () => {
  it('acknowledges little after a pause, much at once', () => {
    const acks = new AckBatch();
    assert.equal(acks.dueAt, undefined);
    acks.received(50, 900);
    assert.ok(acks.dueAt! <= 900);
    assert.equal(acks.take(900), 50);
    acks.received(100, 930);
    acks.received(100, 960);
    assert.equal(acks.dueAt, 960 + ACK_IDLE);
    acks.received(ACK_BYTES, 970);
    assert.ok(acks.dueAt! <= 970);
    assert.equal(acks.take(970), ACK_BYTES + 250);
    assert.equal(acks.dueAt, undefined);
    // Not more than twenty a second, however much comes.
    acks.received(10 * ACK_BYTES, 971);
    assert.equal(acks.dueAt, 970 + ACK_LEAST);
  });

  it('acknowledges with a picture, not between two', () => {
    const acks = new AckBatch();
    const said: number[] = [];
    // Fifteen a second.
    for (let i = 0; i < 30; i++) {
      const now = Math.round((i * 1000) / 15);
      const { dueAt } = acks;
      if (dueAt !== undefined) assert.ok(dueAt > now - 1, `${dueAt}: between two pictures`);
      acks.received(20_000, now);
      if (acks.dueAt! <= now) {
        acks.take(now);
        said.push(i);
      }
    }
    assert.deepEqual(
      said,
      Array.from({ length: 10 }, (_, i) => 3 * i),
    );
  });

  it('says every byte, twenty times a second at most, and soon', () => {
    const arrivals = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 300_000 })),
      {
        minLength: 1,
        maxLength: 200,
      },
    );
    fc.assert(
      fc.property(arrivals, (list) => {
        const acks = new AckBatch();
        const said: { at: number; total: number }[] = [];
        const came: { at: number; upTo: number }[] = [];
        let now = 0;
        let total = 0;
        const sayUntil = (time: number) => {
          for (let due = acks.dueAt; due !== undefined && due <= time; due = acks.dueAt)
            said.push({ at: Math.max(due, now), total: acks.take(Math.max(due, now)) });
        };
        for (const [pause, bytes] of list) {
          sayUntil(now + pause);
          now += pause;
          acks.received(bytes, now);
          total += bytes;
          came.push({ at: now, upTo: total });
          sayUntil(now);
        }
        sayUntil(Infinity);
        assert.equal(said.at(-1)?.total, total);
        assert.ok(said.at(-1)!.at <= now + ACK_IDLE);
        for (const [i, { at, total }] of said.entries()) {
          const before = said[i - 1];
          if (before) assert.ok(at - before.at >= ACK_LEAST && total > before.total, JSON.stringify(said));
          // However the rest comes, what has come is not kept for long.
          const first = came.find(({ upTo }) => upTo > (before?.total ?? 0))!;
          assert.ok(at - first.at <= ACK_PAUSE + ACK_IDLE, JSON.stringify([first, at]));
        }
      }),
    );
  });
});

describe('ClockOffset', () => {
  it('knows nothing before the first sample', () => {
    const clock = new ClockOffset();
    assert.deepEqual([clock.offset, clock.roundTrip, clock.boxTime(5)], [undefined, undefined, undefined]);
  });

  it('believes the sample with the shortest way', () => {
    const clock = new ClockOffset();
    clock.sample(0, 1_000_180, 200); // answered late
    clock.sample(1_000, 1_001_005, 1_010);
    clock.sample(2_000, 1_002_010, 2_100); // asked late
    assert.equal(clock.offset, 1_000_000);
    assert.equal(clock.boxTime(3_000), 1_003_000);
    assert.equal(clock.roundTrip, 10);
  });

  it('is wrong by half of the shortest way at most', () => {
    const way = fc.tuple(
      fc.double({ min: 0, max: 400, noNaN: true }),
      fc.double({ min: 0, max: 400, noNaN: true }),
    );
    const offset = fc.double({ min: -1e12, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(offset, fc.array(way, { minLength: 1, maxLength: 12 }), (truth, ways) => {
        const clock = new ClockOffset();
        let now = 0;
        for (const [there, back] of ways) {
          clock.sample(now, now + there + truth, now + there + back);
          now += 5_000;
        }
        const shortest = Math.min(...ways.map(([there, back]) => there + back));
        assert.ok(Math.abs(clock.offset! - truth) <= shortest / 2 + 1e-3);
      }),
    );
  });

  it('notices that the box’s clock was set', () => {
    const clock = new ClockOffset();
    clock.sample(0, 1_000_005, 10);
    clock.sample(5_000, 5_005_020, 5_040);
    assert.equal(clock.offset, 5_000_000);
  });

  it('forgets what is a minute old: clocks drift', () => {
    const clock = new ClockOffset();
    clock.sample(0, 1_000_000, 0);
    for (let i = 1; i <= 12; i++) clock.sample(i * 5_000, 1_000_000 + i * 5_000 + 23, i * 5_000 + 40);
    assert.equal(clock.offset, 1_000_003);
  });
});

describe('the address of a box', () => {
  it('leads to its socket and its API', () => {
    for (const [base, socket, cameras] of [
      ['https://box', 'wss://box/api/live', 'https://box/api/cameras'],
      ['http://10.0.0.7:8080/', 'ws://10.0.0.7:8080/api/live', 'http://10.0.0.7:8080/api/cameras'],
      ['https://site/box1', 'wss://site/box1/api/live', 'https://site/box1/api/cameras'],
      ['https://box/?a=b#c', 'wss://box/api/live', 'https://box/api/cameras'],
    ] as const) {
      assert.equal(liveUrl(base).href, socket);
      assert.equal(apiUrl(base, 'api/cameras').href, cameras);
    }
  });

  it('offers the token as a subprotocol', () => {
    assert.deepEqual(liveProtocols('wly_abc'), ['walleye', 'bearer.wly_abc']);
    assert.deepEqual(liveProtocols(undefined), []);
  });

  it('says what is wrong with it, without the token', () => {
    assert.equal(addressProblem('https://box', 'wly_abc-DEF', 'https://portal/'), undefined);
    assert.equal(addressProblem('http://box', undefined, 'http://portal/'), undefined);
    assert.equal(addressProblem('http://127.0.0.1:8080', undefined, 'https://portal/'), undefined);
    assert.match(addressProblem('http://box', 'a', 'https://portal/') ?? '', /HTTPS/);
    assert.match(addressProblem('box', 'a', 'https://portal/') ?? '', /no address/);
    assert.match(addressProblem('file:///box', 'a', 'https://portal/') ?? '', /no address/);
    for (const token of ['se cret', 'se,cret', '', 'sécret']) {
      const problem = addressProblem('https://box', token, 'https://portal/');
      assert.match(problem ?? '', /token/);
      assert.ok(token === '' || !problem?.includes(token));
    }
  });
});
