import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { type ApiServer, call, startApi } from './apiServer.ts';

let api: ApiServer;
before(async () => {
  api = await startApi();
});
after(() => api.close());

/** Writes to the bare socket and gives all that came back until the server closed. */
async function raw(write: (socket: Socket) => void | Promise<void>): Promise<string> {
  const socket = connect(api.port, '127.0.0.1');
  let received = '';
  socket.on('data', (data) => {
    received += data.toString();
  });
  socket.on('error', () => {}); // reset by the server while we still write
  const closed = new Promise((resolve) => socket.on('close', resolve));
  await write(socket);
  await closed;
  return received;
}

const head = (path: string, headers: string) =>
  `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}\r\n\r\n`;

for (const path of ['/api/streams', '/api/streams/x/start', '/api/nothing-here']) {
  test(`a body of 1 GB to ${path} is refused by its announced length and the connection closed`, async () => {
    const answer = await raw((socket) => {
      socket.write(head(path, 'Content-Type: application/json\r\nContent-Length: 1000000000'));
    });
    assert.match(answer, /^HTTP\/1\.1 413 /);
    assert.match(answer, /"code":"body_too_large"/);
  });
}

test('a chunked body that never ends is cut at the limit', async () => {
  let written = 0;
  const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
  const answer = await raw(async (socket) => {
    socket.write(head('/api/streams', 'Content-Type: application/json\r\nTransfer-Encoding: chunked'));
    while (!socket.destroyed && written < 1_000_000_000) {
      written += chunk.length;
      await new Promise<void>((resolve) => socket.write(chunk, () => resolve()));
    }
  });
  assert.ok(written < 64 * 1024 * 1024, `${written} bytes were taken`);
  assert.match(answer, /^HTTP\/1\.1 413 /);
});

test('headers without end are answered 431', async () => {
  const answer = await raw((socket) => {
    socket.write(head('/api/health', `X-Long: ${'x'.repeat(200_000)}`));
  });
  assert.match(answer, /^HTTP\/1\.1 431 /);
  assert.match(answer, /"code":"headers_too_large"/);
});

test('what is not HTTP is answered 400 in the same form', async () => {
  const answer = await raw((socket) => {
    socket.write('PLAY WITHOUT FEAR\r\n\r\n');
  });
  assert.match(answer, /^HTTP\/1\.1 400 /);
  assert.match(answer, /\{"error":\{"code":"invalid_http"/);
});

test('requests that smuggle a second length are refused', async () => {
  const answer = await raw((socket) => {
    socket.write(head('/api/streams', 'Content-Length: 5\r\nTransfer-Encoding: chunked'));
  });
  assert.match(answer, /^HTTP\/1\.1 400 /);
});

test('a deeply nested body is refused, and the daemon lives on', async () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const answer = await call(api, 'POST', '/api/streams', deep);
  assert.equal(answer.status, 400);
  assert.equal((await call(api, 'GET', '/api/health')).status, 200);
});
