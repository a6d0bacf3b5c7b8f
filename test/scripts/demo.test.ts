/** scripts/demo.ts whole: virtual cameras, the daemon, and that nothing of them outlives it. Needs ffmpeg and a font. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Camera, Discovery, Layout, Wall } from '../../daemon/schema.ts';

const SCRIPT = join(import.meta.dirname, '../../scripts/demo.ts');

/** @param env WALLEYE_PORT 0: the kernel chooses */
function startDemo(env: NodeJS.ProcessEnv = { WALLEYE_PORT: '0' }, args: string[] = []) {
  const child = spawn(process.execPath, [SCRIPT, '--cameras', '3', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NOTIFY_SOCKET: '', WALLEYE_BENCHMARK: 'off', ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return { child, exited: once(child, 'exit'), output: () => output };
}

async function running(test: TestContext, ...args: string[]) {
  const demo = startDemo(undefined, args);
  // A test that fails half-way ends it too.
  test.after(() => demo.child.kill('SIGKILL'));
  await until(`it says that it is ready: ${demo.output()}`, () => {
    assert.equal(demo.child.exitCode, null, demo.output());
    return demo.output().includes('Ctrl-C ends everything');
  });
  const url = /wall\s+(\S+)\//.exec(demo.output())![1]!;
  const stateDir = /state\s+(\S+)/.exec(demo.output())![1]!;
  return { ...demo, url, stateDir, pids: descendants(demo.child) };
}

/** Every process below it now, ffmpeg in its sandbox too. */
function descendants(child: ChildProcess): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => [Number(pid), parentOf(pid)] as const);
  const found = [child.pid!];
  for (const pid of found) found.push(...parents.filter(([, parent]) => parent === pid).map(([one]) => one));
  return found.slice(1);
}

/** A zombie counts as gone. */
function parentOf(pid: string): number {
  try {
    const [, state, parent] = /\) (\S) (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))!;
    return state === 'Z' ? -1 : Number(parent);
  } catch {
    return -1;
  }
}

const allGone = (pids: readonly number[]) => pids.every((pid) => parentOf(String(pid)) === -1);

async function until(what: string, condition: () => boolean): Promise<void> {
  for (let n = 0; n < 2400; n++) {
    if (condition()) return;
    await sleep(100);
  }
  throw new Error(`never: ${what}`);
}

describe('the demo', () => {
  it('adds its cameras with two streams each, a layout and the wall; Ctrl-C leaves nothing behind', async (test) => {
    const { child, exited, url, stateDir, pids, output } = await running(test);
    const get = async <T>(path: string) => (await (await fetch(url + path)).json()) as T;
    const { cameras: list } = await get<{ cameras: Camera[] }>('/api/cameras');
    assert.equal(list.length, 3);
    assert.deepEqual(
      list.map((camera) => camera.streams.map((stream) => stream.profile)),
      [1, 2, 3].map(() => ['main', 'sub']),
    );
    const layout = await get<Layout>('/api/layouts/demo');
    assert.deepEqual(
      layout.tiles.flatMap((tile) => tile.cameras).toSorted(),
      list.map(({ id }) => id).toSorted(),
    );
    assert.deepEqual(
      (await get<Wall>('/api/wall')).sequence.map((item) => item.layout),
      ['demo', 'focus'],
    );
    const focus = await get<Layout>('/api/layouts/focus');
    assert.deepEqual(
      focus.tiles.flatMap((tile) => tile.cameras).toSorted(),
      list.map(({ id }) => id).toSorted(),
    );
    assert.ok(pids.length >= 2, 'the cameras and the daemon');

    child.kill('SIGINT');
    assert.deepEqual(await exited, [130, null], output());
    assert.ok(allGone(pids), 'a process was left behind');
    assert.ok(!existsSync(stateDir));
  });

  it('for the first run adds nothing, and its search finds open cameras and those with the password that it prints', async (test) => {
    const { child, exited, url, output } = await running(test, '--first-run');
    const get = async <T>(path: string) => (await (await fetch(url + path)).json()) as T;
    assert.deepEqual((await get<{ cameras: Camera[] }>('/api/cameras')).cameras, []);
    assert.match(output(), /admin +http:\/\/\S+\/admin +← begin here/);
    const addresses = [...output().matchAll(/ONVIF (\S+) +user admin, password camera$/gm)].map(
      ([, one]) => one,
    );
    assert.equal(addresses.length, 3);
    const headers = { 'content-type': 'application/json' };
    await fetch(`${url}/api/discovery`, { method: 'POST', headers, body: '{"adopt":true,"seconds":2}' });
    let devices: Discovery['devices'] = [];
    for (let n = 0; n < 600 && devices.length < 3; n++) {
      await sleep(100);
      const state = await get<Discovery>('/api/discovery');
      devices = state.devices.filter(
        (one) => addresses.includes(one.onvif_url ?? '') && one.adoption === 'needs_password',
      );
    }
    assert.equal(devices.length, 3, JSON.stringify(devices));
    child.kill('SIGINT');
    await exited;
  });

  for (const [what, script] of [
    ['camera process', 'virtual-camera/demo.ts'],
    ['daemon', 'daemon/main.ts'],
  ] as const) {
    it(`ends as a whole, and says why, when the ${what} dies`, async (test) => {
      const { exited, pids, output } = await running(test);
      const victim = pids.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(script))!;
      process.kill(victim, 'SIGKILL');
      assert.deepEqual(await exited, [1, null], output());
      assert.match(output(), /ended by itself \(SIGKILL\), so everything does/);
      await until('every process is gone', () => allGone(pids));
    });
  }

  it('takes its children with it even when it is killed by -9', async (test) => {
    const { child, exited, pids, stateDir } = await running(test);
    child.kill('SIGKILL');
    await exited;
    await until('every process is gone', () => allGone(pids));
    rmSync(stateDir, { recursive: true });
  });

  it('adds no camera to a stranger on its port: says that the port is taken', async () => {
    const requests: string[] = [];
    const stranger = createServer((request, response) => {
      requests.push(`${request.method} ${request.url}`);
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const { port } = stranger.address() as AddressInfo;
    const { exited, output } = startDemo({ WALLEYE_PORT: String(port) });
    assert.deepEqual(await exited, [1, null]);
    assert.match(output(), new RegExp(`port ${port} \\(WALLEYE_PORT\\) is taken`));
    assert.deepEqual(requests, []);
    stranger.close();
  });
});
