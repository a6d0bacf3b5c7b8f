/** The course of an update, with a systemd-sysupdate that says what the test wants; the real one: test/image/sysupdateCases.ts. */
import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type CommandResult, followCommand } from '../../../daemon/host/commands.ts';
import { requestBytes, requestReset } from '../../../daemon/host/update/factoryReset.ts';
import { beforeFile, placesBelow, stateFile } from '../../../daemon/host/update/places.ts';
import { StateFile } from '../../../daemon/host/update/stateFile.ts';
import type { Tools } from '../../../daemon/host/update/tools.ts';
import { check, start } from '../../../daemon/host/update/update.ts';

const DEFINITIONS = join(import.meta.dirname, '../../../image/mkosi.extra/usr/lib/sysupdate.d');
const CALM: CommandResult = { status: 0, stdout: '', stderr: '' };
const SITE = "WALLEYE_UPDATE_SOURCE='https://u:p@updates.example/a%20b/'\n";

describe('an update', () => {
  let root: string;
  let tools: Tools;
  let state: StateFile;
  let commands: string[][];
  let available: string | null;
  let installed: CommandResult;
  /** What the state file held at each line of systemd-sysupdate's. */
  let seen: string[];

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'walleye-update-'));
    commands = [];
    seen = [];
    available = '2';
    installed = CALM;
    const places = placesBelow(root);
    for (const folder of ['etc/walleye', 'usr/lib/systemd'])
      mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, 'usr/lib/systemd/import-pubring.gpg'), 'key');
    writeFileSync(places.settings.update, SITE);
    cpSync(DEFINITIONS, places.definitions, { recursive: true });
    state = await StateFile.open(stateFile(places), '1');
    tools = {
      places,
      run: async (argv) => {
        commands.push([...argv]);
        if (argv.includes('check-new')) return { ...CALM, stdout: JSON.stringify({ available }) };
        if (argv.includes('list')) return { ...CALM, stdout: '{"available":true,"installed":false}' };
        return CALM;
      },
      follow: async (argv, onLine) => {
        commands.push([...argv]);
        onLine('<31>Transfer 2/3 is 50% complete (50% overall).');
        onLine("<30>Successfully installed 'x' (url-file) as 'y' (partition).");
        await new Promise((done) => setTimeout(done, 50));
        seen.push((await state.read()).state);
        return installed;
      },
      ask: async () => undefined,
      log: () => {},
      now: () => 1000,
    };
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('that is there is told, and not installed', async () => {
    await check(tools, state, undefined);
    const { state: phase, available: found, checked, source } = await state.read();
    assert.deepEqual([phase, found, checked], ['idle', '2', 1000]);
    assert.equal(source, 'https://updates.example/a%20b/', 'without its password');
    assert.ok(!commands.some((argv) => argv.includes('update')));
  });

  it('comes from where the site says, by definitions that only root reads', async () => {
    await check(tools, state, undefined);
    const folder = join(tools.places.run, 'definitions');
    for (const name of readdirSync(folder)) {
      assert.match(
        readFileSync(join(folder, name), 'utf8'),
        /^Path=https:\/\/u:p@updates\.example\/a%%20b\/$/m,
      );
      assert.equal(statSync(join(folder, name)).mode & 0o077, 0);
    }
    assert.equal(readdirSync(folder).length, 3);
  });

  it('is installed; then the wall is written down, and the machine restarts', async () => {
    await start(tools, state, undefined);
    const { state: phase, target, progress } = await state.read();
    assert.deepEqual([phase, target, progress], ['restarting', '2', 100]);
    assert.deepEqual(seen, ['installing']);
    assert.equal(JSON.parse(readFileSync(beforeFile(tools.places), 'utf8')).target, '2');
    assert.deepEqual(commands.at(-1), ['systemctl', '--no-block', 'reboot']);
    const update = commands.find((argv) => argv.includes('update'));
    assert.deepEqual(update?.slice(-2), ['update', '2'], 'the version that was looked at, and no other');
    assert.ok(update?.includes('--verify=yes'));
  });

  it('that fails says why, and the machine goes on', async () => {
    installed = { status: 1, stdout: '', stderr: '<27>Failed to write: No space left on device\n' };
    await start(tools, state, undefined);
    const { state: phase, message, target } = await state.read();
    assert.deepEqual([phase, target], ['failed', null]);
    assert.match(message ?? '', /^There is no room for it/);
    assert.ok(!existsSync(beforeFile(tools.places)));
    assert.ok(!commands.some(([program]) => program === 'systemctl'));
  });

  it('that is not newer is none', async () => {
    for (const version of [null, '1', '0.9']) {
      available = version;
      await check(tools, state, undefined);
      const { state: phase, available: found } = await state.read();
      assert.deepEqual([phase, found], ['idle', null], String(version));
    }
    await start(tools, state, undefined);
    assert.match((await state.read()).message ?? '', /no newer version than 1/);
  });

  it('is refused where nobody said where from, or the image has no key', async () => {
    rmSync(tools.places.settings.update);
    await check(tools, state, undefined);
    assert.match((await state.read()).message ?? '', /Nobody has said where updates come from/);
    writeFileSync(tools.places.settings.update, SITE);
    rmSync(join(root, 'usr/lib/systemd/import-pubring.gpg'));
    await start(tools, state, undefined);
    const { state: phase, message, checked } = await state.read();
    assert.deepEqual([phase, checked], ['failed', 1000]);
    assert.match(message ?? '', /built without a key/);
    assert.deepEqual(commands, []);
  });

  it('with an address that is none is refused', async () => {
    writeFileSync(tools.places.settings.update, "WALLEYE_UPDATE_SOURCE='ftp://x/'\n");
    await check(tools, state, undefined);
    assert.equal((await state.read()).state, 'failed');
  });

  it('leaves no file behind of what a stick brought, whatever came of it', async () => {
    const stick = join(tools.places.state, 'stick');
    mkdirSync(stick, { recursive: true });
    await start(tools, state, `file://${stick}`);
    assert.equal((await state.read()).state, 'failed');
    assert.deepEqual(readdirSync(tools.places.state), ['state.json']);
  });
});

describe('a program that is followed', () => {
  it('hands over its lines as they come, and its end', async () => {
    const lines: string[] = [];
    const script = 'console.error("a\\nb"); console.log("out"); process.exitCode = 3;';
    const { status, stdout, stderr } = await followCommand([process.execPath, '-e', script], (line) =>
      lines.push(line),
    );
    assert.deepEqual([status, stdout, stderr, lines], [3, 'out\n', 'a\nb\n', ['a', 'b']]);
    assert.equal((await followCommand(['/nonexistent'], () => {})).status, -1);
  });
});

describe('the request for a factory reset', () => {
  it('is the variable that systemd-repart reads: attributes, and a word in UTF-16', () => {
    assert.equal(requestBytes().toString('hex'), '070000007900650073000000');
  });

  it('is written over one that is there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'walleye-efi-'));
    try {
      const path = join(folder, 'FactoryReset-8cf2644b-4b0b-428f-9387-6d876050dc67');
      writeFileSync(path, '07000000');
      const commands: string[][] = [];
      const fault = await requestReset(folder, async (argv) => {
        commands.push([...argv]);
        return CALM;
      });
      assert.equal(fault, undefined);
      assert.ok(readFileSync(path).subarray(0, 12).equals(requestBytes()));
      assert.deepEqual(commands, [['chattr', '-i', path]]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
