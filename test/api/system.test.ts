import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { afterEach, describe, it } from 'node:test';
import { pino } from 'pino';
import type { ApiDeps } from '../../daemon/api/deps.ts';
import type { Health, LogList, System } from '../../daemon/schema.ts';
import { createLog } from '../../daemon/system/log.ts';
import { LogRing } from '../../daemon/system/logRing.ts';
import { type ApiServer, call, startApi } from './apiServer.ts';

let api: ApiServer;
const start = async (deps: Partial<ApiDeps> = {}) => {
  api = await startApi(deps);
  return api;
};
afterEach(() => api.close());

describe('GET /api/system', () => {
  it('tells of the machine as it is', async () => {
    const screen = { heartbeat: 1_760_000_000, tiles: 9, painting: 8 };
    await start({ stateDir: tmpdir(), screen: () => screen, recovered: null });
    const { status, body } = await call<System>(api, 'GET', '/api/system');
    assert.equal(status, 200);
    assert.ok(body.disk && body.disk.total > 0 && body.disk.free <= body.disk.total);
    assert.equal(body.disk.path, tmpdir());
    assert.deepEqual(body.screen, screen);
    assert.ok(body.cpus >= 1);
    assert.ok(Math.abs(body.time - Date.now() / 1000) < 60);
    assert.ok(body.model === null || body.model.length > 0);
  });

  it('makes nothing up that it was not told', async () => {
    await start();
    const { body } = await call<System>(api, 'GET', '/api/system');
    assert.deepEqual([body.disk, body.screen, body.recovered], [null, null, null]);
  });
});

describe('GET /api/health', () => {
  it('is degraded after a damaged database was set aside, and says where it is and what to do', async () => {
    const file = '/var/lib/walleye/walleye.sqlite.corrupt-20260101T120000Z';
    await start({ recovered: file });
    const { body } = await call<Health>(api, 'GET', '/api/health');
    assert.equal(body.status, 'degraded');
    assert.ok(body.message.includes(file));
    assert.match(body.message, /restore a backup, or add the cameras again/);
    assert.equal((await call<System>(api, 'GET', '/api/system')).body.recovered, file);
  });
});

describe('POST /api/system/self-test', () => {
  it('tests once at a time and answers with what came out', async () => {
    const running = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    let isRunning = false;
    await start({
      selfTest: () => {
        if (isRunning) return undefined;
        isRunning = true;
        begun.resolve();
        return running.promise;
      },
    });
    const first = call<System['decode']>(api, 'POST', '/api/system/self-test');
    await begun.promise;
    const second = await call(api, 'POST', '/api/system/self-test');
    assert.deepEqual([second.status, second.body.error.code], [409, 'self_test_running']);
    running.resolve();
    const { status, body } = await first;
    assert.equal(status, 200);
    assert.equal(body.chosen, 'software');
    assert.equal(api.store.accounts.audit(1)[0]?.action, 'system.self_test');
  });

  it('is refused where there is no decoder', async () => {
    await start();
    assert.equal((await call(api, 'POST', '/api/system/self-test')).status, 409);
  });
});

describe('GET /api/system/logs', () => {
  async function withLog() {
    const logs = new LogRing();
    const log = createLog({ level: 'debug', destination: { write: () => {} }, also: logs });
    await start({ logs });
    return log;
  }

  it('gives the log, by level and component, and what came since', async () => {
    const log = await withLog();
    log.debug('a');
    log.child({ component: 'camera' }).warn({ camera: 'gate' }, 'no answer');
    const read = async (query: string) => (await call<LogList>(api, 'GET', `/api/system/logs${query}`)).body;
    const all = await read('');
    assert.deepEqual(
      all.entries.map(({ message }) => message),
      ['a', 'no answer'],
    );
    assert.deepEqual(await read(`?after=${all.last}`), { entries: [], last: 2 });
    assert.equal((await read('?level=info')).entries.length, 1);
    assert.equal((await read('?component=camera')).entries[0]?.detail, '{"camera":"gate"}');
    assert.deepEqual(
      (await read('?limit=1')).entries.map(({ seq }) => seq),
      [2],
    );
  });

  it('refuses a level, a limit and a number that are none', async () => {
    await withLog();
    for (const query of ['level=loud', 'limit=0', 'limit=2001', 'after=-1', 'after=x']) {
      const { status, body } = await call(api, 'GET', `/api/system/logs?${query}`);
      assert.deepEqual([status, body.error.code], [400, 'invalid_query'], query);
    }
  });
});

describe('restart and factory reset', () => {
  const switchable = (obstacle: string | null = null) => {
    const done: string[] = [];
    const power = {
      obstacle,
      restart: () => void done.push('restart'),
      factoryReset: () => void done.push('reset'),
    };
    return { done, power };
  };

  it('are answered before they happen', async () => {
    const { done, power } = switchable();
    await start({ power });
    const restart = await call<{ restarting: boolean }>(api, 'POST', '/api/system/restart');
    assert.deepEqual([restart.status, restart.body.restarting], [202, true]);
    const reset = await call(api, 'POST', '/api/system/factory-reset', { confirm: 'RESET' });
    assert.equal(reset.status, 202);
    assert.deepEqual(done, ['restart', 'reset']);
    assert.equal(api.store.accounts.audit(1)[0]?.action, 'system.restart');
  });

  it('are refused where nothing would start the daemon again', async () => {
    const { done, power } = switchable('It was started by hand. Start it again yourself.');
    await start({ power });
    for (const [path, body] of [
      ['/api/system/restart', undefined],
      ['/api/system/factory-reset', { confirm: 'RESET' }],
    ] as const) {
      const answer = await call(api, 'POST', path, body);
      assert.deepEqual([answer.status, answer.body.error.code], [409, 'not_supervised'], path);
      assert.match(answer.body.error.message, /Start it again yourself/);
    }
    assert.deepEqual(done, []);
  });

  it('does not reset without the word', async () => {
    const { done, power } = switchable();
    await start({ power });
    for (const body of [undefined, {}, { confirm: 'reset' }, { confirm: true }, { confirm: 'RESET', x: 1 }])
      assert.equal((await call(api, 'POST', '/api/system/factory-reset', body)).status, 400);
    assert.deepEqual(done, []);
  });

  it('says that nothing was removed when the order cannot be written', async () => {
    const { power } = switchable();
    await start({
      power: {
        ...power,
        factoryReset: () => {
          throw new Error('ENOSPC: no space left on device');
        },
      },
    });
    const { status, body } = await call(api, 'POST', '/api/system/factory-reset', { confirm: 'RESET' });
    assert.equal(status, 503);
    assert.match(body.error.message, /nothing was removed/);
  });
});

describe('a log that fails to be audited', () => {
  it('does not undo a restart', async () => {
    let restarts = 0;
    await start({
      log: pino({ level: 'silent' }),
      power: { obstacle: null, restart: () => void restarts++, factoryReset: () => {} },
    });
    api.store.close();
    assert.equal((await call(api, 'POST', '/api/system/restart')).status, 202);
    assert.equal(restarts, 1, 'a box whose database does not answer can still be restarted');
  });
});
