/** Pictures over HTTP: real sockets, cameras as they answer, and ffmpeg's own M-JPEG server. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import jpeg from 'jpeg-js';
import pino from 'pino';
import { generate } from 'selfsigned';
import type { AccessUnit } from '../../daemon/frame.ts';
import { IngestError } from '../../daemon/ingest/ingestError.ts';
import { openSource, type SourceOptions } from '../../daemon/ingest/openSource.ts';
import type { SourceSession } from '../../daemon/ingest/sourceSession.ts';
import { freePort } from '../network/freePort.ts';
import { noRemuxer } from './noRemuxer.ts';
import { until } from './until.ts';

const log = pino({ level: 'silent' });

/** A JPEG of one colour, that is told from others by its brightness. */
function picture(brightness: number, width = 32, height = 16): Buffer {
  const data = Buffer.alloc(width * height * 4, brightness);
  return jpeg.encode({ data, width, height }, 80).data as Buffer;
}
const brightnessOf = (unit: AccessUnit) => jpeg.decode(unit.data).data[0]!;

interface Camera {
  url: string;
  port: number;
  /** Heads of the requests, in the order in which they came. */
  requests: string[];
  connections: number;
}

/** A server of bytes: `answer` writes whatever that camera sends. */
async function camera(
  t: TestContext,
  answer: (socket: Socket, request: string, count: number) => void,
  tls?: TlsOptions,
): Promise<Camera> {
  const sockets = new Set<Socket>();
  const self: Camera = { url: '', port: 0, requests: [], connections: 0 };
  const accept = (socket: Socket) => {
    self.connections++;
    sockets.add(socket);
    let head = '';
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (data) => {
      head += data.toString('latin1');
      for (let end = head.indexOf('\r\n\r\n'); end >= 0; end = head.indexOf('\r\n\r\n')) {
        const request = head.slice(0, end);
        head = head.slice(end + 4);
        self.requests.push(request);
        answer(socket, request, self.requests.length);
      }
    });
  };
  const server = tls ? createTlsServer(tls, accept) : createServer(accept);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  self.port = (server.address() as { port: number }).port;
  self.url = `${tls ? 'https' : 'http'}://127.0.0.1:${self.port}/video`;
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return self;
}

interface Running {
  session: SourceSession;
  units: AccessUnit[];
  transports: string[];
  ended: Promise<'ended' | 'aborted' | IngestError>;
  stop: () => Promise<unknown>;
}

function start(t: TestContext, url: string, options: Partial<SourceOptions> = {}): Running {
  const units: AccessUnit[] = [];
  const transports: string[] = [];
  const controller = new AbortController();
  const session = openSource(
    { url, transport: 'auto', log, remuxer: noRemuxer, ...options },
    {
      playing: ({ transport }) => transports.push(transport),
      accessUnit: (unit) => units.push(unit),
      audioFrame: () => {},
    },
  );
  const ended = session.run(controller.signal).catch((error: unknown) => {
    assert.ok(error instanceof IngestError, String(error));
    return error;
  });
  const stop = () => {
    controller.abort();
    return ended;
  };
  t.after(stop);
  return { session, units, transports, ended, stop };
}

async function failure({ ended }: Running): Promise<IngestError> {
  const end = await ended;
  assert.ok(end instanceof IngestError, `it ended: ${end}`);
  return end;
}

