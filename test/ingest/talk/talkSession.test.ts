/** What is said is heard from the loudspeaker of a camera that we did not write: GStreamer's RTSP server. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import type { IngestError } from '../../../daemon/ingest/ingestError.ts';
import { TalkSession } from '../../../daemon/ingest/talk/talkSession.ts';
import { until } from '../../e2e/until.ts';
import { gstServerMissing } from '../../peers/gstRtspServer.ts';
import { startGstTalkServer } from '../../peers/gstTalkServer.ts';
import { frequencyOf, levelOf } from '../../peers/tone.ts';

const options = (url: string, sampleRate = 48_000) => ({
  ...{ url, sampleRate, username: undefined, password: undefined },
  log: pino({ level: 'silent' }),
});
const never = new AbortController().signal;

/** Says a tone as a microphone would: a piece every 20 ms. */
async function say(session: TalkSession, frequency: number, seconds: number, rate = 48_000): Promise<void> {
  const begun = performance.now();
  for (let n = 0; n < seconds * 50; n++) {
    session.send(
      Int16Array.from(
        { length: rate / 50 },
        (_, i) => 12_000 * Math.sin((2 * Math.PI * frequency * (n * (rate / 50) + i)) / rate),
      ),
    );
    await sleep(Math.max(0, begun + (n + 1) * 20 - performance.now()));
  }
}

const missing = process.env.CI === 'true' ? undefined : await gstServerMissing();

describe('talking to a camera', { skip: missing, timeout: 120_000 }, () => {
  for (const [coding, login] of [
    ['pcmu', []],
    ['pcma', ['operator', 'secret word']],
  ] as const)
    it(`is heard there, by ${coding}${login.length > 0 ? ', signed in' : ''}`, async () => {
      const there = await startGstTalkServer(coding, login);
      try {
        const [username, password] = login;
        const session = await TalkSession.open({ ...options(there.url), username, password }, never);
        assert.equal(session.coding, coding);
        await say(session, 700, 3);
        await until('two seconds to be heard', () => there.heard().length > 16_000);
        const middle = there.heard().subarray(4_000, 14_000);
        assert.ok(Math.abs(frequencyOf(middle, 8_000) - 700) < 7, `${frequencyOf(middle, 8_000)} Hz`);
        assert.ok(Math.abs(levelOf(middle) / (12_000 / Math.SQRT2) - 1) < 0.1, `${levelOf(middle)}`);
        await session.close();
        assert.equal((await session.closed).code, 'closed');
      } finally {
        await there.close();
      }
    });

  it('tells when the camera ends it', async () => {
    const there = await startGstTalkServer('pcmu');
    const session = await TalkSession.open(options(there.url), never);
    await there.close();
    assert.equal((await session.closed).code, 'closed');
  });
});

describe('a camera without a loudspeaker', () => {
  const sockets = new Set<Socket>();
  async function answering(answer: (request: string) => string) {
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('data', (data) => {
        const cseq = /CSeq: (\d+)/.exec(data.toString())?.[1];
        socket.write(answer(data.toString()).replace('\r\n', `\r\nCSeq: ${cseq}\r\n`));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    return { url: `rtsp://127.0.0.1:${port}/main`, server };
  }
  const sdp = (lines: string) => {
    const body = `v=0\r\ns=-\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n${lines}`;
    return `RTSP/1.0 200 OK\r\nContent-Type: application/sdp\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  };
  for (const [what, answer, message] of [
    [
      'refuses the question',
      'RTSP/1.0 551 Option not supported\r\nUnsupported: www.onvif.org/ver20/backchannel\r\n\r\n',
      /no loudspeaker/,
    ],
    ['says nothing of one', sdp(''), /no loudspeaker/],
    [
      'has one for AAC alone',
      sdp('m=audio 0 RTP/AVP 97\r\na=rtpmap:97 MPEG4-GENERIC/16000\r\na=sendonly\r\n'),
      /takes mpeg4-generic, not G.711/,
    ],
  ] as const)
    it(`that ${what} is told from one that fails`, async () => {
      const { url, server } = await answering(() => answer);
      try {
        await assert.rejects(TalkSession.open(options(url), never), (error: IngestError) => {
          assert.equal(error.code, 'unsupported');
          assert.match(error.message, message);
          return true;
        });
      } finally {
        for (const socket of sockets) socket.destroy();
        server.close();
      }
    });
});
