/** What each request is answered, and what becomes of the stream meanwhile; no network. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chooseVideo, parseSdp } from '../../daemon/ingest/sdp.ts';
import { parseRtcp } from '../../daemon/rtsp/rtcp.ts';
import { PPS, SPS } from '../ingest/rtpPackets.ts';
import { FakeClient, FakeStreams, rtpOf } from './fakes.ts';

const rtcp = (client: FakeClient) =>
  client.frames.filter(({ channel }) => channel === 1).flatMap(({ payload }) => parseRtcp(payload));

describe('a client’s requests', () => {
  test('OPTIONS tells the methods', async () => {
    const { status, headers } = await new FakeClient(new FakeStreams()).ask('OPTIONS');
    assert.equal(status, 200);
    for (const method of ['DESCRIBE', 'SETUP', 'PLAY', 'PAUSE', 'TEARDOWN', 'GET_PARAMETER'])
      assert.match(headers.get('Public') ?? '', new RegExp(`\\b${method}\\b`));
  });

  test('DESCRIBE: SDP that our own ingest reads, with the parameter sets, live', async () => {
    const { status, headers, body } = await new FakeClient(new FakeStreams()).ask('DESCRIBE');
    assert.equal(status, 200);
    assert.equal(headers.get('Content-Type'), 'application/sdp');
    assert.equal(headers.get('Content-Base'), 'rtsp://box:8554/door/');
    const sdp = parseSdp(body.toString());
    const chosen = chooseVideo(sdp, ['h264']);
    assert.ok(chosen);
    const text = body.toString();
    assert.match(text, /a=rtpmap:96 H264\/90000/);
    assert.match(text, /packetization-mode=1;profile-level-id=640033;/);
    assert.ok(text.includes(`sprop-parameter-sets=${SPS.toString('base64')},${PPS.toString('base64')}\r\n`));
    assert.match(text, /a=range:npt=now-/);
  });

  test('SETUP, PLAY: the answer first, then the group of pictures from its key picture on, as RTP-Info says', async () => {
    const streams = new FakeStreams();
    const client = new FakeClient(streams);
    await client.ask('DESCRIBE');
    const session = await client.setUp();
    assert.match(
      client.responses.at(-1)?.headers.get('Transport') ?? '',
      /^RTP\/AVP\/TCP;unicast;interleaved=0-1;ssrc=[0-9A-F]{8}$/,
    );
    assert.equal(client.responses.at(-1)?.headers.get('Session'), `${session};timeout=60`);
    const { status, headers } = await client.ask('PLAY', { Session: session });
    assert.equal(status, 200);
    assert.equal(headers.get('Range'), 'npt=now-');
    assert.equal(client.order.indexOf('frame'), client.responses.length, 'no packet before the answer');
    const packets = rtpOf(client);
    assert.equal(packets.length, 5, 'two sets and three slices');
    const [first] = packets;
    assert.equal(
      headers.get('RTP-Info'),
      `url=rtsp://box:8554/door/trackID=0;seq=${first?.sequence};rtptime=${first?.timestamp}`,
    );
    assert.equal((packets.at(-1)!.timestamp - first!.timestamp) >>> 0, 2 * 40 * 90);
    streams.picture(false);
    assert.equal(rtpOf(client).length, 6);
    assert.equal(streams.viewers.size, 1, 'one viewer a client');
  });

  test('a sender report at once and every 5 s, on the clock of the packets; BYE at the end', async () => {
    const client = new FakeClient(new FakeStreams());
    const session = await client.setUp();
    await client.ask('PLAY', { Session: session });
    const [report] = rtcp(client);
    assert.equal(report?.type, 'senderReport');
    assert.ok(report.type === 'senderReport');
    assert.equal(report.ssrc, rtpOf(client)[0]?.ssrc);
    assert.equal(report.packetCount, 5);
    assert.ok(Math.abs(report.ntpSeconds - 2_208_988_800 - Date.now() / 1000) < 5);
    const now = performance.now();
    client.connection.tick(now + 2_000);
    assert.equal(rtcp(client).filter(({ type }) => type === 'senderReport').length, 1);
    client.connection.tick(now + 5_001);
    assert.equal(rtcp(client).filter(({ type }) => type === 'senderReport').length, 2);
    const { status } = await client.ask('TEARDOWN', { Session: session });
    assert.equal(status, 200);
    assert.deepEqual(rtcp(client).at(-1), { type: 'goodbye', ssrcs: [report.ssrc] });
  });

  test('PAUSE silences, PLAY goes on with the group of then; the stream stays open between', async () => {
    const streams = new FakeStreams();
    const client = new FakeClient(streams);
    const session = await client.setUp();
    await client.ask('PLAY', { Session: session });
    assert.equal((await client.ask('PAUSE', { Session: session })).status, 200);
    const silent = rtpOf(client).length;
    streams.picture(true);
    streams.picture(false);
    assert.equal(rtpOf(client).length, silent);
    assert.equal(streams.viewers.size, 1);
    await client.ask('PLAY', { Session: session });
    const after = rtpOf(client).slice(silent);
    assert.equal(after.length, 4);
    assert.equal(after[0]!.sequence, (rtpOf(client)[silent - 1]!.sequence + 1) & 0xffff);
    assert.equal((await client.ask('PLAY', { Session: session })).status, 200, 'PLAY while playing');
    assert.equal(rtpOf(client).length, silent + 4);
  });

  for (const how of ['TEARDOWN', 'close', 'silence'] as const)
    test(`${how} gives the stream back`, async () => {
      const streams = new FakeStreams();
      let places = 0;
      const client = new FakeClient(streams, {
        takePlace: () => ++places <= 1,
        leavePlace: () => {
          places--;
        },
      });
      await client.ask('DESCRIBE');
      assert.equal(streams.viewers.size, 1);
      const session = await client.setUp();
      await client.ask('PLAY', { Session: session });
      assert.equal(places, 1);
      if (how === 'TEARDOWN') await client.ask('TEARDOWN', { Session: session });
      if (how === 'close') client.connection.close();
      if (how === 'silence') client.connection.tick(performance.now() + 66_000);
      assert.deepEqual([streams.viewers.size, places], [0, 0]);
      assert.equal(client.closed, how !== 'TEARDOWN');
    });

  test('a session lives on keep-alives and on reports of the client; without a session a connection has 30 s', async () => {
    const client = new FakeClient(new FakeStreams());
    client.connection.tick(performance.now() + 29_000);
    assert.equal(client.closed, false);
    client.connection.tick(performance.now() + 31_000);
    assert.equal(client.closed, true);
    const other = new FakeClient(new FakeStreams());
    const session = await other.setUp();
    assert.equal((await other.ask('GET_PARAMETER', { Session: session })).status, 200);
    other.connection.tick(performance.now() + 59_000);
    assert.equal(other.closed, false);
  });

  test('bytes that never become a request do not keep a connection', () => {
    const client = new FakeClient(new FakeStreams());
    const before = performance.now();
    while (performance.now() < before + 100) client.say('');
    client.say('OPT');
    client.connection.tick(before + 30_050);
    assert.equal(client.closed, true);
  });

  test('a stream that ends says BYE and ends the connection', async () => {
    const streams = new FakeStreams();
    const client = new FakeClient(streams);
    await client.ask('PLAY', { Session: await client.setUp() });
    streams.end();
    assert.equal(rtcp(client).at(-1)?.type, 'goodbye');
    assert.equal(client.closed, true);
  });

  test('another coding ends the session; another size of the same one does not', async () => {
    const streams = new FakeStreams();
    const client = new FakeClient(streams);
    await client.ask('PLAY', { Session: await client.setUp() });
    streams.picture(true, 10, 'avc1.42C01E');
    assert.equal(client.closed, false);
    streams.picture(true, 10, 'hvc1.1.6.L93.B0');
    assert.equal(client.closed, true);
  });

  const setup = (transport: string) => (client: FakeClient) => client.ask('SETUP', { Transport: transport });
  for (const [what, ask, status] of [
    ['an unknown stream', (client) => client.ask('DESCRIBE', {}, 'rtsp://box/window'), 404],
    ['no stream', (client) => client.ask('DESCRIBE', {}, 'rtsp://box/'), 404],
    ['another track', (client) => client.ask('SETUP', {}, 'rtsp://box/door/trackID=1'), 404],
    ['a stopped stream', (client) => client.ask('DESCRIBE', {}, 'rtsp://box/stopped'), 503],
    ['multicast', setup('RTP/AVP;multicast;client_port=5000-5001'), 461],
    ['SRTP', setup('RTP/SAVP;unicast;client_port=5000-5001'), 461],
    ['recording', setup('RTP/AVP/TCP;unicast;interleaved=0-1;mode=record'), 461],
    ['UDP to no port', setup('RTP/AVP;unicast'), 461],
    ['no Transport', (client) => client.ask('SETUP'), 461],
    ['PLAY without a session', (client) => client.ask('PLAY', { Session: '1' }), 454],
    ['TEARDOWN without a session', (client) => client.ask('TEARDOWN'), 454],
    ['ANNOUNCE', (client) => client.ask('ANNOUNCE'), 501],
    ['what it requires', (client) => client.ask('PLAY', { Require: 'onvif-replay' }), 551],
  ] as [string, (client: FakeClient) => ReturnType<FakeClient['ask']>, number][])
    test(`${what}: ${status}`, async () => {
      const response = await ask(new FakeClient(new FakeStreams()));
      assert.equal(response.status, status);
      if (status === 503) assert.match(response.headers.get('Retry-After') ?? '', /^\d+$/);
    });

  test('a client’s order of transports counts, and what we cannot do is passed over', async () => {
    const client = new FakeClient(new FakeStreams());
    await client.setUp(
      'RTP/AVP;multicast,RTP/AVP/TCP;unicast;interleaved=4-5,RTP/AVP;unicast;client_port=5000-5001',
    );
    assert.match(client.responses.at(-1)?.headers.get('Transport') ?? '', /interleaved=4-5/);
  });

  test('no place is left: 453', async () => {
    const client = new FakeClient(new FakeStreams(), { takePlace: () => false });
    assert.equal((await client.ask('SETUP', { Transport: 'RTP/AVP/TCP;interleaved=0-1' })).status, 453);
    client.connection.close();
  });

  test('DESCRIBE waits for a camera that rested', async () => {
    const streams = new FakeStreams({ resting: true });
    const client = new FakeClient(streams);
    const answer = client.ask('DESCRIBE');
    setTimeout(() => streams.picture(true), 50);
    assert.equal((await answer).status, 200);
  });

  test('… and for 8 s only: 503, and the stream may rest again', { timeout: 20_000 }, async () => {
    const streams = new FakeStreams({ resting: true });
    const client = new FakeClient(streams);
    const began = performance.now();
    const { status, headers } = await client.ask('DESCRIBE');
    assert.deepEqual([status, headers.get('Retry-After')], [503, '5']);
    assert.ok(Math.abs(performance.now() - began - 8_000) < 1_000);
    assert.equal(streams.viewers.size, 0);
  });
});

describe('logging in', () => {
  const basic = (text: string) => ({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` });
  const locked = () => {
    const asked: (string | undefined)[] = [];
    let end: () => void = () => {};
    let released = 0;
    const client = new FakeClient(new FakeStreams(), {
      login: async (authorization) => {
        asked.push(authorization);
        if (authorization === basic('x:busy').Authorization) return { may: 'later', seconds: 7 };
        if (authorization !== basic('op:right').Authorization) return { may: false };
        const hold = (cut: () => void) => {
          end = cut;
          return () => void released++;
        };
        return { may: true, hold };
      },
    });
    return { client, asked, end: () => end(), released: () => released };
  };

  test('everything but OPTIONS is refused with Basic; who got in once on a connection is in', async () => {
    const { client, asked } = locked();
    assert.equal((await client.ask('OPTIONS')).status, 200);
    const refused = await client.ask('DESCRIBE');
    assert.equal(refused.status, 401);
    assert.equal(refused.headers.get('WWW-Authenticate'), 'Basic realm="Walleye"');
    assert.equal((await client.ask('DESCRIBE', basic('op:wrong'))).status, 401);
    assert.equal((await client.ask('DESCRIBE', basic('op:right'))).status, 200);
    assert.equal((await client.ask('DESCRIBE', basic('op:right'))).status, 200);
    assert.equal((await client.ask('DESCRIBE')).status, 200);
    assert.equal(asked.length, 3);
    assert.equal((await client.ask('DESCRIBE', basic('op:wrong'))).status, 401, 'another one is looked at');
  });

  test('too many attempts: 503 with Retry-After', async () => {
    const { client } = locked();
    const { status, headers } = await client.ask('DESCRIBE', basic('x:busy'));
    assert.deepEqual([status, headers.get('Retry-After')], [503, '7']);
  });

  test('who may not look any more is cut off; who goes is forgotten', async () => {
    const { client, end, released } = locked();
    await client.ask('DESCRIBE', basic('op:right'));
    end();
    assert.equal(client.closed, true);
    assert.equal(released(), 1);
  });
});
