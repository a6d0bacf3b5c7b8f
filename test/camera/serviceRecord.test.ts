import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { boxDay, daysAfter } from '../../daemon/camera/boxDay.ts';
import { ServiceRecords } from '../../daemon/camera/serviceRecord.ts';
import type { Watched } from '../../daemon/camera/serviceTally.ts';
import type { ServerEvent, ServiceDay, ServiceRecord, StreamState } from '../../daemon/schema.ts';
import { openStore, type Store } from '../../daemon/store/store.ts';
import { cameraRow } from '../store/rows.ts';

/** 21 November 2026, 10:00 in UTC. */
const TEN = Date.UTC(2026, 10, 21, 10) / 1000;

interface Stream {
  source: { name: string; camera: string };
  state: StreamState;
  connects: number;
  lastError: Watched['lastError'];
}

/** Cameras of which the test says how they are, on clocks that go when it says so. */
class Box {
  readonly store: Store;
  readonly streams = new Map<string, Stream>();
  readonly records: ServiceRecords;
  readonly clock = { unix: TEN, steady: 5_000 };
  writes = 0;
  /** Looks that the loop took. */
  looks = 0;
  readonly #listeners = new Set<(event: ServerEvent) => void>();
  #stop = new AbortController();
  #done: Promise<void>;

  constructor(t: TestContext, store?: Store) {
    this.store = store ?? openStore(':memory:').store;
    if (!store) t.after(() => this.store.close());
    this.store.settings.patchSettings({ time_zone: 'UTC' });
    const { service, settings } = this.store;
    const box = this;
    this.records = new ServiceRecords({
      cameras: {
        get supervisors() {
          box.looks++;
          return [...box.streams.values()] as Watched[];
        },
        subscribe: (listener) => {
          this.#listeners.add(listener);
          return () => this.#listeners.delete(listener);
        },
      },
      store: {
        settings,
        service: {
          read: (camera) => service.read(camera),
          add: (additions) => {
            if (additions.length > 0) this.writes++;
            service.add(additions);
          },
        },
      },
      log: pino({ level: 'silent' }),
      now: () => ({ ...this.clock }),
      look: 2,
    });
    this.#done = this.records.run(this.#stop.signal);
    t.after(() => this.stop());
  }

  add(camera: string, ...names: string[]): void {
    if (!this.store.camera(camera)) this.store.insertCamera(cameraRow(camera), []);
    for (const name of names)
      this.streams.set(name, { source: { name, camera }, state: 'idle', connects: 0, lastError: undefined });
  }

  /** A stream changes; told at once, as the supervisors do. */
  to(name: string, state: StreamState, change: Partial<Stream> = {}): void {
    Object.assign(this.streams.get(name)!, change, { state });
    this.tell({ type: 'streams', streams: [] });
  }

