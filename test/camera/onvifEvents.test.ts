import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { pino } from 'pino';
import { Alarms } from '../../daemon/camera/alarms.ts';
import { OnvifEvents } from '../../daemon/camera/onvifEvents.ts';
import { RecordingJobs } from '../../daemon/camera/recordingJobs.ts';
import type { Alarm, ServerEvent } from '../../daemon/schema.ts';
import { openStore } from '../../daemon/store/store.ts';
import { until } from '../api/apiServer.ts';
import { cameraRow, streamRow } from '../store/rows.ts';
import type { OnvifService, OnvifServiceOptions } from '../virtual-camera/onvifService.ts';
import { LOGIN, MAIN, camera as startCamera } from './onvifCamera.ts';

/** Two cameras in a store, and whoever listens to their events. */
async function listen(
  t: TestContext,
  cameras: { id: string; service: OnvifService; profile?: string }[],
  alsoWanted?: (camera: string) => boolean,
) {
  const { store } = openStore(':memory:');
  for (const { id, service, profile } of cameras) {
    const row = { ...cameraRow(id), address: service.url, ...LOGIN };
    const streams = profile === undefined ? [] : [{ ...streamRow(`${id}_main`, id), profile_token: profile }];
    store.insertCamera(row, streams);
  }
  const listeners = new Set<(event: ServerEvent) => void>();
  const log = pino({ level: 'silent' });
  const set = {
    camera: (id: string) => store.camera(id),
    subscribe: (listener: (event: ServerEvent) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    announce: (event: ServerEvent) => {
      for (const listener of listeners) listener(event);
    },
  };
  const alarms = new Alarms({ store, cameras: set, log });
  const recordings = new RecordingJobs();
  const pace = { beginAfter: 1, firstPause: 50 };
  const wishes = alsoWanted ? { alsoWanted } : {};
  const events = new OnvifEvents({ store, alarms, cameras: set, recordings, log, ...pace, ...wishes });
  const ended = new AbortController();
  const done = events.run(ended.signal);
  const stop = async () => {
    ended.abort();
    await done;
  };
  t.after(async () => {
    await stop();
    alarms.close();
    store.close();
  });
  const changed = () => set.announce({ type: 'changed', what: 'cameras' });
  return { store, alarms, events, recordings, changed, stop, active: (): Alarm[] => alarms.list().active };
}

const subscribed = (service: OnvifService) =>
  until(
    () => service.events.subscriptions === 1 && service.calls.at(-1) === 'PullMessages',
    'the subscription',
  );

describe('a camera’s events over ONVIF', { timeout: 120_000 }, () => {
  const ways: [string, Partial<OnvifServiceOptions>][] = [
    ['behind a token', {}],
    ['behind a token, its clock an hour ahead', { clockSkewSeconds: 3600 }],
    ['behind HTTP Digest', { faults: { login: 'digest', digestQop: 'auth', digestAlgorithm: 'SHA-256' } }],
    ['without GetServices', { faults: { noGetServices: true } }],
    ['that calls itself by another address', { faults: { serviceHost: '192.0.2.99' } }],
    [
      'that wants its subscription’s name back in every header (Axis)',
      { faults: { events: { axis: true } } },
    ],
  ];
  for (const [way, options] of ways) {
    it(`are heard from one ${way}; at the end it is told goodbye`, async (t) => {
      const service = await startCamera(t, options);
      const { active, stop } = await listen(t, [{ id: 'door', service }]);
      await subscribed(service);
      assert.deepEqual(active(), [], 'the state at the beginning is no event');
      service.events.motion(true);
      await until(() => active().length === 1, 'the alarm');
      const [alarm] = active();
      assert.equal(alarm?.camera, 'door');
      assert.equal(alarm?.topic, 'motion');
      assert.equal(alarm?.source, 'onvif');
      assert.equal(alarm?.until, null);
      service.events.motion(false);
      await until(() => active()[0]?.until != null, 'the end of the motion');
      await stop();
      assert.equal(service.events.subscriptions, 0);
      assert.equal(service.calls.filter((call) => call === 'CreatePullPointSubscription').length, 1);
    });
  }

  it('are heard again after the camera was started anew', async (t) => {
    const service = await startCamera(t);
    const { active } = await listen(t, [{ id: 'door', service }]);
    await subscribed(service);
    service.events.reset();
    await until(
      () => service.calls.filter((call) => call === 'CreatePullPointSubscription').length === 2,
      'another subscription',
    );
    await subscribed(service);
    service.events.motion(true);
    await until(() => active().length === 1, 'the alarm');
  });

  for (const noRenew of [false, true]) {
    it(`go on when a subscription nears its end, ${noRenew ? 'also where it cannot be renewed' : 'which is renewed'}`, async (t) => {
      const service = await startCamera(t, { faults: { events: { lifetime: 2, noRenew } } });
      const { active } = await listen(t, [{ id: 'door', service }]);
      const wanted = noRenew ? 'CreatePullPointSubscription' : 'Renew';
      await until(() => service.calls.filter((call) => call === wanted).length >= 3, `three times ${wanted}`);
      assert.ok(service.events.subscriptions <= 1, 'none is left behind');
      await until(() => {
        service.events.motion(true);
        return active().length === 1;
      }, 'the alarm');
    });
  }

  it('cost a camera that refuses us no more than three logins', async (t) => {
    const service = await startCamera(t, { password: 'another' });
    await listen(t, [{ id: 'door', service }]);
    const refused = () => service.calls.filter((call) => call.startsWith('!')).length;
    await until(() => refused() >= 2, 'the refusals');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    assert.ok(refused() <= 3, service.calls.join());
  });

  it('are not asked for at a camera without that service', async (t) => {
    const service = await startCamera(t, { faults: { events: { none: true } } });
    await listen(t, [{ id: 'door', service }]);
    await until(() => service.calls.includes('GetCapabilities'), 'the question');
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.ok(!service.calls.includes('CreatePullPointSubscription'));
  });

  it('are asked for only while alarms are on and a rule could fit', async (t) => {
    const service = await startCamera(t);
    const { alarms, events } = await listen(t, [{ id: 'door', service }]);
    const { rules } = alarms;
    await subscribed(service);
    alarms.setRules({ ...rules, enabled: false });
    await until(() => service.events.subscriptions === 0, 'the goodbye');
    const [rule] = rules.rules;
    assert.ok(rule);
    alarms.setRules({ ...rules, rules: [{ ...rule, camera: 'yard' }] });
    await new Promise((resolve) => setTimeout(resolve, 700));
    assert.equal(events.size, 0);
    alarms.setRules({ ...rules, rules: [{ ...rule, camera: 'door' }] });
    await subscribed(service);
  });

  it('are asked for whatever the rules are where they begin recordings, and everybody who listens is told', async (t) => {
    const service = await startCamera(t);
    let wanted = true;
    const { alarms, active, changed } = await listen(t, [{ id: 'door', service }], () => wanted);
    const told: string[] = [];
    const leave = alarms.onEvent(({ camera, topic, phase }) => told.push(`${camera} ${topic} ${phase}`));
    alarms.setRules({ ...alarms.rules, enabled: false });
    await subscribed(service);
    await new Promise((resolve) => setTimeout(resolve, 700));
    service.events.motion(true);
    service.events.motion(false);
    await until(() => told.length === 2, 'the motion');
    assert.deepEqual(told, ['door motion begin', 'door motion end']);
    assert.deepEqual(active(), []);
    leave();
    wanted = false;
    changed();
    await until(() => service.events.subscriptions === 0, 'the goodbye');
  });

  it('end with the camera, and its alarm too', async (t) => {
    const service = await startCamera(t);
    const { store, changed, active } = await listen(t, [{ id: 'door', service }]);
    await subscribed(service);
    service.events.motion(true);
    await until(() => active().length === 1, 'the alarm');
    store.deleteCamera('door');
    changed();
    assert.deepEqual(active(), []);
    await until(() => service.events.subscriptions === 0, 'the goodbye');
  });

  it('of a recorder with many channels go to the camera that shows that channel, over one subscription', async (t) => {
    const second = { ...MAIN, token: 'Profile_2' };
    const service = await startCamera(t, {
      profiles: [MAIN, second],
      faults: {
        answer: (call, xml) => {
          // Each profile has a video source of its own.
          const at = xml.lastIndexOf('VSC0"');
          return call === 'GetProfiles'
            ? `${xml.slice(0, at)}VSC7"${xml.slice(at + 5).replace('>VS0<', '>VS7<')}`
            : xml;
        },
      },
    });
    const { active } = await listen(t, [
      { id: 'one', service, profile: 'Profile_1' },
      { id: 'two', service, profile: 'Profile_2' },
    ]);
    await subscribed(service);
    const topic = 'tns1:VideoSource/MotionAlarm';
    service.events.tell({ topic, operation: 'Changed', source: { Source: 'VS7' }, data: { State: 'true' } });
    await until(() => active().length > 0, 'the alarm');
    assert.deepEqual(
      active().map(({ camera }) => camera),
      ['two'],
    );
    const everywhere = { topic: 'tns1:Device/Trigger/DigitalInput', source: { InputToken: '1' } };
    service.events.tell({ ...everywhere, data: { LogicalState: 'true' } });
    await until(() => active().length === 3, 'the alarms of both');
    assert.equal(service.events.subscriptions, 1);
  });

  it('tell that a camera records, until its last job rests or nobody listens any more', async (t) => {
    const service = await startCamera(t, {});
    const { recordings, stop, active } = await listen(t, [{ id: 'door', service }]);
    await subscribed(service);
    const job = (token: string, state: string, operation: 'Initialized' | 'Changed' = 'Changed') =>
      service.events.tell({
        topic: 'tns1:RecordingConfig/JobState',
        operation,
        source: { RecordingJobToken: token },
        data: { State: state },
      });
    assert.equal(recordings.is('door'), false);
    job('RecJob_1', 'Active', 'Initialized');
    job('RecJob_2', 'PartiallyActive', 'Initialized');
    await until(() => recordings.is('door'), 'the recording');
    job('RecJob_1', 'Idle');
    job('RecJob_3', 'Error');
    job('RecJob_2', 'Idle');
    await until(() => !recordings.is('door'), 'its end');
    job('RecJob_1', 'Active');
    await until(() => recordings.is('door'), 'the recording');
    assert.deepEqual(active(), [], 'that is no alarm');
    await stop();
    assert.equal(recordings.is('door'), false);
  });

  it('do not tell which of a recorder’s channels is recorded', async (t) => {
    const service = await startCamera(t, {});
    const { recordings, alarms } = await listen(t, [
      { id: 'one', service, profile: MAIN.token },
      { id: 'two', service, profile: 'another' },
    ]);
    await subscribed(service);
    service.events.tell({
      topic: 'tns1:RecordingConfig/JobState',
      source: { RecordingJobToken: 'RecJob_1' },
      data: { State: 'Active' },
    });
    service.events.motion(true);
    await until(() => alarms.list().active.length > 0, 'what came after it');
    assert.deepEqual([recordings.is('one'), recordings.is('two')], [false, false]);
  });

  it('survive answers that are no answers', async (t) => {
    let broken = true;
    const service = await startCamera(t, {
      faults: {
        answer: (call, xml, response) => {
          if (!broken || call !== 'PullMessages') return xml;
          broken = false;
          response.writeHead(200).end(`<x>${'<'.repeat(600_000)}`);
          return undefined;
        },
      },
    });
    const { active } = await listen(t, [{ id: 'door', service }]);
    await until(() => !broken, 'the broken answer');
    await until(() => {
      service.events.motion(true);
      return active().length === 1;
    }, 'the alarm');
  });
});
