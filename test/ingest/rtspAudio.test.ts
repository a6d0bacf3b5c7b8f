/** RtspSession and sound: the second track, against a scripted server. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { describe, type TestContext, test } from 'node:test';
import { type Logger, pino } from 'pino';
import { IngestError } from '../../daemon/ingest/ingestError.ts';
import { bye, interleaved, SDP as PICTURES_ONLY, type Script, senderReport } from './scriptedServer.ts';
import { play, serve } from './sessionTest.ts';
import { SDP, SSRC, talking } from './talkingCamera.ts';
import { until } from './until.ts';

/** A log whose lines can be read. */
function recorded(): { log: Logger; said: () => string } {
  const lines: string[] = [];
  return {
    log: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }),
    said: () => lines.join(''),
  };
}

/** Both flow, and the sound is put on the pictures' clock. */
async function bothFlow(played: ReturnType<typeof play>): Promise<void> {
  await until(() => played.frames.length > 5 && played.units.length > 5);
  for (const [i, frame] of played.frames.entries()) {
    const before = played.frames[i - 1];
    if (before) assert.ok(frame.mediaTime >= before.mediaTime + before.duration - 1e-6);
  }
}

/** It plays without sound, and says why. */
async function playsSilently(t: TestContext, camera: Script, why: RegExp, requestTimeout?: number) {
  const server = await serve(t, camera);
  const { log, said } = recorded();
  const played = play(t, { url: server.url, audio: true, log, requestTimeout });
  await until(() => played.units.length > 5);
  assert.match(said(), why);
  assert.deepEqual(
    [played.session.audio, played.session.hasAudio, played.frames.length],
    [undefined, true, 0],
  );
  played.abort();
  assert.equal(await played.result, 'aborted');
  await until(() => server.open === 0);
  assert.equal(server.of('TEARDOWN').length, 1);
  return server;
}

