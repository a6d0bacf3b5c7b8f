import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type CommandResult, runCommand } from '../../../daemon/host/commands.ts';
import { carryOutOrders } from '../../../daemon/host/update/carryOut.ts';
import { readGuarded } from '../../../daemon/host/update/guardedFolder.ts';
import { takeOrders } from '../../../daemon/host/update/orderRound.ts';
import { placesBelow, stateFile } from '../../../daemon/host/update/places.ts';
import { StateFile } from '../../../daemon/host/update/stateFile.ts';
import type { Tools } from '../../../daemon/host/update/tools.ts';
import { leaveOrder } from '../../../daemon/system/orders.ts';

const CALM: CommandResult = { status: 0, stdout: '', stderr: '' };
const SHORT = { every: 10, calm: 10 };

describe('orders', () => {
  let root: string;
  let tools: Tools;
  let lines: string[];
  let commands: string[][];
  let state: StateFile;
  const daemon = () => tools.places.orders.daemon;
  const own = () => tools.places.orders.root;

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'walleye-orders-'));
    lines = [];
    commands = [];
    const places = placesBelow(root);
    for (const folder of [places.orders.daemon, places.orders.root, places.efiVariables])
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    tools = {
      places,
      run: async (argv) => {
        if (argv[0] === 'rm') return runCommand(argv);
        commands.push([...argv]);
        return CALM;
      },
      follow: async () => CALM,
      ask: async () => undefined,
      log: (line) => lines.push(line),
      now: () => 1000,
    };
    state = await StateFile.open(stateFile(places), '1');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('left by the daemon are taken away, then carried out', async () => {
    leaveOrder(daemon(), 'reboot', {});
    await carryOutOrders(tools, state, SHORT);
    assert.deepEqual(readdirSync(daemon()), []);
    assert.deepEqual(commands, [['systemctl', '--no-block', 'reboot']]);
  });

  it('that name a source are taken from root’s folder only', async () => {
    const body = { source: 'http://127.0.0.1:9/' };
    leaveOrder(daemon(), 'update-start', body);
    assert.deepEqual(await takeOrders(tools), []);
    assert.match(lines.join(), /may not name a source/);
    leaveOrder(own(), 'update-start', body);
    assert.deepEqual(await takeOrders(tools), [{ verb: 'update-start', source: 'http://127.0.0.1:9/' }]);
  });

  for (const source of [
    'ftp://x/',
    'http://x/\nPath=/etc',
    'file://etc',
    'file:///a/../b',
    'file:///%00',
    'http://',
    'file:///%',
  ])
    it(`that name ${JSON.stringify(source)} as a source are thrown away, root’s too`, async () => {
      writeFileSync(join(own(), 'update-check.json'), JSON.stringify({ source }));
      assert.deepEqual(await takeOrders(tools), []);
      assert.deepEqual(readdirSync(own()), []);
    });

  for (const [what, text] of [
    ['no JSON', '{'],
    ['null', 'null'],
    ['another field', '{"confirm":"RESET","also":1}'],
    ['no word of confirmation', '{}'],
    ['thousands of brackets', '['.repeat(8000)],
    ['nothing', ''],
  ] as const)
    it(`that hold ${what} are thrown away, and told without their contents`, async () => {
      writeFileSync(join(daemon(), 'factory-reset.json'), text);
      assert.deepEqual(await takeOrders(tools), []);
      assert.deepEqual(readdirSync(daemon()), []);
      assert.match(lines.join(), /factory-reset\.json is not/);
      assert.doesNotMatch(lines.join(), /RESET"|\[\[/);
    });

  it('that are links are removed, and not what they lead to', async () => {
    const secret = join(root, 'secret');
    writeFileSync(secret, '{}');
    symlinkSync(secret, join(daemon(), 'reboot.json'));
    assert.deepEqual(await takeOrders(tools), []);
    assert.ok(existsSync(secret));
    assert.deepEqual(readdirSync(daemon()), []);
    assert.match(lines.join(), /is a link/);
  });

  it('that are second names of another file are removed, and not carried out', async () => {
    const other = join(root, 'other');
    writeFileSync(other, '{}');
    linkSync(other, join(daemon(), 'reboot.json'));
    assert.deepEqual(await takeOrders(tools), []);
    assert.ok(existsSync(other));
    assert.match(lines.join(), /somebody else/);
  });

  it('in a folder that is a link are not looked at', async () => {
    const other = join(root, 'elsewhere');
    leaveOrder(other, 'reboot', {});
    rmSync(daemon(), { recursive: true });
    symlinkSync(other, daemon());
    assert.deepEqual(await takeOrders(tools), []);
    assert.deepEqual(readdirSync(other), ['reboot.json']);
  });

  it('that are pipes do not make root wait', async () => {
    execFileSync('mkfifo', [join(daemon(), 'reboot.json')]);
    assert.deepEqual(await takeOrders(tools), []);
    assert.deepEqual(readdirSync(daemon()), []);
  });

  it('that are huge are not read', async () => {
    writeFileSync(join(daemon(), 'reboot.json'), ' '.repeat(1 << 20));
    assert.deepEqual(await takeOrders(tools), []);
    assert.match(lines.join(), /1048576 bytes, more than 8192/);
    assert.deepEqual(readdirSync(daemon()), []);
  });

  it('of an unknown verb, folders and links in them are removed, and nothing outside', async () => {
    const outside = join(root, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'kept'), '');
    writeFileSync(join(daemon(), 'halt.json'), '{}');
    mkdirSync(join(daemon(), 'reboot.json'));
    mkdirSync(join(daemon(), 'folder/deeper'), { recursive: true });
    symlinkSync(outside, join(daemon(), 'folder/deeper/link'));
    chmodSync(join(daemon(), 'folder'), 0o700);
    assert.deepEqual(await takeOrders(tools), []);
    assert.deepEqual(readdirSync(daemon()), []);
    assert.deepEqual(readdirSync(outside), ['kept']);
  });

  it('that are being written are left alone', async () => {
    writeFileSync(join(daemon(), '.reboot.new'), '{');
    assert.deepEqual(await takeOrders(tools), []);
    assert.deepEqual(readdirSync(daemon()), ['.reboot.new']);
  });

  it('for a factory reset ask the firmware, and restart the machine', async () => {
    leaveOrder(daemon(), 'factory-reset', { confirm: 'RESET' });
    await carryOutOrders(tools, state, SHORT);
    assert.deepEqual(readdirSync(tools.places.efiVariables), [
      'FactoryReset-8cf2644b-4b0b-428f-9387-6d876050dc67',
    ]);
    assert.deepEqual(commands.at(-1), ['systemctl', '--no-block', 'reboot']);
  });

  it('for a factory reset that the firmware does not take do not restart the machine', async () => {
    rmSync(tools.places.efiVariables, { recursive: true });
    leaveOrder(daemon(), 'factory-reset', { confirm: 'RESET' });
    await carryOutOrders(tools, state, SHORT);
    assert.ok(!commands.some(([program]) => program === 'systemctl'));
    assert.match((await state.read()).message ?? '', /firmware takes no request/);
  });

  it('to read the notice take it out of the state, and nothing else', async () => {
    await state.change({ available: '3', rolled_back: { version: '2', reason: 'x', at: 1 } });
    leaveOrder(daemon(), 'update-dismiss', {});
    await carryOutOrders(tools, state, SHORT);
    const now = await state.read();
    assert.equal(now.rolled_back, null);
    assert.equal(now.available, '3');
  });

  it('while a version has to prove itself do not begin another update', async () => {
    await state.change({ state: 'confirming', target: '1' });
    leaveOrder(daemon(), 'update-start', {});
    await carryOutOrders(tools, state, SHORT);
    assert.equal((await state.read()).state, 'confirming');
  });

  it('while an update hangs are carried out all the same', async () => {
    mkdirSync(join(root, 'usr/lib/systemd'), { recursive: true });
    mkdirSync(tools.places.definitions, { recursive: true });
    writeFileSync(join(root, 'usr/lib/systemd/import-pubring.gpg'), 'key');
    const hanging = Promise.withResolvers<CommandResult>();
    const { run } = tools;
    tools.run = (argv) => {
      if (!argv.includes('check-new')) return run(argv);
      leaveOrder(daemon(), 'reboot', {});
      return hanging.promise;
    };
    leaveOrder(own(), 'update-check', { source: 'http://127.0.0.1:9/' });
    const ended = carryOutOrders(tools, state, SHORT);
    while (!commands.some(([program]) => program === 'systemctl'))
      await new Promise((done) => setTimeout(done, 5));
    hanging.resolve({ status: 1, stdout: '', stderr: '<27>Ended.' });
    await ended;
    assert.equal((await state.read()).message, 'The update failed: Ended.');
  });
});

describe('a file of the daemon’s that root reads', () => {
  it('is none where a link leads elsewhere, or the folder is one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'walleye-guarded-'));
    try {
      mkdirSync(join(folder, 'tokens'));
      writeFileSync(join(folder, 'shadow'), 'root:hash');
      symlinkSync(join(folder, 'shadow'), join(folder, 'tokens/cli'));
      assert.equal(await readGuarded(join(folder, 'tokens'), 'cli', 256), undefined);
      rmSync(join(folder, 'tokens/cli'));
      writeFileSync(join(folder, 'tokens/cli'), 'token');
      assert.equal(await readGuarded(join(folder, 'tokens'), 'cli', 256), 'token');
      symlinkSync('tokens', join(folder, 'other'));
      assert.equal(await readGuarded(join(folder, 'other'), 'cli', 256), undefined);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
