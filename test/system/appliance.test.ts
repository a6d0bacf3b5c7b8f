import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { pino } from 'pino';
import type { Update, UpdateState } from '../../daemon/schema.ts';
import { Appliance } from '../../daemon/system/appliance.ts';
import { until } from '../api/apiServer.ts';

const IDLE: UpdateState = {
  version: '1.2',
  state: 'idle',
  available: null,
  checked: 1_760_000_000,
  target: null,
  progress: null,
  message: null,
  source: 'https://updates.example/walleye',
  rolled_back: null,
};
const ROLLED_BACK = { version: '1.3', reason: 'front-door was not live again', at: 1_760_000_100 };

let root: string;
let folder: string;
let orders: string;
let ended: AbortController;
let running: Promise<void> | undefined;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'walleye-appliance-'));
  folder = join(root, 'update');
  orders = join(root, 'state', 'orders');
  mkdirSync(folder);
  ended = new AbortController();
});
afterEach(async () => {
  ended.abort();
  await running;
  running = undefined;
  rmSync(root, { recursive: true, force: true });
});

const path = () => join(folder, 'state.json');
/** As root writes it. */
function tell(state: Partial<UpdateState> | string): void {
  const text = typeof state === 'string' ? state : JSON.stringify({ ...IDLE, ...state });
  writeFileSync(`${path()}.new`, text);
  renameSync(`${path()}.new`, path());
}
const appliance = (patience = 60_000) =>
  new Appliance({
    folder,
    stateDir: join(root, 'state'),
    version: '1.2',
    log: pino({ level: 'silent' }),
    patience,
  });
/** Running; counts how often it said that something is new. */
function run(patience?: number) {
  const box = appliance(patience);
  let changes = 0;
  running = box.run(ended.signal, () => changes++);
  return { box, changes: () => changes };
}
const left = () => (existsSync(orders) ? readdirSync(orders).sort() : []);
/** As root takes an order. */
const take = (verb: string) => rmSync(join(orders, `${verb}.json`));
const refused = (status: number, code: string) => (error: unknown) => {
  const { status: seen, code: seenCode } = error as { status: number; code: string };
  assert.deepEqual([seen, seenCode], [status, code]);
  return true;
};

