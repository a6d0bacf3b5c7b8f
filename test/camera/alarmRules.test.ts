import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type ActiveAlarm,
  type AlarmEvent,
  acknowledge,
  DEFAULT_RULES,
  decide,
  endWhere,
  expire,
  MOST_ACTIVE,
  nextExpiry,
} from '../../daemon/camera/alarmRules.ts';
import type { Alarm, AlarmRule, AlarmRules } from '../../daemon/schema.ts';

const UNIX = 1_800_000_000;
/** One box whose clock the test turns. */
class Box {
  rules: AlarmRules;
  seconds = 0;
  active: readonly ActiveAlarm[] = [];
  over: Alarm[] = [];
  #ids = 0;

  constructor(rules: Partial<AlarmRules> = {}) {
    this.rules = { ...DEFAULT_RULES, ...rules };
  }

  get now() {
    return { unix: UNIX + this.seconds, steady: this.seconds };
  }
  get alarms(): Alarm[] {
    return this.active.map(({ alarm }) => alarm);
  }
  at(seconds: number): this {
    this.seconds = seconds;
    const { active, over } = expire(this.active, this.now);
    this.active = active;
    this.over.push(...over);
    return this;
  }
  hear(event: Partial<AlarmEvent> = {}): Alarm | undefined {
    const whole: AlarmEvent = {
      ...{ camera: 'door', topic: 'motion', source: 'onvif', message: null, phase: 'moment', key: 'k' },
      ...event,
    };
    const decision = decide(this.rules, whole, this.active, this.now, () => `a${++this.#ids}`);
    this.active = decision.active;
    this.over.push(...decision.over);
    return decision.alarm;
  }
}

const rule = (changes: Partial<AlarmRule>): AlarmRule => ({
  ...{ camera: null, topic: null, action: 'highlight', priority: 3, hold_seconds: 15, sound: false },
  ...changes,
});

describe('which rule decides', () => {
  const rules = [
    rule({ camera: 'door', topic: 'person', action: 'full_screen', priority: 8, sound: true }),
    rule({ camera: 'door', action: 'promote', priority: 5 }),
    rule({ topic: 'tamper', action: 'none', priority: 1 }),
    rule({ topic: 'line', action: 'highlight', priority: 2, hold_seconds: 60 }),
  ];
  const table: [camera: string, topic: AlarmEvent['topic'], action: string | undefined, priority?: number][] =
    [
      ['door', 'person', 'full_screen', 8],
      ['door', 'motion', 'promote', 5],
      ['door', 'tamper', 'promote', 5],
      ['yard', 'tamper', 'none', 1],
      ['yard', 'line', 'highlight', 2],
      ['yard', 'person', undefined],
    ];
  for (const [camera, topic, action, priority] of table) {
    it(`${topic} at ${camera}: ${action ?? 'no alarm'}`, () => {
      const alarm = new Box({ rules }).hear({ camera, topic });
      assert.equal(alarm?.action, action);
      assert.equal(alarm?.priority, priority);
    });
  }

  it('what a program raises without a fitting rule is listed only', () => {
    const alarm = new Box({ rules }).hear({ camera: 'yard', topic: 'person', source: 'api' });
    assert.deepEqual([alarm?.action, alarm?.priority, alarm?.sound], ['none', 0, false]);
  });

  it('what the raiser says outweighs the rule, part by part', () => {
    const box = new Box({ rules });
    const alarm = box.hear({
      source: 'api',
      topic: 'line',
      camera: 'yard',
      action: 'full_screen',
      hold_seconds: 5,
    });
    assert.deepEqual([alarm?.action, alarm?.priority, alarm?.sound], ['full_screen', 2, false]);
    assert.equal(alarm?.until, UNIX + 5);
    const quiet = box.hear({ source: 'api', topic: 'person', sound: false, priority: 10 });
    assert.deepEqual([quiet?.action, quiet?.priority, quiet?.sound], ['full_screen', 10, false]);
  });

  it('while alarms are switched off cameras raise none, and programs only what is listed', () => {
    const box = new Box({ rules, enabled: false });
    assert.equal(box.hear({ topic: 'person' }), undefined);
    const alarm = box.hear({ source: 'api', action: 'full_screen', sound: true });
    assert.deepEqual([alarm?.action, alarm?.sound], ['none', false]);
  });
});

