import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, describe, it } from 'node:test';
import { pino } from 'pino';
import { BoxBenchmark } from '../../daemon/camera/boxBenchmark.ts';
import type { DecodeTools } from '../../daemon/camera/rendition.ts';
import { findFfmpeg } from '../../daemon/decode/ffmpegChoice.ts';
import { probeDecoders } from '../../daemon/decode/hwaccel.ts';
import { probeSandbox } from '../../daemon/decode/sandbox.ts';
import { openStore, type Store } from '../../daemon/store/store.ts';
import { until } from '../api/apiServer.ts';

const log = pino({ level: 'silent' });

describe('the benchmark of the box', () => {
  let tools: DecodeTools;
  let store: Store;
  let ended: AbortController;
  let running: Promise<void>[];
  before(async () => {
    const ffmpeg = await findFfmpeg({});
    const sandbox = await probeSandbox({ program: ffmpeg.path });
    tools = { ffmpeg, sandbox, decoder: await probeDecoders(ffmpeg, sandbox, log) };
  });
  beforeEach(() => {
    store = openStore(':memory:').store;
    ended = new AbortController();
    running = [];
  });
  afterEach(async () => {
    ended.abort();
    await Promise.all(running);
    store.close();
  });

  function start(change: Partial<ConstructorParameters<typeof BoxBenchmark>[0]> = {}): BoxBenchmark {
    const { settings } = store;
    const options = { tools, settings, busy: () => false, automatic: false, settling: 0, look: 20, log };
    const benchmark = new BoxBenchmark({ ...options, ...change });
    running.push(benchmark.run(ended.signal));
    return benchmark;
  }
  const done = (benchmark: BoxBenchmark) =>
    until(() => benchmark.state.state === 'done', 'it is measured', 60_000);

  it('measures when asked, one at a time, and keeps the result', async () => {
    const benchmark = start({ busy: () => true });
    assert.equal(benchmark.state.state, 'never');
    assert.equal(benchmark.speed, undefined);
    assert.equal(benchmark.start(), true);
    assert.equal(benchmark.start(), false, 'it is under way');
    assert.equal(benchmark.state.state, 'running');
    await done(benchmark);
    const { state } = benchmark;
    assert.ok(
      (state.decode_megapixels ?? 0) > 0 && (state.encode_megapixels ?? 0) > 0,
      JSON.stringify(state),
    );
    assert.equal(state.decoder, tools.decoder.chosen);
    assert.match(state.message ?? '', /Pictures were shown .+ Measure again when nobody looks/);
    assert.deepEqual(start().state, state, 'after a restart');
  });

  it('does not use the result of another decoder, ffmpeg or number of cores', async () => {
    const kept = {
      decoder: tools.decoder.chosen,
      device: tools.decoder.device,
      ffmpeg: tools.ffmpeg.version,
      cores: start().state.cores,
      time: 1,
      decode_megapixels: 1000,
      encode_megapixels: 500,
      disturbed: false,
    };
    store.settings.put('benchmark', kept);
    const benchmark = start();
    assert.deepEqual([benchmark.state.state, benchmark.speed?.decode_megapixels], ['done', 1000]);
    for (const change of [
      { decoder: 'vaapi' },
      { ffmpeg: '3.0' },
      { cores: 512 },
      { device: '/dev/dri/x' },
    ]) {
      store.settings.put('benchmark', { ...kept, ...change });
      assert.equal(benchmark.state.state, 'never', JSON.stringify(change));
      assert.equal(benchmark.speed, undefined);
    }
  });

  it('measures by itself once, when nobody looks, and gives way when somebody comes', async () => {
    let busy = true;
    const benchmark = start({ automatic: true, busy: () => busy });
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(benchmark.state.state, 'never');
    busy = false;
    await until(() => benchmark.state.state === 'running', 'it begins');
    busy = true;
    await until(() => benchmark.state.state === 'never', 'it gives way');
    busy = false;
    await done(benchmark);
    const { time, message } = benchmark.state;
    assert.equal(message, null);
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.deepEqual([benchmark.state.state, benchmark.state.time], ['done', time]);
  });

  it('tells why it failed, and tries that again only when asked', async () => {
    const decoder = { ...tools.decoder, chosen: 'qsv' as const, device: '/dev/null' };
    const benchmark = start({ tools: { ...tools, decoder }, automatic: true });
    await until(() => benchmark.state.state === 'failed', 'it fails', 60_000);
    assert.match(benchmark.state.message ?? '', /could not be measured: .+ Try again\./);
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(benchmark.state.state, 'failed');
    assert.equal(benchmark.start(), true);
  });

  it('ends with the daemon, measured or not', async () => {
    const benchmark = start();
    benchmark.start();
    ended.abort();
    await Promise.all(running);
    assert.notEqual(benchmark.state.state, 'running');
    assert.equal(benchmark.start(), false);
  });
});
