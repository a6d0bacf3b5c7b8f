/** Telephone sound to AAC by a real ffmpeg in a real sandbox; ffmpeg decodes it again, and tones are looked for. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { audioArgs } from '../../daemon/decode/audioArgs.ts';
import { AudioTranscoder } from '../../daemon/decode/audioTranscoder.ts';
import { type FfmpegBinary, findFfmpeg } from '../../daemon/decode/ffmpegChoice.ts';
import { probeSandbox, type Sandbox } from '../../daemon/decode/sandbox.ts';
import type { AudioFrame, AudioParameters } from '../../daemon/frame.ts';
import { until } from '../e2e/until.ts';
import { adts } from '../ingest/sound.ts';
import { bare, makeScript } from './fakes.ts';

const RATE = 8000;
/** Of a frame that is fed, milliseconds. */
const PACE = 20;
const log = pino({ level: 'silent' });

const parameters = (codec: AudioParameters['codec'], codeBits?: number): AudioParameters => ({
  ...{ codec, sampleRate: RATE, channels: 1, codecString: undefined, config: undefined },
  codeBits,
});

/** 100 ms of a tone each second, from its beginning on, as the codec has it. */
function beeps(format: string, seconds: number, encode: readonly string[] = []): Buffer {
  const tone = `aevalsrc='if(lt(mod(t,1),0.1),0.5*sin(2*PI*1000*t),0)':s=${RATE}:d=${seconds}`;
  const args = ['-v', 'error', '-f', 'lavfi', '-i', tone, ...encode, '-f', format, 'pipe:1'];
  return execFileSync('ffmpeg', args, { maxBuffer: 1 << 26 });
}

/** Feeds it as fast as it is taken: a machine under load must not lose sound here. @param mediaTime of a position in it, milliseconds */
async function feed(
  { transcoder, frames }: { transcoder: AudioTranscoder; frames: readonly AudioFrame[] },
  audio: AudioParameters,
  data: Buffer,
  mediaTime: (position: number) => number,
): Promise<void> {
  const bytes = audio.codec === 'adpcm_g726' ? (RATE * (audio.codeBits ?? 4)) / 8 : RATE;
  const each = (bytes * PACE) / 1000;
  const before = frames.length;
  for (let i = 0; (i + 1) * each <= data.length; i++) {
    const frame = { audio, data: data.subarray(i * each, (i + 1) * each), duration: PACE };
    transcoder.push({ ...frame, mediaTime: mediaTime(i * PACE), receivedAt: 1_000_000 + i * PACE });
    const ahead = () => i * PACE - (frames.length - before) * (1024 / 48);
    for (let waits = 0; ahead() > 1000 && waits < 500; waits++) await sleep(10);
    await sleep(1);
  }
}

/** When tones begin, in the clock of the frames' media times, milliseconds. */
function onsets(frames: readonly AudioFrame[]): number[] {
  const { sampleRate, channels } = frames[0]!.audio;
  const file = Buffer.concat(frames.map(({ data }) => adts(data, sampleRate, channels)));
  const pcm = execFileSync(
    'ffmpeg',
    ['-v', 'error', '-f', 'aac', '-i', 'pipe:0', '-f', 's16le', '-ac', '1', '-'],
    {
      input: file,
      maxBuffer: 1 << 28,
    },
  );
  const found: number[] = [];
  let quiet = sampleRate;
  for (let i = 0; i < pcm.length / 2; i++) {
    const loud = Math.abs(pcm.readInt16LE(i * 2)) > 3000;
    if (loud && quiet > sampleRate / 5) {
      const frame = frames[Math.floor(i / 1024)]!;
      found.push(frame.mediaTime + ((i % 1024) * 1000) / sampleRate);
    }
    quiet = loud ? 0 : quiet + 1;
  }
  return found;
}

let ffmpeg: FfmpegBinary;
let npm: string;
let sandbox: Sandbox;
before(async () => {
  ffmpeg = await findFfmpeg({});
  npm = (await import('@ffmpeg-installer/ffmpeg')).default.path;
  sandbox = await probeSandbox({ program: ffmpeg.path });
});

