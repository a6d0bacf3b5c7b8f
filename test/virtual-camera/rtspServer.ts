/** Listens for RTSP at one address, for one camera or for many that differ by the path. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Camera, CameraPort } from './camera.ts';
import { PROFILES } from './fault.ts';
import { RtspConnection, type RtspContext, takeReceiverReports } from './rtspConnection.ts';
import { openUdpPair, type UdpPair } from './udpPair.ts';

const REOPEN_TRIES = 40;
const REOPEN_PAUSE = 250;

export class RtspServer implements CameraPort {
  private readonly host: string;
  private readonly cameras: readonly Camera[];
  private readonly sockets = new Set<Socket>();
  private readonly udpClients = new Map<string, Camera>();
  private udp: Promise<UdpPair> | undefined;
  private server: Server | undefined;
  private listeningPort: number;
  private wasOpen = false;

  /** @param port 0: the kernel chooses; the choice is kept when the server is closed and opened again */
  constructor(host: string, port: number, cameras: readonly Camera[]) {
    this.host = host;
    this.listeningPort = port;
    this.cameras = cameras;
  }

  get port(): number {
    return this.listeningPort;
  }

  async open(): Promise<void> {
    if (this.server) return;
    const context: RtspContext = {
      resolve: (url) => this.resolve(url),
      udp: () => this.udpPair(),
      udpClient: (host, port, camera) => {
        if (camera) this.udpClients.set(`${host}:${port}`, camera);
        else this.udpClients.delete(`${host}:${port}`);
      },
    };
    const server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      new RtspConnection(socket, context);
    });
    this.server = server;
    for (let tries = 1; this.server === server; tries++) {
      server.listen(this.listeningPort, this.host);
      try {
        await once(server, 'listening');
        break;
      } catch (error) {
        // While a camera was off, somebody else on this machine may have been given its port for a moment.
        if (!this.wasOpen || tries === REOPEN_TRIES) throw error;
        await sleep(REOPEN_PAUSE);
      }
    }
    this.wasOpen = true;
    const address = server.address();
    if (typeof address === 'object' && address) this.listeningPort = address.port;
  }

  /** Ends every connection; new ones are refused by the kernel. */
  async close(): Promise<void> {
    this.server?.close();
    this.server = undefined;
    for (const socket of this.sockets) socket.resetAndDestroy();
    const udp = this.udp;
    this.udp = undefined;
    await udp?.then((pair) => pair.close()).catch(() => {});
  }

  /** `rtsp://host:port/{camera id}/{main|sub}[/track]`, whatever the host and the query say. */
  private resolve(url: string): ReturnType<RtspContext['resolve']> {
    const path = url.replace(/^rtsp:\/\/[^/]*/i, '').replace(/[?#].*$/, '');
    const [id, name, ...rest] = path.split('/').filter(Boolean);
    const camera = this.cameras.find(({ settings }) => settings.id === id);
    const profile = PROFILES.find((known) => known === name);
    return camera && profile ? { camera, profile, track: rest.length > 0 } : undefined;
  }

  private udpPair(): Promise<UdpPair> {
    this.udp ??= openUdpPair(this.host, (packet, host, port) => {
      const camera = this.udpClients.get(`${host}:${port}`);
      if (camera) takeReceiverReports(camera, packet);
    });
    return this.udp;
  }
}
