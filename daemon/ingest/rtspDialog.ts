/**
 * One connection's story: OPTIONS, DESCRIBE, SETUP, PLAY, packets, TEARDOWN. Which transport, which address and what
 * comes after is `RtspSession`'s business.
 */
import type { Logger } from 'pino';
import type { AccessUnit } from '../frame.ts';
import { setupUrls } from './controlUrl.ts';
import type { IngestCounters } from './counters.ts';
import { readDescription } from './description.ts';
import { type EndOfStream, endsStream, isOver } from './endOfStream.ts';
import { MediaPath } from './mediaPath.ts';
import { connectRtsp, type RtspConnection } from './rtspConnection.ts';
import { RtspError, statusError } from './rtspError.ts';
import { parsePublic, parseSession, type RtspResponse, type RtspServerRequest } from './rtspMessage.ts';
import { type RtspUrl, redactUrl } from './rtspUrl.ts';
import type { SdpRange, VideoChoice } from './sdp.ts';
import { SessionWatch } from './sessionWatch.ts';
import { parseTransport } from './transportHeader.ts';

/** The whole leave-taking: what the camera gets for answering TEARDOWN. */
const LEAVE_TIMEOUT = 1000;
/** What is known of the camera beyond one connection. */
export interface DialogMemory {
  readonly counters: IngestCounters;
  /** SHA-256 Digest was offered and then refused (case 15). */
  refusesSha256: boolean;
  /** Methods of `Public`; empty before the first answer. */
  methods: ReadonlySet<string>;
  /** PAUSE was advertised, and refused with 405, 501 or 551 (case 10). */
  refusesPause: boolean;
  /** Credentials were asked for and accepted. */
  loginWorked: boolean;
  /** The session ended at about its timeout although OPTIONS was sent (case 48). */
  keepAliveSuspect: boolean;
  /** Another session's packets came before SETUP: old live555 after an unclean close (case 44). */
  staleSession: boolean;
  /** The SDP offers sound; undefined before it came. */
  audio: boolean | undefined;
}

export interface DialogOptions {
  url: RtspUrl;
  username: string | undefined;
  password: string | undefined;
  transport: 'tcp' | 'udp';
  keepAlive: 'OPTIONS' | 'GET_PARAMETER';
  /** Milliseconds. */
  connectTimeout: number;
  requestTimeout: number;
  stallTimeout: number;
  memory: DialogMemory;
  playing: (video: VideoChoice) => void;
  accessUnit: (unit: AccessUnit) => void;
  log: Logger;
}

/** How a dialog ended, unless by an RtspError. */
export type DialogOutcome =
  | { readonly kind: 'ended' }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'redirect'; readonly location: string; readonly place: string }
  /** The camera does not do this transport, or nothing arrives by it (case 52). */
  | { readonly kind: 'transport_refused'; readonly reason: string; readonly status: number | undefined };

type State =
  | 'new'
  | 'describing'
  | 'setting_up'
  | 'starting'
  | 'playing'
  | 'pausing'
  | 'paused'
  | 'resuming'
  | 'leaving'
  | 'left';

/** Ends the story from within: not an error. */
class Outcome {
  readonly value: DialogOutcome;
  constructor(value: DialogOutcome) {
    this.value = value;
  }
}

const refused = (reason: string, status?: number) =>
  new Outcome({ kind: 'transport_refused', reason, status });

export class RtspDialog {
  #state: State = 'new';
  readonly #options: DialogOptions;
  readonly #memory: DialogMemory;
  readonly #log: Logger;
  readonly #end = Promise.withResolvers<{ how: EndOfStream; error?: RtspError }>();
  // Both from the beginning of the story on.
  #connection!: RtspConnection;
  #path!: MediaPath;
  #aborted: Promise<never> = new Promise(() => {});
  #aggregate: string;
  #range: SdpRange | undefined;
  /** SETUP under way: resolves true if it opened a session. Never rejects. */
  #setup: Promise<boolean> | undefined;
  #sessionTimeout = 60;
  #watch: SessionWatch | undefined;
  #goodbyeTimer: NodeJS.Timeout | undefined;
  #unknownChannels = new Set<number>();

  constructor(options: DialogOptions) {
    this.#options = options;
    this.#memory = options.memory;
    this.#log = options.log;
    this.#aggregate = options.url.requestUrl;
  }

  get state(): State {
    return this.#state;
  }

