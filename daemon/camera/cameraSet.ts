import type { Logger } from 'pino';
import type { AccessUnit, JpegFrame } from '../frame.ts';
import type { Remuxer } from '../ingest/remux/remuxer.ts';
import type {
  Camera,
  CameraAdd,
  CameraPatch,
  OnvifDescription,
  ServerEvent,
  StreamAdd,
  StreamStatus,
  StreamSummary,
} from '../schema.ts';
import type { CameraRow, StreamRow } from '../store/rows.ts';
import type { Store } from '../store/store.ts';
import type { FoundCamera } from './adoption.ts';
import { CameraError, cameraNotFound, streamNotFound } from './cameraError.ts';
import { freeId, identity, newCamera, rowsByHand, rowsOfOnvif, rowsOfStream } from './cameraRows.ts';
import { judgeBy } from './certificatePins.ts';
import type { Handovers } from './handovers.ts';
import { keepLearned } from './learned.ts';
import { describeOnvif, OnvifError } from './onvif.ts';
import type { FoundTools, RenditionQuery } from './rendition.ts';
import type { RenditionLease } from './streamRenditions.ts';
import type { StreamSource } from './streamSource.ts';
import { StreamSupervisor } from './streamSupervisor.ts';
import type { VideoFormat, VideoViewer } from './streamVideo.ts';
import { cameraView, streamEvent, streamSource, streamStatus, streamSummary } from './views.ts';

/** ffmpeg children at once, all streams together. */
const MAX_RENDITIONS = 64;
const ONVIF_TIMEOUT = 10_000;

export interface CameraSetOptions {
  store: Store;
  tools: FoundTools;
  remuxer: Promise<Remuxer>;
  /** Milliseconds for one RTSP request. */
  rtspTimeout: number;
  /** What others know of a camera. */
  handovers?: Pick<Handovers, 'of'> | undefined;
  known?: (camera: string) => Pick<Camera, 'last_picture' | 'recording'>;
  degraded?: (stream: string) => StreamStatus['degraded'];
  log: Logger;
}

interface Running {
  supervisor: StreamSupervisor;
  controller: AbortController;
  done: Promise<void>;
}

/** All cameras and their streams: what is stored, and a supervisor for each stream. */
export class CameraSet {
  #options: CameraSetOptions;
  #store: Store;
  #running = new Map<string, Running>();
  #listeners = new Set<(event: ServerEvent) => void>();
  #signal: AbortSignal | undefined;

  constructor(options: CameraSetOptions) {
    this.#options = options;
    this.#store = options.store;
  }

  /** Supervises every stream until aborted; resolves when all sessions are torn down and all children dead. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    for (const row of this.#store.streams()) this.#begin(row);
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    await Promise.all([...this.#running.keys()].map((name) => this.#end(name)));
  }

  #begin(row: StreamRow): void {
    if (this.#signal?.aborted) return;
    const { tools, remuxer, handovers, rtspTimeout: requestTimeout, log } = this.#options;
    const judge = judgeBy(this.#store.settings);
    const supervisor = new StreamSupervisor({
      ...{ source: this.#sourceOf(row), tools, log },
      rtsp: { requestTimeout, judge, remuxer, handover: handovers?.of(row.name) },
      changed: (changed) => this.announce({ type: 'streams', streams: [streamEvent(changed)] }),
      learned: ({ name }, what) => {
        if (keepLearned(this.#store, name, what)) this.announce({ type: 'changed', what: 'cameras' });
      },
    });
    const controller = new AbortController();
    this.#running.set(row.name, { supervisor, controller, done: supervisor.run(controller.signal) });
  }

  async #end(name: string): Promise<void> {
    const running = this.#running.get(name);
    if (!running) return;
    running.controller.abort();
    await running.done;
    this.#running.delete(name);
  }

  #sourceOf(row: StreamRow): StreamSource {
    const camera = this.#store.camera(row.camera_id);
    if (!camera) throw new Error(`stream ${row.name} belongs to no camera`);
    return streamSource(row, camera);
  }

  #reconfigure(name: string): void {
    const row = this.#store.stream(name);
    if (row) this.#running.get(name)?.supervisor.reconfigure(this.#sourceOf(row));
  }

  // ── cameras ───────────────────────────────────────────────────────────────────────────────────────────────

  cameras(): Camera[] {
    return this.#store.cameras().map((camera) => this.#view(camera));
  }

  camera(id: string): Camera | undefined {
    const camera = this.#store.camera(id);
    return camera && this.#view(camera);
  }

  #view(camera: CameraRow): Camera {
    return cameraView(
      camera,
      this.#streamsOf(camera.id).map((row) => ({ row, supervisor: this.#running.get(row.name)?.supervisor })),
      this.#options.known?.(camera.id) ?? { last_picture: null, recording: false },
    );
  }

  #streamsOf(id: string): StreamRow[] {
    return this.#store.streams().filter((row) => row.camera_id === id);
  }

  /** Adds a camera by its ONVIF address or by its stream URLs. Nothing is stored when it fails. */
  async addCamera(body: CameraAdd): Promise<Camera> {
    if ((body.address === undefined) === (body.streams === undefined)) {
      throw new CameraError(
        400,
        'address_or_streams',
        'Give either address (the camera is asked over ONVIF) or streams (RTSP addresses by hand).',
      );
    }
    this.#refuseTaken(body.id);
    const description = body.address === undefined ? undefined : await this.#describe(body.address, body);
    // Only now: another request may have taken the id while the camera was asked.
    this.#refuseTaken(body.id);
    const id = body.id ?? freeId(body.name, (taken) => this.#store.camera(taken) !== undefined);
    const credentials = { username: body.username ?? null, password: body.password ?? null };
    if (description) {
      const known = { ...credentials, ...identity(description), address: description.address };
      this.#insert(newCamera(id, body.name, known), rowsOfOnvif(id, description));
    } else {
      const { streams, username, password } = rowsByHand(id, body.streams ?? []);
      const known = credentials.username === null ? { username, password } : credentials;
      this.#insert(newCamera(id, body.name, known), streams);
    }
    return this.#existing(id);
  }

  /** Adds a camera that has been described already; nothing is stored when it fails. @throws CameraError `no_stream_profile` */
  addFound({ name, description, ...known }: FoundCamera): Camera {
    const id = freeId(name, (taken) => {
      return this.#store.camera(taken) !== undefined || this.#store.stream(`${taken}_main`) !== undefined;
    });
    const { address } = description;
    this.#insert(
      newCamera(id, name, { ...known, ...identity(description), address }),
      rowsOfOnvif(id, description),
    );
    return this.#existing(id);
  }

