import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, uptime } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { pino } from 'pino';
import { writeReport } from '../../daemon/host/report.ts';
import type { Provisioning, ProvisionReport, Update, UpdateState } from '../../daemon/schema.ts';
import { Appliance } from '../../daemon/system/appliance.ts';
import { ProvisioningReport } from '../../daemon/system/provisioning.ts';
import { type ApiServer, call, startApi, until } from './apiServer.ts';
import { type AuthServer, ask, bearer, CLI, page, SCREEN, signedIn, startAuth } from './auth/authServer.ts';

const STATE: UpdateState = {
  version: '0.3.0',
  state: 'idle',
  available: '0.4.0',
  checked: 1_760_000_000,
  target: null,
  progress: null,
  message: null,
  source: null,
  rolled_back: null,
};
const ROLLED_BACK = { version: '0.4.0', reason: 'front-door was not live again', at: 1_760_000_100 };

let root: string;
let appliance: Appliance;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'walleye-update-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function tell(state: Partial<UpdateState>): void {
  const path = join(root, 'update', 'state.json');
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(`${path}.new`, JSON.stringify({ ...STATE, ...state }));
  renameSync(`${path}.new`, path);
}
function make(state: Partial<UpdateState> = {}): Appliance {
  tell(state);
  appliance = new Appliance({
    folder: join(root, 'update'),
    stateDir: join(root, 'state'),
    version: '0.3.0',
    log: pino({ level: 'silent' }),
  });
  return appliance;
}
const left = () => {
  try {
    return readdirSync(join(root, 'state', 'orders')).sort();
  } catch {
    return [];
  }
};

describe('/api/system/update', () => {
  let api: ApiServer;
  afterEach(() => api.close());
  const actions = () => api.store.accounts.audit(3).map(({ action }) => action);

  it('says of an ordinary installation that it does not update itself', async () => {
    api = await startApi();
    const { status, body } = await call<Update>(api, 'GET', '/api/system/update');
    assert.equal(status, 200);
    assert.deepEqual([body.supported, body.version, body.available], [false, '0.0.0-test', null]);
    assert.match(body.message ?? '', /update it the way it was installed/);
    for (const [method, path, code] of [
      ['POST', '/api/system/update', 'update_unsupported'],
      ['POST', '/api/system/update/check', 'update_unsupported'],
      ['DELETE', '/api/system/update/notice', 'update_unsupported'],
      ['POST', '/api/system/reboot', 'reboot_unsupported'],
    ] as const) {
      const refused = await call(api, method, path);
      assert.deepEqual([refused.status, refused.body.error.code], [409, code], path);
    }
  });

  it('says the same where the folder of updates went away', async () => {
    api = await startApi({ updater: make() });
    rmSync(join(root, 'update'), { recursive: true });
    assert.equal((await call<Update>(api, 'GET', '/api/system/update')).body.supported, false);
    assert.equal((await call(api, 'POST', '/api/system/update')).status, 409);
  });

  it('looks for updates, and installs what is there', async () => {
    api = await startApi({ updater: make() });
    const before = await call<Update>(api, 'GET', '/api/system/update');
    assert.deepEqual([before.body.state, before.body.available], ['idle', '0.4.0']);
    const begun = await call<Update>(api, 'POST', '/api/system/update');
    assert.deepEqual([begun.status, begun.body.state], [202, 'downloading']);
    assert.deepEqual(left(), ['update-start.json']);
    assert.deepEqual(
      api.store.accounts.audit(1).map(({ action, detail }) => [action, detail]),
      [['system.update', '0.4.0']],
    );
    const again = await call(api, 'POST', '/api/system/update/check');
    assert.deepEqual([again.status, again.body.error.code], [409, 'update_running']);
    assert.match(again.body.error.message, /0\.4\.0 is being installed/);
    assert.equal(actions().length, 1, 'what was refused was not done');
  });

  it('looks, where nothing newer is known', async () => {
    api = await startApi({ updater: make({ available: null }) });
    const refused = await call(api, 'POST', '/api/system/update');
    assert.deepEqual([refused.status, refused.body.error.code], [409, 'no_update']);
    const looking = await call<Update>(api, 'POST', '/api/system/update/check');
    assert.deepEqual([looking.status, looking.body.state], [202, 'checking']);
    assert.deepEqual([left(), actions()], [['update-check.json'], ['system.update_check']]);
  });

  it('takes the notice away that the box went back', async () => {
    api = await startApi({ updater: make({ rolled_back: ROLLED_BACK }) });
    const told = await call<Update>(api, 'GET', '/api/system/update');
    assert.deepEqual(told.body.rolled_back, ROLLED_BACK);
    assert.equal((await call(api, 'DELETE', '/api/system/update/notice')).status, 204);
    assert.equal((await call<Update>(api, 'GET', '/api/system/update')).body.rolled_back, null);
    assert.equal((await call(api, 'DELETE', '/api/system/update/notice')).status, 204, 'twice too');
    assert.deepEqual([left(), actions()], [['update-dismiss.json'], ['system.update_notice']]);
  });

  it('restarts the machine, but not in the middle of an update', async () => {
    api = await startApi({ updater: make() });
    const { status, body } = await call<{ restarting: boolean }>(api, 'POST', '/api/system/reboot');
    assert.deepEqual([status, body.restarting], [202, true]);
    assert.deepEqual([left(), actions()], [['reboot.json'], ['system.reboot']]);
    rmSync(join(root, 'state', 'orders', 'reboot.json'));
    tell({ state: 'installing' });
    const refused = await call(api, 'POST', '/api/system/reboot');
    assert.deepEqual([refused.status, refused.body.error.code], [409, 'update_running']);
    assert.deepEqual(left(), []);
  });
});

