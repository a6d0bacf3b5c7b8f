/** Sound of GStreamer's gst-rtsp-server, with GStreamer's encoders and payloaders; ffmpeg decodes what comes. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AudioFrame } from '../../daemon/frame.ts';
import { gstServerMissing } from '../peers/gstRtspServer.ts';
import { type GstAudioServer, startGstAudioServer } from './gstAudioServer.ts';
import { play } from './sessionTest.ts';
import { listen } from './sound.ts';
import { until } from './until.ts';

/** A live tone, in buffers of 160 samples. */
const tone = (rate: number, channels: number) =>
  'audiotestsrc is-live=true freq=440 volume=0.5 samplesperbuffer=160 ' +
  `! audio/x-raw,rate=${rate},channels=${channels}`;
/** Its level, of full scale. */
const LEVEL = 0.5 / Math.SQRT2;

interface Case {
  readonly name: string;
  readonly elements: string;
  readonly expected: { codec: string; sampleRate: number; channels: number; codecString: string | undefined };
  /** Milliseconds. */
  readonly duration: number;
  /** The AudioSpecificConfig. */
  readonly config?: string;
}

// The encoders are of the plug-in packages base (Opus), good (G.711) and bad (AAC).
const CASES: Case[] = [
  {
    name: 'aac',
    elements: `${tone(16_000, 1)} ! voaacenc bitrate=32000 ! rtpmp4gpay name=pay1 pt=97`,
    expected: { codec: 'aac', sampleRate: 16_000, channels: 1, codecString: 'mp4a.40.2' },
    duration: 64,
    config: '1408',
  },
  {
    name: 'latm',
    elements: `${tone(48_000, 2)} ! voaacenc bitrate=96000 ! aacparse ! rtpmp4apay name=pay1 pt=97`,
    expected: { codec: 'aac', sampleRate: 48_000, channels: 2, codecString: 'mp4a.40.2' },
    duration: 1024 / 48,
    config: '1190',
  },
  {
    name: 'opus',
    elements: `${tone(48_000, 2)} ! opusenc bitrate=64000 frame-size=20 ! rtpopuspay name=pay1 pt=97`,
    expected: { codec: 'opus', sampleRate: 48_000, channels: 2, codecString: 'opus' },
    duration: 20,
  },
  {
    name: 'opus-mono',
    elements: `${tone(16_000, 1)} ! opusenc frame-size=60 ! rtpopuspay name=pay1 pt=97`,
    expected: { codec: 'opus', sampleRate: 48_000, channels: 1, codecString: 'opus' },
    duration: 60,
  },
  {
    name: 'mulaw',
    elements: `${tone(8000, 1)} ! mulawenc ! rtppcmupay name=pay1 pt=0`,
    expected: { codec: 'pcm_mulaw', sampleRate: 8000, channels: 1, codecString: undefined },
    duration: 20,
  },
  {
    name: 'alaw',
    elements: `${tone(8000, 1)} ! alawenc ! rtppcmapay name=pay1 pt=8`,
    expected: { codec: 'pcm_alaw', sampleRate: 8000, channels: 1, codecString: undefined },
    duration: 20,
  },
];

/** Milliseconds of sound, and of the gaps between frames; frames must not lie on one another. */
function lengths(frames: readonly AudioFrame[]): { sound: number; gaps: number } {
  let sound = 0;
  let gaps = 0;
  for (const [i, { mediaTime, duration }] of frames.entries()) {
    const previous = frames[i - 1];
    const gap = previous === undefined ? 0 : mediaTime - (previous.mediaTime + previous.duration);
    assert.ok(gap > -1e-6, `frame ${i} begins ${-gap} ms before the one before ends`);
    gaps += gap;
    sound += duration;
  }
  return { sound, gaps };
}

const missing = await gstServerMissing();

describe('sound of gst-rtsp-server', { timeout: 120_000, skip: missing ?? false, concurrency: 2 }, () => {
  let server: GstAudioServer;
  before(async () => {
    server = await startGstAudioServer(
      Object.fromEntries(CASES.map(({ name, elements }) => [name, elements])),
    );
  });
  after(() => server?.close());

  for (const { name, expected, duration, config } of CASES)
    for (const transport of ['tcp', 'udp'] as const)
      test(`${name} over ${transport}`, async (t) => {
        const played = play(t, { url: server.url(name), transport, audio: true });
        const { frames, units, session } = played;
        // Until the sender reports of both tracks have come, and three seconds of sound after that.
        const { audioCounters, counters } = session;
        await until(() => audioCounters.rtcp_received > 0 && counters.rtcp_received > 0);
        const before = frames.length;
        await until(() => frames.length >= before + 3000 / duration);
        played.abort();
        assert.equal(await played.result, 'aborted');

        const { codec, sampleRate, channels, codecString, config: given } = session.audio ?? {};
        assert.deepEqual({ codec, sampleRate, channels, codecString }, expected);
        assert.equal(given?.toString('hex'), config);
        assert.ok(frames.every((frame) => frame.audio === session.audio));
        assert.ok(frames.every((frame) => Math.abs(frame.duration - duration) < 1e-9));
        assert.deepEqual([audioCounters.packets_lost, audioCounters.malformed], [0, 0]);
        assert.equal(played.playing[0]?.transport, transport);

        // Without gap from its beginning to its end, but where the sender reports moved it: once, if at all.
        const { sound, gaps } = lengths(frames);
        const after = lengths(frames.slice(before + Math.ceil(500 / duration)));
        assert.ok(gaps < 500 && after.gaps === 0, `gaps of ${gaps} ms, ${after.gaps} at the end`);
        // As much sound as pictures: each is a fifteenth of a second.
        const pictures = (units.length * 1000) / 15;
        const dropped = audioCounters.frames_dropped * duration;
        const off = sound + dropped - pictures;
        assert.ok(
          Math.abs(off) < 500,
          `${sound} ms of sound and ${dropped} dropped, ${pictures} of pictures`,
        );
        // Sound and pictures of one moment arrive together.
        const late = (all: readonly { mediaTime: number; receivedAt: number }[]) =>
          Math.min(...all.slice(-Math.ceil(all.length / 3)).map((one) => one.receivedAt - one.mediaTime));
        const apart = late(frames) - late(units);
        assert.ok(Math.abs(apart) < 100, `${apart} ms apart`);

        const heard = await listen(frames);
        assert.equal(heard.complaints, '');
        assert.ok(Math.abs(heard.seconds - sound / 1000) < 0.05, `${heard.seconds} s of ${sound} ms`);
        assert.ok(Math.abs(heard.frequency - 440) < 4, `${heard.frequency} Hz`);
        assert.ok(Math.abs(heard.level / LEVEL - 1) < 0.1, `level ${heard.level}`);
      });

  test('without `audio` the same server sends pictures only', async (t) => {
    const played = play(t, { url: server.url('aac') });
    await until(() => played.units.length > 15);
    assert.deepEqual([played.session.hasAudio, played.session.audio], [true, undefined]);
    assert.deepEqual([played.frames.length, played.session.counters.unknown_channel], [0, 0]);
  });
});
