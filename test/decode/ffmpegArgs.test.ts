import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type FfmpegArgsInput,
  ffmpegArgs,
  isSelected,
  mjpegQscale,
  rateRatio,
  selectExpression,
} from '../../daemon/decode/ffmpegArgs.ts';

const V4_1 = { text: '4.1', major: 4, minor: 1 };
const V5_1 = { text: '5.1.9-0+deb12u1', major: 5, minor: 1 };
const V7_1 = { text: '7.1.3-0+deb13u1', major: 7, minor: 1 };
const V8_0 = { text: '8.0', major: 8, minor: 0 };

const main: FfmpegArgsInput = {
  version: V5_1,
  filters: new Set(['scale', 'format', 'select']),
  codec: 'h264',
  hwaccel: 'software',
  device: null,
  input: { width: 1280, height: 720 },
  output: { width: 640, height: 360, quality: 75 },
  select: { burst: 0, perMille: 1000 },
};

const ZSCALE = new Set([...main.filters, 'zscale']);

const table: [string, FfmpegArgsInput, string][] = [
  [
    'software, an ffmpeg with zscale',
    { ...main, filters: ZSCALE },
    '-nostdin -hide_banner -loglevel error -probesize 32 -analyzeduration 0 -flags low_delay -threads 1 -protocol_whitelist pipe -f h264 -i pipe:0 -map 0:v:0 -filter_threads 1 -vf zscale=w=640:h=360:filter=bicubic:range=pc,format=yuvj420p -fps_mode passthrough -threads:v 1 -c:v mjpeg -huffman default -q:v 5 -f mjpeg -flush_packets 1 pipe:1',
  ],
  [
    'software, an ffmpeg with zscale, the size stays, 5 of 15 pictures',
    { ...main, filters: ZSCALE, output: { ...main.input, quality: 75 }, select: { burst: 0, perMille: 333 } },
    "-nostdin -hide_banner -loglevel error -probesize 32 -analyzeduration 0 -flags low_delay -threads 1 -protocol_whitelist pipe -f h264 -i pipe:0 -map 0:v:0 -filter_threads 1 -vf select='gt(floor((n+1)*333/1000),floor(n*333/1000))',zscale=range=pc,format=yuvj420p -fps_mode passthrough -threads:v 1 -c:v mjpeg -huffman default -q:v 5 -f mjpeg -flush_packets 1 pipe:1",
  ],
  [
    'v4l2m2m, whose pictures need not be planar, an ffmpeg with zscale',
    { ...main, filters: ZSCALE, hwaccel: 'v4l2m2m' },
    '-nostdin -hide_banner -loglevel verbose -probesize 32 -analyzeduration 0 -flags low_delay -threads 1 -c:v h264_v4l2m2m -protocol_whitelist pipe -f h264 -i pipe:0 -map 0:v:0 -filter_threads 1 -vf scale=w=640:h=360:flags=area:out_range=pc,format=yuvj420p -fps_mode passthrough -threads:v 1 -c:v mjpeg -huffman default -q:v 5 -f mjpeg -flush_packets 1 pipe:1',
  ],
  [
    'software, 5.1',
    main,
    '-nostdin -hide_banner -loglevel error -probesize 32 -analyzeduration 0 -flags low_delay -threads 1 -protocol_whitelist pipe -f h264 -i pipe:0 -map 0:v:0 -filter_threads 1 -vf scale=w=640:h=360:flags=area:out_range=pc,format=yuvj420p -fps_mode passthrough -threads:v 1 -c:v mjpeg -huffman default -q:v 5 -f mjpeg -flush_packets 1 pipe:1',
  ],
  [
    'software, 4.1 (npm) has no -fps_mode',
    { ...main, version: V4_1 },
    '-nostdin -hide_banner -loglevel error -probesize 32 -analyzeduration 0 -flags low_delay -threads 1 -protocol_whitelist pipe -f h264 -i pipe:0 -map 0:v:0 -filter_threads 1 -vf scale=w=640:h=360:flags=area:out_range=pc,format=yuvj420p -vsync passthrough -threads:v 1 -c:v mjpeg -huffman default -q:v 5 -f mjpeg -flush_packets 1 pipe:1',
  ],
  [
    'software, 8, hevc at its own size: no scaler, a burst and a limit',
    {
      ...main,
      version: V8_0,
      codec: 'hevc',
      output: { width: 1280, height: 720, quality: 90 },
      select: { burst: 60, perMille: 667 },
    },
    "-nostdin -hide_banner -loglevel error -probesize 32 -analyzeduration 0 -flags low_delay -threads 1 -protocol_whitelist pipe -f hevc -i pipe:0 -map 0:v:0 -filter_threads 1 -vf select='eq(n,0)+eq(n,59)+gte(n,60)*gt(floor(((n-60)+1)*667/1000),floor((n-60)*667/1000))',scale=out_range=pc,format=yuvj420p -fps_mode passthrough -threads:v 1 -c:v mjpeg -huffman default -q:v 2 -f mjpeg -flush_packets 1 pipe:1",
  ],
  [
    'software, the self-test: raw pictures',
    { ...main, version: V7_1, output: { width: 640, height: 360, quality: 75, raw: true } },
    '-nostdin -hide_banner -loglevel error -probesize 32 -analyzeduration 0 -flags low_delay -threads 1 -protocol_whitelist pipe -f h264 -i pipe:0 -map 0:v:0 -filter_threads 1 -vf scale=w=640:h=360:flags=area:out_range=pc,format=yuvj420p -fps_mode passthrough -threads:v 1 -c:v rawvideo -f rawvideo -flush_packets 1 pipe:1',
  ],
  [
    'vaapi, 5.1: scaled on the device, JPEG in software (Bay Trail cannot encode it)',
    { ...main, hwaccel: 'vaapi', device: '/dev/dri/renderD128', select: { burst: 15, perMille: 1000 } },
    "-nostdin -hide_banner -loglevel verbose -hwaccel vaapi -hwaccel_device /dev/dri/renderD128 -hwaccel_output_format vaapi -hwaccel_flags allow_profile_mismatch -probesize 32 -analyzeduration 0 -flags low_delay -threads 1 -protocol_whitelist pipe -f h264 -i pipe:0 -map 0:v:0 -filter_threads 1 -vf select='eq(n,0)+gte(n,14)',scale_vaapi=w=640:h=360:format=nv12,hwdownload,format=nv12,scale=out_range=pc,format=yuvj420p -fps_mode passthrough -threads:v 1 -c:v mjpeg -huffman default -q:v 5 -f mjpeg -flush_packets 1 pipe:1",
  ],
  [
    'vaapi at the source’s size still goes through the hardware scaler',
    {
      ...main,
      hwaccel: 'vaapi',
      device: '/dev/dri/renderD129',
      output: { width: 1280, height: 720, quality: 75 },
    },
    '-nostdin -hide_banner -loglevel verbose -hwaccel vaapi -hwaccel_device /dev/dri/renderD129 -hwaccel_output_format vaapi -hwaccel_flags allow_profile_mismatch -probesize 32 -analyzeduration 0 -flags low_delay -threads 1 -protocol_whitelist pipe -f h264 -i pipe:0 -map 0:v:0 -filter_threads 1 -vf scale_vaapi=w=1280:h=720:format=nv12,hwdownload,format=nv12,scale=out_range=pc,format=yuvj420p -fps_mode passthrough -threads:v 1 -c:v mjpeg -huffman default -q:v 5 -f mjpeg -flush_packets 1 pipe:1',
  ],
  [
    'qsv, 7.1',
    { ...main, version: V7_1, hwaccel: 'qsv', device: '/dev/dri/renderD128' },
    '-nostdin -hide_banner -loglevel verbose -qsv_device /dev/dri/renderD128 -hwaccel qsv -hwaccel_output_format qsv -probesize 32 -analyzeduration 0 -flags low_delay -threads 1 -c:v h264_qsv -async_depth 1 -protocol_whitelist pipe -f h264 -i pipe:0 -map 0:v:0 -filter_threads 1 -vf scale_qsv=w=640:h=360:format=nv12,hwdownload,format=nv12,scale=out_range=pc,format=yuvj420p -fps_mode passthrough -threads:v 1 -c:v mjpeg -huffman default -q:v 5 -f mjpeg -flush_packets 1 pipe:1',
  ],
  [
    'v4l2m2m, 4.1: decodes on the device, scales in software',
    { ...main, version: V4_1, hwaccel: 'v4l2m2m' },
    '-nostdin -hide_banner -loglevel verbose -probesize 32 -analyzeduration 0 -flags low_delay -threads 1 -c:v h264_v4l2m2m -protocol_whitelist pipe -f h264 -i pipe:0 -map 0:v:0 -filter_threads 1 -vf scale=w=640:h=360:flags=area:out_range=pc,format=yuvj420p -vsync passthrough -threads:v 1 -c:v mjpeg -huffman default -q:v 5 -f mjpeg -flush_packets 1 pipe:1',
  ],
  [
    'cuda, 8',
    { ...main, version: V8_0, hwaccel: 'cuda' },
    '-nostdin -hide_banner -loglevel verbose -hwaccel cuda -hwaccel_output_format cuda -probesize 32 -analyzeduration 0 -flags low_delay -threads 1 -protocol_whitelist pipe -f h264 -i pipe:0 -map 0:v:0 -filter_threads 1 -vf scale_cuda=w=640:h=360:format=nv12,hwdownload,format=nv12,scale=out_range=pc,format=yuvj420p -fps_mode passthrough -threads:v 1 -c:v mjpeg -huffman default -q:v 5 -f mjpeg -flush_packets 1 pipe:1',
  ],
];