const single = (body: Buffer, type = 'image/jpeg') =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`),
    body,
  ]);
const head = (type: string) => `HTTP/1.0 200 OK\r\nContent-Type: ${type}\r\n\r\n`;
const refusal = (challenges: string[], status = '401 Unauthorized') =>
  `HTTP/1.1 ${status}\r\n${challenges.map((one) => `WWW-Authenticate: ${one}\r\n`).join('')}Content-Length: 0\r\n\r\n`;

describe('M-JPEG over HTTP', { timeout: 60_000 }, () => {
  const shapes: [name: string, type: string, part: (body: Buffer) => Buffer][] = [
    [
      'with lengths',
      'multipart/x-mixed-replace; boundary=frame',
      (body) =>
        Buffer.concat([
          Buffer.from(`--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${body.length}\r\n\r\n`),
          body,
          Buffer.from('\r\n'),
        ]),
    ],
    [
      'whose boundary is announced with its dashes (Axis, Foscam)',
      'multipart/x-mixed-replace;boundary=--myboundary',
      (body) =>
        Buffer.concat([
          Buffer.from('--myboundary\r\nContent-Type: image/jpeg\r\n\r\n'),
          body,
          Buffer.from('\r\n'),
        ]),
    ],
    [
      'in quotes, with line feeds alone, and a wrong length',
      'Multipart/X-Mixed-Replace; boundary="ThisRandomString"',
      (body) =>
        Buffer.concat([
          Buffer.from('--ThisRandomString\nContent-type: image/jpg\nContent-length: 7\n\n'),
          body,
          Buffer.from('\n'),
        ]),
    ],
    [
      'padded with zeros behind each picture',
      'multipart/x-mixed-replace;boundary=b',
      (body) =>
        Buffer.concat([Buffer.from('--b\r\nContent-Type: image/jpeg\r\n\r\n'), body, Buffer.alloc(500)]),
    ],
  ];
  for (const [name, type, part] of shapes)
    it(`comes picture by picture: ${name}`, async (t) => {
      const one = await camera(t, async (socket) => {
        socket.write(head(type));
        // In pieces that have nothing to do with the pictures.
        const all = Buffer.concat([40, 80, 120, 160].map((brightness) => part(picture(brightness))));
        for (let at = 0; at < all.length; at += 333) {
          socket.write(all.subarray(at, at + 333));
          await sleep(1);
        }
      });
      const { units, transports, session, stop } = start(t, one.url);
      await until(() => units.length === 4, 'four pictures');
      assert.deepEqual(
        units.map((unit) => Math.round(brightnessOf(unit) / 40)),
        [1, 2, 3, 4],
      );
      assert.deepEqual(transports, ['http']);
      const { video } = units[0]!;
      assert.deepEqual(
        [video.codec, video.width, video.height, video.codecString],
        ['mjpeg', 32, 16, 'mp4v.6C'],
      );
      assert.ok(units.every((unit) => unit.video === video && unit.key));
      assert.ok(units.every((unit, i) => i === 0 || unit.mediaTime > units[i - 1]!.mediaTime));
      assert.deepEqual(
        [session.counters.frames_received, session.hasAudio, session.canPause],
        [4, false, false],
      );
      assert.equal(await stop(), 'aborted');
    });

  it('is shown picture by picture, each as soon as it is whole', async (t) => {
    let next: ((brightness: number) => void) | undefined;
    const one = await camera(t, (socket) => {
      socket.write(head('multipart/x-mixed-replace;boundary=b'));
      next = (brightness) => {
        socket.write('--b\r\nContent-Type: image/jpeg\r\n\r\n');
        socket.write(picture(brightness));
      };
    });
    const { units } = start(t, one.url);
    await until(() => next !== undefined, 'the request');
    for (let count = 1; count <= 3; count++) {
      next?.(count * 50);
      // No boundary comes behind it.
      await until(() => units.length === count, `picture ${count}`);
    }
  });

  it('ends with an error when the camera ends it, stands still, or sends something else', async (t) => {
    const ends = await camera(t, (socket) => {
      socket.end(Buffer.concat([Buffer.from(head('multipart/x-mixed-replace;boundary=b')), picture(9)]));
    });
    const first = start(t, ends.url);
    assert.equal((await failure(first)).code, 'closed');
    assert.equal(first.units.length, 1);

    const stands = await camera(t, (socket) => {
      socket.write(Buffer.concat([Buffer.from(head('multipart/x-mixed-replace;boundary=b')), picture(9)]));
    });
    const still = start(t, stands.url, { stallTimeout: 200 });
    const stalled = await failure(still);
    assert.equal(stalled.code, 'stalled');
    assert.match(stalled.message, /nothing for 0\.2 s \(GET http:\/\/127/);

    const page = await camera(t, (socket) => socket.write(single(Buffer.from('<html>'), 'text/html')));
    const { code, message } = await failure(start(t, page.url));
    assert.equal(code, 'unsupported');
    assert.match(
      message,
      /the camera sent text\/html, and no video in it: over HTTP the address of M-JPEG, of a single JPEG, or of FLV or MPEG-TS/,
    );

    const rubbish = await camera(t, (socket) => {
      socket.write(head('multipart/x-mixed-replace;boundary=b'));
      const more = () => void (socket.writable && socket.write(Buffer.alloc(1 << 20, 1), more));
      more();
    });
    assert.equal((await failure(start(t, rubbish.url))).code, 'unsupported');
  });

  it('one that hangs up in the middle of a picture gives none of it', async (t) => {
    const one = await camera(t, (socket) => {
      socket.write(head('multipart/x-mixed-replace;boundary=b'));
      socket.write(picture(9));
      socket.end(picture(99).subarray(0, 300));
    });
    const running = start(t, one.url);
    assert.equal((await failure(running)).code, 'closed');
    assert.equal(running.units.length, 1);
  });

  it('pictures of another size begin anew for those behind', async (t) => {
    const one = await camera(t, (socket) => {
      socket.write(head('multipart/x-mixed-replace;boundary=b'));
      for (const [width, height] of [
        [32, 16],
        [32, 16],
        [64, 48],
      ] as const)
        socket.write(picture(50, width, height));
    });
    const { units } = start(t, one.url);
    await until(() => units.length === 3, 'three pictures');
    assert.equal(units[0]!.video, units[1]!.video);
    assert.deepEqual([units[2]!.video.width, units[2]!.video.height], [64, 48]);
  });

  it('from ffmpeg’s own server: nothing is lost', async (t) => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/live`;
    const source = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25', '-frames:v', '50', '-q:v', '3'];
    const serve = [
      '-f',
      'mpjpeg',
      '-content_type',
      'multipart/x-mixed-replace;boundary=ffmpeg',
      '-listen',
      '1',
      url,
    ];
    const server = spawn('ffmpeg', ['-v', 'error', '-re', ...source, ...serve], { stdio: 'ignore' });
    t.after(() => stopped(server));
    const running = await connected(t, url);
    assert.equal((await failure(running)).code, 'closed');
    assert.equal(running.units.length, 50);
    const span = running.units.at(-1)!.mediaTime - running.units[0]!.mediaTime;
    assert.ok(span > 1_000 && span < 6_000, `${span} ms`);
  });
});

