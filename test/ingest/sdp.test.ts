import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { chooseVideo, describeMedia, hasAudio, isSdp, parseSdp } from '../../daemon/ingest/sdp.ts';

const sdp = (...lines: string[]) => lines.join('\r\n');
const VIDEO = ['m=video 0 RTP/AVP 96', 'a=rtpmap:96 H264/90000', 'a=control:track1'];
const H264 = ['h264'];

describe('isSdp (case 8)', () => {
  for (const [type, body, expected] of [
    ['application/sdp', 'x', true],
    ['application/sdp; charset=utf-8', 'x', true],
    [undefined, 'v=0\r\n', true],
    [undefined, '\uFEFF\r\nm=video 0 RTP/AVP 26', true],
    ['text/plain', 'o=- 1 1 IN IP4 0', true],
    ['text/html', '<html>', false],
    [undefined, '', false],
  ] as const)
    test(`${type} with ${JSON.stringify(body)} is ${expected ? 'one' : 'none'}`, () => {
      assert.equal(isSdp(type, body), expected);
    });
});

describe('parseSdp', () => {
  test('Hikvision: session, video and metadata as they should be', () => {
    const parsed = parseSdp(
      sdp(
        'v=0',
        'o=- 1109162014219182 1109162014219192 IN IP4 192.168.1.64',
        's=Media Presentation',
        'e=NONE',
        'b=AS:5100',
        't=0 0',
        'a=control:rtsp://192.168.1.64:554/Streaming/Channels/101/',
        'm=video 0 RTP/AVP 96',
        'c=IN IP4 0.0.0.0',
        'b=AS:5000',
        'a=recvonly',
        'a=x-dimensions:2688,1520',
        'a=control:rtsp://192.168.1.64:554/Streaming/Channels/101/trackID=1',
        'a=rtpmap:96 H264/90000',
        'a=fmtp:96 profile-level-id=420029; packetization-mode=1; sprop-parameter-sets=Z00AKp2oHgCJ+WbgICAoAAAfQAAGGoQg,aO48gA==',
        'm=application 0 RTP/AVP 107',
        'a=control:trackID=3',
        'a=rtpmap:107 vnd.onvif.metadata/90000',
      ),
    );
    assert.equal(parsed.control, 'rtsp://192.168.1.64:554/Streaming/Channels/101/');
    assert.equal(parsed.media.length, 2);
    const choice = chooseVideo(parsed, H264);
    assert.equal(choice?.format.payloadType, 96);
    assert.equal(choice?.format.clockRate, 90000);
    assert.equal(choice?.format.fmtp.get('packetization-mode'), '1');
    assert.equal(
      choice?.format.fmtp.get('sprop-parameter-sets'),
      'Z00AKp2oHgCJ+WbgICAoAAAfQAAGGoQg,aO48gA==',
    );
    assert.deepEqual(choice?.media.dimensions, { width: 2688, height: 1520 });
    assert.equal(choice?.media.direction, 'recvonly');
  });

  test('order does not matter: control first, range and framerate twice, m= before c= (case 28)', () => {
    const parsed = parseSdp(
      sdp(
        'a=control:*',
        'a=range:npt=now-',
        'v=0',
        'a=range:npt=now-',
        'm=video 0 RTP/AVP 96',
        'a=framerate:25',
        'a=framerate:25.000000',
        'a=control:trackID=1',
        'c=IN IP4 0.0.0.0',
        'a=rtpmap:96 H264/90000',
      ),
    );
    assert.equal(parsed.control, '*');
    assert.deepEqual(parsed.range, { kind: 'live' });
    assert.equal(parsed.media[0]?.framerate, 25);
    assert.equal(chooseVideo(parsed, H264)?.media.control, 'trackID=1');
  });

  for (const [camera, lines] of [
    ['macro-video: no o=', ['v=0', 's=x', ...VIDEO]],
    ['no v= and no s=', VIDEO],
    ['Uniview: nothing behind IN', ['v=0', 'o=- 1001 1 IN ', 'c=IN ', ...VIDEO]],
    ['HIK Media Server V3.1.3', ['v=0', 'c=IN c=IN IP4 0.0.0.0', ...VIDEO]],
    ['FritzBox, Vurix, Verint', ['c=In IP4', 'c=IN IPV4 1.2.3.4', 'c=IP IP4 1.2.3.4', ...VIDEO]],
    ['FLIR: t=now-', ['v=0', 't=now-', ...VIDEO]],
    ['origin ids negative, hex, dotted, with blanks', ['o=- -1 0x7f 1.2 3 IN', ...VIDEO]],
    ['s= and i= repeated inside media (WebRTC#417)', [...VIDEO, 's=again', 'i=again', 's=']],
    ['VStarcam: blank and tab behind the formats', ['m=audio 0 RTP/AVP 8\t ', ...VIDEO]],
    [
      'H264DVR: rtpmap with a trailing blank (case 31)',
      ['m=video 0 RTP/AVP 96', 'a=rtpmap:96 H264/90000 ', 'a=control:track1'],
    ],
    [
      'TP-LINK’s own section first (case 30)',
      ['m=application/TP-LINK 0 RTP/AVP smart/1/90000', 'a=rtpmap:95 TP-LINK/90000', ...VIDEO],
    ],
    [
      'made-up media types (case 30)',
      ['m=vana 0 RTP/AVP 98', 'm=text', 'm=meta', 'm=', 'm', ...VIDEO, 'm=metadata 0 RTP/AVP 107'],
    ],
    [
      'two blanks between the fields',
      ['m=video  0  RTP/AVP  96', 'a=rtpmap:96  H264/90000', 'a=control: track1'],
    ],
    ['an m= line without formats', ['m=video 0 RTP/AVP', 'a=rtpmap:96 H264/90000', 'a=control:track1']],
    ['lines of rubbish', ['v=0', 'hello', '=', 'a=', 'a=:', '\u0000', ...VIDEO, 'a=rtpmap:', 'a=fmtp:x y']],
  ] as const)
    test(`${camera}: the video is found (case 29)`, () => {
      for (const end of ['\r\n', '\n', '\r']) {
        const choice = chooseVideo(parseSdp(lines.join(end)), H264);
        assert.equal(choice?.format.payloadType, 96);
        assert.equal(choice?.media.control, 'track1');
      }
    });

  test('an SDP that is one metadata block has no video, and says what it has (case 29)', () => {
    const parsed = parseSdp(sdp('v=0', 'm=metadata 0 RTP/AVP 107', 'a=rtpmap:107 vnd.onvif.metadata/90000'));
    assert.equal(chooseVideo(parsed, H264), undefined);
    assert.equal(describeMedia(parsed), 'metadata vnd.onvif.metadata');
    assert.equal(describeMedia(parseSdp('')), 'nothing');
  });

  for (const [camera, lines, codec, rate] of [
    ['JPEG without rtpmap', ['m=video 0 RTP/AVP 26'], 'mjpeg', 90000],
    ['GW: 8 PCMU', ['m=audio 0 RTP/AVP 8', 'a=rtpmap:8 PCMU/8000/1'], 'pcmu', 8000],
    ['Anpviz: 0 is AAC', ['m=audio 0 RTP/AVP 0', 'a=rtpmap:0 MPEG4-GENERIC/16000/2'], 'mpeg4-generic', 16000],
    ['Bosch: H264 on 35', ['m=video 0 RTP/AVP 35', 'a=rtpmap:35 H264/90000'], 'h264', 90000],
    ['rtpmap of another type under m=…8', ['m=audio 0 RTP/AVP 8', 'a=rtpmap:0 pcma/8000'], 'pcma', 8000],
    ['H.265 is hevc', ['m=video 0 RTP/AVP 97', 'a=rtpmap:97 H265/90000'], 'hevc', 90000],
    ['clock rate 0 (case 69)', ['m=meta 0 RTP/AVP 123', 'a=rtpmap:123 META /0'], 'meta', 0],
  ] as const)
    test(`${camera}: ${codec} at ${rate} Hz (case 32)`, () => {
      const format = parseSdp(sdp(...lines)).media[0]?.formats[0];
      assert.deepEqual([format?.codec, format?.clockRate], [codec, rate]);
    });

  for (const [camera, lines, expected] of [
    ['Ubiquiti: empty', [...VIDEO, 'a=fmtp:96'], {}],
    ['trailing semicolon', [...VIDEO, 'a=fmtp:96 a=1;b=2;'], { a: '1', b: '2' }],
    [
      'blanks instead of semicolons',
      [...VIDEO, 'a=fmtp:96 packetization-mode=1 profile-level-id=4d'],
      { 'packetization-mode': '1', 'profile-level-id': '4d' },
    ],
    [
      'under the audio section (WebRTC#419)',
      [...VIDEO, 'm=audio 0 RTP/AVP 8', 'a=fmtp:96 packetization-mode=1'],
      { 'packetization-mode': '1' },
    ],
    [
      'VStarcam: padding of base64 stays',
      [...VIDEO, 'a=fmtp:96 sprop-parameter-sets=6QDwBE/LCAAAH0gAB1TgIAAAAAA=,AAAAAA=='],
      { 'sprop-parameter-sets': '6QDwBE/LCAAAH0gAB1TgIAAAAAA=,AAAAAA==' },
    ],
    [
      'GW, macro-video: profile-level-id is only carried (case 36)',
      [...VIDEO, 'a=fmtp:96 Profile-Level-ID=TeAo'],
      { 'profile-level-id': 'TeAo' },
    ],
  ] as const)
    test(`fmtp, ${camera} (case 33)`, () => {
      const format = chooseVideo(parseSdp(sdp(...lines)), H264)?.format;
      assert.deepEqual(Object.fromEntries(format?.fmtp ?? []), expected);
    });

  for (const [value, framerate] of [
    ['25', 25],
    ['29.970000', 29.97],
    ['0S', undefined],
    ['0', undefined],
    ['x', undefined],
    ['-5', undefined],
  ] as const)
    test(`a=framerate:${value} is ${framerate} (case 31)`, () => {
      assert.equal(parseSdp(sdp(...VIDEO, `a=framerate:${value}`)).media[0]?.framerate, framerate);
    });

  for (const [value, expected] of [
    ['npt=now-', { kind: 'live' }],
    ['npt=0-', { kind: 'live' }],
    ['npt=0.000-', { kind: 'live' }],
    ['npt=0-0', { kind: 'live' }],
    ['npt=0-30.5', { kind: 'finite', duration: 30.5 }],
    ['npt = 10-30', { kind: 'finite', duration: 20 }],
    ['npt=0:00:10-0:01:10.5', { kind: 'finite', duration: 60.5 }],
    ['clock=20240101T000000Z-20240101T010000Z', { kind: 'finite', duration: undefined }],
    ['clock=20240101T000000Z-', { kind: 'live' }],
    ['rubbish', undefined],
  ] as const)
    test(`a=range:${value}`, () => {
      assert.deepEqual(parseSdp(sdp(`a=range:${value}`, ...VIDEO)).range, expected);
      assert.deepEqual(parseSdp(sdp(...VIDEO, `a=range:${value}`)).range, expected);
    });

  test('the server’s tool is kept (case 44)', () => {
    const tool = 'LIVE555 Streaming Media v2013.04.08';
    assert.equal(parseSdp(sdp(`a=tool:${tool}`, ...VIDEO)).tool, tool);
  });

  test('any text: no throw, bounded, and a good video section is found among rubbish lines', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map((t) => `m=${t}`),
      fc.string().map((t) => `a=rtpmap:${t}`),
      fc.string().map((t) => `a=fmtp:${t}`),
    );
    fc.assert(
      fc.property(fc.array(line), fc.array(line), (before, after) => {
        const parsed = parseSdp(
          sdp(...before, 'm=video 0 RTP/AVP 126', 'a=rtpmap:126 H264/90000', 'm=end 0 x', ...after),
        );
        assert.ok(parsed.media.length <= 64);
        assert.ok(chooseVideo(parsed, H264) ?? parsed.media.length === 64);
      }),
    );
    assert.equal(parseSdp('m=video 0 RTP/AVP 96\n'.repeat(100_000)).media.length, 64);
  });
});

