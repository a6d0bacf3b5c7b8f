/** Needs systemd-analyze (package systemd). No systemd has to run. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { NODE_FLAGS } from '../../daemon/system/heap.ts';

const FOLDER = join(import.meta.dirname, '../../image/systemd');
/**
 * The most that `systemd-analyze security` may say, in its tenths: 0 (shut) to 100 (open). What the daemon has left is the network,
 * the GPU and V8's compiler; the kiosk's browser makes namespaces for its own sandbox.
 */
const UNITS = { 'walleye.service': 20, 'walleye-kiosk.service': 45, 'walleye-mark@.service': 15 };

/** What the image's systemd 257 knows and an older one ignores with these words. The units get along without. */
const SINCE: readonly (readonly [version: number, complaint: RegExp])[] = [
  [254, /Unknown key(?: name)? '(RestartSteps|RestartMaxDelaySec)' in section/],
  [257, /Failed to parse boolean value, ignoring: private/],
];

const analyze = (...args: string[]) =>
  spawnSync('systemd-analyze', args, {
    encoding: 'utf8',
    env: { ...process.env, SYSTEMD_COLORS: '0', SYSTEMD_LOG_LEVEL: 'warning' },
  });
const version = Number(/^systemd (\d+)/.exec(analyze('--version').stdout ?? '')?.[1]);

describe('units of the image', { skip: Number.isNaN(version) && 'needs systemd-analyze' }, () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'walleye-unit-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** A copy whose program is there: `verify` looks for it, and on this machine it lies elsewhere. */
  function copy(name: string, more = ''): string {
    const text = readFileSync(join(FOLDER, name), 'utf8').replace(
      /^ExecStart=\S+/m,
      `ExecStart=${process.execPath}`,
    );
    const path = join(folder, name);
    writeFileSync(path, text + more);
    return path;
  }

  function complaints(path: string): string[] {
    const { stdout, stderr } = analyze('verify', '--man=no', path);
    return `${stdout}${stderr}`
      .split('\n')
      .filter((line) => line !== '' && !SINCE.some(([since, words]) => version < since && words.test(line)));
  }

  for (const [name, threshold] of Object.entries(UNITS)) {
    describe(name, () => {
      it('is accepted by systemd without a warning', () => assert.deepEqual(complaints(copy(name)), []));

      it('has no setting that systemd does not know', () => {
        const [complaint] = complaints(copy(name, '\n[Service]\nProtectEverything=yes\n'));
        assert.match(complaint ?? '', /ProtectEverything/, 'it would have been said');
      });

      it(`is exposed no more than ${(threshold / 10).toFixed(1)}`, (test) => {
        const check = (path: string) =>
          analyze('security', '--offline=yes', `--threshold=${threshold}`, path);
        const { status, stdout } = check(copy(name));
        test.diagnostic(stdout.trim().split('\n').at(-1) ?? 'no score');
        assert.equal(status, 0, stdout);
        const open = join(folder, 'open.service');
        writeFileSync(open, `[Service]\nExecStart=${process.execPath}\n`);
        assert.notEqual(check(open).status, 0, 'a unit that is open is refused');
      });
    });
  }

  it('allow the daemon what its decoders’ sandbox is made with', () => {
    const text = readFileSync(join(FOLDER, 'walleye.service'), 'utf8');
    assert.match(
      text,
      /^SystemCallFilter=.* landlock_create_ruleset landlock_add_rule landlock_restrict_self$/m,
    );
    // The namespace of control groups begins where the process is: in a subgroup, the decoders' could not be beside it.
    assert.match(text, /^Delegate=cpu memory pids$/m);
    assert.match(text, /^ProtectControlGroups=private$/m);
    assert.doesNotMatch(text, /^DelegateSubgroup=/m);
  });

  it('start the daemon with its own flags of Node, as scripts/start does', () => {
    for (const file of ['systemd/walleye.service', '../scripts/start'])
      assert.ok(readFileSync(join(FOLDER, '..', file), 'utf8').includes(` ${NODE_FLAGS.join(' ')} `), file);
  });
});
