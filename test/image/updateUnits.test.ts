/** Needs systemd-analyze (package systemd). No systemd has to run. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { analyze, analyzeMissing, asFarAsKnown, settings, unit } from './unitFiles.ts';

const EXTRA = join(import.meta.dirname, '../../image/mkosi.extra/usr/lib');
/** Tenths of `systemd-analyze security`: writing the disk's other slot and fetching an image is what root's part is there for. */
const UNITS = {
  'walleye-orders.service': 35,
  'walleye-health.service': 25,
  'walleye-update-stick.service': 25,
};
/** Too small to be shut in: two programs of systemd. */
const OPEN = ['walleye-unhealthy.service', 'walleye-orders.path'];
/** Named by ours; they have tests of their own. */
const OTHERS = ['walleye-provision.service', 'walleye-provision-stick.service'];

describe('the units of updates', () => {
  it('a version counts as good only after the wall was seen', () => {
    assert.deepEqual(settings('walleye-health.service', 'Before'), ['boot-complete.target']);
    assert.deepEqual(settings('walleye-health.service', 'RequiredBy'), ['boot-complete.target']);
  });

  it('the wall is looked for at every start, counted or not', () => {
    assert.ok(settings('walleye-health.service', 'WantedBy').includes('multi-user.target'));
    const preset = readFileSync(join(EXTRA, 'systemd/system-preset/10-walleye.preset'), 'utf8');
    for (const name of ['walleye-health.service', 'walleye-orders.path', 'walleye-recording-disk.service']) {
      assert.match(preset, new RegExp(`^enable ${name}$`, 'm'));
    }
  });

  it('a check that cannot even run counts as failed', () => {
    assert.deepEqual(settings('walleye-health.service', 'OnFailure'), ['walleye-unhealthy.service']);
    const [minutes = ''] = settings('walleye-health.service', 'TimeoutStartSec');
    assert.ok(Number.parseInt(minutes, 10) * 60 > 3600, 'longer than the longest WALLEYE_HEALTH_LIMIT');
  });

  it('only what is not yet judged is left for the version before', () => {
    const text = unit('walleye-unhealthy.service');
    assert.ok(text.indexOf('ExecCondition=') < text.indexOf('systemd-bless-boot bad'));
    assert.match(text, /^ExecCondition=.*systemd-bless-boot status\)" = indeterminate/m);
    assert.ok(text.indexOf('systemd-bless-boot bad') < text.indexOf('reboot'));
  });

  it('orders are looked for in the daemon’s folder and in root’s', () => {
    assert.deepEqual(settings('walleye-orders.path', 'DirectoryNotEmpty'), [
      '/var/lib/walleye/orders',
      '/run/walleye-orders',
    ]);
    const files = readFileSync(join(EXTRA, 'tmpfiles.d/walleye.conf'), 'utf8');
    assert.match(files, /^d \/run\/walleye-orders 0700 root root -$/m, 'nobody else leaves any there');
  });

  it('a folder that cannot be emptied does not stop orders for good', () => {
    assert.deepEqual(settings('walleye-orders.path', 'TriggerLimitIntervalSec'), ['0']);
    assert.deepEqual(settings('walleye-orders.service', 'StartLimitIntervalSec'), ['0']);
  });

  it('what a folder for updates is may lie in /var/tmp and in /root', () => {
    assert.doesNotMatch(unit('walleye-orders.service'), /^(PrivateTmp|ProtectHome)=yes/m);
  });

  it('the stick’s is started by udev, beside that of provisioning, and after it', () => {
    const rule = readFileSync(join(EXTRA, 'udev/rules.d/90-walleye-provision.rules'), 'utf8');
    assert.match(rule, /SYSTEMD_WANTS\}\+="walleye-update-stick\.service"/);
    const after = settings('walleye-update-stick.service', 'After');
    assert.ok(after.includes('walleye-provision-stick.service'), 'they write the same report');
  });

  it('a factory reset comes before the partition is mounted', () => {
    const dropIn = readFileSync(
      join(
        import.meta.dirname,
        '../../image/mkosi.images/initrd/mkosi.extra/usr/lib/systemd/system/systemd-repart.service.d/walleye.conf',
      ),
      'utf8',
    );
    assert.match(dropIn, /^Before=sysroot\.mount systemd-fsck-root\.service$/m);
  });
});

describe('systemd', { skip: analyzeMissing }, () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'walleye-update-units-'));
    for (const name of OTHERS) writeFileSync(join(folder, name), '[Service]\nExecStart=/bin/true\n');
    for (const name of [...Object.keys(UNITS), ...OPEN]) {
      // The programs lie elsewhere here, and `verify` looks for them.
      const text = unit(name).replace(/^(Exec\w+)=(?!\/bin\/sh)\S+/gm, `$1=${process.execPath}`);
      writeFileSync(join(folder, name), asFarAsKnown(text));
    }
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const name of [...Object.keys(UNITS), ...OPEN]) {
    it(`takes ${name} without a warning`, () => {
      const { status, stdout, stderr } = analyze('verify', '--man=no', join(folder, name));
      assert.equal(stdout + stderr, '');
      assert.equal(status, 0);
    });
  }

  for (const [name, threshold] of Object.entries(UNITS)) {
    it(`finds ${name} exposed no more than ${threshold / 10}`, (test) => {
      const args = ['--offline=yes', `--threshold=${threshold}`];
      const { status, stdout } = analyze('security', ...args, join(folder, name));
      test.diagnostic(stdout.trim().split('\n').at(-1) ?? 'no score');
      assert.equal(status, 0, stdout);
    });
  }

  it('would find a setting that it does not know', () => {
    const path = join(folder, 'walleye-odd.service');
    writeFileSync(path, `${readFileSync(join(folder, 'walleye-orders.service'), 'utf8')}\nProtectAll=yes\n`);
    assert.match(analyze('verify', '--man=no', path).stderr, /ProtectAll/);
  });
});
