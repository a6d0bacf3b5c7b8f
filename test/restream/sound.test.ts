/** Sound behind the pictures: packets that our own depacketizers read, and the second track in the dialog; no network. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { AudioParameters } from '../../daemon/frame.ts';
import { chooseAudio } from '../../daemon/ingest/audioCoding.ts';
import { parseRtp } from '../../daemon/ingest/rtp.ts';
import { parseSdp } from '../../daemon/ingest/sdp.ts';
import { soundFormat, soundPayloads } from '../../daemon/restream/soundPacketizer.ts';
import { SoundSender } from '../../daemon/restream/soundSender.ts';
import { parseRtcp } from '../../daemon/rtsp/rtcp.ts';
import { RtpWriter } from '../../daemon/rtsp/rtpWriter.ts';
import { FakeClient, FakeStreams, rtpOf } from './fakes.ts';

const base = { codecString: undefined, codeBits: undefined, config: undefined };
/** AAC-LC, 16 kHz, one channel: an AudioSpecificConfig of 14 08. */
const AAC: AudioParameters = {
  ...base,
  codec: 'aac',
  sampleRate: 16_000,
  channels: 1,
  codecString: 'mp4a.40.2',
  config: Buffer.from('1408', 'hex'),
};
const OPUS: AudioParameters = {
  ...base,
  codec: 'opus',
  sampleRate: 48_000,
  channels: 2,
  codecString: 'opus',
};
const ULAW: AudioParameters = { ...base, codec: 'pcm_mulaw', sampleRate: 8_000, channels: 1 };
const ALAW: AudioParameters = { ...ULAW, codec: 'pcm_alaw' };

/** The SDP's audio section, as our own ingest reads it. */
function choiceOf(audio: AudioParameters) {
  const { rtpmap, fmtp } = soundFormat(audio)!;
  const lines = [
    'm=audio 0 RTP/AVP 97',
    'a=control:sound',
    `a=rtpmap:97 ${rtpmap}`,
    ...(fmtp ? [`a=fmtp:97 ${fmtp}`] : []),
  ];
  const choice = chooseAudio(parseSdp(`v=0\r\ns=-\r\n${lines.join('\r\n')}\r\n`));
  assert.ok(choice && !('unsupported' in choice));
  return choice;
}

describe('sound in RTP', () => {
  for (const audio of [AAC, OPUS, ULAW, ALAW])
    test(`${audio.codec}: our own ingest reads the SDP and gets back each frame`, () => {
      const { clockRate } = soundFormat(audio)!;
      fc.assert(
        fc.property(
          fc.array(fc.uint8Array({ minLength: 1, maxLength: audio.codec === 'aac' ? 5_000 : 1_300 }), {
            minLength: 1,
            maxLength: 5,
          }),
          (given) => {
            // An Opus packet tells its length in its first byte (RFC 6716 §3.1): one frame of 20 ms.
            const frames = given.map((one) => (audio.codec === 'opus' ? [0xf8, ...one] : one));
            const { depacketizer } = choiceOf(audio);
            const writer = new RtpWriter({ cname: 'x', payloadType: 97, clockRate });
            const got: Buffer[] = [];
            for (const [n, frame] of frames.entries())
              for (const { payload, after, marker } of soundPayloads(audio, Buffer.from(frame))) {
                const rtp = parseRtp(writer.packet(payload, writer.timestamp(n * 20 + after), marker));
                assert.ok(!('invalid' in rtp));
                const packet = { ...rtp, sequence: writer.sequence - 1, lost: false, arrival: n } as never;
                got.push(...depacketizer.push(packet).map(({ data }) => data));
              }
            assert.deepEqual(Buffer.concat(got), Buffer.concat(frames.map((frame) => Buffer.from(frame))));
          },
        ),
        { numRuns: 50 },
      );
    });

  test('G.711 that is too long for a packet goes in several, each later by what was before it', () => {
    const parts = soundPayloads(ULAW, Buffer.alloc(3_000), 1_400);
    assert.deepEqual(
      parts.map(({ payload, after }) => [payload.body.length, after]),
      [
        [1_400, 0],
        [1_400, 175],
        [200, 350],
      ],
    );
  });

  test('G.726, and AAC that does not say what it is, are not sent on', () => {
    assert.equal(soundFormat({ ...ULAW, codec: 'adpcm_g726', codeBits: 4 }), undefined);
    assert.equal(soundFormat({ ...AAC, config: undefined }), undefined);
  });

  test('frames follow each other without a step, whatever their arrival; a gap stays one', () => {
    const sent: number[] = [];
    const writer = new RtpWriter({ cname: 'x', payloadType: 97, clockRate: 16_000 });
    const outlet = {
      takes: () => true,
      send: (packets: readonly Buffer[]) => void sent.push(packets[0]!.readUInt32BE(4)),
      control: () => {},
      close: () => {},
    };
    const sender = new SoundSender(writer, outlet);
    const frame = { audio: AAC, data: Buffer.from('abc'), duration: 64 };
    for (const time of [1_000, 1_070, 1_125, 1_195, 1_500, 1_564]) sender.send({ ...frame, time });
    const steps = sent.slice(1).map((timestamp, n) => (timestamp - sent[n]!) >>> 0);
    assert.deepEqual(steps, [1_024, 1_024, 1_024, (1_500 - 1_192) * 16, 1_024]);
  });
});