function transcoding(t: TestContext, options: { path?: string; sandbox?: Sandbox } = {}) {
  const frames: AudioFrame[] = [];
  const transcoder = new AudioTranscoder({
    tools: { ffmpeg: { path: options.path ?? ffmpeg.path }, sandbox: options.sandbox ?? sandbox },
    frame: (frame) => frames.push(frame),
    log,
  });
  t.after(() => transcoder.close());
  return { transcoder, frames };
}

describe('telephone sound', { timeout: 400_000 }, () => {
  for (const { name, audio, encode, format, old } of [
    { name: 'G.711 µ-law', audio: parameters('pcm_mulaw'), format: 'mulaw', old: false },
    { name: 'G.711 A-law', audio: parameters('pcm_alaw'), format: 'alaw', old: false },
    { name: 'G.711 A-law, npm’s old ffmpeg', audio: parameters('pcm_alaw'), format: 'alaw', old: true },
    {
      ...{ name: 'G.726-32', audio: parameters('adpcm_g726', 4), format: 'g726', old: false },
      encode: ['-c:a', 'g726', '-code_size', '4'],
    },
    {
      ...{ name: 'G.726-16', audio: parameters('adpcm_g726', 2), format: 'g726', old: false },
      encode: ['-c:a', 'g726', '-code_size', '2'],
    },
  ])
    it(`becomes AAC, each tone at its time: ${name}`, async (t) => {
      const { transcoder, frames } = transcoding(t, old ? { path: npm, sandbox: bare } : {});
      // Until the first child reads: what comes before that is left out.
      const start = beeps(format, 1, encode)
        .subarray(0, 80)
        .fill(format === 'alaw' ? 0xd5 : 0xff);
      transcoder.push({ audio, data: start.subarray(0, 8), mediaTime: 0, duration: 1, receivedAt: 0 });
      await until('a child', () => transcoder.pid !== null);
      await feed({ transcoder, frames }, audio, beeps(format, 6, encode), (position) => 5000 + position);
      await until(
        'all but what stays inside (of G.726 half a second: ffmpeg reads a kilobyte at a time)',
        () => (frames.at(-1)?.mediaTime ?? 0) > 10_350,
      );

      const found = onsets(frames);
      t.diagnostic(`tones at ${found.map((at) => at.toFixed(1)).join(', ')} ms`);
      assert.ok(found.length >= 5, `${found.length} tones`);
      for (const at of found)
        assert.ok(Math.abs(at - 1000 * Math.round(at / 1000)) <= 50, `a tone at ${at} ms`);
      assert.equal(Math.round(found.at(-1)! / 1000), 10);
      for (const [i, { audio: form, duration, mediaTime }] of frames.entries()) {
        assert.equal(form, frames[0]!.audio);
        const next = frames[i + 1];
        if (next && i > 0) assert.ok(Math.abs(next.mediaTime - mediaTime - duration) < 0.01);
      }
      const { codec, sampleRate, channels, codecString, config } = frames[0]!.audio;
      assert.deepEqual([codec, sampleRate, channels, codecString], ['aac', 48_000, 1, 'mp4a.40.2']);
      assert.equal(config?.toString('hex'), '1188');
      assert.equal(transcoder.restarts, 0);
    });

  it('keeps a gap of the camera’s where it was', async (t) => {
    const { transcoder, frames } = transcoding(t);
    const audio = parameters('pcm_mulaw');
    await feed({ transcoder, frames }, audio, beeps('mulaw', 6), (position) =>
      position < 2500 ? position : position + 700,
    );
    await until('the last tone', () => (frames.at(-1)?.mediaTime ?? 0) > 6_300);
    const found = onsets(frames);
    t.diagnostic(`tones at ${found.map((at) => at.toFixed(1)).join(', ')} ms`);
    const late = found.filter((at) => at > 3500);
    assert.equal(late.length, 3);
    for (const [i, at] of late.entries()) assert.ok(Math.abs(at - (3700 + 1000 * i)) <= 50, `${at}`);
  });

  it('goes on after a child that was killed', async (t) => {
    const { transcoder, frames } = transcoding(t);
    const audio = parameters('pcm_alaw');
    const sound = beeps('alaw', 3);
    await feed({ transcoder, frames }, audio, sound, (position) => position);
    const { pid } = transcoder;
    assert.ok(pid);
    process.kill(-pid, 'SIGKILL');
    await until('another child', () => transcoder.pid !== null && transcoder.pid !== pid);
    await feed({ transcoder, frames }, audio, sound, (position) => 50_000 + position);
    await until('its sound', () => (frames.at(-1)?.mediaTime ?? 0) > 52_500);
    assert.equal(transcoder.restarts, 1);
    const found = onsets(frames.filter(({ mediaTime }) => mediaTime >= 50_000));
    for (const at of found) assert.ok(Math.abs(at - 1000 * Math.round(at / 1000)) <= 50, `${at}`);
  });

  it('goes on when the camera codes it in another way', async (t) => {
    const { transcoder, frames } = transcoding(t);
    await feed({ transcoder, frames }, parameters('pcm_alaw'), beeps('alaw', 2), (position) => position);
    const before = transcoder.pid;
    const audio = parameters('pcm_mulaw');
    transcoder.push({ audio, data: Buffer.alloc(8, 0xff), mediaTime: 9000, duration: 1, receivedAt: 0 });
    await until('another child', () => transcoder.pid !== null && transcoder.pid !== before);
    await feed({ transcoder, frames }, audio, beeps('mulaw', 3), (position) => 20_000 + position);
    await until('its sound', () => (frames.at(-1)?.mediaTime ?? 0) > 22_500);
    const found = onsets(frames.filter(({ mediaTime }) => mediaTime >= 20_000));
    assert.ok(found.length >= 2 && found.every((at) => Math.abs(at - 1000 * Math.round(at / 1000)) <= 50));
  });

  it('is not coded by a program that gives no AAC, and everything else goes on', async (t) => {
    const path = await makeScript(t, 'cat');
    const { transcoder, frames } = transcoding(t, { path, sandbox: bare });
    const feeding = setInterval(() => {
      const data = Buffer.alloc(160, 0xd5);
      transcoder.push({ audio: parameters('pcm_alaw'), data, mediaTime: 0, duration: 20, receivedAt: 0 });
    }, 5);
    t.after(() => clearInterval(feeding));
    await until('another child', () => transcoder.restarts > 0);
    assert.equal(frames.length, 0);
    await transcoder.close();
    assert.equal(transcoder.pid, null);
  });

  it('is given up by a child that hangs, after three seconds', async (t) => {
    const path = await makeScript(t, 'exec sleep 60');
    const { transcoder } = transcoding(t, { path, sandbox: bare });
    const feeding = setInterval(() => {
      const data = Buffer.alloc(160, 0xd5);
      transcoder.push({ audio: parameters('pcm_alaw'), data, mediaTime: 0, duration: 20, receivedAt: 0 });
    }, 5);
    t.after(() => clearInterval(feeding));
    await until('another child', () => transcoder.restarts > 0);
  });

  it('needs no child where nothing is fed', async (t) => {
    const { transcoder } = transcoding(t);
    assert.equal(transcoder.pid, null);
    await transcoder.close();
    transcoder.push({
      audio: parameters('pcm_alaw'),
      data: Buffer.alloc(8),
      mediaTime: 0,
      duration: 1,
      receivedAt: 0,
    });
    assert.equal(transcoder.pid, null);
  });

  it('leaves AAC and Opus as they are', (t) => {
    const { transcoder, frames } = transcoding(t);
    const audio: AudioParameters = { ...parameters('opus'), codecString: 'opus' };
    const frame = { audio, data: Buffer.of(1), mediaTime: 1, duration: 20, receivedAt: 2 };
    transcoder.push(frame);
    assert.equal(frames[0], frame);
    assert.equal(transcoder.pid, null);
  });
});

describe('the transcoder’s command line', () => {
  it('says what comes in, and lets ffmpeg read nothing but that', () => {
    const args = audioArgs(parameters('adpcm_g726', 3)).join(' ');
    assert.match(args, /-protocol_whitelist pipe -f g726 -code_size 3 -ar 8000 -i pipe:0/);
    assert.match(
      audioArgs({ ...parameters('pcm_alaw'), channels: 2 }).join(' '),
      /-f alaw -ar 8000 -ac 2 -i pipe:0/,
    );
  });
});
