import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { ServerEvent, Settings } from '../../daemon/schema.ts';
import { type ApiServer, call, startApi } from './apiServer.ts';

describe('/api/settings', () => {
  let api: ApiServer;
  const applied: Settings[] = [];
  const events: ServerEvent[] = [];
  before(async () => {
    api = await startApi({ applySettings: (settings) => applied.push(settings) });
    api.cameras.subscribe((event) => events.push(event));
  });
  after(() => api.close());
  beforeEach(() => {
    applied.length = events.length = 0;
  });
  const patch = (body: unknown) => call<Settings>(api, 'PATCH', '/api/settings', body);
  const refused = (body: unknown) => call(api, 'PATCH', '/api/settings', body);

  it('has a default for everything', async () => {
    const { status, body } = await call<Settings>(api, 'GET', '/api/settings');
    assert.equal(status, 200);
    assert.equal(body.name, 'Walleye');
    assert.equal(body.setup_done, false);
    assert.equal(body.language, null);
  });

  it('changes what is given, saves it, and tells pages and the system', async () => {
    const { status, body } = await patch({ name: 'Gate 3', time_zone: 'Asia/Taipei', viewers_ptz: false });
    assert.equal(status, 200);
    assert.deepEqual([body.name, body.time_zone, body.viewers_ptz], ['Gate 3', 'Asia/Taipei', false]);
    assert.equal(body.wall_clock, true, 'what was not given stays');
    assert.deepEqual((await call<Settings>(api, 'GET', '/api/settings')).body, body);
    assert.deepEqual(events, [{ type: 'changed', what: 'settings' }]);
    assert.deepEqual(applied, [body]);
    const [entry] = api.store.accounts.audit(1);
    assert.deepEqual([entry?.action, entry?.detail], ['settings.change', 'name, time_zone, viewers_ptz']);
  });

  it('takes blanks around the name away', async () => {
    assert.equal((await patch({ name: '  Yard ' })).body.name, 'Yard');
  });

  for (const [given, stored] of [
    ['UTC', 'UTC'],
    ['europe/berlin', 'Europe/Berlin'],
    ['America/Argentina/Buenos_Aires', undefined],
  ] as const) {
    it(`takes the time zone ${given}`, async () => {
      const { status, body } = await patch({ time_zone: given });
      assert.equal(status, 200);
      if (stored) assert.equal(body.time_zone, stored);
      else assert.doesNotThrow(() => new Intl.DateTimeFormat('en', { timeZone: body.time_zone }));
    });
  }

  for (const zone of ['Mars/Olympus', 'Berlin', '+08:00', '../../etc/passwd', ' ']) {
    it(`refuses the time zone “${zone}” and says where the names are`, async () => {
      const before = (await call(api, 'GET', '/api/settings')).body;
      const { status, body } = await refused({ time_zone: zone, name: 'changed' });
      assert.equal(status, 400);
      assert.equal(body.error.code, 'unknown_time_zone');
      assert.match(body.error.message, /Asia\/Taipei.*GET \/api\/time-zones/);
      assert.deepEqual((await call(api, 'GET', '/api/settings')).body, before, 'nothing was changed');
      assert.deepEqual(events, []);
    });
  }

  for (const [what, body, code] of [
    ['nothing', {}, 'invalid_body'],
    ['a setting that is none', { wall_colour: 'red' }, 'invalid_body'],
    ['a language that is none', { language: 'tlh' }, 'invalid_body'],
    ['a negative time', { unchanged_seconds: -1 }, 'invalid_body'],
    ['a blank name', { name: '   ' }, 'blank_name'],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const answer = await refused(body);
      assert.equal(answer.status, 400);
      assert.equal(answer.body.error.code, code);
    });
  }

  it('lists names of time zones, each of which it takes', async () => {
    const { zones } = (await call<{ zones: string[] }>(api, 'GET', '/api/time-zones')).body;
    assert.ok(zones.length > 100 && zones.includes('Asia/Taipei') && zones.includes('UTC'));
    for (const zone of [zones[0], zones.at(-1)]) assert.equal((await patch({ time_zone: zone })).status, 200);
  });
});
