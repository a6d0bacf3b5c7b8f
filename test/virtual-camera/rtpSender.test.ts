import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { LiveFrame } from './liveChannel.ts';
import { RtpSender, tcpSink } from './rtpSender.ts';
import { until } from './testClient.ts';

/** A picture of 40 packets of 1400 bytes. */
function frame(number: number): LiveFrame {
  const packets = Array.from({ length: 40 }, () => {
    const packet = Buffer.alloc(1400);
    packet[0] = 0x80;
    packet.writeUInt32BE(number, 12);
    return packet;
  });
  return { packets, key: number % 15 === 0, stamp: number, rtpTime: number * 6000 };
}

describe('RTP over TCP to a client that does not read', () => {
  it('leaves whole pictures out up to a key frame, in bounded memory', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const client = connect(typeof address === 'object' && address ? address.port : 0, '127.0.0.1').pause();
    const [socket] = (await once(server, 'connection')) as [Socket];
    try {
      const sender = new RtpSender(
        tcpSink(socket, [0, 1], () => ({})),
        'test',
        false,
      );
      let sent = 0;
      let most = 0;
      const next = async () => {
        sender.send(frame(sent++));
        most = Math.max(most, socket.writableLength);
        await new Promise((resolve) => setImmediate(resolve));
      };
      // The kernel's own buffers take some megabytes first.
      while (sender.dropped < 3 && sent < 5000) await next();
      assert.equal(sender.dropped, 3);
      assert.ok(most < 1024 * 1024, `${most} bytes queued`);
      const firstLeftOut = sent;

      let pending: Buffer = Buffer.alloc(0);
      const pictures: number[] = [];
      client.on('data', (chunk) => {
        pending = Buffer.concat([pending, chunk]);
        while (pending.length >= 4 && pending.length >= 4 + pending.readUInt16BE(2)) {
          const used = 4 + pending.readUInt16BE(2);
          if (pending[1] === 0) pictures.push(pending.readUInt32BE(16));
          pending = pending.subarray(used);
        }
      });
      client.resume();
      await until('everything was read', () => socket.writableLength === 0);
      for (let i = 0; i < 20; i++) await next();
      await until('the newest picture', () => pictures.at(-1) === sent - 1);
      const counts = Map.groupBy(pictures, (number) => number);
      for (const packets of counts.values()) assert.equal(packets.length, 40);
      const begin = [...counts.keys()].find((number) => number >= firstLeftOut);
      assert.equal(begin! % 15, 0);
    } finally {
      client.destroy();
      socket.destroy();
      server.close();
    }
  });
});