describe('RtspSession and sound', { concurrency: 6, timeout: 60_000 }, () => {
  test('by default nothing is asked for', async (t) => {
    const server = await serve(t, talking({ send: () => {} }));
    const played = play(t, { url: server.url });
    await until(() => played.units.length > 3);
    assert.equal(server.of('SETUP').length, 1);
    assert.deepEqual([played.session.audio, played.session.hasAudio], [undefined, true]);
  });

  test('TCP: a second SETUP in the same session, the next pair of channels, one PLAY', async (t) => {
    const server = await serve(t, talking());
    const played = play(t, { url: server.url, audio: true });
    await bothFlow(played);
    played.abort();
    assert.equal(await played.result, 'aborted');

    assert.deepEqual(
      server.requests.map(({ method, url, headers }) =>
        [method, url.replace(server.url, ''), headers.Session, headers.Transport].join(' ').trim(),
      ),
      [
        'OPTIONS',
        'DESCRIBE',
        'SETUP /track1  RTP/AVP/TCP;unicast;interleaved=0-1',
        'SETUP /track2 abc123 RTP/AVP/TCP;unicast;interleaved=2-3',
        'PLAY / abc123',
        'TEARDOWN / abc123',
      ],
    );
    const { session, frames } = played;
    assert.deepEqual(session.audio, {
      codec: 'pcm_alaw',
      sampleRate: 8000,
      channels: 1,
      codecString: undefined,
      config: undefined,
      codeBits: undefined,
    });
    assert.ok(frames.every((frame) => frame.audio === session.audio && frame.duration === 100));
    const { audioCounters, counters } = session;
    assert.equal(audioCounters.frames_received, frames.length);
    assert.equal(audioCounters.packets_lost + audioCounters.malformed + counters.unknown_channel, 0);
    assert.equal(counters.frames_received, played.units.length);
  });

  test('the camera’s channels count, of either track (case 40)', async (t) => {
    const camera = talking({
      send: (connection, packet) => connection.send(interleaved(4, packet)),
      script: {
        SETUP: (request, connection) => {
          const video = request.url.endsWith('track1');
          if (video) connection.channel = 10;
          const interleaved = video ? '10-11' : '4-5';
          return { headers: { Session: 'x', Transport: `RTP/AVP/TCP;interleaved=${interleaved}` } };
        },
      },
    });
    const server = await serve(t, camera);
    const played = play(t, { url: server.url, audio: true });
    await bothFlow(played);
    assert.match(server.of('SETUP')[1]?.headers.Transport ?? '', /interleaved=12-13$/);
    assert.equal(played.session.counters.unknown_channel, 0);
  });

  test('the other form of the URL is tried for sound too (case 26)', async (t) => {
    const camera = talking({
      script: {
        DESCRIBE: (request) => ({
          headers: { 'Content-Type': 'application/sdp', 'Content-Base': `${request.url}?a=b` },
          body: SDP,
        }),
        SETUP: (request) => (request.url.endsWith('?a=b') ? undefined : { status: 404 }),
      },
    });
    const server = await serve(t, camera);
    const played = play(t, { url: server.url, audio: true });
    await bothFlow(played);
    assert.deepEqual(
      server.of('SETUP').map(({ url }) => url.replace(server.url, '')),
      ['?a=b/track1', '/track1?a=b', '?a=b/track2', '/track2?a=b'],
    );
  });

  test('receiver reports go to both RTCP channels (case 50)', async (t) => {
    const server = await serve(t, talking());
    const played = play(t, { url: server.url, audio: true });
    await bothFlow(played);
    const [connection] = server.connections;
    await until(() =>
      [1, 3].every((channel) => connection?.frames.some((frame) => frame.channel === channel)),
    );
    assert.equal(played.settled, false);
  });

  for (const [status, reason] of [
    [401, 'Unauthorized'],
    [455, 'Method Not Valid in This State'],
    [461, 'Unsupported Transport'],
    [500, 'Internal Server Error'],
    [302, 'Moved'],
  ] as const)
    test(`a camera that answers ${status} to the second SETUP gives its pictures, and is left with TEARDOWN`, async (t) => {
      const refusal = { status, reason, headers: { Location: 'rtsp://127.0.0.1:1/' } };
      const script: Script = { SETUP: ({ url }) => (url.endsWith('track2') ? refusal : undefined) };
      await playsSilently(t, talking({ send: () => {}, script }), new RegExp(`${status} ${reason}`));
    });

  test('a camera that puts both tracks on one channel gives its pictures (case 40)', async (t) => {
    const script: Script = {
      SETUP: () => ({ headers: { Session: 'x', Transport: 'RTP/AVP/TCP;interleaved=0-1' } }),
    };
    await playsSilently(t, talking({ send: () => {}, script }), /the video’s channels 0-1/);
  });

  test('a camera that chooses another transport for its sound gives its pictures', async (t) => {
    const script: Script = {
      SETUP: ({ url }) =>
        url.endsWith('track2')
          ? { headers: { Session: 'abc123', Transport: 'RTP/AVP;unicast;client_port=5000-5001' } }
          : undefined,
    };
    await playsSilently(t, talking({ send: () => {}, script }), /asked for tcp, the camera chose udp/);
  });

  test('a codec that is not taken is not set up', async (t) => {
    const sdp = `${PICTURES_ONLY}m=audio 0 RTP/AVP 9\r\na=control:track2\r\n`;
    const server = await playsSilently(t, talking({ sdp, send: () => {} }), /"reason":"g722"/);
    assert.equal(server.of('SETUP').length, 1);
  });

  test('a camera that hangs up when it is asked for sound is asked once more without', async (t) => {
    const script: Script = {
      SETUP: ({ url }, connection) => {
        if (!url.endsWith('track2')) return undefined;
        connection.socket.destroy();
        return 'silence';
      },
    };
    const server = await playsSilently(t, talking({ send: () => {}, script }), /once more without/);
    assert.deepEqual([server.connections.length, server.of('SETUP').length], [2, 3]);
  });

  test('a camera that never answers the second SETUP is asked once more without', async (t) => {
    const script: Script = { SETUP: ({ url }) => (url.endsWith('track2') ? 'silence' : undefined) };
    const server = await serve(t, talking({ send: () => {}, script }));
    const played = play(t, { url: server.url, audio: true, requestTimeout: 200 });
    await until(() => played.units.length > 5);
    // The first session was opened, and is torn down.
    assert.deepEqual([server.connections.length, server.of('TEARDOWN').length], [2, 1]);
  });

  test('a camera that refuses PLAY because of the sound is asked once more without', async (t) => {
    const script: Script = {
      ...talking({ send: () => {} }),
      PLAY: (_request, { number }) =>
        number === 1 ? { status: 455, reason: 'Method Not Valid in This State' } : undefined,
    };
    const server = await serve(t, script);
    const { log, said } = recorded();
    const played = play(t, { url: server.url, audio: true, log });
    await until(() => played.units.length > 5);
    assert.match(said(), /PLAY with sound: 455.*once more without/);
    // The first session was opened, and is torn down.
    assert.deepEqual([server.connections.length, server.of('SETUP').length], [2, 3]);
    assert.equal(server.of('TEARDOWN').length, 1);
  });

  test('abort during the second SETUP: TEARDOWN', async (t) => {
    const script: Script = { SETUP: ({ url }) => (url.endsWith('track2') ? 'silence' : undefined) };
    const server = await serve(t, talking({ send: () => {}, script }));
    const played = play(t, { url: server.url, audio: true });
    await until(() => server.of('SETUP').length === 2);
    played.abort();
    assert.equal(await played.result, 'aborted');
    await until(() => server.open === 0);
    assert.equal(server.of('TEARDOWN').length, 1);
  });

  test('UDP: ports of its own; reports leave from its RTCP port', async (t) => {
    const socket = createSocket('udp4');
    const came: { from: number; bytes: Buffer }[] = [];
    socket.on('message', (bytes, { port }) => came.push({ from: port, bytes }));
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const { port } = socket.address();
    let client: number[] = [];
    const camera = talking({
      send: (_connection, packet) => socket.send(packet, client[0], '127.0.0.1', () => {}),
      script: {
        SETUP: ({ url, headers }) => {
          if (!url.endsWith('track2')) return undefined;
          client =
            /client_port=(\d+)-(\d+)/
              .exec(headers.Transport ?? '')
              ?.slice(1)
              .map(Number) ?? [];
          const transport = `RTP/AVP;unicast;client_port=${client.join('-')};server_port=${port}-${port}`;
          return { headers: { Session: 'abc123', Transport: transport } };
        },
      },
    });
    const server = await serve(t, camera);
    const played = play(t, { url: server.url, audio: true, transport: 'udp' });
    t.after(() => socket.close()); // after the server, which sends by it
    await bothFlow(played);
    const [first, second] = server.of('SETUP').map(({ headers }) => headers.Transport);
    assert.notEqual(first, second);
    await until(() => client.every((one) => came.some(({ from }) => from === one)));
    assert.ok(came.some(({ from, bytes }) => from === client[1] && bytes[1] === 201));
    assert.ok(came.some(({ from, bytes }) => from === client[0] && bytes[1] === 8));
  });

  test('sender reports of both tracks move the sound to where it belongs; time never runs backwards', async (t) => {
    const server = await serve(t, talking());
    const played = play(t, { url: server.url, audio: true });
    await bothFlow(played);
    const [connection] = server.connections;
    assert.ok(connection);
    const place = () => {
      const frame = played.frames.at(-1)!;
      const unit = played.units.at(-1)!;
      return frame.mediaTime - unit.mediaTime;
    };
    const before = place();
    // Picture 0 has timestamp 1000, sound 0 has 7000: sound was captured 700 ms before what arrives with it.
    const report = (ssrc: number, timestamp: number, seconds: number, fraction: number) => {
      const packet = senderReport(ssrc);
      packet.writeUInt32BE(3_900_000_000 + seconds, 8);
      packet.writeUInt32BE(fraction, 12);
      packet.writeUInt32BE(timestamp, 16);
      return packet;
    };
    connection.send(interleaved(1, report(0x1234abcd, 1000, 1, 0)));
    connection.send(interleaved(3, report(SSRC, 7000, 0, 0.3 * 2 ** 32)));
    const { audioCounters } = played.session;
    await until(() => audioCounters.frames_dropped >= 5);
    const count = played.frames.length;
    await until(() => played.frames.length > count + 10);
    assert.ok(Math.abs(place() - before + 700) < 350, `${place()} ms from the pictures, ${before} before`);
    await bothFlow(played);
  });

  test('sound that says goodbye is over, the pictures go on', async (t) => {
    const server = await serve(t, talking());
    const played = play(t, { url: server.url, audio: true });
    await bothFlow(played);
    server.connections[0]?.send(interleaved(3, bye(SSRC)));
    await until(() => played.session.audioCounters.rtcp_received > 0);
    const count = played.units.length;
    await until(() => played.units.length > count + 5);
    assert.equal(played.settled, false);
  });

  test('sound alone keeps no session alive', async (t) => {
    const server = await serve(t, talking());
    const played = play(t, { url: server.url, audio: true, stallTimeout: 400 });
    await bothFlow(played);
    server.connections[0]?.pause();
    const error = await played.result;
    assert.ok(error instanceof IngestError);
    assert.equal(error.code, 'stalled');
  });

  test('after pause and resume the sound begins with the pictures again', async (t) => {
    const server = await serve(t, talking());
    const played = play(t, { url: server.url, audio: true });
    await bothFlow(played);
    await played.session.pause();
    await played.session.resume();
    const count = played.frames.length;
    await until(() => played.frames.length > count + 10);
    await bothFlow(played);
  });
});
