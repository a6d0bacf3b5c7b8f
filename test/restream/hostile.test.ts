/** Clients that do not read, and such as mean harm; no network. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FakeClient, FakeStreams, rtpOf } from './fakes.ts';

describe('a client that does not read', () => {
  test('gets pictures up to 2 MB, then none up to a key picture that it can be sent; nobody else loses any', async () => {
    const streams = new FakeStreams();
    const [slow, quick] = [new FakeClient(streams), new FakeClient(streams)];
    for (const client of [slow, quick]) await client.ask('PLAY', { Session: await client.setUp() });
    slow.stuck = true;
    for (let i = 0; i < 60; i++) streams.picture(i % 20 === 19, 100_000);
    const bytes = rtpOf(slow).reduce((sum, { payload }) => sum + payload.length, 0);
    assert.ok(bytes > 2_000_000 && bytes < 2_400_000, `${bytes} bytes`);
    const sent = rtpOf(slow).length;
    slow.recover();
    streams.picture(false, 10);
    assert.equal(rtpOf(slow).length, sent, 'not before a key picture');
    streams.picture(true, 10);
    streams.picture(false, 10);
    assert.equal(rtpOf(slow).length, sent + 4);
    const markers = rtpOf(quick).filter(({ marker }) => marker).length;
    assert.equal(markers, 3 + 60 + 3);
  });

  test('is behind by a second: the same; and it is given up after the session’s time', async () => {
    const streams = new FakeStreams();
    const client = new FakeClient(streams);
    await client.ask('PLAY', { Session: await client.setUp() });
    client.stuck = true;
    streams.picture(false);
    const sent = rtpOf(client).length;
    const wait = performance.now() + 1_050;
    while (performance.now() < wait) await new Promise((resolve) => setTimeout(resolve, 50));
    streams.picture(false);
    streams.picture(true);
    assert.equal(rtpOf(client).length, sent);
    client.connection.tick(performance.now() + 66_000);
    assert.equal(client.closed, true);
  });

  test('a first group of pictures larger than that is not held against it', async () => {
    const streams = new FakeStreams();
    streams.picture(true, 5_000_000);
    for (let i = 0; i < 5; i++) streams.picture(false, 100_000);
    const client = new FakeClient(streams);
    const session = await client.setUp();
    client.stuck = true;
    await client.ask('PLAY', { Session: session });
    assert.equal(rtpOf(client).filter(({ marker }) => marker).length, 6);
    streams.picture(false, 10);
    assert.equal(rtpOf(client).filter(({ marker }) => marker).length, 7);
  });
});

describe('hostile bytes', () => {
  test('a request of more than 16 KB: 413, and the end', () => {
    const client = new FakeClient(new FakeStreams());
    client.say(`DESCRIBE rtsp://box/door RTSP/1.0\r\nCSeq: 1\r\nX: ${'x'.repeat(17_000)}`);
    assert.deepEqual([client.responses[0]?.status, client.closed], [413, true]);
    const other = new FakeClient(new FakeStreams());
    other.say('GET_PARAMETER rtsp://box/door RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 20000\r\n\r\n');
    assert.deepEqual([other.responses[0]?.status, other.closed], [413, true]);
  });

  test('a web page that posts a request in its body is cut off before it is read', () => {
    const streams = new FakeStreams();
    const client = new FakeClient(streams);
    client.say(
      'POST / HTTP/1.1\r\nHost: 127.0.0.1:8554\r\nOrigin: http://evil.example\r\nContent-Type: text/plain\r\n\r\n' +
        'DESCRIBE rtsp://127.0.0.1/door RTSP/1.0\r\nCSeq: 1\r\n\r\n',
    );
    assert.deepEqual([client.closed, client.responses.length, streams.opened], [true, 0, 0]);
  });

  test('more requests than anybody waits for end the connection', () => {
    const client = new FakeClient(new FakeStreams({ resting: true }));
    client.say('DESCRIBE rtsp://box/door RTSP/1.0\r\nCSeq: 1\r\n\r\n'.repeat(40));
    assert.equal(client.closed, true);
  });

  test('a request without CSeq: 400', async () => {
    const client = new FakeClient(new FakeStreams());
    client.say('OPTIONS * RTSP/1.0\r\n\r\n');
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(client.responses[0]?.status, 400);
  });

  test('whatever comes, in whatever pieces: nothing throws, nothing is left open', async () => {
    const pieces = fc.oneof(
      fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
      fc.string({ maxLength: 60 }).map((text) => Buffer.from(text)),
      fc
        .tuple(
          fc.constantFrom(
            'OPTIONS',
            'DESCRIBE',
            'SETUP',
            'PLAY',
            'PAUSE',
            'TEARDOWN',
            'GET_PARAMETER',
            'RECORD',
          ),
          fc.constantFrom(
            '*',
            'rtsp://b/door',
            'rtsp://b/door/trackID=0',
            'rtsp://b/%2e%2e',
            'rtsp://b/stopped',
            '/',
          ),
          fc.constantFrom(
            'RTP/AVP/TCP;interleaved=0-1',
            'RTP/AVP;client_port=1-99999',
            ',,;;==',
            'RTP/AVP/TCP;interleaved=300',
          ),
          fc.constantFrom('1', '', 'x'),
        )
        .map(([method, url, transport, cseq]) =>
          Buffer.from(`${method} ${url} RTSP/1.0\r\nCSeq: ${cseq}\r\nTransport: ${transport}\r\n\r\n`),
        ),
      fc
        .uint8Array({ minLength: 8, maxLength: 40 })
        .map((bytes) => Buffer.from([0x24, 1, 0, bytes.length, ...bytes])),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(pieces, { maxLength: 30 }),
        fc.integer({ min: 1, max: 200 }),
        async (all, cut) => {
          const streams = new FakeStreams();
          let places = 0;
          const client = new FakeClient(streams, {
            takePlace: () => ++places > 0,
            leavePlace: () => {
              places--;
            },
          });
          const bytes = Buffer.concat(all);
          for (let at = 0; at < bytes.length; at += cut) {
            client.connection.received(bytes.subarray(at, at + cut));
            await Promise.resolve();
          }
          for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
          streams.picture(true);
          client.connection.close();
          for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
          assert.deepEqual([streams.viewers.size, places], [0, 0]);
        },
      ),
      { numRuns: 300 },
    );
  });
});
