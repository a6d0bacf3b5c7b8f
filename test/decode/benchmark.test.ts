import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { pino } from 'pino';
import { type BenchmarkTools, runBenchmark } from '../../daemon/decode/benchmark.ts';
import { makeClip } from '../../daemon/decode/benchmarkClips.ts';
import { solveCost } from '../../daemon/decode/benchmarkCost.ts';
import { findFfmpeg } from '../../daemon/decode/ffmpegChoice.ts';
import { probeDecoders } from '../../daemon/decode/hwaccel.ts';
import { probeSandbox } from '../../daemon/decode/sandbox.ts';
import { SELF_TEST_CLIP } from '../../daemon/decode/selfTestClip.ts';

const log = pino({ level: 'silent' });

describe('solveCost', () => {
  const LARGE = { source: 921_600, output: 57_600 };
  const SMALL = { source: 230_400, output: 230_400 };
  const rate = (work: { source: number; output: number }, a: number, b: number) => ({
    ...work,
    rate: 1 / (work.source * a + work.output * b),
  });

  it('finds both costs again', () => {
    const cost = solveCost(rate(LARGE, 2e-9, 3.6e-9), rate(SMALL, 2e-9, 3.6e-9));
    assert.ok(cost);
    assert.ok(Math.abs(cost.source - 2e-9) < 1e-15 && Math.abs(cost.output - 3.6e-9) < 1e-15);
  });

  it('never makes either free, whatever was measured', () => {
    const positive = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(positive, positive, (one, other) => {
        const cost = solveCost({ ...LARGE, rate: one }, { ...SMALL, rate: other });
        assert.ok(cost && cost.source > 0 && cost.output > 0 && Number.isFinite(cost.source + cost.output));
      }),
    );
  });

  it('tells when nothing can be said', () => {
    assert.equal(solveCost({ ...LARGE, rate: 0 }, { ...SMALL, rate: 10 }), undefined);
    assert.equal(solveCost({ ...LARGE, rate: Number.NaN }, { ...SMALL, rate: 10 }), undefined);
    assert.equal(solveCost({ ...SMALL, rate: 10 }, { ...SMALL, rate: 10 }), undefined);
  });
});

describe('the benchmark', () => {
  let tools: BenchmarkTools;
  before(async () => {
    const ffmpeg = await findFfmpeg({});
    const sandbox = await probeSandbox({ program: ffmpeg.path });
    tools = { ffmpeg, sandbox, decoder: await probeDecoders(ffmpeg, sandbox, log) };
  });
  const never = () => new AbortController().signal;

  it('measures this machine with the decoder of the wall: the larger source is dearer', async () => {
    const parts: number[] = [];
    const outcome = await runBenchmark(tools, {
      cores: 1,
      signal: never(),
      progress: (part) => parts.push(part),
    });
    assert.ok(outcome.ok, JSON.stringify(outcome));
    const { source, output } = outcome.cost;
    assert.ok(source > 0 && output > 0 && Number.isFinite(source + output), JSON.stringify(outcome.cost));
    assert.deepEqual(
      parts,
      [...parts].sort((a, b) => a - b),
      'it only goes forward',
    );
    assert.deepEqual([parts[0], parts.at(-1)], [0, 1]);
    const large = 1280 * 720 * source + 320 * 180 * output;
    const small = 640 * 360 * (source + output);
    assert.ok(large > small, 'a 720p picture made small is dearer than a 640×360 one that stays as it is');
  });

  it('makes clips of the size that it is asked for, which begin with a key picture', async () => {
    const { size, data } = await makeClip(tools, { width: 320, height: 180 });
    assert.deepEqual(size, { width: 320, height: 180 });
    assert.equal(data.readUInt32BE(0), 1, 'Annex B');
    assert.equal(data[4]! & 0x1f, 7, 'parameter sets first');
  });

  it('takes the self-test’s clip where ffmpeg cannot encode, and measures with it all the same', async () => {
    const poor = { ...tools, ffmpeg: { ...tools.ffmpeg, encoders: new Set(['mjpeg', 'rawvideo']) } };
    assert.equal((await makeClip(poor, { width: 1280, height: 720 })).data, SELF_TEST_CLIP);
    const outcome = await runBenchmark(poor, { cores: 1, signal: never() });
    assert.ok(outcome.ok && outcome.cost.source > 0, JSON.stringify(outcome));
  });

  it('says what the decoder said when it fails', async () => {
    const broken = { ...tools, decoder: { ...tools.decoder, chosen: 'qsv' as const, device: '/dev/null' } };
    const outcome = await runBenchmark(broken, { cores: 1, signal: never() });
    assert.ok(!outcome.ok);
    assert.match(outcome.reason, /ended|fell back/);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const outcome = await runBenchmark(tools, {
      cores: 2,
      signal: stop.signal,
      progress: (part) => {
        if (part >= 0.2) stop.abort();
      },
    });
    assert.deepEqual(outcome, { ok: false, reason: 'it was interrupted' });
  });
});