describe('how long an alarm lasts', () => {
  it('a moment: for the hold time', () => {
    const box = new Box();
    assert.equal(box.hear()?.until, UNIX + 15);
    assert.equal(nextExpiry(box.active), 15);
    assert.equal(box.at(14.9).alarms.length, 1);
    assert.equal(box.at(15).alarms.length, 0);
    assert.equal(box.over[0]?.until, UNIX + 15);
    assert.equal(nextExpiry(box.active), undefined);
  });

  it('raised again it counts, and stays from then on for the hold time', () => {
    const box = new Box();
    const first = box.hear();
    const again = box.at(10).hear({ message: 'gate' });
    assert.equal(again?.id, first?.id);
    assert.deepEqual(
      [again?.events, again?.since, again?.until, again?.message],
      [2, UNIX, UNIX + 25, 'gate'],
    );
    assert.equal(box.at(24).alarms.length, 1);
    assert.equal(box.at(25).alarms.length, 0);
    assert.notEqual(box.hear()?.id, first?.id);
  });

  it('is never shortened nor weakened by being raised again', () => {
    const box = new Box();
    box.hear({ source: 'api', action: 'full_screen', priority: 9, sound: true, hold_seconds: 100 });
    const again = box.at(1).hear({ source: 'api' });
    assert.deepEqual(
      [again?.action, again?.priority, again?.sound, again?.until],
      ['full_screen', 9, true, UNIX + 100],
    );
    assert.equal(box.at(99).alarms.length, 1);
    assert.equal(box.at(100).alarms.length, 0);
  });

  it('an event that lasts: until its end, and then the hold time', () => {
    const box = new Box();
    assert.equal(box.hear({ phase: 'begin' })?.until, null);
    assert.equal(box.at(300).alarms.length, 1);
    assert.equal(box.hear({ phase: 'end' })?.until, UNIX + 315);
    assert.equal(box.at(314).alarms.length, 1);
    assert.equal(box.at(315).alarms.length, 0);
  });

  it('… of several at the same camera the last to end counts; moments meanwhile do not end it', () => {
    const box = new Box();
    box.hear({ phase: 'begin', key: 'a' });
    assert.equal(box.hear({ phase: 'begin', key: 'b' })?.events, 2);
    assert.equal(box.hear({ phase: 'end', key: 'a' })?.until, null);
    assert.equal(box.hear({ phase: 'moment', key: 'c' })?.until, null);
    assert.equal(box.hear({ phase: 'end', key: 'b' })?.until, UNIX + 15);
  });

  it('… whose state is repeated is the same event still', () => {
    const box = new Box();
    box.hear({ phase: 'begin' });
    assert.equal(box.at(5).hear({ phase: 'begin' })?.events, 1);
  });

  it('… whose end never comes is given up ten minutes after it was last told, and then held', () => {
    const box = new Box();
    box.hear({ phase: 'begin' });
    box.at(100).hear({ phase: 'begin' });
    assert.equal(nextExpiry(box.active), 700);
    assert.equal(box.at(699).alarms[0]?.until, null);
    assert.equal(box.at(700).alarms[0]?.until, UNIX + 715);
    assert.equal(box.at(715).alarms.length, 0);
  });

  it('the end of something that never began is nothing', () => {
    const box = new Box();
    assert.equal(box.hear({ phase: 'end' }), undefined);
    const before = box.hear({ phase: 'moment' });
    assert.equal(box.at(5).hear({ phase: 'end' })?.until, before?.until);
  });
});

