import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { NOT_MOVABLE } from '../../../daemon/camera/onvifPtzReply.ts';
import type { AuditEntry, PtzCommand } from '../../../daemon/schema.ts';
import { camera } from '../memoryCameras.ts';
import { type AuthServer, ask, bearer, CLI, page, SCREEN, startAuth } from './authServer.ts';

let api: AuthServer;
const moved: PtzCommand[] = [];
const admin = bearer(CLI);
let viewer: Record<string, string>;

before(async () => {
  api = await startAuth({}, undefined, {
    ptz: {
      read: async () => ({ ...NOT_MOVABLE, supported: true }),
      command: async (_, command) => void moved.push(command),
    },
  });
  viewer = bearer(api.accounts.tokens.make({ name: 'guards', scope: 'viewer' }, 'test').token);
  api.cameras.all.set('gate', camera('gate'));
});
after(() => api.close());

const move = (headers: Record<string, string>, body: PtzCommand) =>
  ask(api, 'POST', '/api/cameras/gate/ptz', { headers, body });

it('viewers and the screen may move cameras, unless that is switched off; administrators always', async () => {
  const screen = page(api, SCREEN, 'walleye_screen');
  for (const who of [viewer, screen, admin]) assert.equal((await move(who, { action: 'stop' })).status, 204);
  assert.equal(moved.length, 3);
  const off = { headers: admin, body: { viewers_ptz: false } };
  assert.equal((await ask(api, 'PATCH', '/api/settings', off)).status, 200);
  for (const who of [viewer, screen]) {
    const { status, body } = await move(who, { action: 'stop' });
    assert.deepEqual([status, body.error.code], [403, 'ptz_for_admins']);
  }
  assert.equal((await move(admin, { action: 'stop' })).status, 204);
  assert.equal(moved.length, 4);
  assert.equal((await move({}, { action: 'stop' })).status, 401);
});

it('presets are made and removed by administrators only, and that is written down', async () => {
  for (const command of [
    { action: 'set_preset', name: 'Door' },
    { action: 'remove_preset', preset: '7' },
  ] as const) {
    assert.equal((await move(viewer, command)).body.error.code, 'admins_only');
    assert.equal((await move(admin, command)).status, 204);
  }
  const { body } = await ask<{ entries: AuditEntry[] }>(api, 'GET', '/api/audit', { headers: admin });
  assert.deepEqual(
    body.entries.slice(0, 2).map(({ action, target, detail }) => [action, target, detail]),
    [
      ['ptz.remove_preset', 'gate', '7'],
      ['ptz.set_preset', 'gate', 'Door'],
    ],
  );
});
