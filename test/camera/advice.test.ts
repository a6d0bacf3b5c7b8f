import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findingsOf, type StreamFacts, smallest } from '../../daemon/camera/advice.ts';
import type { OnvifDescription, OnvifProfile, SessionCount } from '../../daemon/schema.ts';

const MAIN: StreamFacts = {
  name: 'gate_main',
  token: 'P1',
  outcome: 'measured',
  codec: 'h264',
  width: 1920,
  height: 1080,
  fps: 25,
  key_frame_interval: 2,
};
const SUB: StreamFacts = { ...MAIN, name: 'gate_sub', token: 'P2', width: 640, height: 360, fps: 15 };
const PROFILE: OnvifProfile = {
  token: 'P1',
  name: 'main',
  codec: 'h264',
  width: 1920,
  height: 1080,
  fps: 25,
  bitrate: 4096,
  gop: 50,
  ptz: false,
  rtsp_url: 'rtsp://192.0.2.1/1',
  snapshot_url: null,
};

function described(
  change: Partial<OnvifDescription> = {},
  sub: Partial<OnvifProfile> = {},
): OnvifDescription {
  const profiles = [PROFILE, { ...PROFILE, token: 'P2', width: 640, height: 360, fps: 15, gop: 30, ...sub }];
  const device = { manufacturer: 'X', model: 'Y', firmware: '1', serial: '2', hardware: null };
  return { address: 'http://192.0.2.1/onvif/device_service', ...device, clock_skew: 0, profiles, ...change };
}

/** What is found, as `code stream seen → wanted`, with `!` for warnings and `~` for what cannot be mended from here. */
function found(
  streams: StreamFacts[],
  description: OnvifDescription | undefined = described(),
  sessions: SessionCount | null = null,
): string[] {
  return findingsOf({ streams, description, sessions }).map(
    ({ code, stream, seen, wanted, severity, fixable }) =>
      `${severity === 'warning' ? '!' : ''}${code} ${stream ?? '-'} ${seen} → ${wanted}${fixable ? '' : ' ~'}`,
  );
}

describe('the advice on a camera', () => {
  it('is nothing for one that is set up well', () => {
    assert.deepEqual(found([MAIN, SUB]), []);
    assert.deepEqual(found([MAIN, { ...SUB, width: 704, height: 576 }]), []);
    assert.deepEqual(found([]), []);
  });

  const cases: [
    what: string,
    streams: StreamFacts[],
    description: OnvifDescription | undefined,
    expected: string[],
  ][] = [
    [
      'key frames that are far apart, as they are set',
      [MAIN, { ...SUB, key_frame_interval: 4 }],
      described({}, { gop: 60 }),
      ['gop_long gate_sub 4 s → 1 s'],
    ],
    [
      'key frames that are very far apart',
      [MAIN, { ...SUB, key_frame_interval: 10 }],
      described({}, { gop: 150 }),
      ['!gop_long gate_sub 10 s → 1 s'],
    ],
    [
      'a camera that stretches its GOP by itself (H.264+, Smart Codec)',
      [{ ...MAIN, key_frame_interval: 12 }, SUB],
      described(),
      ['!smart_codec gate_main 12 s → 2 s ~'],
    ],
    [
      'both: it is set too long, and stretched besides',
      [MAIN, { ...SUB, key_frame_interval: 12 }],
      described({}, { gop: 60 }),
      ['!gop_long gate_sub 12 s → 1 s', '!smart_codec gate_sub 12 s → 4 s ~'],
    ],
    [
      'far key frames of a camera that was added by hand: nothing can be set',
      [{ ...SUB, token: null, key_frame_interval: 4 }],
      undefined,
      ['gop_long gate_sub 4 s → 1 s ~'],
    ],
    [
      'H.265 in the small stream',
      [MAIN, { ...SUB, outcome: 'unsupported', codec: 'hevc', key_frame_interval: null, fps: null }],
      described({}, { codec: 'hevc' }),
      ['!sub_stream_codec gate_sub hevc → h264'],
    ],
    [
      'H.265 in the main stream',
      [{ ...MAIN, outcome: 'unsupported', codec: 'hevc', key_frame_interval: null, fps: null }, SUB],
      described(),
      ['!codec_unsupported gate_main hevc → h264'],
    ],
    [
      'a small stream that is large',
      [MAIN, { ...SUB, width: 1280, height: 720 }],
      described({}, { width: 1280, height: 720 }),
      ['sub_stream_large gate_sub 1280×720 → 640×360'],
    ],
    ['no small stream', [MAIN], described(), ['no_sub_stream gate_main 1920×1080 → 640×360 ~']],
    [
      'few pictures a second, set so',
      [MAIN, { ...SUB, fps: 5 }],
      described({}, { fps: 5, gop: 10 }),
      ['fps_low gate_sub 5 → 12'],
    ],
    [
      'few pictures a second in the dark: more are set',
      [MAIN, { ...SUB, fps: 6.25 }],
      described(),
      ['fps_low gate_sub 6.3 → 12 ~'],
    ],
    ['a clock that is ahead', [MAIN, SUB], described({ clock_skew: 30 }), ['clock_wrong - +30 s → 0 s']],
    [
      'a clock that is an hour behind',
      [MAIN, SUB],
      described({ clock_skew: -3600 }),
      ['!clock_wrong - −3600 s → 0 s'],
    ],
  ];
  for (const [what, streams, description, expected] of cases)
    it(`names ${what}`, () => assert.deepEqual(found(streams, description), expected));

  it('names few sessions, and those that end one another', () => {
    const counted = (granted: number, end: SessionCount['end']): SessionCount => ({
      ...{ stream: 'gate_sub', granted, end, time: 0 },
    });
    const few = (granted: number, end: SessionCount['end']) =>
      found([MAIN, SUB], described(), counted(granted, end));
    assert.deepEqual(few(1, 'refused'), ['sessions_few gate_sub 1 → null ~']);
    assert.deepEqual(few(2, 'refused'), ['sessions_few gate_sub 2 → null ~']);
    assert.deepEqual(few(3, 'refused'), []);
    assert.deepEqual(few(5, 'enough'), []);
    assert.deepEqual(few(5, 'displaced'), ['!sessions_few gate_sub 5 → null ~']);
  });

  it('says nothing of what was not measured', () => {
    const closed: StreamFacts = { ...SUB, outcome: 'closed', fps: null, key_frame_interval: null };
    assert.deepEqual(found([MAIN, closed]), []);
    const nothing: StreamFacts = { ...closed, codec: null, width: null, height: null };
    assert.deepEqual(found([nothing], undefined), []);
  });

  it('has warnings before hints, and a sentence for each', () => {
    const streams = [
      { ...MAIN, key_frame_interval: 9 },
      { ...SUB, fps: 4, key_frame_interval: 3 },
    ];
    const sessions: SessionCount = { stream: 'gate_sub', granted: 1, end: 'refused', time: 0 };
    const findings = findingsOf({ streams, description: described({ clock_skew: 100 }), sessions });
    const severities = findings.map(({ severity }) => severity);
    assert.deepEqual(severities, [...severities].sort().reverse());
    for (const { message } of findings) assert.match(message, /^[A-Z].{20,}\.$/);
  });
});

it('the stream that tiles show is the smallest of several; one whose size is not known is not', () => {
  assert.equal(smallest([MAIN, SUB]), SUB);
  assert.equal(smallest([{ ...SUB, width: null }, MAIN]), MAIN);
  assert.equal(smallest([MAIN]), undefined);
});
