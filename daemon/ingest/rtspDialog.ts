/**
 * One connection's story: OPTIONS, DESCRIBE, SETUP, PLAY, packets, TEARDOWN. Which transport, which address and what
 * comes after is `RtspSession`'s business.
 */
import type { Logger } from 'pino';
import type { AccessUnit, AudioFrame } from '../frame.ts';
import { parsePublic, parseSession, type RtspRequest, type RtspResponse } from '../rtsp/rtspMessage.ts';
import type { JudgeCertificate } from './cameraSocket.ts';
import { type Description, readDescription } from './description.ts';
import { type DialogMemory, type DialogOutcome, Outcome, transportRefused } from './dialogOutcome.ts';
import { type EndOfStream, endsStream, isOver } from './endOfStream.ts';
import type { Handover } from './handover/handover.ts';
import { IngestError, statusError } from './ingestError.ts';
import { connectRtsp, type RtspConnection } from './rtspConnection.ts';
import type { SdpRange, VideoChoice } from './sdp.ts';
import { SessionMedia } from './sessionMedia.ts';
import { SessionWatch } from './sessionWatch.ts';
import { redactUrl, type SourceUrl } from './sourceUrl.ts';
import { setUpSound, setUpVideo, type TrackSetup } from './trackSetup.ts';

/** The whole leave-taking: what the camera gets for answering TEARDOWN. */
const LEAVE_TIMEOUT = 1000;

export interface DialogOptions {
  url: SourceUrl;
  username: string | undefined;
  password: string | undefined;
  transport: 'tcp' | 'udp' | 'multicast';
  /** The connection leads through HTTP. */
  tunnel: boolean;
  handover: Handover | undefined;
  /** There is another transport to be tried if this one loses too many packets. */
  yieldsToLoss: boolean;
  /** Set up sound as well. */
  audio: boolean;
  keepAlive: 'OPTIONS' | 'GET_PARAMETER';
  /** Milliseconds. */
  connectTimeout: number;
  requestTimeout: number;
  stallTimeout: number;
  judge: JudgeCertificate | undefined;
  memory: DialogMemory;
  playing: (video: VideoChoice) => void;
  accessUnit: (unit: AccessUnit) => void;
  audioFrame: (frame: AudioFrame) => void;
  log: Logger;
}

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

export class RtspDialog {
  #state: State = 'new';
  readonly #options: DialogOptions;
  readonly #memory: DialogMemory;
  readonly #log: Logger;
  readonly #end = Promise.withResolvers<{ how: EndOfStream; error?: IngestError }>();
  // Both from the beginning of the story on.
  #connection!: RtspConnection;
  #media!: SessionMedia;
  #aborted: Promise<never> = new Promise(() => {});
  #aggregate: string;
  #range: SdpRange | undefined;
  /** SETUP under way, which may open a session. Never rejects. */
  #setup: Promise<void> | undefined;
  /** A session is open: one SETUP at least was answered with 200. */
  #opened = false;
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

  /** It is connected, and does not play yet. */
  get #begins(): boolean {
    return ['describing', 'setting_up', 'starting'].includes(this.#state);
  }

