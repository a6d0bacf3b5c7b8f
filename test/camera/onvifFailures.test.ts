import assert from 'node:assert/strict';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { describeOnvif, OnvifError, type OnvifErrorCode } from '../../daemon/camera/onvif.ts';
import { camera, LOGIN } from './onvifCamera.ts';

/** A TCP peer that is no camera. */
async function peer(t: TestContext, handle: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    handle(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function failure(options: Parameters<typeof describeOnvif>[0]): Promise<OnvifError> {
  try {
    await describeOnvif(options);
  } catch (error) {
    assert.ok(error instanceof OnvifError, String(error));
    const everything = `${error.message} ${error.place} ${error.stack} ${String(error.cause)}`;
    assert.ok(!everything.includes(LOGIN.password), 'the password is in no error');
    return error;
  }
  throw new Error('it was described');
}

const HTTP = (body: string, length = Buffer.byteLength(body)): string =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\nContent-Length: ${length}\r\n\r\n${body}`;

describe('a camera that cannot be described', { concurrency: 2 }, () => {
  it('refuses a wrong password: refused, after at most four attempts (cameras lock the account)', async (t) => {
    for (const faults of [{}, { login: 'digest' as const }, { tokenSkewSeconds: 99_999 }]) {
      const service = await camera(t, { clockSkewSeconds: 3600, timeZoneSeconds: 7200, faults });
      const error = await failure({ address: service.url, username: 'admin', password: 'wrong' });
      assert.equal(error.code, 'refused');
      assert.match(error.message, /user name or the password/);
    }
    const service = await camera(t, { clockSkewSeconds: 3600, timeZoneSeconds: 7200 });
    await failure({ address: service.url, username: 'admin', password: 'wrong' });
    assert.ok(service.calls.filter((call) => call.startsWith('!')).length <= 4);
  });

  it('wants a login and gets none: refused, and says so', async (t) => {
    const service = await camera(t);
    const error = await failure({ address: service.url });
    assert.equal(error.code, 'refused');
    assert.match(error.message, /asks for a user name/);
  });

  it('faults every media call: fault, with its reason', async (t) => {
    const service = await camera(t, { faults: { noMedia1: true } });
    const error = await failure({ address: service.url, ...LOGIN });
    assert.equal(error.code, 'fault');
    assert.match(error.message, /No Media1/);
  });

  it('is not there: unreachable', async (t) => {
    const service = await camera(t);
    await service.close();
    assert.equal((await failure({ address: service.url, ...LOGIN })).code, 'unreachable');
    assert.equal((await failure({ address: 'http://', ...LOGIN })).code, 'unreachable');
  });

  const table: [string, OnvifErrorCode[], (socket: Socket) => void][] = [
    [
      'is a web server',
      ['not_onvif'],
      (socket) => socket.once('data', () => socket.end(HTTP('<html><body>Hi</body></html>'))),
    ],
    [
      'answers nothing in XML',
      ['not_onvif', 'unreachable'],
      (socket) => socket.once('data', () => socket.end(HTTP(''))),
    ],
    ['speaks something else', ['not_onvif'], (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')],
    ['closes at once', ['unreachable'], (socket) => socket.destroy()],
    ['never answers', ['timeout'], () => {}],
    [
      'ends in the middle of an answer, where the library never calls back',
      ['timeout'],
      (socket) => socket.once('data', () => socket.end(HTTP('<s:Envelope>', 5000))),
    ],
    [
      'drips a byte at a time',
      ['timeout'],
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n');
        const timer = setInterval(() => socket.write('<'), 50);
        socket.on('close', () => clearInterval(timer));
      },
    ],
    ['sends without end', ['fault'], flood],
    [
      'sends text at which the library would compute for minutes',
      ['timeout'],
      (socket) => socket.once('data', () => socket.end(HTTP(`<s:Envelope ${'xmlns:a '.repeat(200_000)}`))),
    ],
    [
      'challenges with a broken Digest',
      ['refused', 'not_onvif', 'fault'],
      (socket) =>
        socket.on('data', () =>
          socket.write('HTTP/1.1 401 No\r\nWWW-Authenticate: Digest ,,=,"\r\nContent-Length: 0\r\n\r\n'),
        ),
    ],
    [
      'answers with shapes that nobody expects',
      ['fault', 'not_onvif'],
      (socket) =>
        socket.once('data', () =>
          socket.end(HTTP('<s:Envelope><s:Body><constructor/><x/><x><y/></x></s:Body></s:Envelope>')),
        ),
    ],
  ];
  for (const [name, codes, handle] of table)
    it(`${name}: ${codes.join(' or ')}`, async (t) => {
      let ticks = 0;
      const timer = setInterval(() => {
        ticks += 1;
      }, 20);
      t.after(() => clearInterval(timer));
      const address = await peer(t, handle);
      const timeout = codes.includes('timeout') ? 1500 : 10_000;
      const error = await failure({ address, ...LOGIN, timeout });
      assert.ok(codes.includes(error.code), `${error.code}: ${error.message}`);
      if (error.code === 'timeout') assert.ok(ticks > 5, 'this thread went on all the time');
    });

  it('answers anything at all: always an OnvifError, never a crash', async (t) => {
    let body = '';
    const address = await peer(t, (socket) => socket.on('data', () => socket.end(HTTP(body))));
    const tag = fc.constantFrom(
      'Envelope',
      'Body',
      'Fault',
      'Profiles',
      'Uri',
      'GetServicesResponse',
      'Service',
      'XAddr',
      '__proto__',
    );
    const xml = fc.array(fc.tuple(tag, fc.constantFrom('<s:', '</s:'), fc.string({ maxLength: 5 })), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(xml, async (parts) => {
        body = `<s:Envelope><s:Body>${parts.map(([name, open, text]) => `${open}${name}>${text}`).join('')}`;
        await describeOnvif({ address, ...LOGIN, timeout: 5000 }).catch((error) =>
          assert.ok(error instanceof OnvifError, String(error)),
        );
      }),
      { numRuns: 12 },
    );
  });

  it('ends with the reason of the abort, at once and while it waits for its turn', async (t) => {
    const address = await peer(t, () => {});
    const abort = new AbortController();
    const all = Array.from({ length: 7 }, () =>
      describeOnvif({ address, timeout: 60_000, signal: abort.signal }),
    );
    setTimeout(() => abort.abort(new Error('changed my mind')), 200);
    for (const outcome of await Promise.allSettled(all)) {
      assert.equal(outcome.status, 'rejected');
      assert.equal((outcome.reason as Error).message, 'changed my mind');
    }
    const service = await camera(t);
    assert.ok(await describeOnvif({ address: service.url, ...LOGIN }), 'and the turns are free again');
  });
});

function flood(socket: Socket): void {
  const chunk = Buffer.alloc(65_536, 'a');
  socket.once('data', () => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    const more = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', more);
    more();
  });
}
