import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import pino from 'pino';
import { ffmpegArgs } from '../../daemon/decode/ffmpegArgs.ts';
import { type FfmpegBinary, findFfmpeg } from '../../daemon/decode/ffmpegChoice.ts';
import { collect } from '../../daemon/decode/ffmpegProcess.ts';
import { probeDecoders, type VideoDevices } from '../../daemon/decode/hwaccel.ts';
import { probeSandbox } from '../../daemon/decode/sandbox.ts';
import { checkPixels } from '../../daemon/decode/selfTest.ts';
import { SELF_TEST, SELF_TEST_CLIP, SELF_TEST_CLIP_H265 } from '../../daemon/decode/selfTestClip.ts';
import { bare, binaryAt, makeScript } from './fakes.ts';

const log = pino({ level: 'silent' });
const NO_DEVICES: VideoDevices = { renderNodes: [], vaapiDrivers: [], videoNodes: [], nvidia: [] };

let ffmpeg: FfmpegBinary;
before(async () => {
  ffmpeg = await findFfmpeg({});
});

/** An ffmpeg that claims everything, run by a script. */
function capable(path: string): FfmpegBinary {
  return binaryAt(path, {
    hwaccels: ['vaapi', 'qsv', 'cuda'],
    decoders: new Set(['h264', 'h264_qsv', 'h264_v4l2m2m']),
    filters: new Set(['scale', 'scale_vaapi', 'scale_qsv', 'scale_cuda']),
  });
}

/** Shell that runs the software self-test with the real ffmpeg, whatever arguments it got. */
function decodeRightly(codec: 'h264' | 'hevc' = 'h264'): string {
  const args = ffmpegArgs({
    version: ffmpeg.release,
    filters: ffmpeg.filters,
    hwaccel: 'software',
    device: null,
    codec,
    input: SELF_TEST.input,
    output: { ...SELF_TEST.output, quality: 75, raw: true },
    select: { burst: 0, perMille: 1000 },
  });
  return `exec ${ffmpeg.path} ${args.map((arg) => `'${arg}'`).join(' ')}`;
}

describe('probeDecoders', () => {
  it('chooses software on a machine without devices, after the same test, and says why each other one failed', async () => {
    const sandbox = await probeSandbox({ program: ffmpeg.path });
    const choice = await probeDecoders(ffmpeg, sandbox, log, NO_DEVICES);
    assert.equal(choice.chosen, 'software');
    assert.deepEqual(
      choice.candidates.map(({ hwaccel, works }) => [hwaccel, works]),
      [
        ['vaapi', false],
        ['qsv', false],
        ['v4l2m2m', false],
        ['cuda', false],
        ['software', true],
      ],
    );
    for (const { hwaccel, works, reason } of choice.candidates) {
      if (works) continue;
      assert.match(reason, /^no \/dev\/|^this ffmpeg was built without/);
      assert.ok(choice.reason.includes(`${hwaccel}: ${reason}`));
    }
  });

  it('chooses something that passed its test, whatever devices this machine has', async () => {
    const sandbox = await probeSandbox({ program: ffmpeg.path });
    const { chosen, candidates } = await probeDecoders(ffmpeg, sandbox, log);
    const winner = candidates.find(({ works }) => works);
    assert.equal(winner?.hwaccel, chosen);
    assert.equal(candidates.at(-1)?.hwaccel, 'software');
  });

  it('tells a machine without the device from an ffmpeg without the feature', async () => {
    const choice = await probeDecoders({ ...ffmpeg, hwaccels: [] }, bare, log, {
      ...NO_DEVICES,
      renderNodes: ['/dev/dri/renderD128'],
    });
    const vaapi = choice.candidates[0]!;
    assert.deepEqual([vaapi.listed, vaapi.works], [false, false]);
    assert.equal(vaapi.reason, 'this ffmpeg was built without vaapi');
  });

  it('chooses the first device and driver that decode to the right pixels', async (t) => {
    // A Bay Trail with both of Intel's drivers installed: only i965 knows it.
    const script = await makeScript(
      t,
      `case "$*" in
  *vaapi*) [ "$LIBVA_DRIVER_NAME" = i965 ] || { echo "Failed to initialise VAAPI connection: -1 (unknown libva error)." >&2; exit 1; };;
  *qsv*) exit 1;;
esac
${decodeRightly()}`,
    );
    const choice = await probeDecoders(capable(script), bare, log, {
      ...NO_DEVICES,
      renderNodes: ['/dev/dri/renderD128'],
      vaapiDrivers: ['iHD', 'i965'],
    });
    assert.deepEqual(
      [choice.chosen, choice.device, choice.env],
      ['vaapi', '/dev/dri/renderD128', { LIBVA_DRIVER_NAME: 'i965' }],
    );
    assert.equal(
      choice.candidates[0]!.reason,
      'iHD driver: ffmpeg failed: Failed to initialise VAAPI connection: -1 (unknown libva error).',
    );
    assert.equal(choice.candidates[1]!.works, true);
  });

  it('finds out whether the hardware decodes H.265 too', async (t) => {
    for (const [hardware, codecs] of [
      [`exec false`, ['h264']],
      [decodeRightly('hevc'), ['h264', 'hevc']],
    ] as const) {
      const script = await makeScript(t, `case "$*" in *vaapi*hevc*) ${hardware};; esac\n${decodeRightly()}`);
      const choice = await probeDecoders(capable(script), bare, log, {
        ...NO_DEVICES,
        renderNodes: ['/dev/dri/renderD128'],
      });
      assert.deepEqual([choice.chosen, choice.codecs], ['vaapi', codecs]);
      assert.equal(/H\.265 is decoded in software/.test(choice.reason), codecs.length === 1, choice.reason);
    }
  });

  it('does not believe right pixels that were decoded in software', async (t) => {
    const script = await makeScript(
      t,
      `case "$*" in *hwaccel*) echo "[h264 @ 0x55] Failed setup for format vaapi: hwaccel initialisation returned error." >&2;; esac\n${decodeRightly()}`,
    );
    const choice = await probeDecoders(capable(script), bare, log, {
      ...NO_DEVICES,
      renderNodes: ['/dev/dri/renderD128'],
    });
    assert.equal(choice.chosen, 'software');
    assert.equal(choice.candidates[0]!.reason, 'decoded in software');
  });

  it('does not believe a driver that gives green pictures', async (t) => {
    const script = await makeScript(
      t,
      `case "$*" in *vaapi*) exec head -c 69120 /dev/zero;; esac\n${decodeRightly()}`,
    );
    const choice = await probeDecoders(capable(script), bare, log, {
      ...NO_DEVICES,
      renderNodes: ['/dev/dri/renderD128'],
    });
    assert.match(choice.candidates[0]!.reason, /^wrong pixels: \d+ % of the blocks differ$/);
    assert.equal(choice.candidates[0]!.works, false);
  });

  it('never throws, even when nothing works at all, and answers in bounded time', async (t) => {
    const script = await makeScript(t, 'exec sleep 60');
    const choice = await probeDecoders(capable(script), bare, log, {
      ...NO_DEVICES,
      nvidia: ['/dev/nvidiactl'],
    });
    assert.equal(choice.chosen, 'software');
    assert.match(choice.reason, /not even software decoding/);
    assert.deepEqual(
      choice.candidates.filter(({ reason }) => reason === 'no answer in 10 s').map(({ hwaccel }) => hwaccel),
      ['cuda', 'software'],
    );
  });
});