  /** Plays until the stream ends or `signal` aborts; a session that was set up is always torn down (case 44). Throws IngestError. */
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
      // Asked in another way than the daemon before has: as if that had left nothing.
      if (this.#begins && this.#connection.takenOver) return { kind: 'not_taken_over' };
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
        frame: (channel, payload) => this.#media.packet(channel, payload),
        unknownFrame: (channel) => this.#unknownFrame(channel),
        skipped: (bytes) => {
          memory.counters.bytes_skipped += bytes;
        },
        request: (request) => this.#serverRequest(request),
      },
      signal,
    );
    this.#media = new SessionMedia({
      ...options,
      connection: this.#connection,
      counters: memory.counters,
      audioCounters: memory.audioCounters,
      goodbye: () => this.#goodbye(),
      leftOut: (what) => this.#soundLeftOut(what),
    });
    memory.sound = this.#media;
    this.#connection.closed.then((error) => this.#end.resolve({ how: 'closed', error }));

    this.#state = 'describing';
    const description = await this.#describe();
    const { video } = description;
    this.#state = 'setting_up';
    await this.#setUp(description);
    this.#state = 'starting';
    await this.#play({ Range: 'npt=0.000-' }, this.#media.audio !== undefined);
    this.#connection.journal?.playing();
    this.#state = 'playing';
    options.playing(video);
    this.#watch = new SessionWatch({
      connection: this.#connection,
      media: this.#media,
      url: this.#aggregate,
      sessionTimeout: this.#sessionTimeout,
      stallTimeout: options.stallTimeout,
      keepAlive: options.keepAlive,
      isOld: this.#connection.takenOver,
      counters: this.#memory.counters,
      // A recording would begin anew.
      yieldsToLoss: options.yieldsToLoss && this.#range?.kind !== 'finite',
      useless: (how) => this.#end.resolve({ how }),
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
        () => {},
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
  async #describe(): Promise<Description> {
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
    const description = readDescription(described, url, base);
    this.#memory.hasAudio = description.audio;
    this.#aggregate = description.aggregate;
    this.#range = description.range;
    return description;
  }

  #rememberMethods(response: RtspResponse): void {
    const methods = parsePublic(response.headers.all('Public'));
    if (methods.length > 0) this.#memory.methods = new Set(methods);
  }

  async #setUp({ video, sound }: Description): Promise<void> {
    const setup: TrackSetup = {
      aggregate: this.#aggregate,
      media: this.#media,
      request: (method, url, headers) => this.#request(method, url, headers),
      expectOk: (response, method, url) => this.#expectOk(response, method, url),
    };
    await setUpVideo(setup, video);
    if (!this.#options.audio || this.#memory.refusesAudio || !sound) return;
    const reason = await setUpSound(setup, sound);
    if (reason !== undefined) this.#soundLeftOut(reason);
  }

  #soundLeftOut(reason: string): void {
    this.#log.info({ reason }, 'the camera’s sound is left out');
  }

  /** A session may be open from here on, also if the answer comes when we are about to leave. */
  #openSession(answer: RtspResponse): void {
    if (answer.status < 200 || answer.status >= 300) return;
    this.#opened = true;
    const session = answer.headers.get('Session');
    if (session !== undefined) {
      const { id, timeout } = parseSession(session);
      this.#connection.session ??= id; // the first id, whatever comes later (case 46)
      this.#sessionTimeout = timeout;
    }
  }

  /** `sound`: it was set up too, and may be why the camera refuses. */
  async #play(headers: Record<string, string>, sound = false): Promise<void> {
    let response = await this.#request('PLAY', this.#aggregate, headers);
    if (response.status === 457) response = await this.#request('PLAY', this.#aggregate); // Range not understood
    const { status, reason } = response;
    if (sound && status >= 400 && status !== 401 && status !== 403)
      throw new Outcome({ kind: 'audio_refused', reason: `PLAY with sound: ${status} ${reason}`.trim() });
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
        throw new IngestError(
          'unsupported',
          `the camera cannot pause: ${response.status} ${response.reason}`,
          {
            place: `PAUSE ${redactUrl(this.#aggregate)}`,
            status: response.status,
          },
        );
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
    this.#media.rest();
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
    throw new IngestError('protocol', `the session must be ${state}, it is ${this.#state}`, { place });
  }

  /** The session may have ended while an answer was awaited: then it stays ended. */
  #move(from: State, to: State): void {
    if (this.#state === from) this.#state = to;
  }

  #asError(error: unknown): unknown {
    if (!(error instanceof Outcome)) return error;
    const place = redactUrl(this.#aggregate);
    return error.value.kind === 'aborted'
      ? new IngestError('closed', 'the session was stopped', { place })
      : new IngestError('protocol', 'the camera redirects in mid-session', { place });
  }

  // ── what comes in ────────────────────────────────────────────────────────────────────────────────────────────

  #unknownFrame(channel: number): void {
    this.#memory.counters.unknown_channel++;
    if (!this.#media.ready) this.#memory.staleSession = true;
    if (this.#unknownChannels.has(channel)) return;
    this.#unknownChannels.add(channel);
    this.#log.info({ channel }, 'packets on a channel that was not set up: dropped');
  }

  #serverRequest(request: RtspRequest): { status: number; reason: string } {
    const how = endsStream(request);
    if (how) this.#end.resolve({ how });
    if (how || request.method === 'OPTIONS') return { status: 200, reason: 'OK' };
    return { status: 501, reason: 'Not Implemented' };
  }

  /** On UDP the goodbye can overtake the last pictures. */
  #goodbye(): void {
    const end = () => this.#end.resolve({ how: 'goodbye' });
    if (this.#media.transport !== 'tcp') this.#goodbyeTimer ??= setTimeout(end, 250);
    else end();
  }

  /** What the end means: a recording is over, or a live camera failed. */
  #outcome({ how, error }: { how: EndOfStream; error?: IngestError }): DialogOutcome {
    this.#media.end();
    const place = redactUrl(this.#aggregate);
    if (how === 'udp_silent') return transportRefused('no UDP packet arrived').value;
    if (how === 'udp_lossy')
      return { kind: 'transport_refused', reason: 'UDP loses packets', status: undefined, lossy: true };
    if (isOver(how, this.#range, this.#media.mediaTime)) return { kind: 'ended' };
    this.#memory.keepAliveSuspect = this.#watch?.keepAliveSuspect(how === 'stalled') ?? false;
    if (how === 'stalled')
      throw new IngestError('stalled', `no packet for ${this.#options.stallTimeout / 1000} s`, { place });
    if (error) throw error;
    throw new IngestError('closed', `the camera ended the stream (${how})`, { place });
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
      this.#media.close();
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
    if (!this.#opened) await this.#setup;
    if (!this.#opened) return;
    const session = this.#connection.session;
    await this.#connection.request('TEARDOWN', this.#aggregate, { Session: session }).catch(() => {});
  }
}