  tell(event: ServerEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  pass(seconds: number): void {
    for (let left = seconds; left > 0; left -= 5) {
      this.clock.unix += Math.min(left, 5);
      this.clock.steady += Math.min(left, 5);
      this.records.record('nobody'); // a look
    }
  }

  /** Waits for the loop to go round. */
  async around(): Promise<void> {
    const before = this.looks;
    while (this.looks < before + 2) await sleep(1);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  record = (camera: string): ServiceRecord => this.records.record(camera);
  day = (camera: string): ServiceDay | undefined => this.record(camera).days[0];
}

const error = (code: string, message = code, time = TEN) => ({ code, message, time }) as Watched['lastError'];

describe('the service record', () => {
  it('counts the time in which pictures were wanted, were there, and failed', (t) => {
    const box = new Box(t);
    box.add('gate', 'gate_main', 'gate_sub');
    box.tell({ type: 'changed', what: 'cameras' });
    box.pass(100);
    assert.deepEqual(box.record('gate'), { camera: 'gate', days: [], uptime_percent: null, errors: [] });
    box.to('gate_main', 'connecting');
    box.pass(2);
    box.to('gate_main', 'live', { connects: 1 });
    box.pass(90);
    box.to('gate_sub', 'gone', { lastError: error('unreachable') });
    box.pass(3);
    assert.equal(box.day('gate')?.stalled_seconds, 0, 'there is a picture: of the other stream');
    box.to('gate_main', 'stalled', { lastError: error('stalled') });
    box.pass(5.25);
    box.to('gate_main', 'idle');
    box.to('gate_sub', 'stopped');
    box.pass(1000);
    assert.deepEqual(box.record('gate').days, [
      {
        ...{ day: '2026-11-21', wanted_seconds: 100.3, live_seconds: 93, stalled_seconds: 5.3 },
        ...{ connects: 1, unchanged: 0, repairs: 0 },
      },
    ]);
    assert.equal(box.record('gate').uptime_percent, 92.76);
  });

  it('a recording that has ended is not missed, nor is a paused camera', (t) => {
    const box = new Box(t);
    box.add('gate', 'gate_main');
    box.to('gate_main', 'live');
    box.pass(10);
    box.to('gate_main', 'ended');
    box.pass(10);
    box.to('gate_main', 'paused');
    box.pass(10);
    assert.equal(box.day('gate')?.wanted_seconds, 10);
    assert.equal(box.record('gate').uptime_percent, 100);
  });

  it('an error is told once for each kind of failure until there is a picture again, without any password', (t) => {
    const box = new Box(t);
    box.add('gate', 'gate_main');
    box.to('gate_main', 'gone', {
      lastError: error('unreachable', 'rtsp://admin:hunter2@10.0.0.5/ is not there'),
    });
    for (let i = 0; i < 100; i++) {
      box.pass(1);
      box.to('gate_main', 'gone', { lastError: error(i % 2 ? 'unreachable' : 'timeout') });
    }
    box.to('gate_main', 'live', { lastError: undefined, connects: 1 });
    box.to('gate_main', 'connecting', { lastError: error('closed', 'x'.repeat(10_000), TEN + 101) });
    box.to('gate_main', 'live', { lastError: undefined, connects: 2 });
    const { errors, days } = box.record('gate');
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['closed', 'timeout', 'unreachable'],
    );
    assert.equal(errors[0]?.message.length, 500);
    assert.deepEqual(errors[2], {
      ...{ time: TEN, stream: 'gate_main', code: 'unreachable' },
      message: 'rtsp://***@10.0.0.5/ is not there',
    });
    assert.equal(days[0]?.connects, 2);
    for (let i = 0; i < 60; i++) {
      box.to('gate_main', 'connecting', { lastError: error('closed', `${i}`) });
      box.to('gate_main', 'live', { lastError: undefined });
    }
    const many = box.record('gate').errors;
    assert.equal(many.length, 50);
    assert.equal(many[0]?.message, '59');
  });

  it('counts repairs and pictures that do not change', (t) => {
    const box = new Box(t);
    box.add('gate', 'gate_main');
    box.tell({ type: 'changed', what: 'cameras' });
    box.records.note('gate', 'repair');
    box.records.note('gate', 'unchanged');
    box.records.note('gate', 'unchanged');
    assert.deepEqual([box.day('gate')?.repairs, box.day('gate')?.unchanged], [1, 2]);
  });

  it('writes once a minute at most, and on stopping; nothing when nobody looks', async (t) => {
    const box = new Box(t);
    box.add('gate', 'gate_main');
    box.pass(600);
    await box.around();
    assert.equal(box.writes, 0);
    box.to('gate_main', 'live', { connects: 1 });
    box.pass(59);
    await box.around();
    assert.equal(box.writes, 0);
    box.pass(1);
    await box.around();
    assert.equal(box.writes, 1);
    box.pass(30);
    await box.around();
    assert.equal(box.writes, 1);
    assert.equal(box.day('gate')?.live_seconds, 90, 'what is not written is told too');
    assert.equal(box.store.service.read('gate').days[0]?.live_seconds, 60);
    box.pass(30);
    await box.around();
    assert.equal(box.writes, 2);
    box.pass(7);
    box.streams.get('gate_main')!.lastError = error('closed');
    await box.stop();
    assert.equal(box.writes, 3);
    assert.equal(box.store.service.read('gate').days[0]?.live_seconds, 127);
    assert.equal(box.store.service.read('gate').errors.length, 1);
    box.to('gate_main', 'gone');
    assert.equal(box.day('gate')?.live_seconds, 127, 'still told after it stopped, and nothing twice');
  });

  it('goes on where it was when the daemon is started again on the same day', async (t) => {
    const first = new Box(t);
    first.add('gate', 'gate_main');
    first.to('gate_main', 'live', { connects: 1 });
    first.pass(20);
    await first.stop();
    const second = new Box(t, first.store);
    second.add('gate', 'gate_main');
    second.to('gate_main', 'live', { connects: 1 });
    second.pass(22);
    const [day, ...others] = second.record('gate').days;
    assert.deepEqual([day?.live_seconds, day?.connects, others.length], [42, 2, 0]);
  });

  it('a wall clock that jumps changes the day and never the seconds', (t) => {
    const box = new Box(t);
    box.add('gate', 'gate_main');
    box.clock.unix = 0; // no battery: the clock is set a moment later
    box.to('gate_main', 'live');
    box.pass(10);
    box.clock.unix = TEN;
    box.pass(10);
    box.clock.unix += 400 * 86_400;
    box.pass(10);
    box.clock.unix = TEN;
    box.pass(10);
    assert.deepEqual(
      box.record('gate').days.map(({ day, live_seconds }) => [day, live_seconds]),
      [['2026-11-21', 20]],
      'days that never were are not told',
    );
    box.clock.steady += 1e6; // the machine slept
    box.pass(5);
    assert.equal(box.day('gate')?.live_seconds, 80);
    box.clock.steady -= 1e6;
    box.pass(5);
    assert.equal(box.day('gate')?.live_seconds, 80);
    box.pass(5);
    assert.equal(box.day('gate')?.live_seconds, 85);
  });

  it('a day is one of the box’s time zone, and thirty of them are told', (t) => {
    const box = new Box(t);
    box.add('gate', 'gate_main');
    box.store.settings.patchSettings({ time_zone: 'Asia/Taipei' });
    box.clock.unix = Date.UTC(2026, 10, 21, 15, 59, 50) / 1000;
    box.to('gate_main', 'live');
    box.pass(20);
    assert.deepEqual(
      box.record('gate').days.map(({ day, live_seconds }) => [day, live_seconds]),
      [
        ['2026-11-22', 15],
        ['2026-11-21', 5],
      ],
    );
    for (let i = 0; i < 40; i++) {
      box.clock.unix += 86_400;
      box.pass(5);
    }
    const { days } = box.record('gate');
    assert.equal(days.length, 30);
    assert.equal(days[0]?.day, '2027-01-01');
    assert.equal(days[29]?.day, '2026-12-03');
  });

  it('a camera that was removed leaves nothing to one that takes its name', async (t) => {
    const box = new Box(t);
    box.add('gate', 'gate_main');
    box.to('gate_main', 'live', { connects: 3 });
    box.pass(10);
    box.streams.clear();
    box.store.deleteCamera('gate');
    box.tell({ type: 'changed', what: 'cameras' });
    box.add('gate', 'gate_main');
    box.tell({ type: 'changed', what: 'cameras' });
    box.pass(10);
    assert.deepEqual(box.record('gate').days, []);
  });

  it('what could not be written is written the next time', async (t) => {
    const box = new Box(t);
    box.add('gate', 'gate_main');
    box.to('gate_main', 'live');
    const { add } = box.store.service;
    box.store.service.add = () => {
      throw new Error('disk full');
    };
    box.pass(70);
    await box.around();
    assert.equal(box.day('gate')?.live_seconds, 70);
    box.store.service.add = add;
    box.pass(60);
    await box.around();
    assert.equal(box.store.service.read('gate').days[0]?.live_seconds, 130);
  });
});

describe('the box’s day', () => {
  it('is that of its time zone, at any time of the year', () => {
    assert.equal(boxDay(TEN, 'UTC'), '2026-11-21');
    assert.equal(boxDay(TEN, 'Pacific/Kiritimati'), '2026-11-22');
    assert.equal(boxDay(TEN, 'Pacific/Pago_Pago'), '2026-11-20');
    assert.equal(boxDay(Date.UTC(2026, 6, 1, 22, 30) / 1000, 'Europe/Berlin'), '2026-07-02');
    assert.equal(boxDay(Date.UTC(2026, 0, 1, 22, 30) / 1000, 'Europe/Berlin'), '2026-01-01');
    assert.equal(boxDay(TEN, 'Nowhere/At_All'), '2026-11-21');
    assert.equal(boxDay(0, 'UTC'), '1970-01-01');
  });

  it('is followed by others as the calendar has them', () => {
    assert.equal(daysAfter('2026-11-21', 1), '2026-11-22');
    assert.equal(daysAfter('2028-03-01', -1), '2028-02-29');
    assert.equal(daysAfter('2026-01-10', -29), '2025-12-12');
  });
});