describe('the second track', () => {
  const transport = (first: number) => ({
    Transport: `RTP/AVP/TCP;unicast;interleaved=${first}-${first + 1}`,
  });
  const track = (n: number) => `rtsp://box:8554/door/trackID=${n}`;
  const sound = (time: number) => ({ audio: AAC, data: Buffer.from('sound'), time, duration: 64 });

  async function both(streams: FakeStreams) {
    const client = new FakeClient(streams);
    await client.ask('DESCRIBE');
    const first = await client.ask('SETUP', transport(0), track(0));
    const session = first.headers.get('Session')?.split(';')[0] ?? '';
    const second = await client.ask('SETUP', { ...transport(2), Session: session }, track(1));
    return { client, session, second };
  }

  test('is in the description, is set up, and comes on its own channel with its own reports', async () => {
    const streams = new FakeStreams();
    streams.audio = AAC;
    const described = await new FakeClient(streams).ask('DESCRIBE');
    const choice = chooseAudio(parseSdp(described.body.toString()));
    assert.ok(choice && !('unsupported' in choice));
    assert.equal(choice.media.control, 'trackID=1');
    const { client, session, second } = await both(streams);
    assert.equal(second.status, 200);
    assert.match(second.headers.get('Transport') ?? '', /interleaved=2-3/);
    const played = await client.ask('PLAY', { Session: session });
    assert.match(
      played.headers.get('RTP-Info') ?? '',
      /^url=rtsp:\/\/box:8554\/door\/trackID=0;seq=\d+;rtptime=\d+,url=rtsp:\/\/box:8554\/door\/trackID=1;seq=\d+$/,
    );
    streams.hear(sound(1_200));
    const [packet] = rtpOf(client, 2);
    assert.equal(packet?.payload.subarray(4).toString(), 'sound');
    assert.equal(rtpOf(client).length, 5, 'the pictures are as they were');
    assert.ok(client.frames.some(({ channel, payload }) => channel === 3 && parseRtcp(payload).length > 0));
    await client.ask('TEARDOWN', { Session: session });
    const last = client.frames.filter(({ channel }) => channel === 3).at(-1)!;
    assert.ok(parseRtcp(last.payload).some(({ type }) => type === 'goodbye'));
  });

  test('may be left out: who sets up the pictures alone gets them alone', async () => {
    const streams = new FakeStreams();
    streams.audio = AAC;
    const client = new FakeClient(streams);
    const session = await client.setUp();
    await client.ask('PLAY', { Session: session });
    streams.hear(sound(1_200));
    assert.equal(rtpOf(client, 2).length, 0);
    assert.equal(rtpOf(client).length, 5);
  });

  test('is not there where there is no sound', async () => {
    const { second } = await both(new FakeStreams());
    assert.equal(second.status, 404);
  });

  test('ends the session when the camera codes its sound in another way than was told', async () => {
    const streams = new FakeStreams();
    streams.audio = AAC;
    const { client, session } = await both(streams);
    await client.ask('PLAY', { Session: session });
    streams.hear({ ...sound(1_200), audio: ULAW });
    assert.equal(client.closed, true);
  });
});
