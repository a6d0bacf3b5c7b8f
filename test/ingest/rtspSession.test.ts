import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { IngestError } from '../../daemon/ingest/ingestError.ts';
import { bye, interleaved, Pictures, type ScriptedRequest, SDP, senderReport } from './scriptedServer.ts';
import { failure, play, serve } from './sessionTest.ts';
import { until } from './until.ts';

const TIMEOUT = { timeout: 60_000 };

/** The error of a session that must fail. */
describe('RtspSession: the dialog', { concurrency: 6, ...TIMEOUT }, () => {
  test('OPTIONS, DESCRIBE, SETUP, PLAY with minimal headers; access units; TEARDOWN on abort (cases 2, 9, 13, 44)', async (t) => {
    const server = await serve(t);
    const played = play(t, { url: server.url.replace('//', '//admin:p@ss@') });
    await until(() => played.units.length > 12);
    played.abort();
    assert.equal(await played.result, 'aborted');
    await until(() => server.open === 0);

    assert.deepEqual(
      server.requests.map((request) => request.text.split('\r\n')),
      [
        [`OPTIONS ${server.url} RTSP/1.0`, 'CSeq: 1', 'User-Agent: Walleye'],
        [`DESCRIBE ${server.url} RTSP/1.0`, 'CSeq: 2', 'User-Agent: Walleye', 'Accept: application/sdp'],
        [
          `SETUP ${server.url}/track1 RTSP/1.0`,
          'CSeq: 3',
          'User-Agent: Walleye',
          'Transport: RTP/AVP/TCP;unicast;interleaved=0-1',
        ],
        [
          `PLAY ${server.url}/ RTSP/1.0`,
          'CSeq: 4',
          'User-Agent: Walleye',
          'Session: abc123',
          'Range: npt=0.000-',
        ],
        [`TEARDOWN ${server.url}/ RTSP/1.0`, 'CSeq: 5', 'User-Agent: Walleye', 'Session: abc123'],
      ],
    );
    assert.deepEqual(played.playing, [
      {
        transport: 'tcp',
        video: {
          codec: 'h264',
          payloadType: 96,
          clockRate: 90000,
          framerate: undefined,
          dimensions: undefined,
        },
      },
    ]);
    const { counters } = played.session;
    assert.ok(played.units[0]?.key);
    assert.equal(played.units[0].video.width, 64);
    assert.equal(counters.frames_received, played.units.length);
    assert.equal(counters.key_frames, played.units.filter((unit) => unit.key).length);
    assert.ok(counters.packets_received > counters.frames_received);
    assert.ok(counters.bytes_received > counters.packets_received * 12);
    assert.ok((counters.last_frame_time ?? 0) > 1.6e9);
    assert.equal(counters.packets_lost + counters.frames_dropped + counters.bytes_skipped, 0);
  });

  test('answers without CSeq belong to the request that waits (case 5, live555’s hack)', async (t) => {
    const server = await serve(t, {
      OPTIONS: () => ({ raw: 'RTSP/1.0 200 OK\r\n\r\n' }),
      DESCRIBE: () => ({
        raw: `RTSP/1.0 200\r\nContent-Length: ${SDP.length}\r\n\r\n${SDP}`, // no reason, no type: cases 4, 8
      }),
    });
    const played = play(t, { url: server.url });
    await until(() => played.units.length > 3);
  });

  test('Tapo C220: a keep-alive answered 400 with the previous CSeq does not end the stream (case 5, retina#136)', async (t) => {
    const server = await serve(t, {
      OPTIONS: (request) =>
        request.headers.Session === undefined
          ? undefined
          : {
              status: 400,
              reason: 'Bad Request',
              headers: { CSeq: String(Number(request.headers.CSeq) - 1) },
            },
      SETUP: () => ({ headers: { Session: 'abc; timeout=1', Transport: 'RTP/AVP/TCP;interleaved=0-1' } }),
    });
    const played = play(t, { url: server.url });
    await until(() => server.of('OPTIONS').length > 3);
    const before = played.units.length;
    await until(() => played.units.length > before + 5);
    assert.equal(played.settled, false);
  });

  test('rubbish between frames is skipped, counted, and costs no picture (case 6)', async (t) => {
    const server = await serve(t, {
      PLAY: (_request, connection) => {
        setImmediate(() => {
          for (let i = 0; i < 12; i++) {
            connection.picture();
            connection.send(Buffer.from('000000', 'hex'));
            connection.send('\r\n');
          }
        });
        return {};
      },
    });
    const played = play(t, { url: server.url });
    await until(() => played.units.length >= 11);
    assert.ok(played.session.counters.bytes_skipped >= 55);
    assert.equal(played.session.counters.packets_lost, 0);
  });

  test('RDIPCamera: the server’s requests are answered, OPTIONS 200 and others 501, echoing its CSeq (case 7)', async (t) => {
    const answers: string[] = [];
    const server = await serve(t, {
      PLAY: (_request, connection) => {
        connection.socket.on('data', (chunk) => {
          if (chunk.toString().startsWith('RTSP/1.0')) answers.push(chunk.toString());
        });
        connection.send('OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: RDIPCamera\r\n\r\n');
        connection.send('SET_PARAMETER rtsp://x/ RTSP/1.0\r\nCSeq: 2\r\n\r\n');
        return undefined;
      },
    });
    const played = play(t, { url: server.url });
    await until(() => answers.join('').includes('501') && played.units.length > 3);
    assert.match(answers.join(''), /^RTSP\/1\.0 200 OK\r\nCSeq: 1\r\nSession: abc123\r\n\r\n/);
    assert.match(answers.join(''), /RTSP\/1\.0 501 Not Implemented\r\nCSeq: 2\r\n/);
  });

  test('OPTIONS answered 404, with the Content-Base in it, is not fatal (case 11)', async (t) => {
    const server = await serve(t, {
      OPTIONS: (request) => ({ status: 404, headers: { 'Content-Base': `${request.url}/inner/` } }),
      DESCRIBE: () => ({ headers: { 'Content-Type': 'application/sdp; charset=utf-8' }, body: SDP }),
    });
    const played = play(t, { url: server.url });
    await until(() => played.units.length > 3);
    assert.equal(server.of('SETUP')[0]?.url, `${server.url}/inner/track1`);
    assert.equal(played.session.canPause, false);
  });

  test('SETUP answered 404 is tried once with the control before the query (case 26)', async (t) => {
    const server = await serve(t, {
      DESCRIBE: (request) => ({
        headers: { 'Content-Type': 'application/sdp', 'Content-Base': request.url },
        body: SDP,
      }),
      SETUP: (request) =>
        request.url.endsWith('/track1') ? { status: 404, reason: 'Not Found' } : undefined,
    });
    const played = play(t, { url: `${server.url}?channel=1&subtype=0` });
    await until(() => played.units.length > 3);
    assert.deepEqual(
      server.of('SETUP').map((request) => request.url),
      [`${server.url}?channel=1&subtype=0/track1`, `${server.url}/track1?channel=1&subtype=0`],
    );
  });

  test('the camera’s channels count, not those asked for (cases 39, 40)', async (t) => {
    const server = await serve(t, {
      SETUP: (_request, connection) => {
        connection.channel = 10;
        return { headers: { Session: '1', Transport: 'RTP/AVP;ssrc= 1234ABCD;interleaved=10-11' } };
      },
    });
    const played = play(t, { url: server.url });
    await until(() => played.units.length > 3);
    assert.equal(played.session.counters.unknown_channel, 0);
    await until(() => (server.connections[0]?.frames.length ?? 0) > 0);
    assert.equal(server.connections[0]?.frames[0]?.channel, 11);
  });

  test('RTCP on the RTP channel is RTCP (case 41), packets on other channels are counted and dropped (case 42)', async (t) => {
    const server = await serve(t, {
      PLAY: (_request, connection) => {
        connection.send(interleaved(0, senderReport()));
        connection.send(interleaved(4, Buffer.alloc(40, 0x80)));
        return undefined;
      },
    });
    const played = play(t, { url: server.url });
    await until(() => played.units.length > 3);
    const { counters } = played.session;
    assert.deepEqual([counters.rtcp_received, counters.unknown_channel, counters.bytes_skipped], [1, 1, 0]);
    assert.equal(played.session.staleSession, false);
  });

  test('new Reolink, v4l2rtspserver: packets before the answer to PLAY are taken (case 43)', async (t) => {
    const server = await serve(t, {
      PLAY: async (_request, connection) => {
        connection.send(interleaved(1, senderReport()));
        connection.picture();
        await until(() => played.units.length === 1);
        connection.play();
        return { headers: { 'RTP-Info': 'url=rtsp://elsewhere/;seq=0;rtptime=-1;' } }; // rubbish: case 51
      },
    });
    const played = play(t, { url: server.url });
    await until(() => played.units.length > 3);
    assert.equal(played.session.counters.packets_lost, 0);
  });

  test('old live555: a dead session’s packets before SETUP are noticed, and its SSRC is kept out (cases 44, 45)', async (t) => {
    const dead = () => new Pictures(0x5bf73f70).next(); // a key picture
    const server = await serve(t, {
      DESCRIBE: (_request, connection) => {
        for (const packet of dead()) connection.send(interleaved(0, packet));
        return undefined;
      },
      PLAY: (_request, connection) => {
        for (const packet of dead()) connection.send(interleaved(0, packet));
        return undefined;
      },
    });
    const played = play(t, { url: server.url });
    await until(() => played.units.length > 6);
    assert.equal(played.session.staleSession, true);
    assert.deepEqual(
      played.units.slice(0, 6).map((unit) => unit.key),
      [true, false, false, false, false, true],
    );
    assert.equal(played.session.counters.frames_dropped, 0);
  });

  test('keep-alive is OPTIONS with the session, at half of its timeout, and need not be answered (cases 46–49)', async (t) => {
    const server = await serve(t, {
      SETUP: () => ({
        headers: { Session: '9a90de54; timeout=1', Transport: 'RTP/AVP/TCP;interleaved=0-1' },
      }),
      OPTIONS: (request) => (request.headers.Session === undefined ? undefined : 'silence'),
    });
    const played = play(t, { url: server.url });
    await until(() => server.of('OPTIONS').length >= 4);
    const { Session, CSeq, 'User-Agent': agent } = server.of('OPTIONS')[3]?.headers ?? {};
    assert.deepEqual([Session, agent], ['9a90de54', 'Walleye']);
    assert.ok(CSeq);
    assert.equal(server.of('OPTIONS')[3]?.url, `${server.url}/`);
    assert.equal(server.of('GET_PARAMETER').length, 0);
    assert.equal(played.settled, false);
  });

  test('a session that ends at its timeout although OPTIONS was sent is suspect; GET_PARAMETER then (case 48)', async (t) => {
    const server = await serve(t, {
      SETUP: () => ({ headers: { Session: '1;timeout=1', Transport: 'RTP/AVP/TCP;interleaved=0-1' } }),
      PLAY: (_request, connection) => {
        setTimeout(() => connection.socket.destroy(), 1200);
        return undefined;
      },
    });
    const first = play(t, { url: server.url });
    assert.equal((await failure(first.result)).code, 'closed');
    assert.equal(first.session.keepAliveSuspect, true);

    const second = play(t, { url: server.url, keepAlive: 'GET_PARAMETER' });
    await failure(second.result);
    assert.ok(server.of('GET_PARAMETER').length > 0);
    assert.equal(second.session.keepAliveSuspect, false);
  });

  test('GET_PARAMETER answered 501 as keep-alive: OPTIONS from then on (case 48)', async (t) => {
    const server = await serve(t, {
      SETUP: () => ({ headers: { Session: '1;timeout=1', Transport: 'RTP/AVP/TCP;interleaved=0-1' } }),
      GET_PARAMETER: () => ({ status: 501, reason: 'Not Implemented' }),
    });
    const played = play(t, { url: server.url, keepAlive: 'GET_PARAMETER' });
    await until(() => server.of('OPTIONS').some((request) => request.headers.Session !== undefined));
    assert.equal(server.of('GET_PARAMETER').length, 1);
    assert.equal(played.settled, false);
  });

  test('PLAY answered 457 is tried again without Range', async (t) => {
    const server = await serve(t, {
      PLAY: (request) =>
        request.headers.Range === undefined ? undefined : { status: 457, reason: 'Invalid Range' },
    });
    const played = play(t, { url: server.url });
    await until(() => played.units.length > 3);
    assert.equal(server.of('PLAY').length, 2);
  });

  test('a receiver report is sent on the RTCP channel from the beginning (case 50)', async (t) => {
    const server = await serve(t);
    play(t, { url: server.url });
    await until(() => (server.connections[0]?.frames.length ?? 0) > 0);
    const [frame] = server.connections[0]?.frames ?? [];
    assert.equal(frame?.channel, 1);
    assert.equal(frame.payload[1], 201);
  });
});

