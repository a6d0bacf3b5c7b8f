import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { LoadControl } from '../../daemon/camera/loadControl.ts';
import type { RenditionDecoderStatus } from '../../daemon/decode/renditionDecoder.ts';
import { until } from '../api/apiServer.ts';

/** A box with two decoders that leave out half of what comes while `slow`. */
function box(t: TestContext, busy = 1) {
  const counts = { fed: 0, dropped: 0 };
  const self = { slow: true, told: 0 };
  const decoder = {
    get status() {
      counts.fed += 10;
      if (self.slow) counts.dropped += 10;
      return { fed: counts.fed, droppedUnits: counts.dropped } as RenditionDecoderStatus;
    },
    stepped: () => {
      self.told++;
    },
  };
  const log = pino({ level: 'silent' });
  // Two seconds from one look to the next.
  let at = 0;
  const now = () => {
    at += 2_000;
    return at;
  };
  const control = new LoadControl({
    decoders: () => [decoder, decoder],
    log,
    look: 10,
    busy: () => busy,
    now,
  });
  const ended = new AbortController();
  const done = control.run(ended.signal);
  t.after(async () => {
    ended.abort();
    await done;
  });
  return { control, self };
}

describe('a box whose decoders do not keep up', { timeout: 30_000 }, () => {
  it('has all of them begin anew with less, and says since when', async (t) => {
    const { control, self } = box(t);
    assert.equal(self.told, 0);
    await until(() => self.told === 2, 'both are told');
    const down = control.steppedDown;
    assert.ok(down);
    assert.deepEqual([down.fps_percent, down.size_percent], [67, 100]);
    assert.ok(Math.abs(down.since - Date.now() / 1000) < 5);
    assert.deepEqual(control.step, { fps: 2 / 3, size: 1 });
  });

  it('leaves them alone while there is time: they have a fault of their own', async (t) => {
    const { control, self } = box(t, 0.5);
    await sleep(500);
    assert.deepEqual([self.told, control.steppedDown], [0, null]);
  });

  it('or while they keep up', async (t) => {
    const { control, self } = box(t);
    self.slow = false;
    await sleep(500);
    assert.deepEqual([self.told, control.steppedDown], [0, null]);
  });
});