describe('an appliance', () => {
  it('is what has the folder of updates', () => {
    assert.equal(appliance().supported, true);
    rmSync(folder, { recursive: true });
    assert.deepEqual([appliance().supported, appliance().status().supported], [false, false]);
    writeFileSync(folder, 'a file');
    assert.equal(appliance().supported, false);
  });

  it('tells what root wrote', () => {
    tell({ state: 'installing', target: '1.3', available: '1.3', progress: 42, message: 'copies' });
    const expected: Update = {
      supported: true,
      version: '1.2',
      available: '1.3',
      checked: 1_760_000_000,
      state: 'installing',
      progress: 42,
      message: 'copies',
      source: 'https://updates.example/walleye',
      rolled_back: null,
    };
    assert.deepEqual(appliance().status(), expected);
  });

  it('has never looked for updates while root has written nothing', () => {
    const { state, checked, message } = appliance().status();
    assert.deepEqual([state, checked, message], ['idle', null, null]);
  });

  it('names the version that is brought in, also where root tells it as the target only', () => {
    tell({ state: 'downloading', target: '1.3' });
    assert.equal(appliance().status().available, '1.3');
  });

  it('gives no password of the source away', () => {
    const url = 'https://site:geheim@updates.example/walleye';
    tell({ source: url, message: `${url}: 404`, rolled_back: { ...ROLLED_BACK, reason: `from ${url}` } });
    assert.doesNotMatch(JSON.stringify(appliance().status()), /geheim/);
  });

  it('understands the state that a newer version left, before it went back', () => {
    tell(JSON.stringify({ ...IDLE, rolled_back: { ...ROLLED_BACK, slot: 'B' }, tries: 3, __proto__: null }));
    assert.deepEqual(appliance().status().rolled_back, ROLLED_BACK);
  });

  for (const [what, text] of [
    ['no JSON', '{"version": "1.'],
    ['another state', JSON.stringify({ ...IDLE, state: 'dancing' })],
    ['a missing field', JSON.stringify({ ...IDLE, source: undefined })],
    ['a list', '[]'],
    ['nothing', ''],
    ['null', 'null'],
    ['a roll-back that is none', JSON.stringify({ ...IDLE, rolled_back: [] })],
  ] as const) {
    it(`is idle and says that the state is damaged where it is ${what}`, () => {
      tell(text);
      const { state, message, available } = appliance().status();
      assert.deepEqual([state, available], ['idle', null]);
      assert.equal(message, 'The state of updates is damaged.');
    });
  }

  it('follows no link, waits for no pipe and reads no more than it must', () => {
    const elsewhere = join(root, 'elsewhere.json');
    writeFileSync(elsewhere, JSON.stringify({ ...IDLE, available: '9' }));
    symlinkSync(elsewhere, path());
    assert.match(appliance().status().message ?? '', /is a link/);
    rmSync(path());
    execFileSync('mkfifo', [path()]);
    assert.match(appliance().status().message ?? '', /is no file/);
    rmSync(path());
    mkdirSync(path());
    assert.match(appliance().status().message ?? '', /is no file/);
    rmSync(path(), { recursive: true });
    tell(JSON.stringify({ ...IDLE, message: 'x'.repeat(70_000) }));
    assert.match(appliance().status().message ?? '', /bytes, more than/);
  });

  it('says so whenever root tells something new, and only then', async () => {
    tell({});
    const { box, changes } = run();
    assert.equal(changes(), 0);
    tell({ available: '1.3' });
    await until(() => changes() === 1, 'the change');
    assert.equal(box.status().available, '1.3');
    tell({ available: '1.3' });
    tell({ state: 'downloading', available: '1.3', progress: 10 });
    await until(() => changes() === 2, 'the progress');
    assert.equal(box.status().progress, 10);
    rmSync(path());
    await until(() => changes() === 3, 'the end of the file');
    assert.equal(box.status().state, 'idle');
  });
});

