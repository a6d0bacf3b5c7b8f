import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Camera, CameraStream, Site } from '../../../daemon/schema.ts';
import { DEFAULT_SETTINGS } from '../../../daemon/store/settings.ts';
import type { Box } from '../../../daemon/system/cli/provision/box.ts';
import { makePlan } from '../../../daemon/system/cli/provision/plan.ts';
import { changeLine } from '../../../daemon/system/cli/provision/steps.ts';

const stream = (profile: string, rtsp_url: string, state: CameraStream['state'] = 'idle'): CameraStream => ({
  ...{ name: `gate_${profile}`, profile, rtsp_url, state },
  ...{ codec: null, width: null, height: null, fps: null },
});
const camera = (changes: Partial<Camera> = {}): Camera => ({
  ...{ id: 'gate', name: 'Gate', address: null, username: 'admin', has_password: true },
  ...{ manufacturer: null, model: null, firmware: null, serial: null },
  ...{ ptz: false, audio: false, recording: false, last_picture: null },
  streams: [stream('main', 'rtsp://192.0.2.1/1')],
  ...changes,
});
const box = (changes: Partial<Box> = {}): Box => ({
  settings: { ...DEFAULT_SETTINGS, name: 'Lobby', time_zone: 'Asia/Taipei' },
  users: [],
  cameras: [camera()],
  streams: new Map(),
  layouts: [],
  wall: { sequence: [] },
  walls: new Map(),
  ...changes,
});
const planOf = (site: Omit<Site, 'walleye_site'>, now = box(), setPasswords = false) => {
  const plan = makePlan({ walleye_site: 1, ...site }, now, setPasswords);
  return { ...plan, lines: plan.steps.map(changeLine), calls: plan.steps.flatMap(({ calls }) => calls) };
};
const given = { name: 'Gate', username: 'admin', password: 'new one' };
const streams = [{ profile: 'main', rtsp_url: 'rtsp://192.0.2.1/1' }];

describe('a camera of the file', () => {
  it('that is there as the file says is left alone, however its address is written; its password is not compared', () => {
    for (const same of [
      { streams },
      { streams: [{ profile: 'main', rtsp_url: 'RTSP://192.0.2.1:554/1' }] },
      { id: 'gate', streams },
    ]) {
      const plan = planOf({ cameras: [{ ...given, ...same }] });
      assert.deepEqual([plan.lines, plan.problems], [[], []]);
      assert.match(plan.notes.join(), /passwords of 1 cameras were not compared/);
    }
  });

  it('is sent its password when it refuses, has none, changes its user or its address, or when told to', () => {
    const password = (site: object, now?: Box, all?: boolean) =>
      planOf({ cameras: [{ ...given, streams, ...site }] }, now, all).lines;
    const refused = camera({ streams: [stream('main', 'rtsp://192.0.2.1/1', 'refused')] });
    const line = 'camera gate: changed (password)';
    assert.deepEqual(password({}, box({ cameras: [refused] })), [line]);
    assert.deepEqual(password({}, box({ cameras: [camera({ has_password: false })] })), [line]);
    assert.deepEqual(password({}, box(), true), [line]);
    assert.deepEqual(password({ username: 'op' }), ['camera gate: changed (username, password)']);
    const moved = password({ streams: [{ profile: 'main', rtsp_url: 'rtsp://192.0.2.9/1' }] });
    assert.deepEqual(moved, ['camera gate: changed (password, streams)']);
  });

  it('has the login of its stream address as its own, as in the API', () => {
    const url = 'rtsp://op:p%40ss@192.0.2.1/1';
    const { calls } = planOf({ cameras: [{ name: 'Gate', streams: [{ profile: 'main', rtsp_url: url }] }] });
    assert.deepEqual(calls, [
      { method: 'PATCH', path: '/api/cameras/gate', body: { username: 'op', password: 'p@ss' } },
    ]);
  });

  it('is added when nothing on the box has its id, or without one its name', () => {
    assert.deepEqual(planOf({ cameras: [{ ...given, id: 'gate2', streams }] }).lines, [
      'camera gate2: added',
    ]);
    assert.deepEqual(planOf({ cameras: [{ ...given, name: 'Yard', streams }] }).lines, [
      'camera Yard: added',
    ]);
  });

  it('is added again under its id for a new stream, unless that would lose its password', () => {
    const more = [...streams, { profile: 'sub', rtsp_url: 'rtsp://192.0.2.1/2' }];
    const plan = planOf({ cameras: [{ ...given, streams: more }] });
    assert.deepEqual(plan.lines, ['camera gate: replaced (streams)']);
    assert.deepEqual(
      plan.calls.map(({ method, path }) => `${method} ${path}`),
      ['DELETE /api/cameras/gate', 'POST /api/cameras'],
    );
    const { password: _, ...without } = given;
    const lost = planOf({ cameras: [{ ...without, streams: more }] });
    assert.deepEqual(lost.lines, []);
    assert.match(lost.problems[0]!.message, /no password for it/);
  });

  it('whose name two cameras of the box have is a problem, not a guess', () => {
    const now = box({ cameras: [camera(), camera({ id: 'gate-2' })] });
    const plan = planOf({ cameras: [{ ...given, streams }] }, now);
    assert.deepEqual([plan.lines, plan.problems.length], [[], 1]);
  });
});

