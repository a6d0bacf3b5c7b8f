import type { Logger } from 'pino';
import type { AccessUnit, AudioFrame } from '../frame.ts';
import { FrameRate } from '../ingest/frameRate.ts';
import { IngestError } from '../ingest/ingestError.ts';
import type { SourceSession, SourceSink, SourceTransport } from '../ingest/sourceSession.ts';
import type { StreamState } from '../schema.ts';
import { CameraError } from './cameraError.ts';
import { type FailureCode, type LastError, next, retryPause, type StreamEvent } from './cameraState.ts';
import { Counters } from './counters.ts';
import type { Learned } from './learned.ts';
import { openStream, type RtspOptions } from './openStream.ts';
import type { FoundTools, Rendition, RenditionQuery } from './rendition.ts';
import { SessionMemory } from './sessionMemory.ts';
import { sleepUnless } from './sleepUnless.ts';
import { type SoundState, soundState } from './soundState.ts';
import { StreamOutlets } from './streamOutlets.ts';
import type { RenditionLease } from './streamRenditions.ts';
import type { SoundViewer } from './streamSound.ts';
import type { StreamSource } from './streamSource.ts';
import type { VideoFormat, VideoViewer } from './streamVideo.ts';

/** Milliseconds that a session outlives its last rendition. */
const STREAM_LINGER = 5_000;
/** How long a paused session is kept for the next viewer before it is torn down. */
const PAUSED_LIMIT = 30_000;
/** A cable that was cut swallows SYNs: give up soon and try again, so that a returned camera is live within 3 s. */
const CONNECT_TIMEOUT = 1_500;
/** Every so many failures one patient attempt, for cameras that are slow to accept. */
const PATIENT_EVERY = 5;
const PATIENT_CONNECT_TIMEOUT = 8_000;
/** A session that does not end so long after it was told to is a bug; the watchdog must know. */
const STUCK_AFTER = 15_000;
/** Old live555 servers keep writing a dead session's packets into new connections for so long (ingest/README, case 44). */
const STALE_SESSION_PAUSE = 65_000;

export interface SupervisorOptions {
  source: StreamSource;
  tools: FoundTools;
  rtsp: RtspOptions;
  log: Logger;
  changed: (supervisor: StreamSupervisor) => void;
  /** Pictures came, perhaps of a codec or size or by a transport that was not known before. */
  learned: (source: StreamSource, what: Learned) => void;
}

/**
 * Owns one stream: one session with the camera at most however many look at it, opened when somebody does, retried for ever,
 * paused and torn down when nobody does any more.
 */