describe('looking for updates and installing one', () => {
  it('leaves an order, and counts as under way until root says something', async () => {
    tell({});
    const { box, changes } = run();
    box.check();
    assert.deepEqual(left(), ['update-check.json']);
    assert.deepEqual(JSON.parse(readFileSync(join(orders, 'update-check.json'), 'utf8')), {});
    assert.deepEqual([box.status().state, changes()], ['checking', 1]);
    take('update-check');
    assert.equal(box.status().state, 'checking', 'root is about to say something');
    tell({ available: '1.3', checked: 1_760_000_500 });
    await until(() => box.status().available === '1.3', 'what root found');
    assert.equal(box.status().state, 'idle');
    box.start();
    assert.deepEqual([left(), box.status().state], [['update-start.json'], 'downloading']);
  });

  it('is refused while one is under way, with words', () => {
    for (const [state, words] of [
      ['checking', /looking for updates/],
      ['downloading', /1\.3 is being installed/],
      ['installing', /1\.3 is being installed/],
      ['restarting', /1\.3 is being installed/],
      ['confirming', /has to show that it works/],
    ] as const) {
      tell({ state, available: '1.3' });
      const box = appliance();
      for (const act of [() => box.start(), () => box.check(), () => box.reboot()]) {
        assert.throws(act, refused(409, 'update_running'), state);
        assert.throws(act, words, state);
      }
    }
    assert.deepEqual(left(), []);
  });

  it('is refused where one was just asked for, or begun since the last look', () => {
    tell({ available: '1.3' });
    const box = appliance();
    box.start();
    assert.throws(() => box.check(), refused(409, 'update_running'));
    const other = appliance();
    tell({ state: 'installing', available: '1.3' });
    assert.throws(() => other.start(), refused(409, 'update_running'));
  });

  it('is refused where nothing newer is known', () => {
    tell({});
    assert.throws(() => appliance().start(), refused(409, 'no_update'));
    assert.throws(() => appliance().start(), /Look for updates first/);
    assert.deepEqual(left(), []);
  });

  it('may be tried again after it failed', () => {
    tell({ state: 'failed', available: '1.3', message: 'The server answered 404.' });
    const box = appliance();
    assert.deepEqual([box.status().state, box.status().message], ['failed', 'The server answered 404.']);
    box.start();
    assert.deepEqual([box.status().state, box.status().message], ['downloading', null]);
  });

  it('says so where nothing takes the order, and takes it back', async () => {
    tell({ available: '1.3' });
    const { box } = run(30);
    box.start();
    await until(() => box.status().state === 'failed', 'the end of patience');
    assert.match(box.status().message ?? '', /walleye-orders\.path/);
    assert.deepEqual(left(), [], 'it is not carried out weeks later');
    tell({ available: '1.4' });
    await until(() => box.status().available === '1.4', 'what root says');
    assert.equal(box.status().state, 'idle', 'root lives after all');
  });

  it('does not say so of an order that was taken', async () => {
    tell({ available: '1.3' });
    const { box } = run(30);
    box.start();
    take('update-start');
    await new Promise((resolve) => setTimeout(resolve, 80));
    assert.equal(box.status().state, 'downloading');
  });

  it('says that nothing happens where the order cannot be written', () => {
    tell({ available: '1.3' });
    writeFileSync(join(root, 'state'), 'no folder');
    const box = appliance();
    assert.throws(() => box.start(), refused(503, 'io'));
    assert.throws(() => box.start(), /nothing happens/);
    assert.equal(box.status().state, 'idle');
  });
});

describe('the notice that the box went back', () => {
  it('is gone at once when it was read, and root is told', async () => {
    tell({ rolled_back: ROLLED_BACK });
    const { box, changes } = run();
    assert.deepEqual(box.status().rolled_back, ROLLED_BACK);
    box.dismiss();
    assert.deepEqual([box.status().rolled_back, left(), changes()], [null, ['update-dismiss.json'], 1]);
    take('update-dismiss');
    tell({ available: '1.3', rolled_back: ROLLED_BACK });
    await until(() => box.status().available === '1.3', 'root’s next word');
    assert.equal(box.status().rolled_back, null, 'the same one is not shown again');
    tell({ rolled_back: { ...ROLLED_BACK, at: ROLLED_BACK.at + 900 } });
    await until(() => box.status().rolled_back, 'another one');
  });

  it('comes back where nobody takes the order', async () => {
    tell({ rolled_back: ROLLED_BACK });
    const { box } = run(30);
    box.dismiss();
    await until(() => box.status().rolled_back, 'the notice');
  });

  it('orders nothing where there is none', () => {
    tell({});
    appliance().dismiss();
    assert.deepEqual(left(), []);
  });
});

describe('restarting and resetting the machine', () => {
  it('is ordered from root', () => {
    tell({});
    const box = appliance();
    box.reboot();
    box.factoryReset(() => {});
    assert.deepEqual(left(), ['factory-reset.json', 'reboot.json']);
    assert.deepEqual(JSON.parse(readFileSync(join(orders, 'factory-reset.json'), 'utf8')), {
      confirm: 'RESET',
    });
  });

  it('is the way out of an update that hangs', () => {
    tell({ state: 'installing', available: '1.3' });
    appliance().factoryReset(() => {});
    assert.deepEqual(left(), ['factory-reset.json']);
  });

  it('tells when nobody took the order', async () => {
    tell({});
    const { box } = run(30);
    box.reboot();
    await until(() => box.status().state === 'failed', 'the end of patience');
    let told = 0;
    box.factoryReset(() => told++);
    await until(() => told === 1, 'the end of patience');
    assert.deepEqual(left(), []);
  });
});
