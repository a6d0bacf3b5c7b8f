import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { camera } from '../memoryCameras.ts';
import { type AuthServer, ask, bearer, CLI, page, SCREEN, startAuth } from './authServer.ts';

let api: AuthServer;
const admin = bearer(CLI);

before(async () => {
  api = await startAuth({}, undefined, {
    talks: { find: async () => true, open: async () => Promise.reject(new Error('not here')) },
  });
  api.cameras.all.set('gate', camera('gate'));
});
after(() => api.close());

it('administrators may talk through cameras; viewers and the screen where it is allowed', async () => {
  const viewer = bearer(api.accounts.tokens.make({ name: 'guards', scope: 'viewer' }, 'test').token);
  const screen = page(api, SCREEN, 'walleye_screen');
  const status = async (headers: Record<string, string>) =>
    (await ask(api, 'GET', '/api/cameras/gate/talk', { headers })).status;
  // 426: who came so far may, by a WebSocket.
  assert.deepEqual([await status(admin), await status(viewer), await status(screen)], [426, 403, 403]);
  await ask(api, 'PATCH', '/api/settings', { headers: admin, body: { viewers_talk: true } });
  assert.deepEqual([await status(viewer), await status(screen), await status({})], [426, 426, 401]);
});
