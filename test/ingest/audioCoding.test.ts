import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { audioCoding, chooseAudio } from '../../daemon/ingest/audioCoding.ts';
import { parseSdp } from '../../daemon/ingest/sdp.ts';
import { received } from './rtpPackets.ts';

const CONTROL = 'a=control:trackID=2';
const choose = (...lines: string[]) => chooseAudio(parseSdp(`v=0\r\n${lines.join('\r\n')}\r\n`));
const HBR = 'streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3';

/** What is chosen, in short: codec, rate, channels, and what else its parameters say. */
function summary(...lines: string[]): string {
  const choice = choose(...lines, CONTROL);
  if (!choice) return 'no sound';
  if ('unsupported' in choice) return `unsupported: ${choice.unsupported}`;
  const { codec, sampleRate, channels, codeBits, config } = choice.depacketizer.audio;
  const rest = [codeBits, config?.toString('hex'), `clock ${choice.depacketizer.clockRate}`];
  return [codec, sampleRate, channels, ...rest].filter((part) => part !== undefined).join(' ');
}

// biome-ignore format: a line a case
const CASES: [name: string, lines: string[], expected: string][] = [
  ['static types', ['m=audio 0 RTP/AVP 0'], 'pcm_mulaw 8000 1 clock 8000'],
  ['… and with blanks behind (VStarcam, case 29)', ['m=audio 0 RTP/AVP 8\t '], 'pcm_alaw 8000 1 clock 8000'],
  ['GW Security: the rtpmap wins over the static type (case 32)', ['m=audio 0 RTP/AVP 8', 'a=rtpmap:8 PCMU/8000/1'], 'pcm_mulaw 8000 1 clock 8000'],
  ['… unless it is of another type (case 32)', ['m=audio 0 RTP/AVP 8', 'a=rtpmap:0 pcma/8000'], 'pcm_alaw 8000 1 clock 8000'],
  ['G.711 at 16 kHz, and in stereo', ['m=audio 0 RTP/AVP 98', 'a=rtpmap:98 PCMA/16000/2'], 'pcm_alaw 16000 2 clock 16000'],
  ['G.711 without a rate', ['m=audio 0 RTP/AVP 98', 'a=rtpmap:98 PCMU'], 'pcm_mulaw 8000 1 clock 8000'],
  ['G.726', ['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 G726-32/8000'], 'adpcm_g726 8000 1 4 clock 8000'],
  ['G.726 of AAL2', ['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 AAL2-G726-24/8000/1'], 'adpcm_g726 8000 1 3 clock 8000'],
  ['Opus', ['m=audio 0 RTP/AVP 111', 'a=rtpmap:111 OPUS/48000/2', 'a=fmtp:111 sprop-stereo=0;sprop-maxcapturerate=16000'], 'opus 48000 1 clock 48000'],
  ['Opus of a rate that it cannot have', ['m=audio 0 RTP/AVP 111', 'a=rtpmap:111 opus/16000'], 'opus 48000 2 clock 48000'],
  ['AAC (Hikvision)', ['m=audio 0 RTP/AVP 104', 'a=rtpmap:104 mpeg4-generic/16000/1', `a=fmtp:104 ${HBR};config=1408`], 'aac 16000 1 1408 clock 16000'],
  ['Anpviz: AAC on payload type 0; the config counts, not the rtpmap’s channels (case 32)', ['m=audio 0 RTP/AVP 0', 'a=rtpmap:0 MPEG4-GENERIC/16000/2', `a=fmtp:0 ${HBR};config=1408;`], 'aac 16000 1 1408 clock 16000'],
  ['HIK Media Server V5.03.010: the fmtp of another payload type (mediacommon#144)', ['m=audio 0 RTP/AVP 104', 'a=rtpmap:104 MPEG4-GENERIC/16000', `a=fmtp:97 ${HBR};config=1408`], 'aac 16000 1 1408 clock 16000'],
  ['AAC with a config that is rubbish', ['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 MPEG4-GENERIC/48000/2', `a=fmtp:97 ${HBR};config=xyz`], 'aac 48000 2 1190 clock 48000'],
  ['AAC with half a config', ['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 MPEG4-GENERIC/8000', `a=fmtp:97 ${HBR};config=15`], 'aac 8000 1 1588 clock 8000'],
  ['HE-AAC: timestamps at the rate that the rtpmap says', ['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 MPEG4-GENERIC/44100/2', `a=fmtp:97 ${HBR};config=2B920800`], 'aac 44100 2 2b920800 clock 44100'],
  ['AAC without a clock rate has the config’s', ['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 MPEG4-GENERIC', `a=fmtp:97 ${HBR};config=1408`], 'aac 16000 1 1408 clock 16000'],
  ['AAC without config or clock rate', ['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 MPEG4-GENERIC'], 'unsupported: AAC of 0 Hz without a config'],
  ['interleaved AAC', ['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 MPEG4-GENERIC/16000', `a=fmtp:97 ${HBR};config=1408;maxDisplacement=5120`], 'unsupported: interleaved AAC (maxDisplacement)'],
  ['CELP', ['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 MPEG4-GENERIC/16000', 'a=fmtp:97 mode=CELP-cbr;constantsize=27'], 'unsupported: mpeg4-generic of mode celp-cbr'],
  ['LATM', ['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 MP4A-LATM/48000', 'a=fmtp:97 cpresent=0;config=40002320'], 'aac 48000 2 1190 clock 48000'],
  ['LATM with an empty config (mediamtx#3590)', ['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 MP4A-LATM/16000/1', 'a=fmtp:97 profile-level-id=1709392648;cpresent=0;config='], 'aac 16000 1 1408 clock 16000'],
  ['LATM with its config in the stream', ['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 MP4A-LATM/48000/2', 'a=fmtp:97 cpresent=1'], 'unsupported: mp4a-latm with its config in the stream'],
  ['Hikvision: 11 PCM/48000 (case 32)', ['m=audio 0 RTP/AVP 11', 'a=rtpmap:11 PCM/48000'], 'unsupported: pcm'],
  ['L16, G.722, MP2', ['m=audio 0 RTP/AVP 11 9 14'], 'unsupported: l16, g722, mpa'],
  ['the first format that is taken', ['m=audio 0 RTP/AVP 9 101 8', 'a=rtpmap:101 telephone-event/8000'], 'pcm_alaw 8000 1 clock 8000'],
  ['the first section that is taken', ['m=audio 0 RTP/AVP 9', 'a=control:first', 'm=audio 0 RTP/AVP 0'], 'pcm_mulaw 8000 1 clock 8000'],
  ['a loudspeaker is passed over (case 34)', ['m=audio 0 RTP/AVP 8', 'a=sendonly', 'a=control:back', 'm=audio 0 RTP/AVP 0', 'a=recvonly'], 'pcm_mulaw 8000 1 clock 8000'],
  ['a loudspeaker only', ['m=audio 0 RTP/AVP 8', 'a=sendonly'], 'no sound'],
  ['video only', ['m=video 0 RTP/AVP 96', 'a=rtpmap:96 H264/90000'], 'no sound'],
  ['a section without formats', ['m=audio 0 RTP/AVP'], 'unsupported: no format is stated'],
];

