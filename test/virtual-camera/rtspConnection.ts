/** One RTSP connection to a camera: requests in order, answers, at most one session (RFC 2326). */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { ConnectionAuth } from './auth.ts';
import { type Camera, type CameraConnection, countRequest } from './camera.ts';
import type { Malformation, Profile } from './fault.ts';
import type { LiveChannel, LiveFrame } from './liveChannel.ts';
import { parseReceiverReports } from './rtcp.ts';
import { type PacketSink, RtpSender, tcpSink, udpSink } from './rtpSender.ts';
import { formatAnswer, parseTransport, RtspReader, type RtspRequest, reasonOf } from './rtspMessage.ts';
import type { UdpPair } from './udpPair.ts';

export interface RtspContext {
  /** Finds what a request URL names. */
  resolve(url: string): { camera: Camera; profile: Profile; track: boolean } | undefined;
  udp(): Promise<UdpPair>;
  /** Announces whose receiver reports come from this address. */
  udpClient(host: string, rtcpPort: number, camera: Camera | undefined): void;
}

type Headers = [string, string][];

interface Session {
  readonly id: string;
  readonly channel: LiveChannel;
  readonly sender: RtpSender;
  readonly watcher: (frame: LiveFrame) => void;
  readonly idle: NodeJS.Timeout;
  /** Ports of a UDP client, channels of a TCP client. */
  readonly transport: { readonly kind: 'tcp' | 'udp'; readonly pair: readonly [number, number] };
  playing: boolean;
}

const METHODS = [
  'OPTIONS',
  'DESCRIBE',
  'SETUP',
  'PLAY',
  'PAUSE',
  'TEARDOWN',
  'GET_PARAMETER',
  'SET_PARAMETER',
];
const SERVER_OPTIONS = 'OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: RDIPCamera\r\n\r\n';
/** Requests sent ahead on one connection; a client that sends more is cut off. */
const MOST_WAITING = 100;

export class RtspConnection implements CameraConnection {
  private readonly socket: Socket;
  private readonly context: RtspContext;
  private camera: Camera | undefined;
  private auth: ConnectionAuth | undefined;
  private session: Session | undefined;
  private waiting = 0;
  private queue: Promise<void> = Promise.resolve();
  private previousSequence = '0';

  constructor(socket: Socket, context: RtspContext) {
    this.socket = socket;
    this.context = context;
    const reader = new RtspReader();
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      const understood = reader.push(chunk, (message) => {
        if (message.kind === 'interleaved') this.takeRtcp(message.channel, message.payload);
        else if (message.kind === 'request') this.enqueue(message);
      });
      if (!understood) socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', () => this.end());
  }

  drop(): void {
    this.socket.resetAndDestroy();
  }

  get hasSession(): boolean {
    return this.session !== undefined;
  }

  expireNonces(): void {
    this.auth?.renew();
  }

  newSsrc(): void {
    this.session?.sender.renew();
  }

  private end(): void {
    this.closeSession();
    this.camera?.connections.delete(this);
    this.camera = undefined;
  }

  private enqueue(request: RtspRequest): void {
    if (++this.waiting > MOST_WAITING) this.socket.destroy();
    this.queue = this.queue.then(async () => {
      this.waiting--;
      if (this.socket.destroyed) return;
      await this.take(request).catch(() => this.socket.destroy());
    });
  }

  private async take(request: RtspRequest): Promise<void> {
    const target = this.context.resolve(request.url);
    if (target && !this.camera) this.belongTo(target.camera);
    const camera = this.camera;
    if (!camera) return this.answer(request, request.method === 'OPTIONS' ? 200 : 404, publicMethods());
    countRequest(camera.stats, request.method);
    if (camera.off) return this.drop();
    this.session?.idle.refresh();
    if (camera.faults.delay) await new Promise((resolve) => setTimeout(resolve, camera.faults.delay));
    if (this.socket.destroyed) return;
    const forced = camera.faults.answers?.[request.method];
    if (forced !== undefined) return this.answer(request, forced);
    if (!this.admits(camera, request)) return;
    await this.perform(camera, request, target?.camera === camera ? target : undefined);
  }

  private belongTo(camera: Camera): void {
    this.camera = camera;
    this.auth = new ConnectionAuth(camera.settings.account);
    camera.connections.add(this);
    camera.stats.connections++;
  }

