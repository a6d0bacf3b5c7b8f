/** One stream of one camera over RTSP, from connecting to TEARDOWN. Retrying is its supervisor's business. */
import type { Logger } from 'pino';
import type { AccessUnit, AudioFrame, AudioParameters } from '../frame.ts';
import type { JudgeCertificate } from './cameraSocket.ts';
import { type AudioCounters, type IngestCounters, newAudioCounters, newCounters } from './counters.ts';
import type { DialogMemory } from './dialogOutcome.ts';
import type { Handover } from './handover/handover.ts';
import { IngestError } from './ingestError.ts';
import { RtspDialog } from './rtspDialog.ts';
import type { VideoChoice } from './sdp.ts';
import type { SourceSession } from './sourceSession.ts';
import { parseRtspUrl, redactUrl, type SourceUrl } from './sourceUrl.ts';

const MAX_REDIRECTS = 3;
export type TransportInUse = 'tcp' | 'udp' | 'http' | 'multicast';
const TRANSPORTS = {
  auto: ['tcp', 'udp'],
  tcp: ['tcp'],
  udp: ['udp', 'tcp'],
  http: ['http'],
  multicast: ['multicast', 'udp', 'tcp'],
} as const;

export interface RtspSessionOptions {
  /** `rtsp://` or `rtsps://` address. Userinfo in it is split off at the last `@` and never sent on the request line. */
  url: string;
  /** Taken instead of the userinfo in the address. */
  username?: string | undefined;
  password?: string | undefined;
  /** Over TLS always TCP. auto: TCP, then UDP if the camera refuses TCP · udp: UDP, then TCP if it is refused, nothing arrives or much is lost · tcp: only that · http: tunnelled through it · multicast: then as udp. */
  transport: keyof typeof TRANSPORTS;
  /** Of the transports that `transport` allows the one to begin with: what worked the last time. The others stay, behind it. */
  first?: TransportInUse | undefined;
  /** Ask for the sound as well, default no. */
  audio?: boolean | undefined;
  /** Milliseconds until the TCP connection stands, default 5000. */
  connectTimeout?: number | undefined;
  /** Milliseconds for an answer, default 10000. */
  requestTimeout?: number | undefined;
  /** Milliseconds without RTP while playing, default 5000. */
  stallTimeout?: number | undefined;
  /** Method of the keep-alive, default OPTIONS; GET_PARAMETER for a camera whose last session had `keepAliveSuspect`. */
  keepAlive?: 'OPTIONS' | 'GET_PARAMETER' | undefined;
  /** Asked over TLS; default: whatever the camera shows. */
  judge?: JudgeCertificate | undefined;
  /** To go on with the session of a daemon before, and to leave it to the next one: over plain TCP alone. */
  handover?: Handover | undefined;
  log: Logger;
}

/** What the SDP says of the video that was chosen. */
export interface MediaSummary {
  /** As FFmpeg names it. */
  readonly codec: string;
  readonly payloadType: number;
  /** Hz. */
  readonly clockRate: number;
  readonly framerate: number | undefined;
  readonly dimensions: { readonly width: number; readonly height: number } | undefined;
}

export interface RtspSessionSink {
  /** PLAY was answered with 200. Comes again if UDP stays silent and TCP is taken instead. */
  playing(info: { transport: TransportInUse; video: MediaSummary }): void;
  /** Must not throw. The first ones can come before `playing`: some cameras send before they answer PLAY (case 43). */
  accessUnit(unit: AccessUnit): void;
  /** Must not throw. Only with `audio`, and none before the first access unit. */
  audioFrame?(frame: AudioFrame): void;
}

export class RtspSession implements SourceSession {
  /** Live numbers of this session. */
  readonly counters: IngestCounters = newCounters();
  /** The same of its sound. */
  readonly audioCounters: AudioCounters = newAudioCounters();
  readonly #options: RtspSessionOptions;
  readonly #sink: RtspSessionSink;
  readonly #memory: DialogMemory;
  #dialog: RtspDialog | undefined;
  #running = false;

