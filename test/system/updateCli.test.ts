import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Update, UpdateState } from '../../daemon/schema.ts';
import { type CliError, Client } from '../../daemon/system/cli/client.ts';
import { type Desk, order, orderUpdate, rootState } from '../../daemon/system/cli/rootOrders.ts';
import { carriedOut } from '../../daemon/system/cli/updateRun.ts';
import { leaveOrder } from '../../daemon/system/orders.ts';
import { walleye } from './cliProcess.ts';

const STATE: UpdateState = {
  version: '1',
  state: 'idle',
  available: null,
  checked: null,
  target: null,
  progress: null,
  message: null,
  source: null,
  rolled_back: null,
};

describe('walleye update, as root on an appliance', () => {
  let folder: string;
  let desk: Desk;
  /** What root's service would do once it has taken the order. */
  let serve: NodeJS.Timeout | undefined;
  const write = (change: Partial<UpdateState>) => {
    writeFileSync(join(folder, 'new'), JSON.stringify({ ...STATE, ...change }));
    renameSync(join(folder, 'new'), desk.state);
  };
  const taken: string[] = [];
  const take = (then: () => void) => {
    serve = setInterval(() => {
      const names = readdirSync(desk.orders).filter((name) => !name.startsWith('.'));
      for (const name of names) {
        taken.push(`${name} ${readFileSync(join(desk.orders, name), 'utf8').trim()}`);
        rmSync(join(desk.orders, name));
        then();
      }
    }, 5);
  };
  const nobody = new Client('http://127.0.0.1:9');

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'walleye-update-cli-'));
    const pace = { every: 5, taken: 300, answered: 2_000 };
    desk = { orders: join(folder, 'orders'), state: join(folder, 'state.json'), pace };
    taken.length = 0;
    leaveOrder(desk.orders, 'reboot', {});
    rmSync(join(desk.orders, 'reboot.json'));
    write({});
  });
  afterEach(() => {
    clearInterval(serve);
    rmSync(folder, { recursive: true });
  });

  it('leaves the order with its source, and waits for what is found', async () => {
    take(() => {
      write({ state: 'checking' });
      setTimeout(() => write({ available: '2', checked: 5 }), 50);
    });
    const found = await carriedOut({ check: true, source: '/var/tmp/a b' }, nobody, desk);
    assert.deepEqual(taken, ['update-check.json {"source":"file:///var/tmp/a%20b"}']);
    assert.deepEqual([found.supported, found.state, found.available], [true, 'idle', '2']);
  });

  it('answers once an update has begun, and says which', async () => {
    take(() => write({ state: 'downloading', target: '2', progress: 0 }));
    const begun = await orderUpdate(desk, 'update-start', undefined);
    assert.deepEqual([begun.state, begun.available], ['downloading', '2']);
    assert.ok(!('target' in begun), 'as the API answers');
  });

  it('refuses while one is under way, and leaves no order', async () => {
    for (const state of ['downloading', 'installing', 'restarting', 'confirming'] as const) {
      write({ state, target: '2' });
      const refused = orderUpdate(desk, 'update-start', undefined);
      await assert.rejects(
        refused,
        (error: CliError) => error.code === 'update_running' && error.exitCode === 1,
      );
    }
    assert.deepEqual(readdirSync(desk.orders), []);
  });

  it('takes an order back that nobody takes', async () => {
    await assert.rejects(order(desk, 'update-dismiss', {}), (error: CliError) => error.code === 'not_taken');
    assert.deepEqual(readdirSync(desk.orders), []);
  });

  it('tells what root’s file says where there is no daemon', async () => {
    write({ state: 'failed', message: 'no' });
    assert.equal((await carriedOut({}, nobody, desk)).message, 'no');
    writeFileSync(desk.state, '{');
    assert.equal(rootState(desk), undefined);
    await assert.rejects(carriedOut({}, nobody, desk), (error: CliError) => error.exitCode === 3);
  });

  it('names no source that is none', async () => {
    for (const options of [
      { check: true, source: 'there' },
      { source: 'http://x/' },
      { dismiss: true, source: '/x' },
    ] as const)
      await assert.rejects(carriedOut(options, nobody, desk), (error: CliError) => error.exitCode === 2);
  });
});

describe('walleye update, as anybody', () => {
  let server: Server;
  let url: string;
  let asked: string[];
  let update: Update;
  beforeEach(async () => {
    asked = [];
    update = { ...STATE, supported: true, available: '2' } as Update;
    Reflect.deleteProperty(update, 'target');
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      if (request.method === 'DELETE') response.writeHead(204).end();
      else response.end(JSON.stringify(update));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => new Promise((done) => server.close(done).closeAllConnections()));

  it('asks the daemon', async () => {
    const { code, out } = await walleye(url, ['update']);
    assert.equal(code, 0);
    assert.match(out, /^version +1\navailable +2\nstate +idle\n/);
    assert.deepEqual(JSON.parse((await walleye(url, ['update', '--check', '--json'])).out), update);
    await walleye(url, ['update', '--start']);
    await walleye(url, ['update', '--dismiss']);
    assert.deepEqual(asked, [
      'GET /api/system/update',
      'POST /api/system/update/check',
      'GET /api/system/update',
      'POST /api/system/update',
      'DELETE /api/system/update/notice',
      'GET /api/system/update',
    ]);
  });

  it('tells a failure by its exit status, and the answer all the same', async () => {
    update = { ...update, state: 'failed', message: 'Not signed.' };
    const { code, out, err } = await walleye(url, ['update', '--check', '--json']);
    assert.equal(code, 1);
    assert.equal((JSON.parse(out) as Update).state, 'failed');
    assert.match(err, /Not signed/);
  });

  it('tells where the box went back from', async () => {
    update = { ...update, rolled_back: { version: '2', reason: 'No picture of yard.', at: 1 } };
    assert.match((await walleye(url, ['update'])).out, /went back +from 2: No picture of yard\./);
  });

  it('may name no source', async () => {
    assert.equal((await walleye(url, ['update', '--check', '--source', 'http://127.0.0.1:9/'])).code, 2);
    assert.deepEqual(asked, []);
  });

  it('resets nothing by accident', async () => {
    assert.equal((await walleye(url, ['factory-reset'])).code, 2);
    assert.deepEqual(asked, []);
    assert.equal((await walleye(url, ['factory-reset', '--yes'])).code, 0);
    assert.deepEqual(asked, ['POST /api/system/factory-reset']);
  });
});

describe('an order', () => {
  it('is there as a whole, replaces one of its kind, and is nobody else’s to read', () => {
    const folder = mkdtempSync(join(tmpdir(), 'walleye-leave-'));
    try {
      const orders = join(folder, 'orders');
      writeFileSync(join(folder, '.x'), '');
      leaveOrder(orders, 'update-start', {});
      leaveOrder(orders, 'update-start', { source: 'http://x/' });
      assert.deepEqual(readdirSync(orders), ['update-start.json']);
      assert.equal(readFileSync(join(orders, 'update-start.json'), 'utf8'), '{"source":"http://x/"}\n');
      assert.throws(() => leaveOrder(join(folder, '.x'), 'reboot', {}));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