  /** OPTIONS is open to all, as on most cameras, but not as the keep-alive of a session. */
  private admits(camera: Camera, request: RtspRequest): boolean {
    if (request.method === 'OPTIONS' && !request.headers.has('session') && !camera.faults.unauthorized)
      return true;
    const auth = this.auth!;
    const proof = auth.check(request.method, request.url, request.headers.get('authorization'));
    if (proof !== 'refused' && !camera.faults.unauthorized) {
      camera.stats.lastAuth = proof;
      return true;
    }
    camera.stats.unauthorized++;
    this.answer(
      request,
      401,
      auth.wwwAuthenticate().map((value) => ['WWW-Authenticate', value]),
    );
    return false;
  }

  private async perform(
    camera: Camera,
    request: RtspRequest,
    target: { profile: Profile; track: boolean } | undefined,
  ): Promise<void> {
    switch (request.method) {
      case 'OPTIONS':
        return this.answer(request, 200, publicMethods());
      case 'DESCRIBE':
        if (!target || target.track) return this.answer(request, 404);
        return this.describe(camera, request, camera.channels[target.profile]);
      case 'SETUP':
        if (!target) return this.answer(request, 404);
        return this.setup(camera, request, camera.channels[target.profile]);
      case 'PLAY':
      case 'PAUSE':
      case 'TEARDOWN':
      case 'GET_PARAMETER':
      case 'SET_PARAMETER':
        return this.perSession(camera, request);
      default:
        return this.answer(request, 501, publicMethods());
    }
  }

