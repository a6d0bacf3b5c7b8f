import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { collect, FfmpegProcess } from '../../daemon/decode/ffmpegProcess.ts';
import {
  findProgram,
  probeSandbox,
  type Sandbox,
  type SandboxKind,
  sandboxed,
} from '../../daemon/decode/sandbox.ts';
import { landlockSetpriv } from './landlockSetpriv.ts';
import { until } from './streams.ts';

const KINDS: SandboxKind[] = ['bubblewrap', 'landlock', 'unshare', 'pdeathsig', 'plain'];
const limit = { timeout: 20_000 };

let ffmpegPath: string;
let server: Server;
let connections = 0;

before(async () => {
  ffmpegPath = (await findProgram('ffmpeg'))!;
  server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(() => server.close());

/** Debian 12's setpriv knows nothing of Landlock; only there something stands in for it. */
function setprivFor(kind: SandboxKind): { setpriv?: string } {
  return kind === 'landlock' && landlockSetpriv !== undefined ? { setpriv: landlockSetpriv } : {};
}

/** The sandbox of this kind, or undefined after saying why the test is skipped. */
async function only(t: TestContext, kind: SandboxKind): Promise<Sandbox | undefined> {
  const sandbox = await probeSandbox({ only: kind, program: ffmpegPath, ...setprivFor(kind) });
  if (sandbox.kind === kind) return sandbox;
  t.skip(`needs ${kind}: ${sandbox.warning}`);
  return undefined;
}

/** Pids of the processes that have `mark` among their arguments. */
function processesWith(mark: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(mark);
    } catch {
      return false; // it has just ended
    }
  });
}