describe('single JPEGs over HTTP', { timeout: 60_000 }, () => {
  it('are asked for again and again, over one connection, at most twice a second', async (t) => {
    const one = await camera(t, (socket, _, count) => socket.write(single(picture(count * 20))));
    const { units } = start(t, one.url);
    const from = performance.now();
    await until(() => units.length === 4, 'four pictures');
    assert.ok(performance.now() - from > 1_400);
    assert.equal(one.connections, 1);
    assert.match(one.requests[0]!, /^GET \/video HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\naccept: \*\/\*/i);
  });

  it('by any name: a type of its own, none, one connection each', async (t) => {
    const types = ['application/octet-stream', 'image/jpg', ''];
    const one = await camera(t, (socket, _, count) => {
      const type = types[(count - 1) % types.length]!;
      socket.end(
        Buffer.concat([
          Buffer.from(`HTTP/1.0 200 OK\r\n${type && `Content-Type: ${type}\r\n`}\r\n`),
          picture(50),
        ]),
      );
    });
    const { units } = start(t, one.url);
    await until(() => units.length === 3, 'three pictures');
    assert.equal(one.connections, 3);
  });

  it('of a slow camera are asked for half of the time at most', async (t) => {
    const asked: number[] = [];
    const one = await camera(t, (socket) => {
      asked.push(performance.now());
      setTimeout(() => socket.write(single(picture(50))), 400);
    });
    const { units } = start(t, one.url);
    await until(() => units.length === 2, 'two pictures');
    assert.ok(asked[1]! - asked[0]! > 750, `${asked[1]! - asked[0]!} ms`);
  });
});

