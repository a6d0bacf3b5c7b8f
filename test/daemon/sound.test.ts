/** The sound of the live socket of a real daemon, from an RTSP server that we did not write (GStreamer); ffmpeg decodes what comes. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { LiveClient } from '../api/live/liveClient.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { type GstAudioServer, startGstAudioServer } from '../ingest/gstAudioServer.ts';
import { gstServerMissing } from '../peers/gstRtspServer.ts';

const tone = (rate: number, frequency: number) =>
  `audiotestsrc is-live=true freq=${frequency} volume=0.5 samplesperbuffer=160 ! audio/x-raw,rate=${rate},channels=1`;
const CASES = [
  { name: 'aac', elements: `${tone(16_000, 440)} ! voaacenc bitrate=32000 ! rtpmp4gpay name=pay1 pt=97` },
  { name: 'opus', elements: `${tone(48_000, 660)} ! opusenc frame-size=20 ! rtpopuspay name=pay1 pt=97` },
  { name: 'pcmu', elements: `${tone(8000, 880)} ! mulawenc ! rtppcmupay name=pay1 pt=0` },
] as const;
const FREQUENCY = { aac: 440, opus: 660, pcmu: 880 };
const CODEC = { aac: 'mp4a.40.2', opus: 'opus', pcmu: 'mp4a.40.2' };

const missing = await gstServerMissing();
let server: GstAudioServer;
let daemon: Daemon;
const clients: LiveClient[] = [];

async function connect(): Promise<LiveClient> {
  const client = new LiveClient(Number(new URL(daemon.url).port));
  clients.push(client);
  return client.opened();
}
const sounds = (client: LiveClient) => client.parts.filter(({ kind }) => kind === 'sound');
const pictures = (client: LiveClient) => client.parts.filter(({ kind }) => kind === 'mp4' || kind === 'jpeg');

/** Initialisation segment and fragments as one file, decoded: seconds, and the frequency of the tone in it. */
function heard(client: LiveClient): { seconds: number; frequency: number } {
  const init = client.parts.find(({ kind }) => kind === 'soundInit')!.payload;
  const file = Buffer.concat([init.subarray(1 + init[0]!), ...sounds(client).map(({ payload }) => payload)]);
  const pcm = execFileSync(
    'ffmpeg',
    ['-v', 'error', '-i', 'pipe:0', '-ar', '48000', '-f', 's16le', '-ac', '1', '-'],
    {
      input: file,
      maxBuffer: 1 << 28,
    },
  );
  const count = pcm.length / 2;
  let rises = 0;
  const from = 24_000;
  for (let i = from; i < count; i++)
    if (pcm.readInt16LE(2 * i - 2) < 0 && pcm.readInt16LE(2 * i) >= 0) rises++;
  return { seconds: count / 48_000, frequency: (rises * 48_000) / (count - from) };
}

