import assert from 'node:assert/strict';
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { decoderGroupUse, decoderLimits, makeDecoderGroup } from '../../daemon/decode/decoderGroup.ts';
import { collect } from '../../daemon/decode/ffmpegProcess.ts';
import { probeSandbox, sandboxed } from '../../daemon/decode/sandbox.ts';

const MIB = 2 ** 20;
const none = { memoryHigh: undefined, memoryMax: undefined, tasksMax: undefined };

describe('decoderLimits', () => {
  it('leave the daemon a quarter of the unit’s memory and threads of its own', () => {
    const unit = { memoryHigh: 1500 * MIB, memoryMax: 2000 * MIB, tasksMax: 2048 };
    assert.deepEqual(decoderLimits(unit), { memoryMax: 1500 * MIB, memoryHigh: 1000 * MIB, tasksMax: 1792 });
  });

  it('leave it 320 MiB at least and 640 at most', () => {
    assert.equal(decoderLimits({ ...none, memoryMax: 1000 * MIB }).memoryMax, 680 * MIB);
    assert.equal(decoderLimits({ ...none, memoryMax: 9000 * MIB }).memoryMax, 8360 * MIB);
  });

  it('leave the decoders something on the smallest box', () => {
    assert.equal(decoderLimits({ ...none, memoryMax: 400 * MIB }).memoryMax, 100 * MIB);
    assert.equal(decoderLimits({ ...none, tasksMax: 300 }).tasksMax, 150);
  });

  it('slow them down before they are killed, also under a limit that somebody set', () => {
    const { memoryMax, memoryHigh } = decoderLimits({ ...none, memoryMax: 2000 * MIB }, 900 * MIB);
    assert.deepEqual([memoryMax, memoryHigh], [900 * MIB, 810 * MIB]);
  });

  it('are none where the unit has none', () => assert.deepEqual(decoderLimits(none), none));
});

/** The files that the kernel shows; what a real one does with them, the test of the image sees. */
describe('makeDecoderGroup', () => {
  const USER = 61_806;
  let folder: string;
  let root: string;
  let self: string;
  const options = () => ({ root, self, user: USER });
  const read = (path: string) => readFileSync(join(root, path), 'utf8');

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'walleye-group-'));
    root = join(folder, 'cgroup');
    self = join(folder, 'self');
    mkdirSync(root);
    writeFileSync(self, '0::/\n');
    const files = {
      'cgroup.controllers': 'cpuset cpu io memory pids\n',
      'cgroup.procs': '71\n72\n',
      'memory.max': `${2000 * MIB}\n`,
      'memory.high': 'max\n',
      'pids.max': '2048\n',
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(root, name), content);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('makes two groups where systemd gave us our own: the daemon’s, and the decoders’ with limits', async (t) => {
    if (process.getuid?.() === 0) chownSync(join(root, 'cgroup.procs'), USER, USER);
    const user = process.getuid?.() === 0 ? USER : process.getuid?.();
    const { procs, limits, problem } = await makeDecoderGroup({ ...options(), user });
    assert.deepEqual([procs, problem], [join(root, 'decoders/cgroup.procs'), undefined]);
    assert.equal(limits?.memoryMax, 1500 * MIB);
    assert.equal(read('daemon/cgroup.procs'), '72', 'the last that was moved in');
    assert.equal(read('cgroup.subtree_control'), '+cpu +memory +pids');
    assert.equal(read('decoders/memory.max'), String(1500 * MIB));
    assert.equal(read('decoders/memory.high'), String(1350 * MIB));
    assert.equal(read('decoders/pids.max'), '1792');
    assert.equal(read('decoders/cpu.weight'), '50');

    t.diagnostic('a daemon that is started in its place finds them made');
    writeFileSync(self, '0::/daemon\n');
    assert.equal((await makeDecoderGroup({ ...options(), user, memoryMax: 700 * MIB })).problem, undefined);
    assert.equal(read('decoders/memory.max'), String(700 * MIB));

    writeFileSync(join(root, 'decoders/memory.current'), '5000\n');
    writeFileSync(join(root, 'decoders/pids.current'), '12\n');
    writeFileSync(
      join(root, 'decoders/memory.events'),
      'low 0\nhigh 3\nmax 2\noom 1\noom_kill 4\noom_group_kill 0\n',
    );
    assert.deepEqual(await decoderGroupUse({ ...options(), user }), {
      memory: 5000,
      memoryMax: 700 * MIB,
      tasks: 12,
      oomKills: 4,
    });
  });

  it('touches nothing at a desk, in a container, and as root', async () => {
    const before = readFileSync(join(root, 'cgroup.procs'), 'utf8');
    assert.deepEqual(await makeDecoderGroup(options()), {}, 'the group is somebody else’s');
    assert.deepEqual(await makeDecoderGroup({ ...options(), user: 0 }), {}, 'root');
    writeFileSync(self, '0::/user.slice/user-1000.slice/session-2.scope\n');
    const user = process.getuid?.() || 1;
    assert.deepEqual(await makeDecoderGroup({ ...options(), user }), {}, 'a desk');
    assert.deepEqual(await makeDecoderGroup({ ...options(), self: join(folder, 'none') }), {}, 'no cgroups');
    assert.equal(await decoderGroupUse(options()), undefined);
    assert.equal(read('cgroup.procs'), before);
  });

  it('says what is wrong where systemd gave us groups and they cannot be made', async () => {
    if (process.getuid?.() === 0) chownSync(join(root, 'cgroup.procs'), USER, USER);
    const user = process.getuid?.() === 0 ? USER : process.getuid?.();
    writeFileSync(join(root, 'decoders'), 'a file is in the way');
    const made = await makeDecoderGroup({ ...options(), user });
    assert.match(made.problem ?? '', /share the daemon’s limits: EEXIST/);
    assert.equal(made.procs, undefined);
  });
});

describe('a sandbox with a group', () => {
  it('has the child enter it before it runs, and keep its process id', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'walleye-group-'));
    const procs = join(folder, 'cgroup.procs');
    writeFileSync(procs, '');
    const sandbox = await probeSandbox({ group: procs, only: 'pdeathsig' });
    writeFileSync(procs, '');
    const read = await collect(sandboxed(sandbox, { command: '/bin/cat', args: [procs] }), {
      timeout: 20_000,
    });
    assert.equal(read.stdout.toString(), '0\n', '0: whoever writes it');
    rmSync(folder, { recursive: true });
  });

  it('runs the child nevertheless where the group is gone', async () => {
    const sandbox = await probeSandbox({ group: '/nonexistent/cgroup.procs', only: 'pdeathsig' });
    const said = await collect(sandboxed(sandbox, { command: '/bin/echo', args: ['a b', '$c'] }), {
      timeout: 20_000,
    });
    assert.deepEqual([said.code, said.stdout.toString(), said.lastLines], [0, 'a b $c\n', []]);
  });
});