describe('ffmpegArgs', () => {
  for (const [name, input, expected] of table) {
    it(name, () => assert.equal(ffmpegArgs(input).join(' '), expected));
  }

  it('never asks for -fflags nobuffer, which throws the first key frame away', () => {
    for (const [, input] of table) assert.ok(!ffmpegArgs(input).includes('nobuffer'));
  });
});

describe('selectExpression', () => {
  const selections: [number, number, string | undefined][] = [
    [0, 1000, undefined],
    [1, 1000, undefined],
    [2, 1000, undefined],
    [3, 1000, 'eq(n,0)+gte(n,2)'],
    [0, 500, 'gt(floor((n+1)*500/1000),floor(n*500/1000))'],
    [1, 500, 'eq(n,0)+gte(n,1)*gt(floor(((n-1)+1)*500/1000),floor((n-1)*500/1000))'],
  ];
  for (const [burst, perMille, expected] of selections) {
    it(`burst of ${burst}, ${perMille} in a thousand`, () =>
      assert.equal(selectExpression({ burst, perMille }), expected));
  }
});

describe('isSelected', () => {
  it('takes the first and the last of the burst, then exactly the ratio', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 1000 }), (burst, perMille) => {
        const select = { burst, perMille };
        for (let n = 0; n < burst; n++) assert.equal(isSelected(select, n), n === 0 || n === burst - 1);
        let count = 0;
        for (let n = burst; n < burst + 1000; n++) if (isSelected(select, n)) count += 1;
        assert.equal(count, perMille);
      }),
    );
  });
});

describe('rateRatio', () => {
  it('is the limit as a share of the source, never more than all, and all when one is unknown', () => {
    assert.equal(rateRatio(10, 15), 667);
    assert.equal(rateRatio(15, 15.02), 999);
    assert.equal(rateRatio(30, 15), 1000);
    assert.equal(rateRatio(undefined, 15), 1000);
    assert.equal(rateRatio(5, undefined), 1000);
    assert.equal(rateRatio(5, 0), 1000);
    assert.equal(rateRatio(5, Number.NaN), 1000);
    assert.equal(rateRatio(0.01, 60), 1);
  });
});

describe('mjpegQscale', () => {
  it('maps 75 to 5 and never rises with the quality', () => {
    assert.equal(mjpegQscale(75), 5);
    assert.equal(mjpegQscale(90), 2);
    assert.equal(mjpegQscale(50), 10);
    let last = 32;
    for (let quality = 1; quality <= 100; quality++) {
      const qscale = mjpegQscale(quality);
      assert.ok(qscale <= last && qscale >= 2 && qscale <= 31 && Number.isInteger(qscale));
      last = qscale;
    }
    assert.equal(mjpegQscale(1), 31);
    assert.equal(mjpegQscale(100), 2);
  });
});