describe('what is one alarm', () => {
  it('the same camera, topic and source; another of them is another', () => {
    const box = new Box();
    box.hear();
    box.hear({ topic: 'person' });
    box.hear({ camera: 'yard' });
    box.hear({ source: 'api' });
    box.hear();
    assert.deepEqual(
      box.alarms.map(({ events }) => events),
      [2, 1, 1, 1],
    );
  });

  it('one more than there may be ends the oldest of the least important', () => {
    const box = new Box();
    for (let i = 0; i < MOST_ACTIVE; i++)
      box.hear({ source: 'api', camera: `c${i}`, priority: i === 3 || i === 7 ? 0 : 5 });
    box.hear({ source: 'api', camera: 'one-more', priority: 5 });
    assert.equal(box.alarms.length, MOST_ACTIVE);
    assert.deepEqual(
      box.over.map(({ camera, until }) => [camera, until]),
      [['c3', UNIX]],
    );
  });
});

describe('acknowledged', () => {
  it('what a program raised is over, and raised again it is another alarm', () => {
    const box = new Box();
    const id = box.hear({ source: 'api' })?.id ?? '';
    const { active, over, alarm } = acknowledge(box.active, id, box.at(3).now);
    assert.deepEqual([active.length, over[0]?.acknowledged, over[0]?.until], [0, true, UNIX + 3]);
    assert.equal(alarm?.id, id);
    box.active = active;
    assert.notEqual(box.hear({ source: 'api' })?.id, id);
  });

  it('what a camera tells stays acknowledged until it was quiet for the hold time', () => {
    const box = new Box();
    const id = box.hear()?.id ?? '';
    box.active = acknowledge(box.active, id, box.now).active;
    for (const seconds of [10, 20, 30]) {
      const again = box.at(seconds).hear();
      assert.deepEqual([again?.id, again?.acknowledged], [id, true]);
    }
    assert.equal(box.at(45).alarms.length, 0);
    assert.equal(box.hear()?.acknowledged, false);
  });

  it('one that is not there changes nothing', () => {
    const box = new Box();
    box.hear();
    const { active, alarm } = acknowledge(box.active, 'x', box.now);
    assert.equal(active, box.active);
    assert.equal(alarm, undefined);
  });
});

it('the alarms of a removed camera end', () => {
  const box = new Box();
  box.hear({ phase: 'begin' });
  box.hear({ camera: 'yard' });
  const { active, over } = endWhere(box.active, ({ camera }) => camera !== 'door', box.at(2).now);
  assert.deepEqual(
    [active.map(({ alarm }) => alarm.camera), over.map(({ camera, until }) => [camera, until])],
    [['yard'], [['door', UNIX + 2]]],
  );
});

it('whatever happens, alarms are bounded, one for each camera, topic and source, and over in the end', () => {
  const event = fc.record({
    camera: fc.constantFrom('a', 'b', 'c'),
    topic: fc.constantFrom('motion' as const, 'person' as const),
    source: fc.constantFrom('onvif' as const, 'api' as const),
    phase: fc.constantFrom('moment' as const, 'begin' as const, 'end' as const),
    key: fc.string({ maxLength: 2 }),
    hold_seconds: fc.option(fc.integer({ min: 1, max: 3600 }), { nil: undefined }),
    wait: fc.integer({ min: 0, max: 400 }),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const box = new Box();
      for (const { wait, ...one } of events) {
        box.at(box.seconds + wait).hear(one);
        const names = box.alarms.map(({ camera, topic, source }) => `${camera} ${topic} ${source}`);
        assert.equal(new Set(names).size, names.length);
        for (const { endsAt, lasting, alarm } of box.active) {
          assert.equal(endsAt === null, lasting.size > 0);
          assert.equal(alarm.until === null, lasting.size > 0);
          assert.ok(lasting.size <= 16);
        }
      }
      box.at(box.seconds + 600).at(box.seconds + 4200);
      assert.deepEqual(box.alarms, []);
    }),
  );
});