  private describe(camera: Camera, request: RtspRequest, channel: LiveChannel): void {
    camera.stats.describes++;
    const base = `${request.url.replace(/\/$/, '')}/`;
    const sdp = [
      ...['v=0', 'o=- 1 1 IN IP4 0.0.0.0', `s=${camera.settings.name}`, 'c=IN IP4 0.0.0.0', 't=0 0'],
      ...['a=control:*', 'a=range:npt=now-'],
      ...[...channel.clip.sdp, `a=framerate:${channel.clip.parameters.fps}`, 'a=control:trackID=0'],
      ...(camera.settings.audio ? ['m=audio 0 RTP/AVP 8', 'a=control:trackID=1', 'a=recvonly'] : []),
      '',
    ].join('\r\n');
    const headers: Headers = [
      ['Content-Base', this.malformed('content-base') ? base.replace(/^rtsp:\/\//, '') : base],
      ['Content-Type', 'application/sdp'],
    ];
    if (this.malformed('no-content-type')) headers.pop();
    this.answer(request, 200, headers, sdp);
  }

  private async setup(camera: Camera, request: RtspRequest, channel: LiveChannel): Promise<void> {
    const { faults, stats, settings } = camera;
    if (this.session) return this.answer(request, 455);
    if (faults.capacity !== undefined && stats.sessions >= faults.capacity) {
      if (!faults.displaces) return this.answer(request, 453);
      camera.dropOldest();
    }
    let wanted = parseTransport(request.headers.get('transport') ?? '');
    if (!wanted || (wanted.kind === 'udp' ? faults.udp : faults.tcp) === 'refused')
      return this.answer(request, 461);
    if (wanted.kind === 'udp' && faults.udp === 'answered-tcp') wanted = { kind: 'tcp', channels: [0, 1] };
    if (wanted.kind === 'tcp' && this.malformed('other-channels'))
      wanted = { kind: 'tcp', channels: [10, 11] };
    const host = this.socket.remoteAddress ?? '';
    const currentFaults = () => camera.faults;
    let sink: PacketSink;
    let transport: string;
    if (wanted.kind === 'tcp') {
      sink = tcpSink(this.socket, wanted.channels, currentFaults);
      transport = `RTP/AVP/TCP;unicast;interleaved=${wanted.channels.join('-')}`;
    } else {
      const udp = await this.context.udp();
      sink = udpSink(udp, host, wanted.ports, currentFaults, stats);
      transport = `RTP/AVP;unicast;client_port=${wanted.ports.join('-')};server_port=${udp.ports.join('-')}`;
      this.context.udpClient(host, wanted.ports[1], camera);
    }
    if (this.socket.destroyed) return;
    const sender = new RtpSender(sink, settings.id, settings.startAtKey);
    const seconds = settings.sessionTimeout || 60;
    this.session = {
      id: randomBytes(4).toString('hex').toUpperCase(),
      channel,
      sender,
      watcher: (frame) => {
        const dropped = sender.dropped;
        sender.send(frame);
        if (sender.dropped > dropped) stats.framesDropped++;
        else stats.framesSent++;
      },
      idle: setTimeout(() => this.expire(camera), seconds * 1000),
      transport: { kind: wanted.kind, pair: wanted.kind === 'tcp' ? wanted.channels : wanted.ports },
      playing: false,
    };
    stats.sessions++;
    stats.totalSessions++;
    stats.lastTransport = wanted.kind;
    const ssrc = sender.ssrc.toString(16).toUpperCase().padStart(8, '0');
    this.answer(request, 200, [['Transport', `${transport};ssrc=${ssrc}`], ...this.sessionHeader(camera)]);
  }

  /** The methods that speak of a session; their answers are the same but for PLAY's. */
  private perSession(camera: Camera, request: RtspRequest): void {
    const named = request.headers.get('session')?.split(';')[0]?.trim();
    const session = this.session;
    const isKeepAlive = request.method.endsWith('_PARAMETER');
    if (named !== undefined ? named !== session?.id : !session && !isKeepAlive) {
      this.answer(request, 454);
    } else if (request.method === 'PLAY' && session) {
      const headers: Headers = [['Range', 'npt=now-'], this.rtpInfo(request, session)];
      this.answer(request, 200, [...this.sessionHeader(camera), ...headers]);
      if (this.malformed('server-options')) this.socket.write(SERVER_OPTIONS);
      this.play(camera, session);
    } else {
      if (request.method === 'PAUSE' && session) this.halt(camera, session);
      this.answer(request, 200, this.sessionHeader(camera));
      if (request.method === 'TEARDOWN') this.closeSession();
    }
  }

  private play(camera: Camera, session: Session): void {
    if (session.playing) return;
    session.playing = true;
    camera.stats.playing++;
    session.channel.watch(session.watcher);
  }

  private halt(camera: Camera, session: Session): void {
    if (!session.playing) return;
    session.playing = false;
    camera.stats.playing--;
    session.channel.unwatch(session.watcher);
  }

  private closeSession(): void {
    const { session, camera } = this;
    if (!session || !camera) return;
    this.session = undefined;
    clearTimeout(session.idle);
    this.halt(camera, session);
    camera.stats.sessions--;
    if (session.transport.kind === 'udp') {
      this.context.udpClient(this.socket.remoteAddress ?? '', session.transport.pair[1], undefined);
    }
  }

  /** The session's time ran out: live555 and most cameras close the connection with it. */
  private expire(camera: Camera): void {
    camera.stats.timeouts++;
    this.socket.destroy();
  }

  private takeRtcp(channel: number, payload: Buffer): void {
    const { session, camera } = this;
    if (!camera || session?.transport.kind !== 'tcp' || channel !== session.transport.pair[1]) return;
    takeReceiverReports(camera, payload);
  }

  private sessionHeader(camera: Camera): Headers {
    if (!this.session) return [];
    const { sessionTimeout } = camera.settings;
    return [['Session', sessionTimeout ? `${this.session.id};timeout=${sessionTimeout}` : this.session.id]];
  }

  private rtpInfo(request: RtspRequest, session: Session): [string, string] {
    const url = `${request.url.replace(/\/$/, '')}/trackID=0`;
    if (this.malformed('rtp-info')) return ['RTP-Info', `url=${url};seq=0;rtptime=-1;`];
    return ['RTP-Info', `url=${url};seq=${session.sender.nextSequence}`];
  }

  private malformed(what: Malformation): boolean {
    return this.camera?.faults.malformed?.includes(what) ?? false;
  }

  private answer(request: RtspRequest, status: number, headers: Headers = [], body = ''): void {
    const sequence = request.headers.get('cseq') ?? '0';
    let all: Headers = [
      ['CSeq', this.malformed('wrong-cseq') ? this.previousSequence : sequence],
      ...headers,
    ];
    this.previousSequence = sequence;
    if (this.malformed('no-cseq')) all.shift();
    if (this.malformed('no-session')) all = all.filter(([name]) => name !== 'Session');
    if (this.malformed('blanks')) all = all.map(([name, value]) => [name, `       ${value} `]);
    let line = `RTSP/1.0 ${status} ${reasonOf(status)}`;
    if (this.malformed('no-reason')) line = `RTSP/1.0 ${status}`;
    if (this.malformed('status-line')) line = `HELLO ${status} ${reasonOf(status)}`;
    this.socket.write(formatAnswer(line, all, body));
  }
}

function publicMethods(): Headers {
  return [['Public', METHODS.join(', ')]];
}

/** Counts what a client reports about our stream, by whichever way it came. */
export function takeReceiverReports(camera: Camera, packet: Buffer): void {
  for (const report of parseReceiverReports(packet)) {
    camera.stats.receiverReports++;
    camera.stats.lastReceiverReport = report;
  }
}