describe('who may', () => {
  let api: AuthServer;
  afterEach(() => api.close());

  it('read what is being installed, whoever may look; take the notice away, at the screen or as administrator', async () => {
    api = await startAuth({}, undefined, { updater: make({ rolled_back: ROLLED_BACK }) });
    await signedIn(api, 'admin', 'admin');
    const viewer = bearer(api.accounts.tokens.make({ name: 'walls', scope: 'viewer' }, 'test').token);
    const screen = page(api, SCREEN, 'walleye_screen');
    for (const headers of [viewer, screen, bearer(CLI)])
      assert.equal((await ask(api, 'GET', '/api/system/update', { headers })).status, 200);
    const remove = (headers: Record<string, string>) =>
      ask(api, 'DELETE', '/api/system/update/notice', { headers });
    assert.equal((await remove({})).body.error.code, 'not_signed_in');
    assert.equal((await remove(viewer)).body.error.code, 'admins_only');
    assert.deepEqual(left(), []);
    assert.equal((await remove(screen)).status, 204);
    assert.deepEqual(left(), ['update-dismiss.json']);
    assert.equal((await remove(bearer(CLI))).status, 204);
    const update = await ask(api, 'POST', '/api/system/update', { headers: screen, body: {} });
    assert.equal(update.body.error.code, 'admins_only', 'the screen installs nothing');
  });

  it('read what a stick brought: the screen and administrators, before the box is paired too', async () => {
    const report = { source: 'stick', at: '', applied: [], problems: [] };
    api = await startAuth({}, undefined, { provisioning: { read: () => ({ report, age: 4 }) } });
    const screen = page(api, SCREEN, 'walleye_screen');
    const read = (headers: Record<string, string>) =>
      ask<Provisioning>(api, 'GET', '/api/system/provisioning', { headers });
    assert.deepEqual((await read(screen)).body, { report, age: 4 });
    assert.equal((await read({})).status, 401);
    await signedIn(api, 'admin', 'admin');
    const viewer = bearer(api.accounts.tokens.make({ name: 'walls', scope: 'viewer' }, 'test').token);
    assert.equal((await read(viewer)).status, 403);
    assert.equal((await read(bearer(CLI))).status, 200);
  });
});

describe('GET /api/system/provisioning', () => {
  let api: ApiServer;
  let ended: AbortController;
  let running: Promise<void>;
  let changes: number;
  let path: string;
  beforeEach(async () => {
    path = join(root, 'run', 'report.json');
    const provisioning = new ProvisioningReport(path);
    ended = new AbortController();
    changes = 0;
    running = provisioning.run(ended.signal, () => changes++);
    api = await startApi({ provisioning });
  });
  afterEach(async () => {
    ended.abort();
    await running;
    await api.close();
  });
  const read = async () => (await call<Provisioning>(api, 'GET', '/api/system/provisioning')).body.report;

  it('gives what root reported, and tells when there is something new', async () => {
    assert.equal(await read(), null);
    assert.equal((await call<Provisioning>(api, 'GET', '/api/system/provisioning')).body.age, null);
    const report: ProvisionReport = {
      source: 'stick',
      at: '2026-11-21T08:00:00.000Z',
      applied: ['Host name: /etc/hostname created'],
      problems: ['stick: site.json: line 3, column 7: <b>a comma is missing</b>'],
    };
    await writeReport(path, report);
    await until(() => changes === 1, 'the report');
    assert.deepEqual(await read(), report);
    const { age } = (await call<Provisioning>(api, 'GET', '/api/system/provisioning')).body;
    assert.ok(age !== null && age >= 0 && age < 20, String(age));
    await writeReport(path, { ...report, problems: [] });
    await until(() => changes === 2, 'the next one');
    assert.deepEqual((await read())?.problems, []);
  });

  it('says of one that was there before the daemon that it may be as old as the machine’s start', async () => {
    await writeReport(path, { source: 'stick', at: '', applied: [], problems: [] });
    const { age } = new ProvisioningReport(path).read();
    assert.ok(age !== null && Math.abs(age - uptime()) < 20, String(age));
  });

  it('takes the longest report that is written', async () => {
    const lines = Array.from({ length: 300 }, (_, i) => `${i} ${'攝'.repeat(600)}`);
    await writeReport(path, { source: 'stick', at: '', applied: lines, problems: lines });
    await until(() => changes === 1, 'the report');
    const report = await read();
    assert.equal(report?.problems.length, 201);
    assert.equal(report?.problems.at(-1), '… and 100 more');
  });

  for (const [what, text] of [
    ['is no JSON', '{'],
    ['has other fields', '{"source":"stick","at":"","applied":[1],"problems":[]}'],
    ['is too long', `"${'x'.repeat(1_100_000)}"`],
  ] as const) {
    it(`gives none that ${what}`, async () => {
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, text);
      await until(() => changes >= 1, 'the file');
      assert.equal(await read(), null);
    });
  }
});
