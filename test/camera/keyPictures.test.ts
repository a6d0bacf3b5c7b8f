import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { KeyPictures, type Waiting } from '../../daemon/camera/keyPictures.ts';
import { openStore } from '../../daemon/store/store.ts';
import { until } from '../api/apiServer.ts';
import { cameraRow, streamRow } from '../store/rows.ts';
import type { OnvifServiceOptions } from '../virtual-camera/onvifService.ts';
import { LOGIN, MAIN, camera as startCamera } from './onvifCamera.ts';

type Stream = { -readonly [K in keyof Waiting]: Waiting[K] };

/** It has given no picture yet. */
const playing = (name: string): Stream => ({
  ...{ connected: true, state: 'connecting', connects: 1, source: { name } },
  counters: { sums: { frames_received: 0, frames_dropped: 0 } },
});

/** A camera, a stream of it that plays and shows nothing, and whoever looks after that. */
async function waiting(
  t: TestContext,
  options: Partial<OnvifServiceOptions> = {},
  { login = LOGIN, again = 0, address = '' } = {},
) {
  const asked: string[] = [];
  const service = await startCamera(t, { synchronize: ({ token }) => asked.push(token), ...options });
  const { store } = openStore(':memory:');
  const row = { ...cameraRow('yard'), address: address || service.url, ...login };
  store.insertCamera(row, [{ ...streamRow('yard_main', 'yard'), profile_token: MAIN.token }]);
  const stream = playing('yard_main');
  const streams = [stream];
  const watch = new KeyPictures({ store, streams: () => streams, log: pino({ level: 'silent' }), again });
  const ended = new AbortController();
  const done = watch.run(ended.signal);
  t.after(async () => {
    ended.abort();
    await done;
    store.close();
  });
  const calls = () => service.calls.filter((call) => call.includes('SetSynchronizationPoint'));
  return { asked, calls, stream, streams, service, store };
}

describe('a stream that plays and shows nothing', { timeout: 60_000 }, () => {
  it('has its camera asked for a key picture, once a session', async (t) => {
    const { asked, calls, stream } = await waiting(t);
    await until(() => asked.length === 1, 'it is asked');
    await sleep(1_500);
    assert.deepEqual(asked, [MAIN.token]);
    stream.connects = 2;
    await until(() => asked.length === 2, 'it is asked in the next session');
    assert.deepEqual(calls(), ['SetSynchronizationPoint', 'SetSynchronizationPoint']);
  });

  it('and not in each of many sessions that bring none', async (t) => {
    const { asked, stream } = await waiting(t, {}, { again: 60_000 });
    await until(() => asked.length === 1, 'it is asked');
    for (let session = 2; session < 5; session++) {
      stream.connects = session;
      await sleep(1_500);
    }
    assert.equal(asked.length, 1);
  });

  it('over Media2 where that is all there is', async (t) => {
    const { asked, calls } = await waiting(t, { faults: { noMedia1: true, media2: true } });
    await until(() => asked.length === 1, 'it is asked');
    assert.equal(calls().at(-1), 'SetSynchronizationPoint2');
  });

  it('is left alone when its camera knows nothing of it, or refuses the login: one wrong login', async (t) => {
    const dumb = await waiting(t, { synchronize: undefined });
    const locked = await waiting(t, {}, { login: { ...LOGIN, password: 'wrong' } });
    await until(() => dumb.calls().length === 1, 'it is asked');
    await until(() => locked.service.calls.some((call) => call.startsWith('!')), 'it refuses');
    for (const { stream } of [dumb, locked]) stream.connects = 2;
    await sleep(2_500);
    assert.equal(dumb.calls().length, 1);
    assert.equal(locked.service.calls.filter((call) => call.startsWith('!')).length, 1);
    assert.deepEqual(locked.asked, []);
  });

  it('is asked for although its camera had none for another stream: one channel of many of a recorder', async (t) => {
    const { asked, calls, store, streams } = await waiting(t);
    store.insertCamera({ ...cameraRow('gate'), ...store.camera('yard'), id: 'gate', name: 'gate' }, [
      { ...streamRow('gate_main', 'gate'), profile_token: 'gone' },
    ]);
    await until(() => asked.length === 1, 'the first is asked');
    streams.push(playing('gate_main'));
    await until(() => calls().length === 2, 'the second is refused');
    streams[0]!.connects = 2;
    await until(() => asked.length === 2, 'the first is asked again');
  });

  it('is no reason to fall over where the address is none, or the database does not answer', async (t) => {
    // A rejection that nobody waits for ends the daemon, and this test.
    await waiting(t, {}, { address: 'http://' });
    const { store } = await waiting(t);
    t.mock.method(store, 'stream', () => {
      throw new Error('the disk is gone');
    });
    await sleep(2_000);
  });

  it('so has a live one that gives up all pictures since one of them came broken', async (t) => {
    const { asked, stream } = await waiting(t);
    stream.state = 'live';
    let sums = { frames_received: 100, frames_dropped: 3 };
    stream.counters = {
      get sums() {
        return sums;
      },
    };
    await sleep(1_500);
    assert.deepEqual(asked, [], 'it has stood still, and nothing was given up meanwhile');
    for (let i = 0; i < 20; i++) {
      sums = { frames_received: sums.frames_received + 1, frames_dropped: sums.frames_dropped + 1 };
      await sleep(100);
    }
    assert.deepEqual(asked, [], 'what is given up has others between it: they need no key picture');
    const given = setInterval(() => {
      sums = { ...sums, frames_dropped: sums.frames_dropped + 1 };
    }, 100);
    t.after(() => clearInterval(given));
    await until(() => asked.length === 1, 'it is asked');
    await sleep(1_500);
    assert.equal(asked.length, 1, 'once');
    sums = { ...sums, frames_received: sums.frames_received + 1 };
    await until(() => asked.length === 2, 'the next time');
  });

  it('and one that shows pictures, rests, or is not connected is not looked after', async (t) => {
    const { service, stream } = await waiting(t);
    stream.state = 'live';
    await sleep(1_500);
    stream.state = 'paused';
    await sleep(1_500);
    Object.assign(stream, { state: 'gone', connected: false });
    await sleep(1_500);
    assert.deepEqual(service.calls, []);
  });
});
