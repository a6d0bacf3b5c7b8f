/** Pages of other sites show pictures with a token of this box, and with nothing else. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import type { TokenMade } from '../../../daemon/schema.ts';
import { type ApiServer, call, startApi } from '../apiServer.ts';
import { type AuthServer, ask, signedIn, startAuth } from '../auth/authServer.ts';

let api: AuthServer;
let open: ApiServer;
let token: string;
let cookie: string;
before(async () => {
  api = await startAuth();
  const { headers } = await signedIn(api, 'admin', 'admin');
  cookie = headers.cookie ?? headers.Cookie ?? '';
  const body = { name: 'portal', scope: 'viewer' };
  token = (await ask<TokenMade>(api, 'POST', '/api/tokens', { headers, body })).body.token;
  open = await startApi();
  for (const server of [api, open])
    await call(server, 'POST', '/api/streams', { name: 'door', rtsp_url: 'rtsp://192.0.2.7/door' }).catch(
      () => {},
    );
});
after(() => Promise.all([api.close(), open.close()]));

/** 101 and the protocol agreed upon, or the status that it is refused with. */
async function knock(
  port: number,
  { path = '/api/live', protocols = [] as string[], headers = {} as Record<string, string> },
): Promise<[number, string?]> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, { headers });
  const answer = Promise.race([
    once(socket, 'open').then((): [number, string] => [101, socket.protocol]),
    once(socket, 'unexpected-response').then(([, response]: IncomingMessage[]): [number] => {
      response?.resume();
      return [response?.statusCode ?? 0];
    }),
  ]);
  try {
    return await answer;
  } finally {
    socket.on('error', () => {});
    socket.terminate();
  }
}

const foreign = { Origin: 'https://portal.example' };

describe('a page of another site', () => {
  it('is let in with a token as subprotocol, which is not said again', async () => {
    const protocols = ['walleye', `bearer.${token}`];
    assert.deepEqual(await knock(api.port, { protocols, headers: foreign }), [101, 'walleye']);
  });

  it('is not let in without, nor with a wrong one', async () => {
    assert.deepEqual(await knock(api.port, { protocols: ['walleye'], headers: foreign }), [403]);
    const protocols = ['walleye', 'bearer.wly_nonsense'];
    assert.deepEqual(await knock(api.port, { protocols, headers: foreign }), [401]);
  });

  it('is not let in by the browser’s cookie, token or no token', async () => {
    const headers = { ...foreign, Cookie: cookie };
    assert.deepEqual(await knock(api.port, { protocols: ['walleye'], headers }), [403]);
    const protocols = ['walleye', 'bearer.wly_nonsense'];
    assert.deepEqual(await knock(api.port, { protocols, headers }), [401]);
  });

  it('is not let in by a token that is none where nobody has to sign in', async () => {
    for (const protocols of [['walleye'], ['walleye', 'bearer.wly_nonsense'], ['walleye', 'bearer.']]) {
      const [status] = await knock(open.port, { protocols, headers: foreign });
      assert.ok(status === 401 || status === 403, `${protocols}: ${status}`);
    }
  });

  it('gets pictures only: no events', async () => {
    const protocols = ['walleye', `bearer.${token}`];
    assert.deepEqual(await knock(api.port, { path: '/api/events', protocols, headers: foreign }), [403]);
  });

  it('may not reach the box by a name that is not its own', async () => {
    const protocols = ['walleye', `bearer.${token}`];
    const headers = { ...foreign, Host: 'rebound.example' };
    assert.deepEqual(await knock(api.port, { protocols, headers }), [403]);
  });
});
