/** image/recordingDisk with disks of this machine (loop devices), in a mount namespace of its own. Shares are looked at in QEMU. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { until } from '../e2e/until.ts';

const SCRIPT = join(import.meta.dirname, '../../image/recordingDisk');
const DAEMON = 61_234;
const skip = process.getuid?.() === 0 ? false : 'disks are mounted by root only';

describe('the disk of recordings', { skip, timeout: 120_000 }, () => {
  let folder: string;
  let label: string;
  let script: ChildProcess;
  let loops: string[];
  const path = (name: string) => join(folder, name);
  const said = () => {
    try {
      return readFileSync(path('run/problem'), 'utf8').trim();
    } catch {
      return undefined;
    }
  };
  /** As the script's processes see it. */
  const inside = (...argv: string[]) =>
    execFileSync('nsenter', ['--mount', '--target', String(script.pid), ...argv], {
      encoding: 'utf8',
    }).trim();
  const source = () => {
    try {
      return inside('findmnt', '-no', 'SOURCE', '--mountpoint', path('media/recordings'));
    } catch {
      return '';
    }
  };

  function disk(name: string, mkfs = ['mkfs.ext4', '-q', '-L', label]): string {
    writeFileSync(path(name), '');
    truncateSync(path(name), 16 * 1024 * 1024);
    execFileSync(mkfs[0]!, [...mkfs.slice(1), path(name)], { stdio: 'ignore' });
    const loop = execFileSync('losetup', ['--find', '--show', path(name)], { encoding: 'utf8' }).trim();
    loops.push(loop);
    return loop;
  }
  const start = (line: string) => {
    writeFileSync(path('file'), `${line}\n`);
    const run = [
      '--mount',
      '--propagation',
      'private',
      SCRIPT,
      path('file'),
      path('media/recordings'),
      String(DAEMON),
    ];
    script = spawn('unshare', run, {
      stdio: 'ignore',
      env: { ...process.env, RUNTIME_DIRECTORY: path('run') },
    });
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'walleye-disk-'));
    // No other disk of this machine has it.
    label = folder.slice(-6);
    loops = [];
    mkdirSync(path('run'));
  });
  afterEach(async () => {
    const ended = once(script, 'exit');
    script.kill();
    await ended;
    for (const loop of loops) execFileSync('losetup', ['--detach', loop]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('is mounted when it comes, and belongs to the daemon', async () => {
    start(`LABEL=${label}\tauto\tnosuid,nodev,noexec,noatime`);
    await until('it says what is missing', async () =>
      /No disk labelled \S+ is connected/.test(said() ?? ''),
    );
    const loop = disk('ext4');
    await until('it is mounted', async () => said() === '');
    assert.equal(source(), loop);
    assert.equal(inside('stat', '-c', '%u %a', path('media/recordings')), `${DAEMON} 750`);
    assert.equal(inside('stat', '-c', '%a', path('media')), '755', 'on the way to it nobody is held up');
    assert.match(
      inside('findmnt', '-no', 'OPTIONS', path('media/recordings')),
      /nosuid,nodev,noexec,noatime/,
    );
    // Somebody takes it away, and gives it back.
    inside('umount', path('media/recordings'));
    await until('it is mounted again', async () => source() === loop);
  });

  it('that nobody can use is named with the reason', async () => {
    disk('swap', ['mkswap', '-L', label]);
    start(`LABEL=${label}\tauto\tnosuid,nodev,noexec,noatime`);
    await until('it says so', async () => /is formatted as swap: it must be ext4/.test(said() ?? ''));
    assert.equal(source(), '');
  });

  it('on a server that is not there is tried again', async () => {
    start('nas.invalid:/video\tnfs\tsoft');
    await until('it says so', async () => /nas\.invalid has no address/.test(said() ?? ''));
    assert.equal(source(), '');
  });
});