export class StreamSupervisor {
  readonly counters = new Counters();
  readonly frameRate = new FrameRate();
  #options: SupervisorOptions;
  #source: StreamSource;
  #log: Logger;
  #state: StreamState;
  #since = Date.now() / 1000;
  #lastError: LastError | undefined;
  #outlets: StreamOutlets;
  #session: SourceSession | undefined;
  #sessionEnd = new AbortController();
  #abortedAt: number | undefined;
  #transportInUse: SourceTransport | undefined;
  #audio = false;
  #memory: SessionMemory;
  #playing = false;
  #connects = 0;
  #failures = 0;
  /** No attempt before this time (`performance.now()` milliseconds), whoever comes to look. */
  #notBefore = 0;
  /** Resolved by whatever the sleeping run loop must hear of: demand, new credentials, start, stop. */
  #wake = Promise.withResolvers<void>();
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#source = options.source;
    this.#memory = new SessionMemory(options.source.knownTransport);
    this.#log = options.log.child({ stream: options.source.name });
    this.#state = options.source.enabled ? 'idle' : 'stopped';
    this.#outlets = new StreamOutlets({
      tools: options.tools,
      sourceFps: () => this.frameRate.fps ?? this.latest?.video.fps,
      log: this.#log,
      changed: () => this.#demandChanged(),
    });
  }

  /** Runs until aborted; then the camera has had its TEARDOWN and every child is dead. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const onAbort = () => {
      this.#endSession();
      this.#signalWake();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    while (!signal.aborted) {
      const woken = this.#wake.promise;
      if (!this.#needed || this.#state === 'ended') {
        this.#to({ type: this.#source.enabled ? 'unwanted' : 'stopped' });
        await woken;
        continue;
      }
      const pause = this.#notBefore - performance.now();
      if (pause > 0) {
        // Viewers left and others came: they are told what the last attempt found.
        if (this.#state === 'idle' && this.#lastError)
          this.#to({ type: 'failed', code: this.#lastError.code });
        await sleepUnless(woken, pause);
        continue;
      }
      this.#to({ type: 'wanted' });
      await this.#attempt();
    }
    signal.removeEventListener('abort', onAbort);
    clearTimeout(this.#idleTimer);
    this.#outlets.close();
    await this.#outlets.closed();
  }

  /** One session from connect to end. */
  async #attempt(): Promise<void> {
    const source = this.#source;
    this.#sessionEnd = new AbortController();
    this.#abortedAt = undefined;
    this.#outlets.forget();
    this.frameRate.reset();
    const asked = this.#memory.next();
    const patient = this.#failures % PATIENT_EVERY === PATIENT_EVERY - 1;
    const connectTimeout = patient ? PATIENT_CONNECT_TIMEOUT : CONNECT_TIMEOUT;
    const session = openStream(
      source,
      { ...this.#options.rtsp, ...asked, connectTimeout, log: this.#log },
      {
        playing: ({ transport }) => {
          this.#connects++;
          this.#playing = true;
          this.#transportInUse = transport;
          this.#log.info({ transport }, 'playing');
        },
        accessUnit: (unit) => this.#accept(unit),
        audioFrame: (frame) => this.#outlets.hear(frame),
      },
    );
    this.#session = session;
    this.counters.attach(session.counters);
    try {
      const end = await session.run(this.#sessionEnd.signal);
      if (end === 'ended') {
        this.#log.info('the recording is over');
        this.#to({ type: 'ended' });
      }
    } catch (error) {
      this.#failed(error, session.staleSession ? STALE_SESSION_PAUSE : 0);
    } finally {
      this.counters.detach();
      this.#memory.ended(session, asked);
      this.#session = undefined;
      this.#playing = false;
      this.#abortedAt = undefined;
      this.#outlets.forget();
    }
  }

  #failed(error: unknown, leastPause: number): void {
    let code: FailureCode = error instanceof IngestError ? error.code : 'internal';
    let message = error instanceof Error ? error.message : String(error);
    if (code === 'refused' && this.#memory.loginWorked) {
      // Dahua answers 401 and 403 when all of its sessions are taken (ingest/README, case 23).
      code = 'crowded';
      message = `refused although these credentials worked before: too many viewers, or the password was changed. ${message}`;
    }
    this.#failures++;
    this.#lastError = { code, message, time: Date.now() / 1000 };
    const before = this.#state;
    this.#to({ type: 'failed', code });
    const pause = Math.max(retryPause(code, this.#failures, Math.random()), leastPause);
    this.#notBefore = performance.now() + pause;
    // Each change is told once; the same failure again and again would fill the journal.
    const level = before !== this.#state || this.#failures === 1 ? 'warn' : 'debug';
    this.#log[level](
      { code, err: code === 'internal' ? error : undefined, pause: Math.round(pause) },
      message,
    );
  }

  #accept(unit: AccessUnit): void {
    if (unit.video !== this.latest?.video) {
      const before = this.#audio;
      this.#audio = this.#session?.hasAudio ?? before;
      const transport = this.#transportInUse;
      this.#memory.proved(transport);
      const heard = this.#audio !== before;
      this.#options.learned(this.#source, { video: unit.video, heard, transport });
    }
    this.frameRate.push(unit);
    this.#outlets.accept(unit);
    if (this.#state !== 'live') {
      this.#failures = 0;
      this.#to({ type: 'picture' });
    }
  }

  /** Opens a rendition or joins the one that is there; starts the stream if it rests. */
  openRendition(query: RenditionQuery, mayStart: () => boolean): RenditionLease {
    this.#refuseStopped();
    return this.#outlets.lease(query, mayStart);
  }

  #refuseStopped(): void {
    const { enabled, name } = this.#source;
    if (enabled) return;
    const message = `Stream ${name} is stopped. POST /api/streams/${name}/start starts it.`;
    throw new CameraError(409, 'stream_stopped', message);
  }

  /**
   * Keeps the stream open without decoding it, as a measurement needs it. The returned function gives the camera's session
   * back at once when nobody else wants it; it may be called twice.
   * @param see gets every picture from now on; a function of the caller's own
   */
  watch(see: (unit: AccessUnit) => void): () => void {
    return this.#leaving(this.#outlets.watch(see));
  }

  /** As `watch`, for the sound; nothing is called where the camera sends none. Whatever its coding. */
  watchSound(listener: (frame: AudioFrame) => void): () => void {
    return this.#leaving(this.#outlets.watchSound(listener));
  }

  /** One more session with the camera, opened as its own is, without sound: to count how many the camera grants. */
  another(sink: SourceSink): SourceSession {
    const own = { handover: undefined, audio: false, connectTimeout: PATIENT_CONNECT_TIMEOUT };
    const how = { ...this.#memory.next(), ...own };
    return openStream(this.#source, { ...this.#options.rtsp, ...how, log: this.#log }, sink);
  }

  #leaving(leave: () => boolean): () => void {
    return () => {
      if (!leave()) return;
      if (!this.#needed) this.#endSession();
      this.#signalWake();
    };
  }

  /** Sends the camera's own video; starts the stream if it rests. The returned function ends it and may be called twice. */
  openVideo(format: VideoFormat, viewer: VideoViewer): () => void {
    this.#refuseStopped();
    return this.#outlets.openVideo(format, viewer);
  }

  /** As `openVideo`, the sound, coded so that browsers take it. */
  openSound(viewer: SoundViewer): () => void {
    this.#refuseStopped();
    return this.#outlets.openSound(viewer);
  }

  /** Somebody looks at pictures or listens, or the stream is kept warm. */
  get wanted(): boolean {
    return this.#source.enabled && (this.#source.keepWarm || this.#outlets.looks);
  }

  get #needed(): boolean {
    return this.wanted || (this.#source.enabled && this.#outlets.watched);
  }

  #demandChanged(): void {
    clearTimeout(this.#idleTimer);
    if (this.#needed) {
      if (this.#state === 'paused') void this.#resume();
      this.#signalWake();
      return;
    }
    if (!this.#session) {
      this.#signalWake();
      return;
    }
    this.#idleTimer = setTimeout(() => void this.#rest(), STREAM_LINGER);
  }

  /** Nobody looks: PAUSE where the camera can, and give its session back a while later. */
  async #rest(): Promise<void> {
    const session = this.#session;
    if (!session || this.#needed) return;
    if (!session.canPause || this.#state !== 'live') return this.#endSession();
    try {
      await session.pause();
    } catch (error) {
      this.#log.debug({ err: error }, 'PAUSE failed, tearing down');
      return this.#endSession();
    }
    if (this.#needed) return this.#resume();
    this.#outlets.forget();
    this.frameRate.reset();
    this.#to({ type: 'paused' });
    this.#idleTimer = setTimeout(() => this.#endSession(), PAUSED_LIMIT);
  }

  async #resume(): Promise<void> {
    this.#to({ type: 'wanted' });
    try {
      await this.#session?.resume();
    } catch (error) {
      this.#log.debug({ err: error }, 'PLAY after PAUSE failed, opening a new session');
      this.#endSession();
    }
  }

  #endSession(): void {
    clearTimeout(this.#idleTimer);
    if (this.#session) this.#abortedAt ??= performance.now();
    this.#sessionEnd.abort();
  }

  #signalWake(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }

  #to(event: StreamEvent): void {
    const state = next(this.#state, event);
    if (state === this.#state) return;
    this.#state = state;
    this.#since = Date.now() / 1000;
    if (state === 'live') this.#lastError = undefined;
    this.#options.changed(this);
  }

  /** New address, credentials or demand; a running session is replaced when it would be opened differently now. */
  reconfigure(source: StreamSource): void {
    const before = this.#source;
    this.#source = source;
    const sameSession =
      source.url === before.url &&
      source.username === before.username &&
      source.password === before.password &&
      source.transport === before.transport;
    if (!sameSession) {
      this.#memory.forget();
      this.#failures = 0;
    }
    if (!sameSession || !source.enabled) this.#endSession();
    if (!source.enabled) this.#outlets.close();
    if (source.enabled) this.#to({ type: 'started' });
    this.#notBefore = 0; // somebody did something about it: try at once
    this.#demandChanged();
    this.#signalWake();
  }

  get source(): StreamSource {
    return this.#source;
  }
  get state(): StreamState {
    return this.#state;
  }
  /** When the state began, Unix seconds. */
  get since(): number {
    return this.#since;
  }
  get lastError(): LastError | undefined {
    return this.#lastError;
  }
  get latest(): AccessUnit | undefined {
    return this.#outlets.latest;
  }
  get renditions(): readonly Rendition[] {
    return this.#outlets.renditions;
  }
  /** Who is sent the camera's own video. */
  get videoViewers(): number {
    return this.#outlets.videoViewers;
  }
  get connected(): boolean {
    return this.#playing;
  }
  get playing(): boolean {
    return this.#playing && this.#state === 'live';
  }
  get connects(): number {
    return this.#connects;
  }
  get transportInUse(): string | undefined {
    return this.#playing ? this.#transportInUse : undefined;
  }
  /** The camera offered sound when it was opened last. */
  get audio(): boolean {
    return this.#audio;
  }
  /** The sound that comes with the pictures now. */
  get sound() {
    return this.#session?.audio;
  }
  /** Whether there is sound to be listened to, and why not. */
  get soundState(): SoundState {
    return soundState(this.#state, this.#session);
  }
  get stuck(): boolean {
    return this.#abortedAt !== undefined && performance.now() - this.#abortedAt > STUCK_AFTER;
  }
}
