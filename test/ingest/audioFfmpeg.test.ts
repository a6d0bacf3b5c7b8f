/** The depacketizers of sound against packets that we did not make: ffmpeg's encoders and RTP muxer; ffmpeg decodes them again. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chooseAudio } from '../../daemon/ingest/audioCoding.ts';
import type { CodedAudio } from '../../daemon/ingest/audioDepacketizer.ts';
import { parseRtp } from '../../daemon/ingest/rtp.ts';
import { RtpReceiver } from '../../daemon/ingest/rtpReceiver.ts';
import { parseSdp } from '../../daemon/ingest/sdp.ts';
import { type Capture, captureRtp } from './ffmpegRtp.ts';
import { listen } from './sound.ts';

const SECONDS = 2;
/** The level of lavfi's sine, an eighth of full scale; ffmpeg halves its power for two channels. */
const level = (channels: number) => 1 / 8 / Math.SQRT2 / Math.sqrt(channels);

/** What the SDP and the packets come to. ffmpeg's SDP has no control, which only RTSP has. */
function depacketize({ sdp, rtp }: Capture) {
  const choice = chooseAudio(parseSdp(`${sdp}\r\na=control:track1\r\n`));
  assert.ok(choice && 'depacketizer' in choice, sdp);
  const { format, depacketizer } = choice;
  const { payloadType } = format;
  const { clockRate } = depacketizer;
  const receiver = new RtpReceiver({ payloadType, clockRate, reorder: true, now: () => 0 });
  const frames: CodedAudio[] = [];
  let packets = 0;
  for (const [i, bytes] of rtp.entries()) {
    const packet = parseRtp(bytes);
    assert.ok(!('invalid' in packet));
    for (const received of receiver.push(packet, i)) {
      packets++;
      frames.push(...depacketizer.push(received));
    }
  }
  return { frames, packets, depacketizer };
}

/** Each frame begins where the one before ended, by its timestamp. */
function assertGapless(frames: readonly CodedAudio[], clockRate: number): void {
  let end: number | undefined;
  for (const { timestamp, offset, duration } of frames) {
    const begin = (timestamp / clockRate) * 1000 + offset;
    if (end !== undefined) assert.ok(Math.abs(begin - end) < 0.1, `begins at ${begin}, not ${end}`);
    end = begin + duration;
  }
}

interface Case {
  readonly name: string;
  readonly rate: number;
  readonly channels?: number;
  readonly encode: readonly string[];
  readonly expected: { codec: string; codecString: string | undefined; codeBits?: number };
  /** More frames than packets. */
  readonly several?: boolean;
  /** Of a packet, bytes. */
  readonly size?: number;
}

// biome-ignore format: a line a case
const CASES: Case[] = [
  { name: 'AAC-hbr, several access units in a packet', rate: 16000, encode: ['-c:a', 'aac', '-b:a', '32k'],
    expected: { codec: 'aac', codecString: 'mp4a.40.2' }, several: true },
  { name: 'AAC-hbr in stereo', rate: 48000, channels: 2, encode: ['-c:a', 'aac', '-b:a', '128k'],
    expected: { codec: 'aac', codecString: 'mp4a.40.2' }, several: true },
  { name: 'AAC-hbr in fragments', rate: 48000, encode: ['-c:a', 'aac', '-b:a', '128k'], size: 150,
    expected: { codec: 'aac', codecString: 'mp4a.40.2' } },
  { name: 'MP4A-LATM in fragments', rate: 48000, encode: ['-c:a', 'aac', '-b:a', '128k', '-rtpflags', 'latm'], size: 150,
    expected: { codec: 'aac', codecString: 'mp4a.40.2' } },
  { name: 'MP4A-LATM', rate: 16000, encode: ['-c:a', 'aac', '-b:a', '32k', '-rtpflags', 'latm'],
    expected: { codec: 'aac', codecString: 'mp4a.40.2' } },
  { name: 'Opus', rate: 48000, channels: 2, encode: ['-c:a', 'libopus', '-b:a', '48k'],
    expected: { codec: 'opus', codecString: 'opus' } },
  { name: 'Opus in frames of 60 ms', rate: 48000, encode: ['-c:a', 'libopus', '-frame_duration', '60'],
    expected: { codec: 'opus', codecString: 'opus' } },
  { name: 'G.711 µ-law', rate: 8000, encode: ['-c:a', 'pcm_mulaw'],
    expected: { codec: 'pcm_mulaw', codecString: undefined } },
  { name: 'G.711 A-law', rate: 8000, encode: ['-c:a', 'pcm_alaw'],
    expected: { codec: 'pcm_alaw', codecString: undefined } },
  { name: 'G.711 A-law at 16 kHz', rate: 16000, encode: ['-c:a', 'pcm_alaw'],
    expected: { codec: 'pcm_alaw', codecString: undefined } },
  ...[2, 3, 4, 5].flatMap((bits): Case[] => [
    { name: `AAL2-G726-${bits * 8}`, rate: 8000, encode: ['-c:a', 'g726', '-code_size', `${bits}`],
      expected: { codec: 'adpcm_g726', codecString: undefined, codeBits: bits } },
    { name: `G726-${bits * 8}, packed from the lowest bit`, rate: 8000, encode: ['-c:a', 'g726le', '-code_size', `${bits}`],
      expected: { codec: 'adpcm_g726', codecString: undefined, codeBits: bits } },
  ]),
];

describe('sound as ffmpeg sends it', { concurrency: 2, timeout: 120_000 }, () => {
  for (const { name, rate, channels = 1, encode, expected, several = false, size = 1200 } of CASES)
    test(name, async () => {
      const source = `sine=frequency=440:sample_rate=${rate}:duration=${SECONDS}`;
      const capture = await captureRtp(
        ['-re', '-f', 'lavfi', '-i', source, '-ac', `${channels}`, ...encode],
        size,
      );
      const { frames, packets, depacketizer } = depacketize(capture);
      const { codec, codecString, codeBits, sampleRate, config } = depacketizer.audio;
      assert.deepEqual({ codec, codecString, codeBits }, { codeBits: undefined, ...expected });
      assert.equal(sampleRate, rate);
      assert.equal(config !== undefined, codec === 'aac');
      assert.ok(codec === 'opus' || depacketizer.audio.channels === channels);
      assert.equal(several, frames.length > packets);
      assert.equal(size < 1200, frames.length < packets);
      assert.deepEqual([depacketizer.malformed, depacketizer.leftOut], [0, undefined]);
      assertGapless(frames, depacketizer.clockRate);

      const tone = await listen(frames);
      const duration = frames.reduce((sum, frame) => sum + frame.duration, 0) / 1000;
      assert.equal(tone.complaints, '');
      // An Ogg file's first packets are preskip, which a decoder may take off.
      assert.ok(Math.abs(tone.seconds - duration) < 0.05, `${tone.seconds} s of frames of ${duration} s`);
      assert.ok(Math.abs(duration - SECONDS) < 0.15, `${duration} s of ${SECONDS} s`);
      assert.ok(Math.abs(tone.frequency - 440) < 4, `${tone.frequency} Hz`);
      assert.ok(Math.abs(tone.level / level(channels) - 1) < 0.15, `level ${tone.level}`);
    });
});