describe('the rest of the file', () => {
  it('is written only where it differs; defaults that are left out are no difference', () => {
    const tiles = [{ x: 0, y: 0, width: 1, height: 1, cameras: ['gate'] }];
    const wall = { sequence: [{ layout: 'all', dwell_seconds: 30 }] };
    const now = box({
      layouts: [{ name: 'all', tiles, orientation: 'landscape' }],
      wall: { ...wall, schedule: [] },
    });
    const site = {
      settings: { name: 'Lobby' },
      host: { time_zone: 'asia/taipei' },
      layouts: { all: { tiles } },
      wall,
    };
    assert.deepEqual(planOf(site, now).lines, []);
    assert.deepEqual(
      planOf(
        {
          settings: { name: 'Hall', wall_clock: true },
          host: { time_zone: 'Europe/Berlin' },
          layouts: { all: { tiles, orientation: 'portrait' }, two: { tiles: [] } },
          wall: { sequence: [] },
        },
        now,
      ).lines,
      ['settings: changed (time_zone, name)', 'layout all: changed', 'layout two: added', 'wall: changed'],
    );
  });

  it('gives the box its recording as a whole, once', () => {
    const recording = { cameras: { gate: { mode: 'always' } }, days: 14 } as const;
    const plan = planOf({ recording }, box({ recording: { cameras: {} } }));
    assert.deepEqual(plan.lines, ['recording: changed']);
    assert.deepEqual(plan.calls, [{ method: 'PUT', path: '/api/recordings/settings', body: recording }]);
    assert.deepEqual(planOf({ recording }, box({ recording })).lines, []);
    assert.deepEqual(planOf({}, box({ recording })).lines, []);
  });

  it('gives further screens their walls, and leaves those alone that are right or not in the file', () => {
    const own = { sequence: [{ layout: 'all', dwell_seconds: 5 }] };
    const layouts = { all: { tiles: [] } };
    const now = box({ layouts: [{ name: 'all', tiles: [] }], walls: new Map([[3, own]]) });
    const plan = planOf(
      { layouts, walls: { 2: own, 3: { ...own, schedule: [] }, 4: { sequence: [] } } },
      now,
    );
    assert.deepEqual(plan.lines, ['wall of screen 2: added', 'wall of screen 4: added']);
    assert.deepEqual(plan.calls[0], { method: 'PUT', path: '/api/walls/2', body: own });
    assert.deepEqual(planOf({ walls: { 3: { sequence: [] } } }, now).lines, ['wall of screen 3: changed']);
    const wrong = planOf({ walls: { 2: { sequence: [{ layout: 'al', dwell_seconds: 9 }] } } }, now);
    assert.deepEqual(
      wrong.problems.map(({ where }) => where),
      ['wall of screen 2'],
    );
  });

  it('sets administrators first, roles that differ, and passwords of known users only when told to', () => {
    const now = box({ users: [{ name: 'guard', role: 'admin', created: 1, last_login: null }] });
    const users = [
      { name: 'guard', role: 'viewer' as const, password: 'long enough' },
      { name: 'boss', role: 'admin' as const, password: 'long enough' },
    ];
    assert.deepEqual(planOf({ users }, now).lines, [
      'user boss: added (admin)',
      'user guard: changed (role)',
    ]);
    assert.deepEqual(planOf({ users }, now, true).lines[1], 'user guard: changed (role, password)');
  });

  it('may name only cameras and layouts that are in it or on the box', () => {
    const tiles = [{ x: 0, y: 0, width: 1, height: 1, cameras: ['gate', 'yard', 'roof'] }];
    const cameras = [{ id: 'yard', name: 'Yard', streams }];
    const plan = planOf({
      cameras,
      layouts: { all: { tiles } },
      wall: { sequence: [{ layout: 'al', dwell_seconds: 9 }] },
    });
    assert.deepEqual(
      plan.problems.map(({ where, message }) => `${where} ${message.split(',')[0]}`),
      ['layout all names roof', 'wall names al'],
    );
  });
});
