import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { collect, FfmpegProcess } from '../../daemon/decode/ffmpegProcess.ts';
import { until } from './streams.ts';

const sh = (script: string) => ({ command: '/bin/sh', args: ['-c', script] });

describe('FfmpegProcess', () => {
  it('hands every byte on to stdin in order, and everything from stdout back', async () => {
    const input = Buffer.from(Array.from({ length: 1_000_000 }, (_, index) => index % 251));
    const result = await collect({ command: '/bin/cat', args: [] }, { timeout: 20_000, input });
    assert.equal(result.how, 'exited');
    assert.equal(result.code, 0);
    assert.ok(result.stdout.equals(input));
  });

  it('counts what the child has not taken, and survives a child that stops reading', async () => {
    const child = new FfmpegProcess({ ...sh('exec sleep 60'), stdout: () => {} });
    const controller = new AbortController();
    const running = child.run(controller.signal);
    const megabyte = Buffer.alloc(1024 * 1024);
    for (let i = 0; i < 4; i++) assert.equal(child.write(megabyte), true);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(child.queuedBytes >= megabyte.length);
    child.kill();
    assert.equal((await running).how, 'killed');
  });

  it('outlives EPIPE: a child that closed its stdin takes no more', async () => {
    const child = new FfmpegProcess({ ...sh('exec 0<&-; sleep 0.5; echo done'), stdout: () => {} });
    const running = child.run(new AbortController().signal);
    await until(() => !child.write(Buffer.alloc(100_000)), 'a refused write');
    assert.equal((await running).how, 'exited');
  });

  it('passes nothing of our environment to the child', async () => {
    const { stdout } = await collect(
      { command: '/usr/bin/env', args: [], env: { LIBVA_DRIVER_NAME: 'i965' } },
      { timeout: 20_000 },
    );
    const names = stdout
      .toString()
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0]);
    assert.deepEqual(names.sort(), ['AV_LOG_FORCE_NOCOLOR', 'LC_ALL', 'LIBVA_DRIVER_NAME', 'PATH']);
  });

  it('keeps the last lines of stderr, bounded in number and length', async () => {
    const result = await collect(
      sh(
        'i=0; while [ $i -lt 300 ]; do echo "line $i" >&2; i=$((i+1)); done; head -c 100000 /dev/zero | tr "\\0" x >&2; exit 4',
      ),
      { timeout: 20_000 },
    );
    assert.equal(result.code, 4);
    assert.equal(result.lastLines.length, 12);
    assert.equal(result.lastLines.at(-2), 'line 299');
    assert.ok(result.lastLines.every((line) => line.length <= 500));
  });

  const signs = [
    'Failed setup for format vaapi: hwaccel initialisation returned error.',
    '[h264 @ 0x55] Failed setup for format vaapi_vld: hwaccel initialisation returned error.',
    '[h264 @ 0x55] Format yuv420p chosen by get_format().',
  ];
  for (const sign of signs) {
    it(`notices the fall-back to software: ${sign}`, async () => {
      assert.equal((await collect(sh(`echo '${sign}' >&2`), { timeout: 20_000 })).hardwareFallback, true);
    });
  }

  it('takes hardware at its word', async () => {
    const result = await collect(sh("echo '[h264 @ 0x55] Format vaapi chosen by get_format().' >&2"), {
      timeout: 20_000,
    });
    assert.equal(result.hardwareFallback, false);
  });

  const ends: [string, string, boolean, string][] = [
    ['ends by the end of its stdin', 'exec cat > /dev/null', false, 'stopped'],
    ['ends by SIGTERM when it does not read', 'exec sleep 60', false, 'stopped'],
    [
      'is killed when it ignores that, its own children too',
      'trap "" TERM; sleep 60; sleep 60',
      true,
      'stopped',
    ],
    [
      'is drained while it is being stopped, so that a full pipe cannot hold it',
      'trap "exit 0" TERM; while :; do echo fill; done',
      false,
      'stopped',
    ],
  ];
  for (const [name, script, forced, how] of ends) {
    it(`after abort the child ${name}`, async () => {
      const child = new FfmpegProcess({ ...sh(script), stdout: () => {} });
      const controller = new AbortController();
      const running = child.run(controller.signal);
      const { pid } = child;
      await new Promise((resolve) => setTimeout(resolve, 200));
      controller.abort();
      const exit = await running;
      assert.deepEqual([exit.how, exit.forced], [how, forced]);
      assert.equal(existsSync(`/proc/${pid}`), false);
      assert.equal(child.pid, null);
    });
  }

  it('ends with its process, also when a stray descendant holds the pipes open', async () => {
    const result = await collect(sh('setsid sleep 8 & exit 5'), { timeout: 20_000 });
    assert.deepEqual([result.how, result.code, result.timedOut], ['exited', 5, false]);
  });

  it('does not start after abort', async () => {
    const child = new FfmpegProcess({ ...sh('echo never'), stdout: () => assert.fail('started') });
    assert.equal((await child.run(AbortSignal.abort())).how, 'stopped');
  });

  it('tells of a program that is not there, without throwing', async () => {
    const result = await collect(
      { command: '/nonexistent', args: [] },
      { timeout: 20_000, input: Buffer.alloc(10) },
    );
    assert.equal(result.how, 'unstarted');
    assert.ok(result.cause instanceof Error);
  });

  it('collect ends a program that takes too long, and one that says too much', async () => {
    const slow = await collect(sh('exec sleep 60'), { timeout: 100 });
    assert.deepEqual([slow.how, slow.timedOut], ['killed', true]);
    const loud = await collect(sh('exec cat /dev/zero'), { timeout: 20_000, maxBytes: 100_000 });
    assert.deepEqual([loud.how, loud.timedOut], ['killed', false]);
    assert.ok(loud.stdout.length <= 100_000);
  });
});