describe('RtspSession: login', { concurrency: 6, ...TIMEOUT }, () => {
  const challenge = (nonce: string, more = '') => ({
    status: 401,
    reason: 'Unauthorized',
    headers: { 'WWW-Authenticate': `Digest realm="IP Camera(C1214)", nonce="${nonce}"${more}` },
  });
  const login = { username: 'admin', password: 'p@ss:w#rd' };
  const md5 = (text: string) => createHash('md5').update(text).digest('hex');

  /** Checks an RFC 2069 answer for the very URL of the request line (case 20). */
  function valid(request: ScriptedRequest, nonce: string): boolean {
    const a1 = md5(`admin:IP Camera(C1214):p@ss:w#rd`);
    const response = md5(`${a1}:${nonce}:${md5(`${request.method}:${request.url}`)}`);
    const { Authorization = '' } = request.headers;
    return Authorization.includes(`response="${response}"`) && Authorization.includes(`uri="${request.url}"`);
  }

  test('every method answers the challenge, for the URL of its own request line (cases 20, 22)', async (t) => {
    const guard = (request: ScriptedRequest) => (valid(request, 'n1') ? undefined : challenge('n1'));
    const server = await serve(t, { DESCRIBE: guard, SETUP: guard, PLAY: guard, TEARDOWN: guard });
    const played = play(t, { url: server.url, ...login });
    await until(() => played.units.length > 3);
    assert.equal(played.session.loginWorked, true);
    played.abort();
    await played.result;
    assert.deepEqual(
      server.requests.map((r) => r.method),
      ['OPTIONS', 'DESCRIBE', 'DESCRIBE', 'SETUP', 'PLAY', 'TEARDOWN'],
    );
  });

  test('a challenge that comes only on SETUP is answered (case 22, ExoPlayer#9800)', async (t) => {
    const server = await serve(t, {
      SETUP: (request) => (valid(request, 'n1') ? undefined : challenge('n1')),
    });
    const played = play(t, { url: server.url, ...login });
    await until(() => played.units.length > 3);
    assert.equal(server.of('SETUP').length, 2);
  });

  test('SHA-256 offered and refused: MD5 is tried once and works (case 15, newer Hikvision)', async (t) => {
    const guard = (request: ScriptedRequest) => {
      if (valid(request, 'm1')) return undefined;
      return {
        raw:
          `RTSP/1.0 401 Unauthorized\r\nCSeq: ${request.headers.CSeq}\r\n` +
          'WWW-Authenticate: Digest realm="IP Camera(C1214)", nonce="m1", stale="FALSE"\r\n' +
          'WWW-Authenticate: Digest realm="IP Camera(C1214)", nonce="s1", algorithm="SHA-256"\r\n\r\n',
      };
    };
    const server = await serve(t, { DESCRIBE: guard, SETUP: guard });
    const played = play(t, { url: server.url, ...login });
    await until(() => played.units.length > 3);
    assert.deepEqual(
      server.of('DESCRIBE').map((r) => /nonce="(\w+)"/.exec(r.headers.Authorization ?? '')?.[1]),
      [undefined, 's1', 'm1'],
    );
    assert.equal(server.of('SETUP').length, 1);
  });

  test('Axis M5525: a keep-alive answered 401 with a new nonce is sent once more and the stream goes on (case 18)', async (t) => {
    let nonce = 'n1';
    const guard = (request: ScriptedRequest) =>
      valid(request, nonce) ? undefined : challenge(nonce, ', stale=FALSE');
    const server = await serve(t, {
      DESCRIBE: guard,
      SETUP: (request) =>
        guard(request) ?? {
          headers: { Session: '1;timeout=4', Transport: 'RTP/AVP/TCP;interleaved=0-1' },
        },
      PLAY: (request) => {
        const reply = guard(request);
        nonce = 'n2';
        return reply;
      },
      OPTIONS: (request) => (request.headers.Session === undefined ? undefined : guard(request)),
      TEARDOWN: guard,
    });
    const played = play(t, { url: server.url, ...login });
    const keepAlives = () => server.of('OPTIONS').filter((r) => r.headers.Session !== undefined);
    await until(() => keepAlives().length >= 3);
    assert.ok(valid(keepAlives()[0]!, 'n1'));
    assert.ok(valid(keepAlives()[1]!, 'n2'));
    assert.ok(valid(keepAlives()[2]!, 'n2'));
    // At once, and not by the next keep-alive, two seconds later.
    assert.ok(keepAlives()[1]!.at - keepAlives()[0]!.at < 1000);
    assert.equal(played.settled, false);
    played.abort();
    assert.equal(await played.result, 'aborted');
    assert.equal(server.of('TEARDOWN').length, 1);
  });

  test('a nonce is never taken to another connection (case 19, raptor)', async (t) => {
    const server = await serve(t, {
      DESCRIBE: (request) => {
        const nonce = `n${request.connection}`;
        return valid(request, nonce) ? undefined : challenge(nonce);
      },
      SETUP: (request) => (request.headers.Transport?.includes('client_port') ? { status: 461 } : undefined),
    });
    const played = play(t, { url: server.url, transport: 'udp', ...login });
    await until(() => played.units.length > 3);
    const second = server.requests.filter((request) => request.connection === 2);
    assert.deepEqual(
      second.slice(0, 3).map((r) => /nonce="(\w+)"/.exec(r.headers.Authorization ?? '')?.[1]),
      [undefined, undefined, 'n2'],
    );
  });

  test('a wrong password is given once, and the error is "refused" without the password in it (case 23)', async (t) => {
    let nonce = 0;
    const server = await serve(t, { DESCRIBE: () => challenge(`n${nonce++}`) });
    const error = await failure(play(t, { url: server.url, ...login }).result);
    assert.deepEqual([error.code, error.status, error.place], ['refused', 401, `DESCRIBE ${server.url}`]);
    assert.equal(server.requests.filter((r) => r.headers.Authorization !== undefined).length, 1);
    assert.equal(server.connections.length, 1);
    assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)}`, /p@ss/);
  });

  test('no credentials at all: "refused", and it says that some are needed', async (t) => {
    const server = await serve(t, { OPTIONS: () => challenge('n1') });
    const error = await failure(play(t, { url: server.url }).result);
    assert.equal(error.code, 'refused');
    assert.match(error.message, /wants a user name and a password/);
    assert.deepEqual(
      server.requests.map((r) => r.method),
      ['OPTIONS'],
    );
  });

  test('Basic is answered where nothing better is offered', async (t) => {
    const expected = `Basic ${Buffer.from('admin:p@ss:w#rd').toString('base64')}`;
    const server = await serve(t, {
      DESCRIBE: (request) =>
        request.headers.Authorization === expected
          ? undefined
          : { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="/"' } },
    });
    const played = play(t, { url: server.url, ...login });
    await until(() => played.units.length > 3);
  });
});

describe('RtspSession: transports', { concurrency: 6, ...TIMEOUT }, () => {
  const refuseUdp = (reply: object) => ({
    SETUP: (request: ScriptedRequest) =>
      request.headers.Transport?.includes('client_port') ? reply : undefined,
  });

  test('UDP: packets come by it, ports are punched, reports leave from the RTCP port (cases 50, 53)', async (t) => {
    const server = await serve(t);
    const played = play(t, { url: server.url, transport: 'udp' });
    await until(() => played.units.length > 12);
    assert.equal(played.playing[0]?.transport, 'udp');
    const rtp = Number(/client_port=(\d+)-/.exec(server.of('SETUP')[0]?.headers.Transport ?? '')?.[1]);
    assert.equal(server.of('SETUP')[0]?.headers.Transport, `RTP/AVP;unicast;client_port=${rtp}-${rtp + 1}`);
    const [connection] = server.connections;
    await until(() => (connection?.datagrams.length ?? 0) >= 3);
    for (const { on, from, bytes } of connection?.datagrams ?? []) {
      assert.equal(from, on === 'rtp' ? rtp : rtp + 1);
      assert.equal(bytes[1], on === 'rtp' ? 96 : 201);
    }
    played.abort();
    assert.equal(await played.result, 'aborted');
    assert.equal(server.of('TEARDOWN').length, 1);
  });

  for (const [what, reply] of [
    ['461', { status: 461, reason: 'Unsupported Transport' }],
    ['a 200 that says TCP', { headers: { Session: '1', Transport: 'RTP/AVP/TCP;unicast;interleaved=0-1' } }],
  ] as const)
    test(`UDP refused by ${what}: TCP, on a fresh connection with a DESCRIBE of its own (cases 12, 52)`, async (t) => {
      const server = await serve(t, refuseUdp(reply));
      const played = play(t, { url: server.url, transport: 'udp' });
      await until(() => played.units.length > 3);
      assert.deepEqual(
        played.playing.map((info) => info.transport),
        ['tcp'],
      );
      await until(() => server.open === 1);
      assert.deepEqual(
        server.requests.filter((r) => r.connection === 2).map((r) => r.method),
        ['OPTIONS', 'DESCRIBE', 'SETUP', 'PLAY'],
      );
    });

  test('UDP agreed on, but no packet within 3 s: TEARDOWN, then TCP (case 52)', async (t) => {
    const server = await serve(t, {
      PLAY: (_request, connection) => (connection.clientPort === undefined ? undefined : {}),
    });
    const played = play(t, { url: server.url, transport: 'udp' });
    await until(() => played.units.length > 3);
    assert.deepEqual(
      played.playing.map((info) => info.transport),
      ['udp', 'tcp'],
    );
    assert.equal(server.of('TEARDOWN')[0]?.connection, 1);
  });

  test('auto: TCP first, UDP when TCP is refused with 461', async (t) => {
    const server = await serve(t, {
      SETUP: (request) => (request.headers.Transport?.includes('TCP') ? { status: 461 } : undefined),
    });
    const played = play(t, { url: server.url, transport: 'auto' });
    await until(() => played.units.length > 3);
    assert.deepEqual(
      played.playing.map((info) => info.transport),
      ['udp'],
    );
    assert.equal(server.of('DESCRIBE').length, 2);
  });

  test('what worked the last time comes first, the other one behind it; what is not allowed never', async (t) => {
    const tcpOnly = (request: ScriptedRequest) =>
      request.headers.Transport?.includes('TCP') ? undefined : { status: 461 };
    for (const { transport, first, asked } of [
      { transport: 'udp', first: 'tcp', asked: ['tcp'] },
      { transport: 'auto', first: 'udp', asked: ['udp', 'tcp'] },
      { transport: 'tcp', first: 'udp', asked: ['tcp'] },
    ] as const) {
      const server = await serve(t, { SETUP: tcpOnly });
      const played = play(t, { url: server.url, transport, first });
      await until(() => played.units.length > 3);
      assert.deepEqual(
        server.of('SETUP').map(({ headers }) => (headers.Transport?.includes('TCP') ? 'tcp' : 'udp')),
        asked,
      );
      played.abort();
    }
  });

  test('no transport that both take: "unsupported" with the status, two connections and no more', async (t) => {
    for (const transport of ['auto', 'udp', 'tcp'] as const) {
      const server = await serve(t, { SETUP: () => ({ status: 461, reason: 'Unsupported Transport' }) });
      const error = await failure(play(t, { url: server.url, transport }).result);
      assert.deepEqual([error.code, error.status], ['unsupported', 461]);
      assert.equal(server.connections.length, transport === 'tcp' ? 1 : 2);
      assert.equal(server.of('TEARDOWN').length, 0);
    }
  });

  test('UDP packets out of order are put in order and counted', async (t) => {
    const server = await serve(t, {
      PLAY: (_request, connection) => {
        setImmediate(async () => {
          for (let i = 0; i < 20; i++) {
            const packets = [...connection.pictures.next(), ...connection.pictures.next()];
            for (const packet of [packets[1]!, packets[0]!, ...packets.slice(2)]) connection.packet(packet);
            await sleep(15);
          }
        });
        return {};
      },
    });
    const played = play(t, { url: server.url, transport: 'udp' });
    await until(() => played.units.length >= 30);
    assert.ok(played.session.counters.packets_reordered > 0);
    assert.equal(played.session.counters.packets_lost, 0);
  });

  test('UDP packets that came in time are not given up because the process was busy, and read them late', async (t) => {
    // Sent by another process while this one, with both ends of the session in it, stands still for longer than is waited.
    const sendLater = (packets: Buffer[], port: number) =>
      execFileSync(process.execPath, [
        '-e',
        `const socket = require('node:dgram').createSocket('udp4');
         for (const packet of ${JSON.stringify(packets.map((packet) => packet.toString('base64')))})
           socket.send(Buffer.from(packet, 'base64'), ${port}, '127.0.0.1');
         setTimeout(() => socket.close(), 150);`,
      ]);
    const server = await serve(t, {
      PLAY: (_request, connection) => {
        setImmediate(async () => {
          connection.picture();
          const missing = connection.pictures.next();
          connection.picture();
          await until(() => played.session.counters.packets_received > missing.length);
          sendLater([...connection.pictures.next(), ...missing], connection.clientPort!);
        });
        return {};
      },
    });
    const played = play(t, { url: server.url, transport: 'udp' });
    await until(() => played.units.length >= 3);
    assert.ok(played.session.counters.packets_reordered > 0);
    assert.equal(played.session.counters.packets_lost, 0);
  });

  test('a UDP packet that never comes is given up and the loss is counted, also when nothing follows at once', async (t) => {
    const server = await serve(t, {
      PLAY: (_request, connection) => {
        setImmediate(() => {
          connection.picture();
          connection.pictures.next(); // lost
          connection.picture();
        });
        return {};
      },
    });
    const played = play(t, { url: server.url, transport: 'udp' });
    await until(() => played.session.counters.packets_lost === 1);
    assert.equal(played.settled, false);
  });
});

describe('RtspSession: pause and resume', { concurrency: 6, ...TIMEOUT }, () => {
  test('PAUSE silences the camera, keep-alive goes on, no stall is seen; PLAY without Range goes on', async (t) => {
    const server = await serve(t, {
      SETUP: () => ({ headers: { Session: '1;timeout=1', Transport: 'RTP/AVP/TCP;interleaved=0-1' } }),
    });
    const played = play(t, { url: server.url, stallTimeout: 400 });
    await until(() => played.units.length > 3);
    assert.equal(played.session.canPause, true);
    await played.session.pause();
    const keepAlives = server.of('OPTIONS').length;
    await until(() => server.of('OPTIONS').length >= keepAlives + 2); // 1 s: longer than the stall timeout
    const before = played.units.length;
    assert.equal(played.settled, false);
    await played.session.resume();
    await until(() => played.units.length > before + 3);
    assert.equal(server.of('PLAY')[1]?.headers.Range, undefined);
    assert.equal(server.of('PLAY')[1]?.headers.Session, '1');
  });

  test('Hikvision DS-2CD2732F-IS: PAUSE is advertised and answered 551; the stream plays on (case 10)', async (t) => {
    const server = await serve(t, { PAUSE: () => ({ status: 551, reason: 'Option not supported' }) });
    const played = play(t, { url: server.url });
    await until(() => played.units.length > 3);
    await assert.rejects(played.session.pause(), { code: 'unsupported', status: 551 });
    assert.equal(played.session.canPause, false);
    const before = played.units.length;
    await until(() => played.units.length > before + 5);
  });

  test('pause and resume in the wrong state reject and change nothing', async (t) => {
    const server = await serve(t);
    const played = play(t, { url: server.url });
    await until(() => played.units.length > 3);
    await assert.rejects(played.session.resume(), { code: 'protocol' });
    played.abort();
    await played.result;
    await assert.rejects(played.session.pause(), { code: 'protocol' });
  });

  test('the camera goes away while paused: "closed"', async (t) => {
    const server = await serve(t);
    const played = play(t, { url: server.url });
    await until(() => played.units.length > 3);
    await played.session.pause();
    server.connections[0]?.socket.destroy();
    assert.equal((await failure(played.result)).code, 'closed');
  });
});

describe('RtspSession: failures', { concurrency: 6, ...TIMEOUT }, () => {
  for (const [status, code] of [
    [403, 'refused'],
    [404, 'not_found'],
    [400, 'protocol'],
    [453, 'busy'],
    [503, 'busy'],
  ] as const)
    test(`DESCRIBE answered ${status} is "${code}" (case 56)`, async (t) => {
      const server = await serve(t, { DESCRIBE: () => ({ status, reason: 'Sorry' }) });
      const error = await failure(play(t, { url: server.url }).result);
      assert.deepEqual([error.code, error.status, error.place], [code, status, `DESCRIBE ${server.url}`]);
      await until(() => server.open === 0);
    });

  test('WIWACAM: 453 on SETUP or PLAY is "busy"; after PLAY the session is torn down (case 56)', async (t) => {
    for (const method of ['SETUP', 'PLAY']) {
      const server = await serve(t, { [method]: () => ({ status: 453, reason: 'Not Enough Bandwidth' }) });
      assert.equal((await failure(play(t, { url: server.url }).result)).code, 'busy');
      assert.equal(server.of('TEARDOWN').length, method === 'PLAY' ? 1 : 0);
    }
  });

  test('nothing listens: "unreachable", with the system’s error as cause', async (t) => {
    const server = await serve(t);
    await server.close();
    t.mock.method(server, 'close', async () => {});
    const error = await failure(play(t, { url: server.url }).result);
    assert.equal(error.code, 'unreachable');
    assert.equal((error.cause as NodeJS.ErrnoException).code, 'ECONNREFUSED');
  });

  test('an address that is none: "invalid_url"', async (t) => {
    const error = await failure(play(t, { url: 'rtsp://admin:geheim@:x/' }).result);
    assert.equal(error.code, 'invalid_url');
    assert.doesNotMatch(error.message, /geheim/);
  });

  test('a request that is never answered: "timeout", with its place', async (t) => {
    const server = await serve(t, { DESCRIBE: () => 'silence' });
    const error = await failure(play(t, { url: server.url, requestTimeout: 100 }).result);
    assert.deepEqual([error.code, error.place], ['timeout', `DESCRIBE ${server.url}`]);
  });

  test('the camera hangs up instead of answering: "closed", with the place of the request', async (t) => {
    const server = await serve(t, {
      DESCRIBE: (_request, connection) => {
        connection.socket.destroy();
        return 'silence';
      },
    });
    const error = await failure(play(t, { url: server.url }).result);
    assert.deepEqual([error.code, error.place], ['closed', `DESCRIBE ${server.url}`]);
  });

  test('no packet for the stall timeout: "stalled", and TEARDOWN is sent all the same (case 44)', async (t) => {
    const server = await serve(t, { PLAY: () => ({}) });
    const error = await failure(play(t, { url: server.url, stallTimeout: 200 }).result);
    assert.equal(error.code, 'stalled');
    assert.equal(server.of('TEARDOWN').length, 1);
  });

  for (const [what, end] of [
    ['BYE', interleaved(1, bye())],
    ['TEARDOWN from the server', 'TEARDOWN rtsp://x/ RTSP/1.0\r\nCSeq: 9\r\n\r\n'],
    [
      'an ANNOUNCE of the end (case 7)',
      'ANNOUNCE rtsp://x/ RTSP/1.0\r\nCSeq: 9\r\nX-Notice: 2101 End-of-Stream Reached\r\n\r\n',
    ],
  ] as const) {
    const script = (range: string) => ({
      DESCRIBE: () => ({ headers: { 'Content-Type': 'application/sdp' }, body: `${SDP}${range}` }),
      PLAY: (_request: ScriptedRequest, connection: { picture(): void; send(b: Buffer | string): void }) => {
        setImmediate(() => {
          for (let i = 0; i < 10; i++) connection.picture();
          connection.send(end);
        });
        return {};
      },
    });
    test(`${what} of a live camera: "closed"`, async (t) => {
      const server = await serve(t, script('a=range:npt=now-\r\n'));
      assert.equal((await failure(play(t, { url: server.url }).result)).code, 'closed');
    });
    test(`${what} of a recording: ended, with its last picture`, async (t) => {
      const server = await serve(t, script('a=range:npt=0-1.0\r\n'));
      const played = play(t, { url: server.url });
      assert.equal(await played.result, 'ended');
      assert.equal(played.units.length, 10);
    });
  }

  test('a BYE of an unknown source is not ours (case 45)', async (t) => {
    const server = await serve(t, {
      PLAY: (_request, connection) => {
        connection.send(interleaved(1, bye(99)));
        return undefined;
      },
    });
    const played = play(t, { url: server.url });
    await until(() => played.units.length > 10);
    assert.equal(played.settled, false);
  });

  test('a recording whose server just closes at its end has ended; closed in the middle it has not', async (t) => {
    for (const [pictures, expected] of [
      [30, 'ended'],
      [5, 'closed'],
    ] as const) {
      const server = await serve(t, {
        DESCRIBE: () => ({
          headers: { 'Content-Type': 'application/sdp' },
          body: `${SDP}a=range:npt=0-3\r\n`,
        }),
        PLAY: (_request, connection) => {
          setImmediate(() => {
            for (let i = 0; i < pictures; i++) connection.picture();
            connection.socket.end();
          });
          return {};
        },
      });
      const result = await play(t, { url: server.url }).result;
      assert.equal(result instanceof IngestError ? result.code : result, expected);
    }
  });

  test('H.261 only: "unsupported", and the error says what there is', async (t) => {
    const server = await serve(t, {
      DESCRIBE: () => ({
        headers: { 'Content-Type': 'application/sdp' },
        body: SDP.replace('H264', 'H261'),
      }),
    });
    const error = await failure(play(t, { url: server.url }).result);
    assert.equal(error.code, 'unsupported');
    assert.match(error.message, /video h261/);
    assert.equal(server.of('SETUP').length, 0);
  });

  test('a DESCRIBE answer that is a web page: "protocol" (case 8)', async (t) => {
    const server = await serve(t, {
      DESCRIBE: () => ({ headers: { 'Content-Type': 'text/html' }, body: '<html></html>' }),
    });
    assert.equal((await failure(play(t, { url: server.url }).result)).code, 'protocol');
  });

  test('an answer of more than 64 KiB of headers: "protocol", at once', async (t) => {
    const server = await serve(t, {
      DESCRIBE: () => ({ raw: `RTSP/1.0 200 OK\r\n${'X-Filler: y\r\n'.repeat(6000)}` }),
    });
    assert.equal((await failure(play(t, { url: server.url }).result)).code, 'protocol');
  });
});

describe('RtspSession: redirections (case 55)', { concurrency: 6, ...TIMEOUT }, () => {
  test('302 on DESCRIBE: the new address, with our credentials', async (t) => {
    const guard = (request: ScriptedRequest) =>
      request.headers.Authorization?.startsWith('Basic ') === true
        ? undefined
        : { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="/"' } };
    const target = await serve(t, { DESCRIBE: guard });
    const server = await serve(t, {
      DESCRIBE: () => ({ status: 302, reason: 'Moved', headers: { Location: target.url } }),
    });
    const played = play(t, { url: server.url, username: 'a', password: 'b' });
    await until(() => played.units.length > 3 && server.open === 0);
  });

  test('302 on PLAY: the first session is torn down', async (t) => {
    const target = await serve(t);
    const server = await serve(t, {
      PLAY: () => ({ status: 302, headers: { Location: target.url } }),
    });
    const played = play(t, { url: server.url });
    await until(() => played.units.length > 3);
    assert.equal(server.of('TEARDOWN').length, 1);
  });

  test('a fourth redirection is a loop', async (t) => {
    const server = await serve(t, { DESCRIBE: () => ({ status: 301, headers: { Location: '/main' } }) });
    const error = await failure(play(t, { url: server.url }).result);
    assert.equal(error.code, 'redirect_loop');
    assert.equal(server.of('DESCRIBE').length, 4);
  });

  test('another scheme is not followed', async (t) => {
    const server = await serve(t, {
      DESCRIBE: () => ({ status: 302, headers: { Location: 'http://127.0.0.1/main' } }),
    });
    assert.equal((await failure(play(t, { url: server.url }).result)).code, 'unsupported');
  });
});

describe('RtspSession: abort', { concurrency: 6, ...TIMEOUT }, () => {
  test('before the start, and while DESCRIBE is awaited: aborted, connection closed', async (t) => {
    const server = await serve(t, { DESCRIBE: () => 'silence' });
    const early = play(t, { url: server.url });
    early.abort();
    assert.equal(await early.result, 'aborted');
    const played = play(t, { url: server.url });
    await until(() => server.of('DESCRIBE').length > 0);
    played.abort();
    assert.equal(await played.result, 'aborted');
    await until(() => server.open === 0);
    assert.equal(server.of('TEARDOWN').length, 0);
  });

  test('while SETUP is awaited: its answer is waited for, and the session it opened is torn down', async (t) => {
    const asked = Promise.withResolvers<void>();
    const server = await serve(t, {
      SETUP: async () => {
        asked.resolve();
        await sleep(100);
        return undefined;
      },
    });
    const played = play(t, { url: server.url });
    await asked.promise;
    played.abort();
    assert.equal(await played.result, 'aborted');
    assert.equal(server.of('TEARDOWN')[0]?.headers.Session, 'abc123');
    assert.equal(server.of('PLAY').length, 0);
  });

  test('a camera that never answers TEARDOWN does not hold us', async (t) => {
    const server = await serve(t, { TEARDOWN: () => 'silence' });
    const played = play(t, { url: server.url, requestTimeout: 50_000 });
    await until(() => played.units.length > 3);
    played.abort();
    assert.equal(await played.result, 'aborted');
    const after = played.units.length;
    assert.equal(server.of('TEARDOWN').length, 1);
    await sleep(50);
    assert.equal(played.units.length, after);
  });

  test('a session runs once', async (t) => {
    const server = await serve(t);
    const played = play(t, { url: server.url });
    await assert.rejects(played.session.run(AbortSignal.abort()), TypeError);
  });
});
