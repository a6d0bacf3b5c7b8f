/** A scripted camera that sends sound. */
import { interleaved, SDP as PICTURES_ONLY, type Script, type ScriptedConnection } from './scriptedServer.ts';

export const SSRC = 0x50b0d;
export const SDP = `${PICTURES_ONLY}m=audio 0 RTP/AVP 8\r\na=control:track2\r\n`;

/** RTP packets of A-law, 100 ms each, as the scripted camera's pictures are. */
class Sounds {
  #count = 0;

  next(): Buffer {
    const packet = Buffer.alloc(12 + 800, 0xd5);
    packet.set([0x80, 0x88]);
    packet.writeUInt16BE(500 + this.#count, 2);
    packet.writeUInt32BE(7000 + 800 * this.#count++, 4);
    packet.writeUInt32BE(SSRC, 8);
    return packet;
  }
}

export interface TalkingCamera {
  sdp?: string;
  /** Where its sound goes; on channel 2 if nothing is said. */
  send?: (connection: ScriptedConnection, packet: Buffer) => void;
  script?: Script;
}

/** A scripted camera that sends sound from PLAY on, at the pace of its pictures. */
export function talking({ sdp = SDP, send, script = {} }: TalkingCamera = {}): Script {
  return {
    DESCRIBE: (request) => ({
      headers: { 'Content-Type': 'application/sdp', 'Content-Base': `${request.url}/` },
      body: sdp,
    }),
    PLAY: (_request, connection) => {
      const sounds = new Sounds();
      const timer = setInterval(() => {
        const packet = sounds.next();
        if (send) send(connection, packet);
        else connection.send(interleaved(2, packet));
      }, 15);
      connection.socket.on('close', () => clearInterval(timer));
      return undefined;
    },
    SETUP: ({ url, headers }) =>
      url.endsWith('track2')
        ? { headers: { Session: 'abc123;timeout=60', Transport: headers.Transport ?? '' } }
        : undefined,
    ...script,
  };
}
