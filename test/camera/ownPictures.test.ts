/** The pictures that cameras make themselves: real sockets, and cameras as they answer (discover/README, case 32). */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import jpeg from 'jpeg-js';
import { CameraError } from '../../daemon/camera/cameraError.ts';
import { OwnPictures } from '../../daemon/camera/ownPictures.ts';

const PICTURE = jpeg.encode({ data: Buffer.alloc(64 * 48 * 4, 90), width: 64, height: 48 }, 80)
  .data as Buffer;
const LOGIN = { username: 'admin', password: 'pass&wörd' };
const md5 = (text: string) => createHash('md5').update(text).digest('hex');

/** A camera that answers as told. @returns what may be asked, and the heads that came */
async function camera(t: TestContext, answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers.authorization);
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const row = { ...LOGIN };
  const stream = { camera_id: 'gate', snapshot_url: `${url}/snap.jpg` as string | null };
  const pictures = new OwnPictures({
    store: { camera: (id) => (id === 'gate' ? row : undefined), streams: () => [stream] },
    judge: () => undefined,
  });
  return { asked, pictures, row, stream, url };
}

const send = (response: ServerResponse, type: string | undefined, data = PICTURE) =>
  response.writeHead(200, type === undefined ? {} : { 'Content-Type': type }).end(data);

function digestAnswers(request: IncomingMessage, { username, password }: typeof LOGIN): boolean {
  const given = /response="([0-9a-f]{32})"/.exec(request.headers.authorization ?? '')?.[1];
  const uri = /uri="([^"]*)"/.exec(request.headers.authorization ?? '')?.[1];
  return given === md5(`${md5(`${username}:snap:${password}`)}:n0nce:${md5(`GET:${uri}`)}`);
}

const refusedWith = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof CameraError);
  assert.equal(error.code, code);
  assert.match(error.message, message);
  return true;
};

describe('the picture that a camera makes itself', () => {
  it('is had by Digest where its SOAP took another login (Lorex LNB45ABB), whatever type it is said to be', async (t) => {
    for (const type of ['image/jpeg', 'image/jpg', 'application/octet-stream', undefined]) {
      const { asked, pictures } = await camera(t, (request, response) => {
        if (digestAnswers(request, LOGIN)) send(response, type);
        else response.writeHead(401, { 'WWW-Authenticate': 'Digest realm="snap", nonce="n0nce"' }).end();
      });
      assert.deepEqual(await pictures.get('gate'), PICTURE);
      assert.equal(asked.length, 2);
    }
  });

  it('is had by the login in its address alone: cameras that find one in the head as well refuse both', async (t) => {
    const { pictures, stream, url } = await camera(t, (request, response) => {
      if (request.url === '/snap.cgi?user=admin&pwd=x' && !request.headers.authorization)
        send(response, 'image/jpeg');
      else response.writeHead(403).end();
    });
    stream.snapshot_url = `${url}/snap.cgi?user=admin&pwd=x`;
    assert.deepEqual(await pictures.get('gate'), PICTURE);
  });

  it('is cut out of what stands around it', async (t) => {
    const { pictures } = await camera(t, (_, response) =>
      send(response, 'image/jpeg', Buffer.concat([Buffer.from('\r\n'), PICTURE, Buffer.alloc(40)])),
    );
    assert.deepEqual(await pictures.get('gate'), PICTURE);
  });

  it('is asked for once, however many want it', async (t) => {
    const { asked, pictures } = await camera(t, (_, response) =>
      setTimeout(() => send(response, 'image/jpeg'), 100),
    );
    const all = await Promise.all([pictures.get('gate'), pictures.get('gate'), pictures.get('gate')]);
    assert.equal(asked.length, 1);
    assert.deepEqual(all[2], PICTURE);
    await pictures.get('gate');
    assert.equal(asked.length, 2);
  });

  it('is not asked for again with a login that was refused, until there is another: accounts are locked', async (t) => {
    const { asked, pictures, row } = await camera(t, (request, response) => {
      if (digestAnswers(request, { ...LOGIN, password: 'new' })) send(response, 'image/jpeg');
      else response.writeHead(401, { 'WWW-Authenticate': 'Digest realm="snap", nonce="n0nce"' }).end();
    });
    await assert.rejects(pictures.get('gate'), refusedWith('refused', /refused our login/));
    const before = asked.length;
    await assert.rejects(pictures.get('gate'), refusedWith('refused', /refused our login/));
    assert.equal(asked.length, before);
    row.password = 'new';
    assert.deepEqual(await pictures.get('gate'), PICTURE);
  });

  it('says why where there is none', async (t) => {
    let answer: (response: ServerResponse) => void = (response) => response.writeHead(503).end();
    const { pictures, stream } = await camera(t, (_, response) => answer(response));
    await assert.rejects(pictures.get('gate'), refusedWith('busy', /no session left: 503/));
    answer = (response) => send(response, 'text/html', Buffer.from('<html>Log in</html>'));
    await assert.rejects(pictures.get('gate'), refusedWith('camera_failed', /no whole JPEG/));
    answer = (response) => send(response, 'image/jpeg', PICTURE.subarray(0, PICTURE.length - 20));
    await assert.rejects(pictures.get('gate'), refusedWith('camera_failed', /no whole JPEG/));
    answer = (response) => response.socket?.destroy();
    await assert.rejects(pictures.get('gate'), refusedWith('camera_failed', /snap\.jpg/));
    stream.snapshot_url = 'http://127.0.0.1:1/snap.jpg';
    await assert.rejects(pictures.get('gate'), refusedWith('unreachable', /ECONNREFUSED/));
    stream.snapshot_url = null;
    await assert.rejects(pictures.get('gate'), refusedWith('no_snapshot', /source=camera/));
    await assert.rejects(pictures.get('yard'), refusedWith('camera_not_found', /yard/));
  });
});
