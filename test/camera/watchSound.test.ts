/** The sound of a stream as its supervisor hands it out, against a scripted RTSP server. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { StreamSupervisor } from '../../daemon/camera/streamSupervisor.ts';
import type { AccessUnit, AudioFrame } from '../../daemon/frame.ts';
import { noRemuxer } from '../ingest/noRemuxer.ts';
import { SDP as PICTURES_ONLY, type Script } from '../ingest/scriptedServer.ts';
import { serve } from '../ingest/sessionTest.ts';
import { talking } from '../ingest/talkingCamera.ts';
import { until } from '../ingest/until.ts';

async function supervised(t: TestContext, script: Script) {
  const server = await serve(t, script);
  const supervisor = new StreamSupervisor({
    source: {
      name: 'door_sub',
      camera: 'door',
      profile: 'sub',
      url: server.url,
      username: null,
      password: null,
      transport: 'tcp',
      knownTransport: null,
      enabled: true,
      keepWarm: false,
    },
    tools: () => assert.fail('nothing is decoded here'),
    rtsp: { requestTimeout: 300, remuxer: noRemuxer },
    log: pino({ level: 'silent' }),
    changed: () => {},
    learned: () => {},
  });
  const end = new AbortController();
  const running = supervisor.run(end.signal);
  t.after(async () => {
    end.abort();
    await running;
  });
  const frames: AudioFrame[] = [];
  const units: AccessUnit[] = [];
  return { server, supervisor, frames, units };
}

describe('the sound of a stream', { timeout: 60_000, concurrency: 4 }, () => {
  test('opens the stream as watching does, and gives the session back at once', async (t) => {
    const { server, supervisor, frames } = await supervised(t, talking());
    const leave = supervisor.watchSound((frame) => frames.push(frame));
    await until(() => frames.length > 5);
    assert.equal(frames[0]?.audio.codec, 'pcm_alaw');
    assert.equal(supervisor.soundState, 'on');
    assert.equal(supervisor.audio, true);
    leave();
    leave();
    await until(() => server.open === 0);
    assert.equal(server.of('TEARDOWN').length, 1);
    const count = frames.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(frames.length, count);
  });

  test('is on the clock of the pictures that are watched besides', async (t) => {
    const { server, supervisor, frames, units } = await supervised(t, talking());
    const leave = supervisor.watch((unit) => units.push(unit));
    await until(() => units.length > 5);
    assert.equal(server.of('SETUP').length, 2, 'sound is set up with every session');
    const deaf = supervisor.watchSound((frame) => frames.push(frame));
    await until(() => frames.length > 5);
    deaf();
    const count = units.length;
    await until(() => units.length > count + 5);
    assert.equal(server.connections.length, 1, 'the session stays for those who watch');
    // Both come 100 ms at a time; the frame is of the moment of the picture, give or take one.
    const frame = frames.at(-1)!;
    const unit = units.find(({ receivedAt }) => receivedAt >= frame.receivedAt)!;
    assert.ok(Math.abs(unit.mediaTime - frame.mediaTime) < 400, `${unit.mediaTime} and ${frame.mediaTime}`);
    leave();
  });

  test('of a camera that sends none is silence: nothing is called', async (t) => {
    const { server, supervisor, frames, units } = await supervised(t, {});
    supervisor.watchSound((frame) => frames.push(frame));
    supervisor.watch((unit) => units.push(unit));
    await until(() => units.length > 10);
    assert.deepEqual([frames.length, supervisor.soundState, server.of('SETUP').length], [0, 'none', 1]);
  });

  for (const [how, script] of [
    ['refuses its SETUP', { SETUP: ({ url }) => (url.endsWith('track2') ? { status: 500 } : undefined) }],
    ['never answers its SETUP', { SETUP: ({ url }) => (url.endsWith('track2') ? 'silence' : undefined) }],
    [
      'hangs up at its SETUP',
      {
        SETUP: ({ url }, connection) => {
          if (!url.endsWith('track2')) return undefined;
          connection.socket.destroy();
          return 'silence';
        },
      },
    ],
    ['describes it wrongly', { DESCRIBE: ({ url }) => described(url, 'm=audio x RTP/AVP\r\n') }],
    ['has no control for it', { DESCRIBE: ({ url }) => described(url, 'm=audio 0 RTP/AVP 8\r\n') }],
  ] as [string, Script][])
    test(`never costs the pictures: a camera that ${how}`, async (t) => {
      const camera = talking({ send: () => {}, script });
      const { supervisor, frames, units } = await supervised(t, camera);
      supervisor.watchSound((frame) => frames.push(frame));
      supervisor.watch((unit) => units.push(unit));
      await until(() => units.length > 10);
      assert.deepEqual([supervisor.state, frames.length], ['live', 0]);
      assert.notEqual(supervisor.soundState, 'on');
      assert.equal(supervisor.lastError, undefined);
    });

  test('is not asked for again when the camera hung up on the question', async (t) => {
    const script: Script = { SETUP: ({ url }) => (url.endsWith('track2') ? 'silence' : undefined) };
    const { server, supervisor, units } = await supervised(t, talking({ send: () => {}, script }));
    const leave = supervisor.watch((unit) => units.push(unit));
    await until(() => units.length > 5);
    leave();
    await until(() => server.open === 0);
    const asked = server.of('SETUP').length;
    const before = units.length;
    supervisor.watch((unit) => units.push(unit));
    await until(() => units.length > before + 5);
    assert.deepEqual([asked, server.of('SETUP').length], [3, 4]);
  });
});

const described = (url: string, sound: string) => ({
  headers: { 'Content-Type': 'application/sdp', 'Content-Base': `${url}/` },
  body: `${PICTURES_ONLY}${sound}`,
});
