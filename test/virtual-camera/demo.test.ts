import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { TestClient, until } from './testClient.ts';

interface Ready {
  cameras: { id: string; name: string; rtsp: { main: string; sub: string } }[];
  control: string;
}

async function startDemo(...args: string[]): Promise<{ child: ChildProcess; ready: Ready }> {
  const demo = join(import.meta.dirname, 'demo.ts');
  const child = spawn(process.execPath, [demo, '--names', 'Gate A,Gate B', '--seconds', '2', ...args]);
  const lines = createInterface({ input: child.stdout! });
  const [line] = (await once(lines, 'line')) as [string];
  return { child, ready: JSON.parse(line) as Ready };
}

describe('virtual cameras as a process', () => {
  it('prints their addresses, takes faults over HTTP, and ends at SIGTERM', async () => {
    const { child, ready } = await startDemo();
    try {
      assert.deepEqual(
        ready.cameras.map(({ id, name }) => [id, name]),
        [
          ['gate-a', 'Gate A'],
          ['gate-b', 'Gate B'],
        ],
      );
      const url = ready.cameras[0]!.rtsp.sub;
      const control = `${ready.control}/cameras/gate-a`;
      const client = await TestClient.to(url);
      await client.play(url);
      await until('pictures', () => client.packets.length > 10);
      const status = (await (await fetch(control)).json()) as { stats: { playing: number } };
      assert.equal(status.stats.playing, 1);
      const table = (await (await fetch(`${control}/sentAt?profile=sub`)).json()) as {
        sentAt: (number | null)[];
      };
      assert.equal(table.sentAt.length, 30);
      const newest = Math.max(...table.sentAt.map(Number));
      assert.ok(Math.abs(newest - Date.now()) < 10_000);
      const post = (body: string) => fetch(`${control}/fault`, { method: 'POST', body });
      assert.equal((await post('{"close":true}')).status, 200);
      await until('connection dropped', () => client.closed);
      assert.equal((await post('{"closed":true}')).status, 400);
      assert.equal((await post('{')).status, 400);
      assert.deepEqual(await (await post('{"delay":3}')).json(), { faults: { delay: 3 } });
      assert.deepEqual(await (await fetch(`${control}/fault`, { method: 'DELETE' })).json(), { faults: {} });
      assert.equal((await fetch(`${ready.control}/cameras/nobody`)).status, 404);
    } finally {
      child.kill('SIGTERM');
    }
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });

  it('ends with its parent when told so', async () => {
    const { child } = await startDemo('--with-parent');
    child.stdin!.end();
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });

  it('ends at SIGTERM while it still encodes, and leaves nothing behind', async () => {
    const cacheDir = await mkdtemp(join(tmpdir(), 'virtual-camera-test-'));
    try {
      const demo = join(import.meta.dirname, 'demo.ts');
      const child = spawn(process.execPath, [demo, '--cameras', '9', '--seconds', '60', '--cache', cacheDir]);
      const [progress] = (await once(child.stderr, 'data')) as [Buffer];
      assert.match(progress.toString(), /encoding clip 1 of 18/);
      child.kill('SIGTERM');
      // 'close' comes when stderr is closed everywhere: no encoder holds it open.
      assert.deepEqual(await once(child, 'close'), [0, null]);
      assert.deepEqual(await readdir(cacheDir), []);
    } finally {
      await rm(cacheDir, { recursive: true, force: true });
    }
  });

  it('says what is wrong with its arguments', async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'demo.ts'), '--auth', 'magic']);
    const [message] = (await once(child.stderr, 'data')) as [Buffer];
    assert.match(message.toString(), /--auth is one of none, basic/);
    assert.deepEqual(await once(child, 'exit'), [1, null]);
  });
});
