/** One session's pictures on their way to one client: rewrites RTP headers so that the loop has no seam. */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { LastingFaults } from './fault.ts';
import type { LiveFrame } from './liveChannel.ts';
import { formatSenderReport } from './rtcp.ts';
import { randomFrom } from './scene.ts';
import type { UdpPair } from './udpPair.ts';

/** Where the packets go. */
export interface PacketSink {
  /** All packets of one picture; false when the client is too slow and the picture was left out. */
  frame(packets: readonly Buffer[]): boolean;
  rtcp(packet: Buffer): void;
}

/** A client that reads nothing costs this much memory at most, bytes; then whole pictures are left out. */
const MOST_QUEUED = 512 * 1024;

/** RTP and RTCP between the answers on the RTSP connection. */
export function tcpSink(
  socket: Socket,
  channels: readonly [number, number],
  faults: () => LastingFaults,
): PacketSink {
  const interleave = (channel: number, packet: Buffer) => {
    const head = Buffer.from([0x24, channel, packet.length >> 8, packet.length & 0xff]);
    return [head, packet];
  };
  let pictures = 0;
  return {
    frame(packets) {
      if (socket.writableLength > MOST_QUEUED) return false;
      const parts = packets.flatMap((packet) => interleave(channels[0], packet));
      const garbage = pictures++ % 2 === 0 ? Buffer.alloc(3) : Buffer.from('\r\n');
      if (faults().malformed?.includes('garbage')) parts.unshift(garbage);
      if (!socket.destroyed) socket.write(Buffer.concat(parts));
      return true;
    },
    rtcp(packet) {
      if (!socket.destroyed) socket.write(Buffer.concat(interleave(channels[1], packet)));
    },
  };
}

/** Milliseconds: a network that mixes packets up does not keep one of a slow camera until its next picture. */
const LONGEST_LATE = 20;

/** RTP and RTCP to two ports of the client, with loss and reordering on command. */
export function udpSink(
  pair: UdpPair,
  host: string,
  ports: readonly [number, number],
  faults: () => LastingFaults,
  counts: { udpLost: number; udpReordered: number },
): PacketSink {
  let late: { packet: Buffer; after: number }[] = [];
  let random = randomFrom(1);
  let seed = 1;
  const deliver = (packet: Buffer) => {
    const { udpJitter = 0 } = faults();
    const now = () => pair.sendRtp(packet, ports[0], host);
    if (udpJitter > 0) setTimeout(now, random() * udpJitter);
    else now();
  };
  const send = (packet: Buffer) => {
    const { udpLoss = 0, udpReorder = 0, seed: wanted = 1 } = faults();
    if (wanted !== seed) {
      seed = wanted;
      random = randomFrom(seed);
    }
    if (udpLoss > 0 && random() < udpLoss) counts.udpLost++;
    else if (udpReorder > 0 && random() < udpReorder) {
      counts.udpReordered++;
      const held = { packet, after: 1 + Math.floor(random() * 3) };
      late.push(held);
      setTimeout(() => {
        if (!late.includes(held)) return;
        late = late.filter((one) => one !== held);
        deliver(packet);
      }, LONGEST_LATE);
      return;
    } else deliver(packet);
    for (const held of late) held.after--;
    for (const held of late) if (held.after <= 0) deliver(held.packet);
    late = late.filter(({ after }) => after > 0);
  };
  return {
    frame(packets) {
      packets.forEach(send);
      return true;
    },
    rtcp: (packet) => pair.sendRtcp(packet, ports[1], host),
  };
}

const REPORT_PERIOD = 5000;

export class RtpSender {
  ssrc = 0;
  /** Pictures left out because the client was too slow. */
  dropped = 0;
  private readonly sink: PacketSink;
  private readonly cname: string;
  private sequence = 0;
  private timeOffset = 0;
  private packets = 0;
  private octets = 0;
  private reportedAt = Number.NEGATIVE_INFINITY;
  private waitForKey: boolean;

  /** @param startAtKey wait for a key frame at the beginning; real cameras mostly begin anywhere */
  constructor(sink: PacketSink, cname: string, startAtKey: boolean) {
    this.sink = sink;
    this.cname = cname;
    this.waitForKey = startAtKey;
    this.renew();
  }

  /** A new SSRC with random first sequence number and timestamp (RFC 3550 §5.1). */
  renew(): void {
    const random = randomBytes(10);
    this.ssrc = random.readUInt32BE(0);
    this.timeOffset = random.readUInt32BE(4);
    this.sequence = random.readUInt16BE(8);
    this.packets = 0;
    this.octets = 0;
    this.reportedAt = Number.NEGATIVE_INFINITY;
  }

  /** The sequence number that the next packet will have. */
  get nextSequence(): number {
    return this.sequence;
  }

  send(frame: LiveFrame): void {
    if (this.waitForKey && !frame.key) return;
    this.waitForKey = false;
    const rtpTime = (frame.rtpTime + this.timeOffset) >>> 0;
    const packets = frame.packets.map((original) => {
      const packet = Buffer.from(original);
      packet.writeUInt16BE(this.sequence, 2);
      packet.writeUInt32BE(rtpTime, 4);
      packet.writeUInt32BE(this.ssrc, 8);
      this.sequence = (this.sequence + 1) & 0xffff;
      return packet;
    });
    if (!this.sink.frame(packets)) {
      // What follows could not be decoded without this picture.
      this.dropped++;
      this.waitForKey = true;
      return;
    }
    this.packets += packets.length;
    this.octets += packets.reduce((sum, { length }) => sum + length - 12, 0);
    if (performance.now() - this.reportedAt >= REPORT_PERIOD) this.report(rtpTime);
  }

  private report(rtpTime: number): void {
    this.reportedAt = performance.now();
    const { ssrc, packets, octets } = this;
    this.sink.rtcp(formatSenderReport({ ssrc, time: Date.now(), rtpTime, packets, octets }, this.cname));
  }
}