  #refuseTaken(id: string | undefined): void {
    if (id !== undefined && this.#store.camera(id))
      throw new CameraError(409, 'camera_exists', `There is a camera ${id} already. Choose another id.`);
  }

  #insert(camera: CameraRow, streams: StreamRow[]): void {
    for (const { name } of streams) this.#refuseTakenStream(name);
    this.#store.insertCamera(camera, streams);
    for (const row of streams) this.#begin(row);
    this.announce({ type: 'changed', what: 'cameras' });
  }

  #existing(id: string): Camera {
    const camera = this.camera(id);
    if (!camera) throw cameraNotFound(id);
    return camera;
  }

  async #describe(
    address: string,
    credentials: { username?: string | null; password?: string | null },
  ): Promise<OnvifDescription> {
    try {
      return await describeOnvif({
        address,
        ...(credentials.username
          ? { username: credentials.username, password: credentials.password ?? '' }
          : {}),
        timeout: ONVIF_TIMEOUT,
      });
    } catch (error) {
      if (!(error instanceof OnvifError)) throw error;
      const status = error.code === 'refused' ? 400 : 502;
      throw new CameraError(status, `onvif_${error.code}`, error.message, { cause: error });
    }
  }

  /** A new address or new credentials take effect at once. Nothing changes when the camera does not answer at a new address. */
  async patchCamera(id: string, body: CameraPatch): Promise<Camera> {
    const before = this.#store.camera(id);
    if (!before) throw cameraNotFound(id);
    const changes: Partial<CameraRow> = { ...body };
    if (body.address !== undefined && body.address !== null && body.address !== before.address) {
      const description = await this.#describe(body.address, { ...before, ...body });
      Object.assign(changes, identity(description), { address: description.address });
      const streams = this.#streamsOf(id);
      for (const fresh of rowsOfOnvif(id, description)) {
        const row = streams.find((stream) => stream.profile_token === fresh.profile_token);
        if (row)
          this.#store.updateStream(row.name, { rtsp_url: fresh.rtsp_url, snapshot_url: fresh.snapshot_url });
      }
    }
    this.#store.updateCamera(id, changes);
    for (const row of this.#streamsOf(id)) this.#reconfigure(row.name);
    this.announce({ type: 'changed', what: 'cameras' });
    return this.#existing(id);
  }

  async removeCamera(id: string): Promise<void> {
    if (!this.#store.camera(id)) throw cameraNotFound(id);
    const streams = this.#streamsOf(id);
    this.#store.deleteCamera(id);
    await Promise.all(streams.map((row) => this.#end(row.name)));
    this.announce({ type: 'changed', what: 'cameras' });
  }

  // ── streams ───────────────────────────────────────────────────────────────────────────────────────────────

  streams(): StreamSummary[] {
    return this.#store
      .streams()
      .map((row) => this.#running.get(row.name)?.supervisor)
      .filter((supervisor) => supervisor !== undefined)
      .map(streamSummary);
  }

  stream(name: string): StreamStatus | undefined {
    const row = this.#store.stream(name);
    const running = this.#running.get(name);
    return row && running && streamStatus(running.supervisor, row, this.#options.degraded?.(name) ?? null);
  }

  #status(name: string): StreamStatus {
    const status = this.stream(name);
    if (!status) throw streamNotFound(name);
    return status;
  }

  #refuseTakenStream(name: string): void {
    if (this.#store.stream(name))
      throw new CameraError(
        409,
        'stream_exists',
        `There is a stream ${name} already. DELETE it first or choose another name.`,
      );
  }

  /** Adds a stream in the reference server's way. */
  async addStream(body: StreamAdd): Promise<StreamStatus> {
    this.#refuseTakenStream(body.name);
    const { camera, stream } = rowsOfStream(body);
    this.#refuseTaken(camera.id);
    this.#insert(camera, [stream]);
    return this.#status(stream.name);
  }

  /** Adds a stream, or replaces what is known of it; a session that would be opened differently now is replaced. */
  async putStream(body: StreamAdd): Promise<'added' | 'updated'> {
    if (!this.#store.stream(body.name)) {
      await this.addStream(body);
      return 'added';
    }
    const { name, camera_id, profile, position, ...changes } = rowsOfStream(body).stream;
    this.#store.updateStream(name, changes);
    this.#reconfigure(name);
    return 'updated';
  }

  /** Removes a stream, and its camera with the last one. */
  async removeStream(name: string): Promise<void> {
    const row = this.#store.stream(name);
    if (!row) throw streamNotFound(name);
    if (this.#streamsOf(row.camera_id).length === 1) return this.removeCamera(row.camera_id);
    this.#store.deleteStream(name);
    await this.#end(name);
    this.announce({ type: 'changed', what: 'cameras' });
  }

  /** Starts a stream, also one that ended; it stays started over restarts of the daemon. */
  async startStream(name: string): Promise<StreamStatus> {
    return this.#enable(name, true);
  }

  async stopStream(name: string): Promise<StreamStatus> {
    return this.#enable(name, false);
  }

  #enable(name: string, enabled: boolean): StreamStatus {
    if (!this.#store.stream(name)) throw streamNotFound(name);
    this.#store.updateStream(name, { enabled });
    this.#reconfigure(name);
    return this.#status(name);
  }

  latestUnit(name: string): AccessUnit | undefined {
    return this.#running.get(name)?.supervisor.latest;
  }

  /** Opens a rendition of a stream for one viewer, who must release it. */
  openRendition(name: string, query: RenditionQuery): RenditionLease {
    return this.#supervisor(name).openRendition(query, () => this.renditions < MAX_RENDITIONS);
  }

  /** Opens a stream's own video for one viewer; the returned function ends it. */
  openVideo(name: string, format: VideoFormat, viewer: VideoViewer): () => void {
    return this.#supervisor(name).openVideo(format, viewer);
  }

  soundOf(name: string): StreamSupervisor {
    return this.#supervisor(name);
  }

  #supervisor(name: string): StreamSupervisor {
    const running = this.#running.get(name);
    if (!running) throw streamNotFound(name);
    return running.supervisor;
  }

  /** The newest picture of each rendition that is open. */
  *newestPictures(): Iterable<{ camera: string; frame: JpegFrame }> {
    for (const { supervisor } of this.#running.values())
      for (const { hub } of supervisor.renditions)
        if (hub.latest) yield { camera: supervisor.source.camera, frame: hub.latest };
  }

  /** How the streams are, for what looks at them from beside the API. */
  get supervisors(): StreamSupervisor[] {
    return [...this.#running.values()].map(({ supervisor }) => supervisor);
  }

  get renditions(): number {
    let renditions = 0;
    for (const { supervisor } of this.#running.values()) renditions += supervisor.renditions.length;
    return renditions;
  }

  /** Renditions that decode in software although hardware was chosen. */
  get fallbacks(): number {
    let fallbacks = 0;
    for (const { supervisor } of this.#running.values())
      for (const { decoder } of supervisor.renditions) if (decoder.status.fallback) fallbacks++;
    return fallbacks;
  }

  /** One line for `systemctl status`. */
  summary(): string {
    const states = this.supervisors.map(({ state }) => state);
    const wanted = states.filter((state) => state !== 'idle' && state !== 'stopped' && state !== 'paused');
    const live = wanted.filter((state) => state === 'live').length;
    return `${live} of ${wanted.length} wanted streams live, ${states.length} known, ${this.renditions} pictures decoded`;
  }

  // ── events ────────────────────────────────────────────────────────────────────────────────────────────────

  /** All streams' states, as a page gets them on connecting. */
  snapshot(): ServerEvent {
    return {
      type: 'streams',
      streams: [...this.#running.values()].map(({ supervisor }) => streamEvent(supervisor)),
    };
  }

  /** The returned function ends the subscription. */
  subscribe(listener: (event: ServerEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  announce(event: ServerEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Throws when a session does not end although it was told to: the watchdog's business. */
  check(): void {
    for (const [name, { supervisor }] of this.#running)
      if (supervisor.stuck) throw new Error(`the session of stream ${name} does not end`);
  }
}