describe('checkPixels', () => {
  let raw: Buffer;
  const { width, height } = SELF_TEST.output;
  before(async () => {
    const { stdout } = await collect(
      { command: '/bin/sh', args: ['-c', decodeRightly()] },
      { timeout: 20_000, input: SELF_TEST_CLIP },
    );
    raw = stdout;
  });

  it('accepts what ffmpeg decodes', () => assert.equal(checkPixels(raw), undefined));

  it('accepts what ffmpeg decodes of H.265', async () => {
    const { stdout } = await collect(
      { command: '/bin/sh', args: ['-c', decodeRightly('hevc')] },
      { timeout: 20_000, input: SELF_TEST_CLIP_H265 },
    );
    assert.equal(checkPixels(stdout), undefined);
  });

  it('accepts a scaler that blurs a little', () => {
    const blurred = Buffer.from(raw);
    for (let i = 1; i < raw.length - 1; i++) blurred[i] = (raw[i - 1]! + 2 * raw[i]! + raw[i + 1]!) / 4;
    assert.equal(checkPixels(blurred), undefined);
  });

  const faults: [string, (raw: Buffer) => Buffer][] = [
    ['a missing picture', (good) => good.subarray(0, (good.length / 5) * 4)],
    ['no picture', () => Buffer.alloc(0)],
    ['swapped chroma planes', (good) => swapChroma(good)],
    ['limited range left as it is', (good) => good.map((value) => 16 + (value * 219) / 255) as Buffer],
    [
      'the picture before, shown again',
      (good) =>
        Buffer.concat([
          good.subarray(good.length / 5),
          good.subarray((good.length / 5) * 3, (good.length / 5) * 4),
        ]),
    ],
    ['grey', (good) => Buffer.alloc(good.length, 128)],
    ['a picture shifted by four lines', (good) => shiftLast(good, width * 4)],
  ];
  for (const [name, spoil] of faults) {
    it(`refuses ${name}`, () => assert.equal(typeof checkPixels(Buffer.from(spoil(raw))), 'string'));
  }

  function swapChroma(good: Buffer): Buffer {
    const picture = (width * height * 3) / 2;
    const start = good.length - picture + width * height;
    const quarter = (width * height) / 4;
    const u = good.subarray(start, start + quarter);
    const v = good.subarray(start + quarter);
    return Buffer.concat([good.subarray(0, start), v, u]);
  }

  function shiftLast(good: Buffer, by: number): Buffer {
    const start = good.length - (width * height * 3) / 2;
    const luma = good.subarray(start, start + width * height);
    const shifted = Buffer.concat([
      luma.subarray(luma.length - by - width / 2),
      luma.subarray(0, luma.length - by - width / 2),
    ]);
    return Buffer.concat([good.subarray(0, start), shifted, good.subarray(start + width * height)]);
  }
});
