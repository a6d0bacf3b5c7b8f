/** A session over UDP on a real server: ports, reports, a goodbye; and a client that cannot make us shoot at others. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import pino from 'pino';
import { parseRtp } from '../../daemon/ingest/rtp.ts';
import { RestreamServer } from '../../daemon/restream/restreamServer.ts';
import { isRtcp, parseRtcp } from '../../daemon/rtsp/rtcp.ts';
import { UdpTransport } from '../../daemon/rtsp/udpTransport.ts';
import { until } from '../ingest/until.ts';
import { FakeStreams } from './fakes.ts';

const streams = new FakeStreams();
const server = new RestreamServer({
  streams,
  login: async () => ({ may: true, hold: () => () => {} }),
  log: pino({ level: 'silent' }),
});
let port: number;
before(async () => {
  port = await server.listen({ host: '127.0.0.1', port: 0 });
});
after(() => server.close());

async function dial() {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let text = '';
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  let cseq = 0;
  const ask = async (method: string, headers: string) => {
    text = '';
    socket.write(`${method} rtsp://127.0.0.1/door RTSP/1.0\r\nCSeq: ${++cseq}\r\n${headers}\r\n`);
    await until(() => text.includes('\r\n\r\n'));
    return text;
  };
  return { socket, ask };
}

describe('over UDP', { timeout: 30_000 }, () => {
  test('packets from the ports that SETUP told, in order; a large group of pictures too; BYE; the ports are free again', async () => {
    for (let i = 0; i < 10; i++) streams.picture(i === 0, 100_000);
    const got: Buffer[] = [];
    const reports: Buffer[] = [];
    const own = await UdpTransport.open({
      ...{ localAddress: '127.0.0.1', remoteAddress: '127.0.0.1' },
      rtp: (datagram) => got.push(Buffer.from(datagram)),
      rtcp: (datagram) => reports.push(Buffer.from(datagram)),
    });
    const { socket, ask } = await dial();
    const { rtp, rtcp } = own.ports;
    const answer = await ask('SETUP', `Transport: RTP/AVP;unicast;client_port=${rtp}-${rtcp}\r\n`);
    const [, first = 0, second = 0] = (/server_port=(\d+)-(\d+)/.exec(answer) ?? []).map(Number);
    assert.ok(first > 0 && first % 2 === 0 && second === first + 1, answer);
    const session = /Session: (\w+);timeout=60/.exec(answer)?.[1] ?? '';
    assert.equal(server.sessions, 1);
    await ask('PLAY', `Session: ${session}\r\n`);
    const packets = () =>
      got.map((datagram) => {
        const packet = parseRtp(datagram);
        assert.ok(!('invalid' in packet));
        return packet;
      });
    await until(() => packets().filter(({ marker }) => marker).length >= 10);
    const sequences = packets().map(({ sequence }) => sequence);
    assert.deepEqual(
      sequences,
      sequences.map((_, i) => (sequences[0]! + i) & 0xffff),
    );
    assert.ok(got.every(({ length }) => length <= 1_412));
    await until(() => reports.length >= 1);
    assert.ok(isRtcp(reports[0]!));

    await ask('TEARDOWN', `Session: ${session}\r\n`);
    await until(() => reports.flatMap(parseRtcp).some(({ type }) => type === 'goodbye'));
    assert.deepEqual([server.sessions, streams.viewers.size], [0, 0]);
    const again = createSocket('udp4');
    await until(() => {
      try {
        again.bind({ port: first, address: '127.0.0.1', exclusive: true });
        return true;
      } catch {
        return false;
      }
    });
    await once(again, 'listening');
    again.close();
    own.close();
    socket.destroy();
  });

  test('a `destination` is not looked at', async () => {
    const { socket, ask } = await dial();
    const answer = await ask(
      'SETUP',
      'Transport: RTP/AVP;unicast;destination=198.51.100.7;client_port=50000-50001\r\n',
    );
    assert.match(answer, /^RTSP\/1\.0 200 /);
    assert.doesNotMatch(answer, /198\.51\.100\.7/);
    socket.destroy();
    await until(() => server.sessions === 0);
    assert.equal(streams.viewers.size, 0);
  });

  test('sessions are counted: 64, then 453; they are free again when their connections end', async () => {
    const clients = await Promise.all(Array.from({ length: 65 }, dial));
    const answers = await Promise.all(
      clients.map(({ ask }) => ask('SETUP', 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n')),
    );
    const of = (status: number) =>
      answers.filter((answer) => answer.startsWith(`RTSP/1.0 ${status} `)).length;
    assert.deepEqual([of(200), of(453)], [64, 1]);
    for (const { socket } of clients) socket.destroy();
    await until(() => server.sessions === 0);
    await until(() => streams.viewers.size === 0);
  });

  test('close ends all: goodbye, sockets, sessions', async () => {
    const other = new RestreamServer({
      streams,
      login: async () => ({ may: true, hold: () => () => {} }),
      log: pino({ level: 'silent' }),
    });
    const at = await other.listen({ host: '127.0.0.1', port: 0 });
    const socket = connect(at, '127.0.0.1');
    await once(socket, 'connect');
    socket.resume();
    await until(() => socket.readyState === 'open');
    const ended = once(socket, 'close');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await other.close();
    await ended;
    assert.equal(other.port, null);
  });
});
