/** What the kernel refuses to a program in the landlock sandbox. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { collect } from '../../daemon/decode/ffmpegProcess.ts';
import { FilterFiles } from '../../daemon/decode/landlock.ts';
import { findProgram, probeSandbox, type Sandbox, sandboxed } from '../../daemon/decode/sandbox.ts';
import { REFUSED } from '../../daemon/decode/syscallNumbers.ts';
import { landlockSetpriv } from './landlockSetpriv.ts';

/** Of every Debian; it makes system calls by their number. */
const PERL = '/usr/bin/perl';
const limit = { timeout: 60_000 };
const column = process.arch === 'x64' ? 0 : 1;
const number = (group: string, name: string) => REFUSED[group]?.[name]?.[column];
const prlimit64 = [302, 261][column];
const prctl = [157, 167][column];

let sandbox: Sandbox;
let plain: Sandbox;
let folder: string;
let secret: string;
let port: number;
const server = createServer((socket) => socket.destroy());

before(async () => {
  sandbox = await probeSandbox({
    only: 'landlock',
    ...(landlockSetpriv === undefined ? {} : { setpriv: landlockSetpriv }),
  });
  plain = await probeSandbox({ only: 'plain' });
  folder = mkdtempSync(join(tmpdir(), 'walleye-landlock-'));
  secret = join(folder, 'secret.key');
  writeFileSync(secret, 'the key', { mode: 0o600 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
after(() => {
  rmSync(folder, { recursive: true });
  server.close();
});

/** What each attempt gave: `ok`, or the error's number. */
async function attempt(attempts: Record<string, string>, within: Sandbox): Promise<Record<string, string>> {
  const script = Object.entries(attempts)
    .map(([name, code]) => `$! = 0; print "${name} ", ((${code}) ? "ok" : $! + 0), "\n";`)
    .join('\n');
  const run = await collect(sandboxed(within, { command: PERL, args: ['-e', `$| = 1;\n${script}`] }), limit);
  assert.equal(run.code, 0, run.lastLines.join('\n'));
  return Object.fromEntries(
    run.stdout
      .toString()
      .trim()
      .split('\n')
      .map((line) => [line.split(' ')[0]!, line.split(' ')[1]!]),
  );
}

describe('the landlock sandbox', () => {
  it('is there on every kernel with Landlock', () => {
    assert.equal(sandbox.kind, 'landlock', sandbox.warning ?? '');
    assert.deepEqual([sandbox.network, sandbox.files, sandbox.warning], [true, true, null]);
  });

  it('refuses the daemon’s files, memory, settings and signals, which its user may have', async () => {
    const { pid } = process;
    const attempts = {
      passwd: 'open(my $f, "<", "/etc/passwd")',
      secret: `open(my $f, "<", "${secret}")`,
      overwrite: `open(my $f, ">>", "${secret}")`,
      mode: `syscall(${number('attributes', 'fchmodat')}, -100, my $p = "${secret}", 0666) == 0`,
      rename: `rename("${secret}", "${secret}.gone")`,
      create: `open(my $f, ">", "${folder}/new")`,
      list: `opendir(my $d, "${folder}")`,
      environ: `open(my $f, "<", "/proc/${pid}/environ")`,
      memory: `open(my $f, "+<", "/proc/${pid}/mem")`,
      descriptors: `defined readlink("/proc/${pid}/fd/0")`,
      program: `defined readlink("/proc/${pid}/exe")`,
      exists: `kill(0, ${pid})`,
      limits: `syscall(${prlimit64}, ${pid}, 7, 0, my $b = "x" x 16) == 0`,
      sigio: `open(my $f, "<", "/dev/null") && fcntl(STDOUT, 8, ${pid})`,
      socket: 'socket(my $s, 2, 1, 0)',
      child: 'defined(my $p = fork) && ($p || exit)',
      survival: `syscall(${prctl}, 1, 0, 0, 0, 0) == 0`,
    };
    const outside = await attempt(attempts, plain);
    assert.deepEqual(new Set(Object.values(outside)), new Set(['ok']), JSON.stringify(outside));
    // Undo what was done for comparison.
    writeFileSync(secret, 'the key');
    chmodSync(secret, 0o600);
    rmSync(join(folder, 'new'));

    const EPERM = '1';
    const EACCES = '13';
    assert.deepEqual(await attempt(attempts, sandbox), {
      passwd: EACCES,
      secret: EACCES,
      overwrite: EACCES,
      mode: EPERM,
      rename: EACCES,
      create: EACCES,
      list: EACCES,
      environ: EACCES,
      memory: EACCES,
      descriptors: EACCES,
      program: EACCES,
      exists: EPERM,
      limits: EPERM,
      sigio: EPERM,
      socket: EPERM,
      child: EPERM,
      survival: EPERM,
    });
    assert.equal(statSync(secret).mode & 0o777, 0o600);
    assert.equal(readFileSync(secret, 'utf8'), 'the key');
  });

  it('refuses every system call of the table in the kernel as in the table', async () => {
    // With arguments that mean nothing, should one get through. These have no arguments, and would do something.
    const harmful = ['fork', 'vfork', 'vhangup'];
    const calls = Object.values(REFUSED)
      .flatMap((group) => Object.entries(group))
      .flatMap(([name, numbers]) => (harmful.includes(name) ? [] : [[name, numbers[column]] as const]))
      .filter(([, nr]) => nr !== null);
    const attempts = Object.fromEntries(
      calls.map(([name, nr]) => [name, `syscall(${nr}, -1, -1, -1, -1, -1, -1) != -1`]),
    );
    const results = await attempt(attempts, sandbox);
    assert.ok(Object.keys(results).length > 100);
    assert.deepEqual(
      Object.entries(results).filter(([, result]) => result !== '1'),
      [],
    );
  });

  it('lets no other program be started', async () => {
    const args = ['-e', 'exec("/usr/bin/id") or print $! + 0'];
    const run = await collect(sandboxed(sandbox, { command: PERL, args }), limit);
    assert.equal(run.stdout.toString(), '13');
  });

  it('ends a program that aborts, though it may not signal itself', async () => {
    const args = ['-e', 'require POSIX; POSIX::abort(); print "lives"'];
    const run = await collect(sandboxed(sandbox, { command: PERL, args }), limit);
    assert.equal(run.stdout.toString(), '');
    assert.ok(run.signal !== null, `ended with status ${run.code}`);
  });

  it('leaves a decoder its threads and gives it no network', async () => {
    const ffmpeg = (await findProgram('ffmpeg'))!;
    const make = [
      ...[
        '-nostdin',
        '-loglevel',
        'error',
        '-f',
        'lavfi',
        '-i',
        'testsrc=size=640x360:rate=25',
        '-frames:v',
        '20',
      ],
      ...['-c:v', 'mpeg4', '-threads', '4', '-f', 'm4v', 'pipe:1'],
    ];
    const clip = await collect(sandboxed(sandbox, { command: ffmpeg, args: make }), limit);
    assert.deepEqual([clip.code, clip.lastLines], [0, []]);
    for (const hardware of [false, true]) {
      const decode = [
        ...['-loglevel', 'error', '-threads', '4', '-f', 'm4v', '-i', 'pipe:0', '-f', 'rawvideo'],
        ...['-pix_fmt', 'gray', 'pipe:1'],
      ];
      const command = sandboxed(sandbox, { command: ffmpeg, args: decode }, { hardware });
      const pictures = await collect(command, { ...limit, input: clip.stdout });
      assert.deepEqual([pictures.code, pictures.stdout.length], [0, 20 * 640 * 360]);
    }
    const connect = ['-nostdin', '-f', 'mjpeg', '-i', `tcp://127.0.0.1:${port}`, '-f', 'null', '-'];
    const refused = await collect(sandboxed(sandbox, { command: ffmpeg, args: connect }), limit);
    assert.match(refused.lastLines.join('\n'), /Operation not permitted/);
  });
});

describe('FilterFiles', () => {
  it('writes each filter once, for nobody else to change, and again when somebody has cleaned up', () => {
    const files = new FilterFiles('x64');
    const software = files.path('software');
    assert.equal(files.path('software'), software);
    assert.notEqual(files.path('hardware'), software);
    assert.equal(statSync(software).mode & 0o777, 0o400);
    const content = readFileSync(software);
    rmSync(software);
    assert.deepEqual(readFileSync(files.path('software')), content);
    rmSync(join(software, '..'), { recursive: true });
    assert.deepEqual(readFileSync(files.path('software')), content);
  });
});