describe('audioCoding', () => {
  for (const [name, lines, expected] of CASES) test(name, () => assert.equal(summary(...lines), expected));

  test('without a control of its own it has the video’s URL, and is left out', () => {
    const reason = { unsupported: 'no control of its own' };
    assert.deepEqual(choose('m=audio 0 RTP/AVP 8'), reason);
    assert.deepEqual(choose('m=audio 0 RTP/AVP 8', 'a=control:*'), reason);
  });

  test('each call gives a depacketizer of its own', () => {
    const [media] = parseSdp('m=audio 0 RTP/AVP 8').media;
    assert.ok(media);
    const [first, second] = [audioCoding(media), audioCoding(media)];
    assert.ok('depacketizer' in first && 'depacketizer' in second);
    assert.notEqual(first.depacketizer, second.depacketizer);
  });

  test('whatever an SDP says, and whatever comes then: no throw, and a clock that can be divided by', () => {
    const codec = fc.constantFrom(
      'PCMU',
      'pcma',
      'opus',
      'MPEG4-GENERIC',
      'MP4A-LATM',
      'G726-24',
      'AAL2-G726-40',
      'x',
    );
    const parameter = fc.oneof(
      fc.constantFrom(
        HBR,
        'cpresent=0',
        'config=1408',
        'config=2B920800',
        'config=40002320',
        'sprop-stereo=1',
      ),
      fc
        .tuple(fc.constantFrom('sizelength', 'indexlength', 'config', 'mode', 'maxdisplacement'), fc.string())
        .map((p) => p.join('=')),
      fc.string(),
    );
    const packet = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(
        codec,
        fc.nat(),
        fc.nat(300),
        fc.array(parameter),
        fc.array(packet),
        (name, rate, channels, fmtp, packets) => {
          const choice = choose(
            'm=audio 0 RTP/AVP 97',
            `a=rtpmap:97 ${name}/${rate}/${channels}`,
            `a=fmtp:97 ${fmtp.join(';')}`,
            CONTROL,
          );
          assert.ok(choice);
          if ('unsupported' in choice) return;
          const { depacketizer } = choice;
          assert.ok(
            depacketizer.clockRate > 0 &&
              depacketizer.audio.sampleRate > 0 &&
              depacketizer.audio.channels > 0,
          );
          for (const [i, bytes] of packets.entries())
            for (const { duration } of depacketizer.push(
              received({ p: Buffer.from(bytes), t: i, m: i % 2 === 0 }),
            ))
              assert.ok(duration > 0 && Number.isFinite(duration));
        },
      ),
      { numRuns: 500 },
    );
  });
});