/** How many of them are ffmpeg itself, past all programs of the sandbox. */
function runningFfmpegs(mark: string): number {
  return processesWith(mark).filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/exe`).endsWith('/ffmpeg');
    } catch {
      return false;
    }
  }).length;
}

let marks = 0;
/** A word that finds the processes of one test; what is left of them ends with it. */
function newMark(t: TestContext): string {
  marks += 1;
  const mark = `comment=walleye-${process.pid}-${marks}`;
  t.after(() => {
    for (const pid of processesWith(mark)) process.kill(Number(pid), 'SIGKILL');
  });
  return mark;
}

/** An ffmpeg that works for ever: it neither reads its stdin nor writes to a pipe whose end it could notice. */
function endlessFfmpeg(mark: string): string[] {
  return [
    ...['-nostdin', '-loglevel', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc=size=64x64:rate=5'],
    ...['-metadata', mark, '-f', 'null', '-'],
  ];
}

describe('probeSandbox', () => {
  it('takes the strongest kind that works, and warns of nothing only for the strongest', async () => {
    const sandbox = await probeSandbox({ program: ffmpegPath });
    const working = [];
    for (const kind of KINDS)
      if ((await probeSandbox({ only: kind, program: ffmpegPath })).kind === kind) working.push(kind);
    assert.equal(sandbox.kind, working[0]);
    assert.equal(sandbox.warning === null, ['bubblewrap', 'landlock'].includes(sandbox.kind));
  });

  it('says what a weaker kind lacks and what to do', async () => {
    const { warning, network, files } = await probeSandbox({ only: 'plain' });
    assert.deepEqual([network, files], [false, false]);
    assert.match(warning ?? '', /network.*files.*outlive.*install bubblewrap/);
  });

  it('falls through to a kind in which the program works', async () => {
    // A program that no kind can run: the last kind takes everything and says why the others did not.
    const sandbox = await probeSandbox({ program: '/nonexistent/ffmpeg' });
    assert.equal(sandbox.kind, 'plain');
    assert.match(sandbox.warning ?? '', /bubblewrap: .*landlock: .*pdeathsig: /);
  });
});

for (const kind of KINDS) {
  describe(`sandbox ${kind}`, { timeout: 120_000 }, () => {
    it('runs ffmpeg and passes its pipes and its exit status', async (t) => {
      const sandbox = await only(t, kind);
      if (sandbox === undefined) return;
      const make = [
        '-nostdin',
        '-loglevel',
        'error',
        '-f',
        'lavfi',
        '-i',
        'testsrc=size=64x64:rate=5',
        '-frames:v',
        '2',
        '-f',
        'rawvideo',
        '-pix_fmt',
        'gray',
        'pipe:1',
      ];
      const result = await collect(sandboxed(sandbox, { command: ffmpegPath, args: make }), limit);
      assert.deepEqual([result.code, result.stdout.length], [0, 2 * 64 * 64]);
      const script = 'read word; echo "$word" >&2; exit 7';
      const failed = await collect(sandboxed(sandbox, { command: '/bin/sh', args: ['-c', script] }), {
        ...limit,
        input: Buffer.from('words\n'),
      });
      assert.deepEqual([failed.code, failed.lastLines], [7, ['words']]);
    });

    it('lets a child reach the network only where it says so', async (t) => {
      const sandbox = await only(t, kind);
      if (sandbox === undefined) return;
      const { port } = server.address() as AddressInfo;
      const before = connections;
      const args = [
        '-nostdin',
        '-loglevel',
        'error',
        '-f',
        'mjpeg',
        '-i',
        `tcp://127.0.0.1:${port}`,
        '-f',
        'null',
        '-',
      ];
      const result = await collect(sandboxed(sandbox, { command: ffmpegPath, args }), limit);
      assert.notEqual(result.code, 0);
      // The listener is local: a connection that was made is counted at the latest after another one.
      await collect({ command: ffmpegPath, args }, limit);
      await until(() => connections > before, 'the connection without sandbox');
      assert.equal(connections - before, sandbox.network ? 1 : 2);
      const then = connections;
      await collect(sandboxed(sandbox, { command: ffmpegPath, args }, { network: true }), limit);
      await until(() => connections > then, 'the connection of one that is to have a network');
      const reads = await collect(
        sandboxed(sandbox, { command: '/bin/cat', args: ['/etc/passwd'] }, { network: true }),
        limit,
      );
      assert.equal(reads.code === 0, !sandbox.files, 'and nothing else for it');
    });

    it('lets a child read and write files only where it says so', async (t) => {
      const sandbox = await only(t, kind);
      if (sandbox === undefined) return;
      const reads = await collect(sandboxed(sandbox, { command: '/bin/cat', args: ['/etc/passwd'] }), limit);
      assert.equal(reads.stdout.includes('root:'), !sandbox.files);
      const needs = { files: ['/etc/passwd'] };
      const given = await collect(
        sandboxed(sandbox, { command: '/bin/cat', args: ['/etc/passwd', '/etc/group'] }, needs),
        limit,
      );
      assert.ok(given.stdout.includes('root:x:0:0:'), 'a file that it is given');
      assert.equal(given.code === 0, !sandbox.files, 'no other');
      // Two devices that each machine has, of which neither is a child's by itself.
      const device = await collect(
        sandboxed(
          sandbox,
          { command: '/bin/head', args: ['-c', '4', '/dev/zero', '/dev/full'] },
          { devices: ['/dev/zero'] },
        ),
        limit,
      );
      assert.equal(device.stdout.includes('\0\0\0\0'), true, 'a device that it is given');
      assert.equal(device.code === 0, !sandbox.files, 'no other device');
      const lists = await collect(
        sandboxed(sandbox, { command: '/bin/ls', args: ['/', '/dev', '/etc'] }),
        limit,
      );
      const names = lists.stdout.toString().split('\n');
      assert.equal(
        names.includes('home') || names.includes('root') || names.includes('passwd'),
        !sandbox.files,
      );
      if (!sandbox.files) return;
      for (const folder of ['/', '/tmp', '/dev', '/etc', '/usr/lib']) {
        const writes = await collect(
          sandboxed(sandbox, { command: '/usr/bin/touch', args: [`${folder}/walleye`] }),
          limit,
        );
        assert.notEqual(writes.code, 0, folder);
      }
    });

    it('ends everything when the outermost process is told to end', async (t) => {
      const sandbox = await only(t, kind);
      if (sandbox === undefined) return;
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        const mark = newMark(t);
        const child = new FfmpegProcess({
          ...sandboxed(sandbox, { command: ffmpegPath, args: endlessFfmpeg(mark) }),
          stdout: () => {},
        });
        const running = child.run(new AbortController().signal);
        await until(() => runningFfmpegs(mark) > 0, 'ffmpeg to run');
        process.kill(child.pid!, signal);
        await running;
        await until(() => processesWith(mark).length === 0, `no process left after ${signal}`);
      }
    });

    it('leaves no ffmpeg behind when the daemon is killed by -9', async (t) => {
      if ((await only(t, kind)) === undefined) return;
      const mark = newMark(t);
      // Without a death signal the end of stdin must do, so there ffmpeg is one that reads it.
      const args =
        kind === 'plain'
          ? ['-loglevel', 'error', '-f', 'h264', '-i', 'pipe:0', '-metadata', mark, '-f', 'mjpeg', 'pipe:1']
          : endlessFfmpeg(mark);
      // Killed by -9 it leaves its temporary files.
      const temporary = mkdtempSync(join(tmpdir(), 'walleye-killed-'));
      t.after(() => rmSync(temporary, { recursive: true }));
      const daemon = spawn(
        process.execPath,
        [
          new URL('daemonToKill.ts', import.meta.url).pathname,
          kind,
          setprivFor(kind).setpriv ?? '',
          ffmpegPath,
          ...args,
        ],
        {
          stdio: ['ignore', 'ignore', 'inherit'],
          env: { ...process.env, TMPDIR: temporary },
        },
      );
      t.after(() => daemon.kill('SIGKILL'));
      await until(() => runningFfmpegs(mark) > 0, 'the daemon’s ffmpeg to run');
      daemon.kill('SIGKILL');
      await until(() => processesWith(mark).length === 0, 'no process left');
    });
  });
}
