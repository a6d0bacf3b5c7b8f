import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { runCommand } from '../../daemon/host/commands.ts';
import { late } from '../../daemon/host/late.ts';
import { keep } from '../../daemon/host/pending.ts';
import { readReport, writeReport } from '../../daemon/host/report.ts';

describe('once the daemon is ready', () => {
  let folder: string;
  let walleye: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'walleye-late-'));
    walleye = join(folder, 'walleye');
    await writeReport(join(folder, 'report.json'), {
      source: 'stick',
      at: '2030-01-01T00:00:00.000Z',
      applied: ['Host name: /etc/hostname created'],
      problems: [],
    });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** The command line in the place of walleye, which notes how it was called. */
  const command = (body: string) => {
    writeFileSync(walleye, `#!/bin/sh\necho "$@" >>${folder}/calls\n${body}\n`);
    chmodSync(walleye, 0o755);
  };
  const pending = () => join(folder, 'pending');
  const run = () => late({ pending: pending(), report: join(folder, 'report.json'), walleye }, runCommand);
  const calls = () => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
  const report = async () => (await readReport(join(folder, 'report.json')))!;

  it('nothing is called where nothing waits', async () => {
    assert.equal(await run(), true);
  });

  it('what waits is handed to `walleye provision` in order, reported and gone', async () => {
    command('cat "$2"; [ "$3" = --cameras ] && cat "$4"; exit 0');
    await keep(pending(), 'stick', '{"walleye_site": 1}\n', 'name,address\n');
    await keep(pending(), 'credential', undefined, 'a,b\n');
    await keep(pending(), 'esp', '{"walleye_site": 1, "wall": {}}\n', undefined);
    assert.equal(await run(), true);
    assert.deepEqual(
      calls().map((call) => call.replaceAll(`${pending()}/`, '')),
      [
        'provision 1-credential/site.json --cameras 1-credential/cameras.csv --no-host',
        'provision 2-esp/site.json --no-host',
        'provision 3-stick/site.json --cameras 3-stick/cameras.csv --no-host',
      ],
    );
    assert.deepEqual(readdirSync(pending()), []);
    const { source, applied, problems } = await report();
    assert.deepEqual([source, problems], ['stick', []]);
    assert.deepEqual(applied, [
      'Host name: /etc/hostname created',
      '{ "walleye_site": 1 }',
      'a,b',
      '{"walleye_site": 1, "wall": {}}',
      '{"walleye_site": 1}',
      'name,address',
    ]);
  });

  for (const status of [1, 2]) {
    it(`what the command refuses with ${status} is reported and not tried again`, async () => {
      command(`echo "camera Door: added"; echo "camera Yard: no address" >&2; exit ${status}`);
      await keep(pending(), 'stick', '{}', undefined);
      assert.equal(await run(), true);
      const { applied, problems } = await report();
      assert.deepEqual([applied.at(-1), problems], ['camera Door: added', ['camera Yard: no address']]);
      assert.deepEqual(readdirSync(pending()), []);
    });
  }

  it('what finds no daemon waits, is said, and the word is taken back when it came through', async () => {
    command('echo "Walleye does not answer" >&2; exit 3');
    await keep(pending(), 'stick', '{}', undefined);
    assert.equal(await run(), false);
    assert.equal(await run(), false);
    assert.deepEqual((await report()).problems, [
      'the daemon does not answer, it is tried again: Walleye does not answer',
    ]);
    assert.deepEqual(readdirSync(pending()), ['3-stick']);
    command('echo "1 change"');
    assert.equal(await run(), true);
    assert.deepEqual((await report()).problems, []);
  });

  it('a newer one from the same source takes the place of one that waits', async () => {
    command('cat "$2"');
    await keep(pending(), 'stick', 'old\n', 'cameras\n');
    await keep(pending(), 'stick', 'new\n', undefined);
    await run();
    assert.deepEqual((await report()).applied.slice(1), ['new']);
  });

  it('a command that cannot be started is a problem, not an exception', async () => {
    await keep(pending(), 'stick', '{}', undefined);
    assert.equal(await run(), true);
    assert.match((await report()).problems.join(), /ENOENT/);
  });

  it('a report is cut before it fills the memory', async () => {
    command('i=0; while [ $i -lt 3000 ]; do echo "camera $i: added"; i=$((i + 1)); done');
    await keep(pending(), 'stick', '{}', undefined);
    await run();
    const { applied } = await report();
    assert.equal(applied.length, 201);
    assert.match(applied.at(-1)!, /^… and 2801 more$/);
  });
});