describe('sound on the live socket', { timeout: 240_000, skip: missing ?? false }, () => {
  before(async () => {
    server = await startGstAudioServer({
      ...Object.fromEntries(CASES.map(({ name, elements }) => [name, elements])),
      l16: `${tone(16_000, 440)} ! audioconvert ! rtpL16pay name=pay1 pt=97`,
    });
    daemon = await startDaemon({});
    for (const name of ['aac', 'opus', 'pcmu', 'l16']) {
      const streams = [{ profile: 'main', rtsp_url: server.url(name) }];
      await daemon.api('POST', '/api/cameras', { id: name, name, streams });
    }
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });
  after(async () => {
    await daemon?.stop();
    await server?.close();
  });

  for (const { name } of CASES)
    it(`of a camera that sends ${name} is a tone of the right height, on the clock of the pictures`, async (t) => {
      const client = await connect();
      client.say({ type: 'open', tile: 3, stream: `${name}_main`, formats: ['mp4'] });
      client.say({ type: 'listen', tile: 3 });
      await until('five seconds of sound', () => sounds(client).length > 45, 120_000);
      const { seconds, frequency } = heard(client);
      t.diagnostic(
        `${seconds.toFixed(2)} s of ${frequency.toFixed(1)} Hz in ${sounds(client).length} fragments`,
      );
      assert.ok(Math.abs(frequency - FREQUENCY[name]) < 5, `${frequency} Hz`);
      const last = client.of('sound').at(-1);
      assert.deepEqual(
        [last?.state, last?.codec, last?.tile, last?.stream],
        ['on', CODEC[name], 3, `${name}_main`],
      );
      assert.ok(sounds(client).every(({ tile, feed }) => tile === 3 && feed === last?.feed));
      assert.equal(client.of('state').at(-1)?.sound, true);

      // Fragments of 0.1 to 0.2 s, one behind the other, and 0.1 to 0.2 s old like the first of their samples.
      const times = sounds(client).map(({ time }) => time);
      const steps = times.slice(11).map((time, i) => time - times[i + 10]!);
      // On a machine that has no time for it, sound that is coded anew comes late, and is left out.
      const judged = name === 'pcmu' ? [steps.toSorted((a, b) => a - b)[steps.length >> 1]!] : steps;
      assert.ok(
        judged.every((step) => step > 90 && step < 260),
        steps.map(Math.round).join(' '),
      );
      const ages = sounds(client)
        .slice(10)
        .map(({ age }) => age);
      const middle = ages.sort((a, b) => a - b)[ages.length >> 1]!;
      t.diagnostic(`a fragment comes ${middle.toFixed(0)} ms after its first sample`);
      assert.ok(middle < 2000, `${middle} ms`);
      const video = pictures(client).at(-1)!;
      const near = times.at(-1)! - video.time;
      assert.ok(Math.abs(near) < 1500, `${near} ms from the pictures`);
    });

  it('needs no pictures, and none in the tile: JPEG, no tile at all, a tab that is hidden', async () => {
    const client = await connect();
    client.say({ type: 'listen', tile: 9, stream: 'aac_main' });
    await until('sound without a tile', () => sounds(client).length > 3);
    assert.equal(pictures(client).length, 0);
    client.say({ type: 'open', tile: 1, stream: 'aac_main', formats: ['jpeg'], width: 160 });
    client.say({ type: 'listen', tile: 1 });
    await until('both', () => pictures(client).length > 3 && sounds(client).some(({ tile }) => tile === 1));
    client.say({ type: 'pause' });
    await sleep(500);
    const [before, seen] = [sounds(client).length, pictures(client).length];
    await until('sound goes on', () => sounds(client).length > before + 10);
    assert.ok(pictures(client).length <= seen + 1);
    client.say({ type: 'listen', tile: null });
    await sleep(500);
    const count = sounds(client).length;
    await sleep(1000);
    assert.equal(sounds(client).length, count);
  });

  it('is of one tile at a time, and ends with its tile', async () => {
    const client = await connect();
    for (const [tile, name] of ['aac', 'opus'].entries())
      client.say({ type: 'open', tile, stream: `${name}_main`, formats: ['jpeg'], width: 160 });
    client.say({ type: 'listen', tile: 0 });
    await until('one', () => sounds(client).length > 3);
    client.say({ type: 'listen', tile: 1 });
    await until('the other', () => client.of('sound').at(-1)?.codec === 'opus');
    client.parts.splice(0);
    await until('its sound', () => sounds(client).length > 10);
    assert.ok(sounds(client).every(({ tile }) => tile === 1));
    client.say({ type: 'close', tile: 1 });
    await sleep(500);
    const count = sounds(client).length;
    await sleep(1000);
    assert.equal(sounds(client).length, count);
  });

  it('that cannot be given is said to be so: in a coding that is not taken, of no stream, of a tile that is not open', async () => {
    const client = await connect();
    client.say({ type: 'open', tile: 0, stream: 'l16_main', formats: ['jpeg'], width: 160 });
    client.say({ type: 'listen', tile: 0 });
    await until('why', () => client.of('sound').at(-1)?.state === 'unsupported');
    client.say({ type: 'listen', tile: 0, stream: 'nobody_main' });
    await until('why', () => /no stream/.test(client.of('sound').at(-1)?.message ?? ''));
    client.say({ type: 'listen', tile: 77 });
    await until('why', () => /not open/.test(client.of('sound').at(-1)?.message ?? ''));
  });

  it('goes on, gapless, to a viewer for whom the pictures are too much', async (t) => {
    const client = await connect();
    client.acknowledges = false;
    for (let tile = 0; tile < 12; tile++)
      client.say({ type: 'open', tile, stream: 'aac_main', formats: ['mp4'] });
    client.say({ type: 'listen', tile: 0 });
    // 20 KB/s: an eighth of the pictures, beside 5 KB/s of sound.
    let acked = 0;
    const link = setInterval(() => {
      acked = Math.min(client.received, acked + 1000);
      client.say({ type: 'ack', bytes: acked });
    }, 50);
    t.after(() => clearInterval(link));
    await until('ten seconds of sound', () => sounds(client).length > 90, 60_000);
    const times = sounds(client).map(({ time }) => time);
    const holes = times.slice(1).filter((time, i) => time - times[i]! > 300);
    const dropped = client.of('pace').at(-1)?.dropped ?? 0;
    t.diagnostic(
      `${pictures(client).length} pictures, ${dropped} left out, ${holes.length} holes in ${times.length} fragments`,
    );
    assert.deepEqual(holes, []);
    assert.ok(dropped > 20, 'the link was not slow at all');
  });
});
