import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { DEFAULT_RULES } from '../../daemon/camera/alarmRules.ts';
import type { Alarm, AlarmList, AlarmRules, ServerEvent } from '../../daemon/schema.ts';
import { type ApiServer, call, startApi, until } from './apiServer.ts';
import { camera } from './memoryCameras.ts';

describe('alarms over the API', () => {
  let api: ApiServer;
  const sockets: WebSocket[] = [];
  before(async () => {
    api = await startApi();
    for (const id of ['door', 'yard']) api.cameras.all.set(id, camera(id));
  });
  after(async () => {
    for (const socket of sockets) socket.terminate();
    await api.close();
  });
  beforeEach(async () => {
    await putRules({ enabled: false });
    await putRules({});
  });

  const putRules = (changes: Partial<AlarmRules>) =>
    call<AlarmRules>(api, 'PUT', '/api/alarm-rules', { ...DEFAULT_RULES, ...changes });
  const raise = (body: object) => call<Alarm>(api, 'POST', '/api/alarms', body);
  const list = async () => (await call<AlarmList>(api, 'GET', '/api/alarms')).body;
  /** The alarms that a page was last told, and all that it was told. */
  const listen = () => {
    const told: ServerEvent[] = [];
    const socket = new WebSocket(`ws://127.0.0.1:${api.port}/api/events`);
    sockets.push(socket);
    socket.on('message', (data) => told.push(JSON.parse(String(data)) as ServerEvent));
    const alarms = () => told.filter((event) => event.type === 'alarms').at(-1);
    return { told, alarms, ids: () => alarms()?.alarms.map(({ id }) => id) };
  };

  it('a page is told all on connecting, and every change', async () => {
    const { body: first } = await raise({ camera: 'door' });
    const page = listen();
    await until(() => page.alarms(), 'the alarms at the beginning');
    assert.deepEqual(page.alarms()?.alarms, [first]);
    assert.deepEqual(page.alarms()?.rules, DEFAULT_RULES);
    const { body: second } = await raise({ camera: 'yard', topic: 'person' });
    await until(() => page.ids()?.length === 2, 'the second');
    await call(api, 'DELETE', `/api/alarms/${first.id}`);
    await until(() => page.ids()?.join() === second.id, 'the first to be gone');
    await putRules({ quiet_seconds: 7 });
    await until(() => page.alarms()?.rules.quiet_seconds === 7, 'the new rules');
    assert.equal(page.ids()?.join(), second.id);
  });

  it('the rules decide what the raiser leaves out', async () => {
    const rule = {
      camera: 'door',
      topic: 'person',
      action: 'promote',
      priority: 6,
      hold_seconds: 40,
      sound: true,
    } as const;
    await putRules({ rules: [rule] });
    const before = Date.now() / 1000;
    const { status, body } = await raise({ camera: 'door', topic: 'person', message: 'somebody' });
    assert.equal(status, 201);
    const { id, since, until: end, ...rest } = body;
    assert.ok(id.length > 8);
    assert.ok(since >= before && Math.abs((end ?? 0) - since - 40) < 1);
    assert.deepEqual(rest, {
      ...{ camera: 'door', topic: 'person', message: 'somebody', source: 'api' },
      ...{ action: 'promote', priority: 6, sound: true, events: 1, acknowledged: false },
    });
    const { body: own } = await raise({ camera: 'yard', action: 'full_screen', hold_seconds: 1 });
    assert.deepEqual([own.topic, own.action, own.priority], ['other', 'full_screen', 0]);
    await until(async () => !(await list()).active.some((one) => one.id === own.id), 'its end by itself');
    const over = (await list()).recent.find((one) => one.id === own.id);
    assert.equal(over?.camera, 'yard');
  });

  it('raised again it is one alarm that counts; acknowledged it is over, and kept', async () => {
    const { body: first } = await raise({ camera: 'door' });
    const { body: again } = await raise({ camera: 'door' });
    assert.deepEqual([again.id, again.events], [first.id, 2]);
    assert.equal((await call(api, 'DELETE', `/api/alarms/${first.id}`)).status, 204);
    const { active, recent } = await list();
    assert.deepEqual(active, []);
    assert.deepEqual([recent[0]?.id, recent[0]?.acknowledged], [first.id, true]);
    const gone = await call(api, 'DELETE', `/api/alarms/${first.id}`);
    assert.deepEqual([gone.status, gone.body.error.code], [404, 'alarm_not_found']);
  });

  it('the alarm of a camera that is removed ends', async () => {
    api.cameras.all.set('shed', camera('shed'));
    await raise({ camera: 'shed' });
    await api.cameras.removeCamera('shed');
    api.cameras.announce({ type: 'changed', what: 'cameras' });
    assert.deepEqual((await list()).active, []);
  });

  it('switched off, what was active is over, and what is raised is listed only', async () => {
    await raise({ camera: 'door', action: 'full_screen' });
    await putRules({ enabled: false });
    assert.deepEqual((await list()).active, []);
    const { body } = await raise({ camera: 'door', action: 'full_screen', sound: true });
    assert.deepEqual([body.action, body.sound], ['none', false]);
  });

  it('the rules are kept, and are those of a new box at first', async () => {
    assert.deepEqual((await call<AlarmRules>(api, 'GET', '/api/alarm-rules')).body, DEFAULT_RULES);
    await putRules({ minimum_focus_seconds: 3 });
    assert.equal(api.store.settings.get<AlarmRules>('alarm_rules')?.minimum_focus_seconds, 3);
  });

  it('says which topics there are to whoever made one up', async () => {
    const { body } = await call(api, 'POST', '/api/alarms', { camera: 'door', topic: 'ufo' });
    assert.match(body.error.message, /"topic" must be one of "motion", .*, but "ufo" was given/);
  });

  const wrong: [string, string, object | undefined, number, string][] = [
    ['POST', '/api/alarms', { camera: 'nowhere' }, 404, 'camera_not_found'],
    ['POST', '/api/alarms', { camera: 'door', topic: 'ufo' }, 400, 'invalid_body'],
    ['POST', '/api/alarms', { camera: 'door', priority: 11 }, 400, 'invalid_body'],
    ['POST', '/api/alarms', { camera: 'door', message: 'm'.repeat(201) }, 400, 'invalid_body'],
    ['POST', '/api/alarms', { camera: 'door', id: 'x' }, 400, 'invalid_body'],
    ['POST', '/api/alarms', {}, 400, 'invalid_body'],
    ['PUT', '/api/alarm-rules', { ...DEFAULT_RULES, rules: [{}] }, 400, 'invalid_body'],
    ['PUT', '/api/alarm-rules', { enabled: true }, 400, 'invalid_body'],
    ['DELETE', `/api/alarms/${'x'.repeat(65)}`, undefined, 400, 'invalid_name'],
  ];
  for (const [method, path, body, status, code] of wrong)
    it(`${method} ${path.slice(0, 20)} ${JSON.stringify(body)?.slice(0, 40)} is refused with ${status} ${code}`, async () => {
      const answer = await call(api, method, path, body);
      assert.deepEqual([answer.status, answer.body.error.code], [status, code]);
    });

  it('a thousand raised at once are one alarm, and few messages', async () => {
    const page = listen();
    await until(() => page.alarms(), 'the alarms at the beginning');
    const before = page.told.length;
    await Promise.all(Array.from({ length: 1_000 }, () => raise({ camera: 'door' })));
    await until(() => page.alarms()?.alarms[0]?.events === 1_000, 'all to be counted');
    assert.ok(page.told.length - before < 200, `${page.told.length - before} messages`);
  });
});