  /** Plays until the stream ends or `signal` aborts; a session that was set up is always torn down (case 44). Throws RtspError. */
  async run(signal: AbortSignal): Promise<DialogOutcome> {
    let abort = () => {};
    this.#aborted = new Promise((_, reject) => {
      abort = () => reject(new Outcome({ kind: 'aborted' }));
    });
    this.#aborted.catch(() => {}); // nobody may be waiting just then
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await this.#story(signal);
    } catch (error) {
      if (signal.aborted) return { kind: 'aborted' };
      if (error instanceof Outcome) return error.value;
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
      await this.#leave();
    }
  }

  async #story(signal: AbortSignal): Promise<DialogOutcome> {
    const options = this.#options;
    const memory = this.#memory;
    this.#connection = await connectRtsp(
      { ...options, refusesSha256: memory.refusesSha256 },
      {
        frame: (_channel, payload) => this.#path.packet(payload),
        unknownFrame: (channel) => this.#unknownFrame(channel),
        skipped: (bytes) => {
          memory.counters.bytes_skipped += bytes;
        },
        request: (request) => this.#serverRequest(request),
      },
      signal,
    );
    this.#path = new MediaPath(options.transport, this.#connection);
    this.#connection.closed.then((error) => this.#end.resolve({ how: 'closed', error }));

    this.#state = 'describing';
    const video = await this.#describe();
    this.#state = 'setting_up';
    await this.#setUp(video);
    this.#state = 'starting';
    await this.#play({ Range: 'npt=0.000-' });
    this.#state = 'playing';
    options.playing(video);
    this.#watch = new SessionWatch({
      connection: this.#connection,
      path: this.#path,
      url: this.#aggregate,
      sessionTimeout: this.#sessionTimeout,
      stallTimeout: options.stallTimeout,
      keepAlive: options.keepAlive,
      silent: (how) => this.#end.resolve({ how }),
      log: this.#log,
    });
    return this.#outcome(await Promise.race([this.#end.promise, this.#aborted]));
  }

  // ── the requests ─────────────────────────────────────────────────────────────────────────────────────────────

  async #request(method: string, url: string, headers: Record<string, string> = {}): Promise<RtspResponse> {
    const session = this.#connection.session;
    const all = session === undefined ? headers : { Session: session, ...headers };
    const answer = this.#connection.request(method, url, all);
    if (method === 'SETUP')
      this.#setup = answer.then(
        (response) => this.#openSession(response),
        () => false,
      );
    const response = await Promise.race([answer, this.#aborted]);
    this.#log.debug({ method, status: response.status }, 'rtsp answer');
    return response;
  }

  /** Throws what a status other than 2xx means. */
  #expectOk(response: RtspResponse, method: string, url: string): void {
    const { status } = response;
    if (status >= 200 && status < 300) return;
    const place = `${method} ${redactUrl(url)}`;
    const location = response.headers.get('Location');
    if ([301, 302, 303, 307, 308].includes(status) && location)
      throw new Outcome({ kind: 'redirect', location, place });
    throw statusError(response, place, this.#options.username !== undefined);
  }

  /** OPTIONS and DESCRIBE. */
  async #describe(): Promise<VideoChoice> {
    const url = this.#options.url.requestUrl;
    // OPTIONS may fail (404: case 11); only a refused login counts, because DESCRIBE would be one more failed attempt.
    const options = await this.#request('OPTIONS', url);
    if (options.status === 401) this.#expectOk(options, 'OPTIONS', url);
    this.#rememberMethods(options);

    const described = await this.#request('DESCRIBE', url, { Accept: 'application/sdp' });
    this.#memory.refusesSha256 = this.#connection.login.refusesSha256;
    this.#expectOk(described, 'DESCRIBE', url);
    if (this.#connection.login.used) this.#memory.loginWorked = true;
    this.#rememberMethods(described);

    const base = options.headers.get('Content-Base');
    const { aggregate, range, video, audio } = readDescription(described, url, base);
    this.#memory.audio = audio;
    this.#aggregate = aggregate;
    this.#range = range;
    return video;
  }

  #rememberMethods(response: RtspResponse): void {
    const methods = parsePublic(response.headers.all('Public'));
    if (methods.length > 0) this.#memory.methods = new Set(methods);
  }

  async #setUp(video: VideoChoice): Promise<void> {
    const asked = await this.#path.ask().catch((cause: Error) => {
      throw refused(`no pair of UDP ports: ${cause.message}`);
    });
    let response: RtspResponse | undefined;
    let url = '';
    for (url of setupUrls(this.#aggregate, video.media.control)) {
      response = await this.#request('SETUP', url, { Transport: asked });
      if (![400, 404, 454].includes(response.status)) break; // the other form of the URL, once (case 26)
    }
    if (!response) return;
    if (response.status === 461) throw refused(`461 ${response.reason}`, 461);
    this.#expectOk(response, 'SETUP', url);
    const answer = parseTransport(response.headers.get('Transport') ?? asked);
    const accepted = this.#path.accept(answer, {
      format: video.format,
      counters: this.#memory.counters,
      accessUnit: this.#options.accessUnit,
      goodbye: () => this.#goodbye(),
      now: () => performance.now(),
    });
    if (!accepted) throw refused(`asked for ${this.#path.transport}, the camera chose ${answer.protocol}`);
  }

  /** A session may be open from here on, also if the answer comes when we are about to leave. */
  #openSession(answer: RtspResponse): boolean {
    if (answer.status < 200 || answer.status >= 300) return false;
    const session = answer.headers.get('Session');
    if (session !== undefined) {
      const { id, timeout } = parseSession(session);
      this.#connection.session ??= id; // the first id, whatever comes later (case 46)
      this.#sessionTimeout = timeout;
    }
    return true;
  }

  async #play(headers: Record<string, string>): Promise<void> {
    let response = await this.#request('PLAY', this.#aggregate, headers);
    if (response.status === 457) response = await this.#request('PLAY', this.#aggregate); // Range not understood
    this.#expectOk(response, 'PLAY', this.#aggregate);
  }

  /** See `RtspSession.pause`. */
  async pause(): Promise<void> {
    this.#mustBe('playing', 'PAUSE');
    this.#state = 'pausing';
    this.#watch?.expectSilence();
    try {
      const response = await this.#request('PAUSE', this.#aggregate);
      if ([405, 501, 551].includes(response.status)) {
        this.#memory.refusesPause = true; // Hikvision DS-2CD2732F-IS advertises it, then says 551 (case 10)
        throw new RtspError('unsupported', `the camera cannot pause: ${response.status} ${response.reason}`, {
          place: `PAUSE ${redactUrl(this.#aggregate)}`,
          status: response.status,
        });
      }
      this.#expectOk(response, 'PAUSE', this.#aggregate);
      this.#move('pausing', 'paused');
    } catch (error) {
      this.#watch?.expectPackets();
      this.#move('pausing', 'playing');
      throw this.#asError(error);
    }
  }

  /** See `RtspSession.resume`. Without a Range: from where it was paused (RFC 2326 §10.5). */
  async resume(): Promise<void> {
    this.#mustBe('paused', 'PLAY');
    this.#state = 'resuming';
    try {
      await this.#play({});
      this.#watch?.expectPackets();
      this.#move('resuming', 'playing');
    } catch (error) {
      this.#move('resuming', 'paused');
      throw this.#asError(error);
    }
  }

  #mustBe(state: State, method: string): void {
    if (this.#state === state) return;
    const place = `${method} ${redactUrl(this.#aggregate)}`;
    throw new RtspError('protocol', `the session must be ${state}, it is ${this.#state}`, { place });
  }

  /** The session may have ended while an answer was awaited: then it stays ended. */
  #move(from: State, to: State): void {
    if (this.#state === from) this.#state = to;
  }

  #asError(error: unknown): unknown {
    if (!(error instanceof Outcome)) return error;
    const place = redactUrl(this.#aggregate);
    return error.value.kind === 'aborted'
      ? new RtspError('closed', 'the session was stopped', { place })
      : new RtspError('protocol', 'the camera redirects in mid-session', { place });
  }

  // ── what comes in ────────────────────────────────────────────────────────────────────────────────────────────

  #unknownFrame(channel: number): void {
    this.#memory.counters.unknown_channel++;
    if (!this.#path.ready) this.#memory.staleSession = true;
    if (this.#unknownChannels.has(channel)) return;
    this.#unknownChannels.add(channel);
    this.#log.info({ channel }, 'packets on a channel that was not set up: dropped');
  }

  #serverRequest(request: RtspServerRequest): { status: number; reason: string } {
    const how = endsStream(request);
    if (how) this.#end.resolve({ how });
    if (how || request.method === 'OPTIONS') return { status: 200, reason: 'OK' };
    return { status: 501, reason: 'Not Implemented' };
  }

  /** On UDP the goodbye can overtake the last pictures. */
  #goodbye(): void {
    const end = () => this.#end.resolve({ how: 'goodbye' });
    if (this.#path.transport === 'udp') this.#goodbyeTimer ??= setTimeout(end, 250);
    else end();
  }

  /** What the end means: a recording is over, or a live camera failed. */
  #outcome({ how, error }: { how: EndOfStream; error?: RtspError }): DialogOutcome {
    this.#path.end();
    const place = redactUrl(this.#aggregate);
    if (how === 'udp_silent') return refused('no UDP packet arrived').value;
    if (isOver(how, this.#range, this.#path.mediaTime)) return { kind: 'ended' };
    this.#memory.keepAliveSuspect = this.#watch?.keepAliveSuspect(how === 'stalled') ?? false;
    if (how === 'stalled')
      throw new RtspError('stalled', `no packet for ${this.#options.stallTimeout / 1000} s`, { place });
    if (error) throw error;
    throw new RtspError('closed', `the camera ended the stream (${how})`, { place });
  }

  // ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * TEARDOWN, whatever the reason to leave: an unclean close makes old live555 write this session's packets into the
   * next connection for 65 s (case 44). A SETUP under way is waited for, since it may open a session.
   */
  async #leave(): Promise<void> {
    const connected = this.#state !== 'new';
    this.#state = 'leaving';
    this.#watch?.stop();
    clearTimeout(this.#goodbyeTimer);
    if (connected) {
      this.#path.close();
      const limit = Promise.withResolvers<void>();
      const timer = setTimeout(limit.resolve, LEAVE_TIMEOUT);
      await Promise.race([this.#tearDown(), this.#connection.closed, limit.promise]);
      clearTimeout(timer);
      this.#connection.close();
      await this.#connection.closed;
    }
    this.#state = 'left';
  }

  async #tearDown(): Promise<void> {
    if (!(await this.#setup)) return;
    const session = this.#connection.session;
    await this.#connection.request('TEARDOWN', this.#aggregate, { Session: session }).catch(() => {});
  }
}