test('channels of sound, where the rtpmap states them', () => {
  const channels = (...lines: string[]) => parseSdp(sdp(...lines)).media[0]?.formats[0]?.channels;
  assert.equal(channels('m=audio 0 RTP/AVP 97', 'a=rtpmap:97 MPEG4-GENERIC/16000/2 '), 2);
  assert.equal(channels('m=audio 0 RTP/AVP 97', 'a=rtpmap:97 opus / 48000 / 2'), 2);
  assert.equal(channels('m=audio 0 RTP/AVP 97', 'a=rtpmap:97 PCMU/8000'), undefined);
  assert.equal(channels('m=audio 0 RTP/AVP 97', 'a=rtpmap:97 PCMU/8000/0'), undefined);
  assert.equal(channels('m=audio 0 RTP/AVP 8'), undefined);
});

describe('hasAudio', () => {
  const offered = (...lines: string[]) => hasAudio(parseSdp(sdp('m=video 0 RTP/AVP 96', ...lines)));

  test('is so where sound is sent, whatever is said of its direction', () => {
    assert.equal(offered('m=audio 0 RTP/AVP 8'), true);
    assert.equal(offered('m=audio 0 RTP/AVP 8', 'a=recvonly'), true);
    assert.equal(offered('m=audio 0 RTP/AVP 0', 'a=sendonly', 'm=audio 0 RTP/AVP 97', 'a=recvonly'), true);
  });

  test('is not so where there is none, where it is switched off, or where only a loudspeaker is', () => {
    assert.equal(offered(), false);
    assert.equal(offered('m=application 0 RTP/AVP 107'), false);
    assert.equal(offered('m=audio 0 RTP/AVP 8', 'a=inactive'), false);
    assert.equal(offered('m=audio 0 RTP/AVP 0', 'a=sendonly'), false);
  });
});

