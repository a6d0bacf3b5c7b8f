import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import { UdpTransport } from '../../daemon/rtsp/udpTransport.ts';
import { until } from '../ingest/until.ts';

const closers: (() => void)[] = [];
after(() => {
  for (const close of closers) close();
});

async function socket(address = '127.0.0.1'): Promise<Socket> {
  const s = createSocket('udp4');
  closers.push(() => s.close());
  s.bind(0, address);
  await once(s, 'listening');
  return s;
}

async function open() {
  const rtp: string[] = [];
  const rtcp: string[] = [];
  const transport = await UdpTransport.open({
    localAddress: '127.0.0.1',
    remoteAddress: '::ffff:127.0.0.1',
    rtp: (datagram) => rtp.push(datagram.toString()),
    rtcp: (datagram) => rtcp.push(datagram.toString()),
  });
  closers.push(() => transport.close());
  return { transport, rtp, rtcp };
}

describe('UdpTransport (case 53)', () => {
  test('takes an even port and the odd one after it, however many are open', async () => {
    const used = new Set<number>();
    for (let i = 0; i < 20; i++) {
      const { ports } = (await open()).transport;
      assert.equal(ports.rtp % 2, 0);
      assert.equal(ports.rtcp, ports.rtp + 1);
      used.add(ports.rtp);
    }
    assert.equal(used.size, 20);
  });

  test('takes packets from any port of the camera, up to 10 000 bytes, and none of other hosts', async () => {
    const { transport, rtp, rtcp } = await open();
    const camera = await socket();
    const stranger = await socket('127.0.0.9');
    stranger.send('stranger', transport.ports.rtp, '127.0.0.1');
    camera.send('x'.repeat(10_000), transport.ports.rtp, '127.0.0.1');
    camera.send('report', transport.ports.rtcp, '127.0.0.1');
    await until(() => rtp.length === 1 && rtcp.length === 1);
    assert.equal(rtp[0]?.length, 10_000);
    transport.setTarget({ address: '127.0.0.1', rtp: 9, rtcp: 9 }, '127.0.0.9'); // source= of the answer
    stranger.send('second address', transport.ports.rtp, '127.0.0.1');
    await until(() => rtp.length === 2);
    assert.equal(rtp[1], 'second address');
  });

  test('punches from each port to its counterpart, and RTCP leaves from the RTCP port', async () => {
    const { transport } = await open();
    const [rtp, rtcp] = [await socket(), await socket()];
    const got: [string, string, number][] = [];
    rtp.on('message', (bytes, from) => got.push(['rtp', bytes.toString(), from.port]));
    rtcp.on('message', (bytes, from) => got.push(['rtcp', bytes.toString(), from.port]));
    transport.sendRtcp(Buffer.from('nowhere to go yet'));
    const target = { address: '127.0.0.1', rtp: rtp.address().port, rtcp: rtcp.address().port };
    transport.setTarget(target, undefined);
    transport.punch(Buffer.from('a'), Buffer.from('b'));
    transport.sendRtcp(Buffer.from('c'));
    await until(() => got.length === 3);
    assert.deepEqual(got.toSorted(), [
      ['rtcp', 'b', transport.ports.rtcp],
      ['rtcp', 'c', transport.ports.rtcp],
      ['rtp', 'a', transport.ports.rtp],
    ]);
  });

  test('ICMP refusals after punching are no fault', async () => {
    const { transport, rtp } = await open();
    const closed = await socket();
    const { port } = closed.address();
    closers.pop();
    closed.close();
    transport.setTarget({ address: '127.0.0.1', rtp: port, rtcp: port }, undefined);
    for (let i = 0; i < 5; i++) transport.punch(Buffer.from('a'), Buffer.from('b'));
    const camera = await socket();
    camera.send('after', transport.ports.rtp, '127.0.0.1');
    await until(() => rtp.length === 1);
    assert.deepEqual(rtp, ['after']);
  });

  test('after close nothing is delivered and sending is harmless', async () => {
    const { transport } = await open();
    transport.close();
    transport.close();
    transport.sendRtcp(Buffer.from('x'));
  });
});