describe('the login over HTTP', { timeout: 60_000 }, () => {
  const realm = 'realm="Login to 4M05", qop="auth", nonce="8c1a", opaque="d6"';
  const md5 = (text: string) => createHash('md5').update(text).digest('hex');

  it('Digest, with the path of the request, once for many pictures', async (t) => {
    const seen: string[] = [];
    const one = await camera(t, (socket, request) => {
      const answer = /\r\nauthorization: Digest (.*)/i.exec(request)?.[1];
      if (!answer) return socket.write(refusal([`Digest ${realm}`]));
      const field = (name: string) => new RegExp(`${name}="?([^",]*)`).exec(answer)?.[1];
      const a1 = md5('admin:Login to 4M05:pa"ss');
      const a2 = md5(`GET:${field('uri')}`);
      const right = md5(`${a1}:8c1a:${field('nc')}:${field('cnonce')}:auth:${a2}`);
      seen.push(`${field('uri')} ${field('nc')} ${field('response') === right}`);
      return socket.write(single(picture(50)));
    });
    const url = `http://127.0.0.1:${one.port}/cgi-bin/snapshot.cgi?channel=1`;
    const { units, session, stop } = start(t, url, { username: 'admin', password: 'pa"ss' });
    await until(() => units.length === 2, 'two pictures');
    assert.deepEqual(seen, [
      '/cgi-bin/snapshot.cgi?channel=1 00000001 true',
      '/cgi-bin/snapshot.cgi?channel=1 00000002 true',
    ]);
    assert.equal(one.requests.length, 3);
    await stop();
    assert.equal(session.loginWorked, true);
  });

  it('Basic, from the address', async (t) => {
    const one = await camera(t, (socket, request) => {
      const given = /\r\nauthorization: Basic (\S+)/i.exec(request)?.[1];
      if (given !== Buffer.from('root:p@ss').toString('base64'))
        return socket.write(refusal(['Basic realm="x"']));
      return socket.write(single(picture(50)));
    });
    const { units } = start(t, `http://root:p@ss@127.0.0.1:${one.port}/jpg/image.jpg`);
    await until(() => units.length === 1, 'a picture');
    assert.equal(one.requests[0]!.includes('p@ss'), false);
  });

  it('a name in any script', async (t) => {
    const one = await camera(t, (socket, request) => {
      if (!/\r\nauthorization: Digest /i.test(request))
        return socket.write(refusal(['Digest realm="a", nonce="1"']));
      const name = /username="([^"]*)"/.exec(request)?.[1] ?? '';
      assert.equal(Buffer.from(name, 'latin1').toString(), '管理员');
      return socket.write(single(picture(50)));
    });
    const { units } = start(t, one.url, { username: '管理员', password: 'ü' });
    await until(() => units.length === 1, 'a picture');
  });

  it('a wrong password is given once', async (t) => {
    const one = await camera(t, (socket) => socket.write(refusal([`Digest ${realm}`])));
    const error = await failure(start(t, one.url, { username: 'admin', password: 'wrong' }));
    assert.deepEqual([error.code, error.status], ['refused', 401]);
    assert.equal(one.requests.length, 2);
    const none = await failure(start(t, one.url));
    assert.match(none.message, /wants a user name and a password/);
  });
});

describe('pictures over HTTPS', { timeout: 60_000 }, () => {
  it('of a camera whose certificate is trusted; another one is told nothing', async (t) => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'IPC' }]);
    const one = await camera(t, (socket) => socket.write(single(picture(50))), { key, cert });
    const shown: string[] = [];
    const judge = (place: string, certificate: string) => void shown.push(`${place} ${certificate.length}`);
    const { units } = start(t, one.url, { judge });
    await until(() => units.length === 2, 'two pictures');
    assert.deepEqual(shown, [`127.0.0.1:${one.port} 64`]);
    const asked = one.requests.length;
    const login = { username: 'u', password: 'p' };
    const refused = await failure(start(t, one.url, { ...login, judge: () => 'f'.repeat(64) }));
    assert.equal(refused.code, 'certificate');
    await until(() => units.length === 3, 'another picture of the first');
    assert.ok(one.requests.length <= asked + 2);
    assert.equal(
      one.requests.some((request) => /authorization/i.test(request)),
      false,
    );
  });
});