  constructor(options: RtspSessionOptions, sink: RtspSessionSink) {
    this.#options = options;
    this.#sink = sink;
    this.#memory = {
      counters: this.counters,
      audioCounters: this.audioCounters,
      refusesSha256: false,
      methods: new Set(),
      refusesPause: false,
      refusesAudio: false,
      loginWorked: false,
      keepAliveSuspect: false,
      staleSession: false,
      hasAudio: undefined,
      sound: undefined,
    };
  }

  /** The camera lists PAUSE and has not refused it. */
  get canPause(): boolean {
    return this.#memory.methods.has('PAUSE') && !this.#memory.refusesPause;
  }

  /** The camera offers sound too; undefined before it said what it has. */
  get hasAudio(): boolean | undefined {
    return this.#memory.hasAudio;
  }

  /** The sound that was set up; undefined before that, and where there is none: not asked for, not taken, refused. */
  get audio(): AudioParameters | undefined {
    return this.#memory.sound?.audio;
  }

  /** What asking for sound came to. */
  get soundTrial(): { refused: boolean; setUp: boolean; picture: boolean } {
    const picture = this.counters.frames_received > 0;
    return { refused: this.#memory.refusesAudio, setUp: this.audio !== undefined, picture };
  }

  /** Credentials were asked for and accepted: a later 401 or 403 means "too many users" (case 23). */
  get loginWorked(): boolean {
    return this.#memory.loginWorked;
  }

  /** The session ended at about its timeout although OPTIONS was sent: next time `keepAlive: 'GET_PARAMETER'` (case 48). */
  get keepAliveSuspect(): boolean {
    return this.#memory.keepAliveSuspect;
  }

  /** The camera sent a dead session's packets into this connection: wait 65 s before the next one, or use UDP (case 44). */
  get staleSession(): boolean {
    return this.#memory.staleSession;
  }

  /**
   * Connects and plays. Resolves 'ended' when a recording (a finite `a=range`) is over, and 'aborted' after `signal`,
   * with TEARDOWN sent (bounded to 1 s) and all sockets closed. Everything else rejects with IngestError. Runs once.
   */
  async run(signal: AbortSignal): Promise<'ended' | 'aborted'> {
    if (this.#running) throw new TypeError('an RtspSession runs once');
    this.#running = true;
    let url = this.#parse(this.#options.url, 'the stream’s address');
    let username = this.#options.username ?? url.username;
    let password = this.#options.username === undefined ? url.password : this.#options.password;
    let redirects = 0;

    // What is asked for in TLS does not come in the clear beside it.
    const asked = url.secure && this.#options.transport !== 'http' ? 'tcp' : this.#options.transport;
    let transports = beginningWith(this.#options.first, TRANSPORTS[asked]);
    /** Known to lose packets: where nothing else is taken, it is borne. */
    const borne = new Set<TransportInUse>();
    let reason = '';
    let status: number | undefined;
    for (let attempt = 0; attempt < transports.length; ) {
      const transport = transports[attempt] ?? 'tcp';
      if (signal.aborted) return 'aborted';
      const yieldsToLoss = !borne.has(transport) && attempt < transports.length - 1;
      const target = { url, username, password, transport, yieldsToLoss };
      const outcome = await this.#converse(target, signal);
      switch (outcome.kind) {
        case 'ended':
        case 'aborted':
          return outcome.kind;
        case 'redirect': {
          if (++redirects > MAX_REDIRECTS)
            throw new IngestError('redirect_loop', `more than ${MAX_REDIRECTS} redirections`, outcome);
          url = this.#redirected(outcome.location, url, outcome.place);
          // Credentials of the new address if it has some, else those that we have (case 55).
          if (url.username !== undefined) ({ username, password } = url);
          this.#options.log.info({ url: redactUrl(url.requestUrl) }, 'the camera redirects');
          break;
        }
        case 'audio_refused':
          this.#memory.refusesAudio = true;
          this.#options.log.info(
            { reason: outcome.reason },
            'asked for sound, the camera gave up: once more without',
          );
          break;
        case 'not_taken_over':
          this.#options.log.info('the session of the daemon before is of no use: a new one is opened');
          break;
        case 'transport_refused':
          ({ reason, status } = outcome);
          this.#options.log.info({ transport, reason }, 'transport refused');
          if (outcome.lossy) {
            borne.add(transport);
            transports = [...transports, transport];
          }
          attempt++; // with a fresh connection and DESCRIBE (cases 12, 52)
          break;
      }
    }
    const place = redactUrl(url.requestUrl);
    throw new IngestError('unsupported', `no transport that both sides take: ${reason}`, { place, status });
  }

  /**
   * PAUSE: the camera stops sending, the session is kept alive, stall detection rests. Rejects with IngestError; after
   * 'unsupported' the stream plays on and `canPause` is false.
   */
  async pause(): Promise<void> {
    await this.#current('PAUSE').pause();
  }

  /** PLAY after `pause`. */
  async resume(): Promise<void> {
    await this.#current('PLAY').resume();
  }

  #current(method: string): RtspDialog {
    if (this.#dialog) return this.#dialog;
    throw new IngestError('protocol', 'the session is not running', { place: method });
  }

  async #converse(
    target: {
      url: SourceUrl;
      username: string | undefined;
      password: string | undefined;
      transport: TransportInUse;
      yieldsToLoss: boolean;
    },
    signal: AbortSignal,
  ) {
    const { connectTimeout = 5000, requestTimeout = 10_000, stallTimeout = 5000 } = this.#options;
    const tunnel = target.transport === 'http';
    const isPlain = target.transport === 'tcp' && !target.url.secure;
    const dialog = new RtspDialog({
      ...target,
      transport: target.transport === 'http' ? 'tcp' : target.transport,
      tunnel,
      handover: isPlain ? this.#options.handover : undefined,
      audio: this.#options.audio ?? false,
      keepAlive: this.#options.keepAlive ?? 'OPTIONS',
      connectTimeout,
      requestTimeout,
      stallTimeout,
      judge: this.#options.judge,
      memory: this.#memory,
      playing: (video) => this.#sink.playing({ transport: target.transport, video: summary(video) }),
      accessUnit: (unit) => this.#sink.accessUnit(unit),
      audioFrame: (frame) => this.#sink.audioFrame?.(frame),
      log: this.#options.log,
    });
    this.#dialog = dialog;
    try {
      return await dialog.run(signal);
    } finally {
      this.#dialog = undefined;
    }
  }

  #parse(text: string, place: string): SourceUrl {
    const url = parseRtspUrl(text);
    if ('invalid' in url) throw new IngestError('invalid_url', url.invalid, { place });
    return url;
  }

  /** `Location`, absolute or a path on the same host. Never to less than TLS, nor to another protocol (case 55). */
  #redirected(location: string, from: SourceUrl, place: string): SourceUrl {
    const relative = location.startsWith('/');
    const origin = /^rtsps?:\/\/[^/?]*/.exec(from.requestUrl)?.[0] ?? '';
    const allowed = from.secure ? /^rtsps:\/\//i : /^rtsps?:\/\//i;
    if (!relative && !allowed.test(location)) {
      const message = `the camera redirects to something that is not ${from.secure ? 'rtsps' : 'rtsp'}://`;
      throw new IngestError('unsupported', message, { place });
    }
    return this.#parse(relative ? origin + location : location, place);
  }
}

/** A first one that is not among them changes nothing. */
function beginningWith(
  first: TransportInUse | undefined,
  transports: readonly TransportInUse[],
): readonly TransportInUse[] {
  if (!first || !transports.includes(first)) return transports;
  return [first, ...transports.filter((one) => one !== first)];
}

function summary({ media, format }: VideoChoice): MediaSummary {
  const { codec, payloadType, clockRate } = format;
  return { codec, payloadType, clockRate, framerate: media.framerate, dimensions: media.dimensions };
}