describe('chooseVideo (case 34)', () => {
  const section = (...attributes: string[]) => [
    'm=video 0 RTP/AVP 96',
    'a=rtpmap:96 H264/90000',
    ...attributes,
  ];
  test('a sendonly section is passed over where there is another', () => {
    const parsed = parseSdp(sdp(...section('a=sendonly', 'a=control:back'), ...section('a=control:main')));
    assert.equal(chooseVideo(parsed, H264)?.media.control, 'main');
  });
  test('IDS uEye: the only video is sendonly and is taken', () => {
    const parsed = parseSdp(
      sdp('m=audio 0 RTP/AVP 8', 'a=recvonly', ...section('a=sendonly', 'a=control:v')),
    );
    assert.equal(chooseVideo(parsed, H264)?.media.control, 'v');
  });
  test('the first section with a codec that we take, also where an H.265 one comes first', () => {
    const parsed = parseSdp(
      sdp('m=video 0 RTP/AVP 97', 'a=rtpmap:97 H265/90000', ...section('a=control:avc')),
    );
    assert.equal(chooseVideo(parsed, H264)?.media.control, 'avc');
    assert.equal(chooseVideo(parsed, ['hevc', 'h264'])?.format.codec, 'hevc');
    assert.equal(chooseVideo(parsed, ['mjpeg']), undefined);
  });
});
