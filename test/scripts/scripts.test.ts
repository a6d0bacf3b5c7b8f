import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'walleye-scripts-'));
after(() => rmSync(folder, { recursive: true }));

/** Without the marks of the runner that runs us, or a test of ours would report to it. */
function run(command: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  return spawnSync(command, args, { encoding: 'utf8', env: { ...inherited, ...env } });
}

describe('the runner of scripts/test', () => {
  const suite = (name: string, body: string) => {
    const file = join(folder, `${name}.test.mjs`);
    writeFileSync(file, `import { test } from 'node:test';\n${body}\n`);
    return (CI: string) =>
      run(
        process.execPath,
        [
          ...['--test', `--test-reporter=${join(root, 'scripts/skipReporter.ts')}`],
          ...[
            '--test-reporter-destination=stderr',
            '--test-reporter=spec',
            '--test-reporter-destination=stdout',
            file,
          ],
        ],
        { CI },
      );
  };

  it('fails under CI when a test was skipped, and names it with its reason', () => {
    const runSuite = suite(
      'skipped',
      "test('needs a moon', { skip: 'no moon' }, () => {}); test('fine', () => {});",
    );
    const ci = runSuite('true');
    assert.equal(ci.status, 1, ci.stdout);
    assert.match(ci.stderr, /SKIPPED, which CI forbids: .*skipped\.test\.mjs “needs a moon”: no moon/);
    assert.equal(runSuite('').status, 0);
  });

  it('fails under CI when a test is “todo”', () => {
    const ci = suite('todo', "test('later', { todo: true }, () => {});")('true');
    assert.equal(ci.status, 1, ci.stdout);
  });

  it('passes under CI when every test ran, and ends with the summary', () => {
    const ci = suite('fine', "test('fine', () => {});")('true');
    assert.equal(ci.status, 0, ci.stderr);
    assert.match(ci.stdout, /tests 1\n[\s\S]*pass 1\n[\s\S]*fail 0\n/);
  });
});

describe('scripts', () => {
  it('walleye works through a symbolic link from anywhere', () => {
    const link = join(folder, 'walleye');
    symlinkSync(join(root, 'scripts/walleye'), link);
    const { status, stdout, stderr } = run('/bin/sh', ['-c', `cd / && ${link} help`]);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /discover/);
  });

  it('setup sees what is missing where dpkg does not even know the packages, and fails rather than going on', () => {
    const stand = (name: string, body: string) =>
      writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    // As on a fresh machine: it lists what it knows and fails because of the others.
    stand('dpkg-query', "echo 'installed procps'; exit 1");
    stand('apt-get', `echo "$@" >>${join(folder, 'apt')}; exit 1`);
    const { status, stderr } = run(join(root, 'scripts/setup'), ['test'], {
      PATH: `${folder}:${process.env.PATH}`,
      CI: 'true',
    });
    assert.equal(status, 1, stderr);
    assert.match(stderr, /bubblewrap.* chromium/);
    assert.doesNotMatch(stderr, /procps/);
  });

  it('setup without a mode says how to use it', () => {
    const { status, stderr } = run(join(root, 'scripts/setup'), ['everything']);
    assert.equal(status, 2);
    assert.match(stderr, /scripts\/setup run\|test/);
  });

  it('start --help says what it does and starts nothing', () => {
    const { status, stdout } = run(join(root, 'scripts/start'), ['--help']);
    assert.equal(status, 0);
    assert.match(stdout, /--demo/);
  });

  it('every shell script is executable and stops at its first error', () => {
    const scripts = readdirSync(join(root, 'scripts'), { withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.includes('.'))
      .map(({ name }) => name);
    assert.ok(scripts.length >= 12);
    for (const path of [...scripts.map((name) => join(root, 'scripts', name)), join(root, '.ci/run')]) {
      assert.match(readFileSync(path, 'utf8'), /^#!\/usr\/bin\/env bash\n[\s\S]*\nset -euo pipefail\n/, path);
      assert.ok(statSync(path).mode & 0o100, `${path} is not executable`);
    }
  });
});