describe('what else a camera answers over HTTP', { timeout: 60_000 }, () => {
  const cases: [answer: string, code: string][] = [
    ['HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n', 'not_found'],
    ['HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n', 'busy'],
    ['HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n', 'protocol'],
    ['RTSP/1.0 400 Bad Request\r\n\r\n', 'protocol'],
    ['HTTP/1.1 302 Found\r\nLocation: ftp://camera/\r\n\r\n', 'unsupported'],
  ];
  for (const [answer, code] of cases)
    it(`${answer.split('\r\n')[0]} is “${code}”`, async (t) => {
      const one = await camera(t, (socket) => socket.write(answer));
      assert.equal((await failure(start(t, one.url))).code, code);
    });

  it('nobody there, no answer, hung up', async (t) => {
    const port = await freePort();
    assert.equal((await failure(start(t, `http://127.0.0.1:${port}/`))).code, 'unreachable');
    const silent = await camera(t, () => {});
    assert.equal((await failure(start(t, silent.url, { requestTimeout: 100 }))).code, 'timeout');
    const rude = await camera(t, (socket) => socket.destroy());
    assert.equal((await failure(start(t, rude.url))).code, 'closed');
    const invalid = await failure(start(t, 'http://'));
    assert.equal(invalid.code, 'invalid_url');
  });

  it('a redirection is followed, without the login where it goes to another host; in a circle it is an error', async (t) => {
    const target = await camera(t, (socket, request) => {
      if (/\r\nauthorization:/i.test(request)) return socket.write(single(picture(50)));
      return socket.write(refusal(['Basic realm="x"']));
    });
    const to = (location: string) =>
      `HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;
    const same = await camera(t, (socket) => socket.write(to(target.url)));
    const login = { username: 'root', password: 'pass' };
    const { units } = start(t, same.url, login);
    await until(() => units.length === 1, 'a picture');
    const other = await camera(t, (socket) => socket.write(to(`http://localhost:${target.port}/video`)));
    assert.equal((await failure(start(t, other.url, login))).code, 'refused');
    // A stranger that sends us on within its own house is one still.
    const stranger = await camera(t, (socket, request) => {
      if (request.startsWith('GET /door ')) return socket.write(to('/inside'));
      return socket.write(refusal(['Basic realm="x"']));
    });
    const there = `http://localhost:${stranger.port}/door`;
    const twice = await camera(t, (socket) => socket.write(to(there)));
    assert.equal((await failure(start(t, twice.url, login))).code, 'refused');
    assert.equal(
      stranger.requests.some((request) => /authorization/i.test(request)),
      false,
    );
    const circle = await camera(t, (socket) => socket.write(to('/again?and=again')));
    assert.equal((await failure(start(t, circle.url))).code, 'redirect_loop');
    assert.match(circle.requests.at(-1)!, /^GET \/again\?and=again /);
  });

  it('stopping closes everything, whatever is under way', async (t) => {
    const silent = await camera(t, () => {});
    const waiting = start(t, silent.url);
    await until(() => silent.requests.length === 1, 'the request');
    assert.equal(await waiting.stop(), 'aborted');
    const streaming = await camera(t, (socket) => void socket.write(head('multipart/x-mixed-replace')));
    const reading = start(t, streaming.url);
    await until(() => streaming.requests.length === 1, 'the request');
    assert.equal(await reading.stop(), 'aborted');
    const unreachable = start(t, 'http://127.0.0.1:9/');
    await unreachable.stop();
  });
});

/** ffmpeg listens a while after it was started. */
async function connected(t: TestContext, url: string): Promise<Running> {
  for (;;) {
    const running = start(t, url);
    let end: unknown;
    void running.ended.then((how) => {
      end = how;
    });
    await until(() => end !== undefined || running.units.length > 0, 'a picture, or none');
    if (end === undefined) return running;
    assert.ok(end instanceof IngestError && end.code === 'unreachable', String(end));
    await sleep(50);
  }
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.kill()) await once(child, 'exit');
}
