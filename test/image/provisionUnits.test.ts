/** Needs systemd-analyze (package systemd). No systemd has to run. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { analyze, analyzeMissing, asFarAsKnown, settings, UNIT_FOLDER, unit } from './unitFiles.ts';

/** Tenths of `systemd-analyze security`. Those of root's part are the settings and sticks that it is there for. */
const UNITS = {
  'walleye-provision.service': 25,
  'walleye-provision-stick.service': 25,
  'walleye-provision-late.service': 22,
};
/** Named by ours; they have tests of their own. */
const OTHERS = ['walleye.service', 'walleye-name.service'];

describe('the units of provisioning', () => {
  it('come before the network, the name and the daemon', () => {
    const before = settings('walleye-provision.service', 'Before');
    for (const other of [
      'network-pre.target',
      'systemd-networkd.service',
      'walleye-name.service',
      'ssh.service',
    ]) {
      assert.ok(before.includes(other), other);
    }
    assert.ok(settings('walleye-provision-late.service', 'After').includes('walleye.service'));
  });

  it('are not waited for without end', () => {
    assert.deepEqual(settings('walleye-provision.service', 'TimeoutStartSec'), ['60']);
    for (const name of Object.keys(UNITS)) {
      assert.doesNotMatch(
        unit(name),
        /^(Requires|BindsTo|OnFailure|FailureAction)=/m,
        'whatever they find, the box starts',
      );
    }
  });

  it('the stick’s is the one that udev starts', () => {
    const rule = readFileSync(
      join(UNIT_FOLDER, '../mkosi.extra/usr/lib/udev/rules.d/90-walleye-provision.rules'),
      'utf8',
    );
    const [, started = ''] = /SYSTEMD_WANTS\}\+="([^"]+)"/.exec(rule) ?? [];
    assert.ok(started in UNITS, started);
  });
});

describe('systemd', { skip: analyzeMissing }, () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'walleye-units-'));
    for (const name of OTHERS) writeFileSync(join(folder, name), '[Service]\nExecStart=/bin/true\n');
    for (const name of Object.keys(UNITS)) {
      // The programs lie elsewhere here, and `verify` looks for them.
      const text = unit(name).replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`);
      writeFileSync(join(folder, name), asFarAsKnown(text));
    }
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const [name, threshold] of Object.entries(UNITS)) {
    it(`takes ${name} without a warning`, () => {
      const { status, stdout, stderr } = analyze('verify', '--man=no', join(folder, name));
      assert.equal(stdout + stderr, '');
      assert.equal(status, 0);
    });

    it(`finds ${name} exposed no more than ${threshold / 10}`, (test) => {
      const { status, stdout } = analyze(
        'security',
        '--offline=yes',
        `--threshold=${threshold}`,
        join(folder, name),
      );
      test.diagnostic(stdout.trim().split('\n').at(-1) ?? 'no score');
      assert.equal(status, 0, stdout);
    });
  }

  it('would find a circle in their order', () => {
    const text = readFileSync(join(folder, 'walleye-provision.service'), 'utf8');
    const broken = join(folder, 'walleye-broken.service');
    writeFileSync(
      broken,
      text.replace('[Service]', 'Requires=sysinit.target\nAfter=sysinit.target\n\n[Service]'),
    );
    assert.match(analyze('verify', '--man=no', broken).stderr, /cycle/);
  });
});
