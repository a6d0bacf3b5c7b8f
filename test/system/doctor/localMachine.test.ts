/** Files and programs as the doctor reaches them: bounded, and never an error. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { LocalMachine } from '../../../daemon/system/doctor/localMachine.ts';
import { until } from '../../e2e/until.ts';

describe('the local machine', () => {
  let root: string;
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'walleye-machine-'));
    mkdirSync(join(root, 'usr/bin'), { recursive: true });
    mkdirSync(join(root, 'usr/lib/systemd'), { recursive: true });
  });
  after(() => rmSync(root, { recursive: true }));
  const program = (path: string, text: string) => {
    writeFileSync(join(root, path), `#!/bin/sh\n${text}\n`);
    chmodSync(join(root, path), 0o755);
  };
  const machine = (options = {}) => new LocalMachine({ root, patience: 60_000, limit: 120_000, ...options });

  it('reads files, and says why it cannot', async () => {
    writeFileSync(join(root, 'name'), 'walleye\n');
    assert.deepEqual(await machine().read('/name'), { ok: true, text: 'walleye\n' });
    assert.deepEqual(await machine().read('/nowhere/name'), { ok: false, failure: 'missing' });
    assert.deepEqual(await machine().read('/name/below'), { ok: false, failure: 'missing' });
    assert.deepEqual(await machine().read('/usr'), { ok: false, failure: 'failed' });
  });

  it('cuts what is too long, and does not wait for who never writes', async () => {
    writeFileSync(join(root, 'long'), 'x'.repeat(3 << 20));
    const reading = await machine().read('/long');
    assert.ok(reading.ok && reading.text.length < 2 << 20);
    assert.equal(spawnSync('mkfifo', [join(root, 'fifo')]).status, 0);
    assert.deepEqual(await machine().read('/fifo'), { ok: true, text: '' });
  });

  it('lists folders in the order of people, and follows no link that is asked for', async () => {
    for (const name of ['card10', 'card2', 'card1']) writeFileSync(join(root, 'usr/lib', name), '');
    assert.deepEqual(await machine().list('/usr/lib'), ['card1', 'card2', 'card10', 'systemd']);
    assert.deepEqual(await machine().list('/nowhere'), []);
    symlinkSync('../../bus/pci/drivers/i915', join(root, 'driver'));
    assert.equal(await machine().target('/driver'), '../../bus/pci/drivers/i915');
    assert.equal(await machine().target('/name'), undefined);
  });

  it('runs programs of the system, also those beside systemd, in English and with nothing of our own environment', async () => {
    process.env.WALLEYE_TOKEN = 'wly_secret';
    program('usr/bin/says', 'echo "$LC_ALL [$WALLEYE_TOKEN] $*"; echo no >&2; exit 3');
    program('usr/lib/systemd/systemd-bless-boot', 'echo good');
    assert.deepEqual(await machine().run('says', 'a b', '*'), {
      ok: true,
      status: 3,
      out: 'C.UTF-8 [] a b *\n',
      err: 'no\n',
    });
    const blessed = await machine().run('systemd-bless-boot');
    assert.deepEqual(blessed.ok && blessed.out, 'good\n');
    delete process.env.WALLEYE_TOKEN;
  });

  it('tells a program that is not there, one that may not be run and one that is none', async () => {
    assert.deepEqual(await machine().run('smartctl'), { ok: false, failure: 'missing' });
    writeFileSync(join(root, 'usr/bin/text'), 'no program');
    assert.deepEqual(await machine().run('text'), { ok: false, failure: 'missing' });
    writeFileSync(join(root, 'usr/bin/broken'), '\u007fELF');
    chmodSync(join(root, 'usr/bin/broken'), 0o755);
    const broken = await machine().run('broken');
    assert.ok(!broken.ok || broken.status !== 0);
  });

  it('ends a program that takes too long', async () => {
    const pid = join(root, 'pid');
    program('usr/bin/hangs', `trap '' TERM\necho $$ >'${pid}'\nwhile :; do sleep 1; done`);
    assert.deepEqual(await machine({ patience: 2_000 }).run('hangs'), { ok: false, failure: 'late' });
    if (!existsSync(pid)) return; // so slow a machine that it had not begun
    const process = `/proc/${readFileSync(pid, 'utf8').trim()}`;
    await until(
      'the program is gone',
      () => !existsSync(process) || /State:\tZ/.test(readFileSync(`${process}/status`, 'utf8')),
    );
  });

  it('starts nothing more when the time for everything is over', async () => {
    program('usr/bin/quick', 'echo done');
    assert.deepEqual(await machine({ limit: 0 }).run('quick'), { ok: false, failure: 'late' });
    assert.deepEqual(await machine({ limit: 0 }).read('/name'), { ok: false, failure: 'late' });
  });

  it('runs a few programs at a time, and all of them in the end', async () => {
    program('usr/bin/counted', `echo + >>'${root}/log'; sleep 0.2; echo - >>'${root}/log'`);
    const one = machine();
    const all = await Promise.all(Array.from({ length: 8 }, () => one.run('counted')));
    assert.ok(all.every((ran) => ran.ok && ran.status === 0));
    let now = 0;
    let most = 0;
    for (const sign of readFileSync(join(root, 'log'), 'utf8').trim().split('\n')) {
      now += sign === '+' ? 1 : -1;
      most = Math.max(most, now);
    }
    assert.ok(most <= 3, `${most} at once`);
    assert.equal(now, 0);
  });

  it('without rights says that only root may read it', {
    skip: process.getuid?.() !== 0 && 'only root can give up rights',
  }, async () => {
    writeFileSync(join(root, 'closed'), 'x', { mode: 0o600 });
    chmodSync(root, 0o755);
    process.seteuid?.('nobody');
    try {
      assert.deepEqual(await machine().read('/closed'), { ok: false, failure: 'denied' });
    } finally {
      process.seteuid?.(0);
    }
  });
});
