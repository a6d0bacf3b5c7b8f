/** Needs systemd-analyze (package systemd). No systemd has to run. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

const UNIT = join(import.meta.dirname, '../../image/systemd/walleye.service');
/**
 * Tenths of `systemd-analyze security`, 0 (shut) to 100 (open). 9 of the 28 are the namespaces and mount calls that
 * bubblewrap needs to lock up every decoder; most of the others are the network, the GPU and V8's compiler.
 */
const THRESHOLD = 28;

const analyze = (...args: string[]) =>
  spawnSync('systemd-analyze', args, { encoding: 'utf8', env: { ...process.env, SYSTEMD_COLORS: '0' } });
const missing = analyze('--version').error !== undefined && 'needs systemd-analyze';

describe('walleye.service', { skip: missing }, () => {
  let folder: string;
  let unit: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'walleye-unit-'));
    unit = join(folder, 'walleye.service');
    // The program lies elsewhere here, and `verify` looks for it.
    const text = readFileSync(UNIT, 'utf8').replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`);
    writeFileSync(unit, text);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('is accepted by systemd without a warning', () => {
    const { status, stdout, stderr } = analyze('verify', '--man=no', unit);
    assert.equal(stdout + stderr, '');
    assert.equal(status, 0);
  });

  it('has no setting that systemd does not know', () => {
    const broken = join(folder, 'broken.service');
    writeFileSync(broken, `${readFileSync(unit, 'utf8')}\n[Service]\nProtectEverything=yes\n`);
    assert.match(
      analyze('verify', '--man=no', broken).stderr,
      /ProtectEverything/,
      'verify would have said so',
    );
  });

  it(`is exposed no more than ${THRESHOLD / 10}`, (test) => {
    const { status, stdout } = analyze('security', '--offline=yes', `--threshold=${THRESHOLD}`, unit);
    test.diagnostic(stdout.trim().split('\n').at(-1) ?? 'no score');
    assert.equal(status, 0, stdout);
  });
});
