import type { Logger } from 'pino';
import { Ladder } from '../../fanout/live/ladder.ts';
import { LiveViewer, type LiveViewerOptions } from '../../fanout/live/liveViewer.ts';
import { SendWindow } from '../../fanout/live/sendWindow.ts';
import { type LiveEvent, type LiveRequest, MOST_LIVE_TILES, type ServerEvent } from '../../schema.ts';
import type { Cameras } from '../deps.ts';
import { LiveSound } from './liveSound.ts';
import { LiveTile } from './liveTile.ts';

/** What is used of a WebSocket. */
export interface LiveSocket {
  send(data: string): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

export interface LiveSessionOptions {
  socket: LiveSocket;
  /** Sends one binary message, on the same socket. */
  sendPart: LiveViewerOptions['send'];
  cameras: Pick<Cameras, 'camera' | 'stream' | 'openRendition' | 'openVideo' | 'soundOf' | 'snapshot'>;
  /** Of the daemon's run. */
  instance: string;
  log: Logger;
}

type Opened = Extract<LiveRequest, { type: 'open' }>;
type Listened = Extract<LiveRequest, { type: 'listen' }>;
type StreamEvents = Extract<ServerEvent, { type: 'streams' }>;

/** A viewer that has acknowledged nothing for so long is gone, though TCP may not know it yet; milliseconds. */
const SILENT = 60_000;
/** Codec strings that are remembered as refused: more than there are kinds of cameras on a site. */
const MOST_UNPLAYABLE = 256;
/** Ticks between two `pace`. */
const PACE_EVERY = 2;

/** One viewer on the live socket: its tiles, its connection's strength, and what follows from that. */
export class LiveSession {
  readonly #options: LiveSessionOptions;
  readonly #viewer: LiveViewer;
  readonly #window = new SendWindow();
  readonly #ladder = new Ladder();
  #tiles = new Map<number, LiveTile>();
  #sound: LiveSound | undefined;
  #unplayable = new Set<string>();
  #paused = false;
  #closed = false;
  #ticks = 0;

  constructor(options: LiveSessionOptions) {
    this.#options = options;
    const { sendPart: send, instance } = options;
    this.#viewer = new LiveViewer({ window: this.#window, send });
    this.#tell({ type: 'hello', version: 1, instance, now: Date.now() });
  }

  get tiles(): number {
    return this.#tiles.size;
  }

  get level(): number {
    return this.#ladder.level;
  }

  /** Pictures that this viewer was not sent. */
  get dropped(): number {
    return this.#viewer.dropped;
  }

  hear(request: LiveRequest): void {
    switch (request.type) {
      case 'open':
        this.#open(request);
        break;
      case 'close':
        this.#close(request.tile);
        if (this.#sound?.tile === request.tile) this.#deafen();
        break;
      case 'listen':
        this.#listen(request);
        break;
      case 'unsupported':
        this.#refused(request.tile, request.codec);
        break;
      case 'ack':
        this.#acked(request.bytes);
        break;
      case 'pause':
        this.#paused = true;
        for (const tile of this.#tiles.values()) tile.pause();
        break;
      case 'resume':
        this.#paused = false;
        for (const tile of [...this.#tiles.values()]) this.#update(tile);
        break;
      case 'ping':
        this.#tell({ type: 'pong', at: request.at, now: Date.now() });
    }
  }

  #open({ type, tile: number, ...wish }: Opened): void {
    if (!this.#tiles.has(number) && this.#tiles.size >= MOST_LIVE_TILES) {
      const message = `${MOST_LIVE_TILES} tiles are open on this socket. Close some.`;
      this.#tell({ type: 'error', tile: number, code: 'too_many_tiles', message });
      return;
    }
    this.#close(number);
    const tile = new LiveTile({
      tile: number,
      wish,
      cameras: this.#options.cameras,
      viewer: this.#viewer,
      unplayable: this.#unplayable,
      tell: (event) => this.#tell(event),
      unfit: (unfit) => this.#update(unfit),
      ended: (over) => this.#fail(over, 'stream_ended', `Stream ${over.stream} was stopped or removed.`),
    });
    this.#tiles.set(number, tile);
    this.#update(tile);
    if (this.#tiles.get(number) === tile) this.#tellState(tile);
    const listened = this.#sound?.tile === number ? this.#sound.wished : undefined;
    if (listened !== undefined && this.#cameraOf(listened) !== this.#cameraOf(wish.stream))
      this.#listen({ type: 'listen', tile: number });
  }

  /** Pictures may pause meanwhile: who listens with the tab in the background wants to hear it. */
  #listen({ tile, stream = this.#tiles.get(tile ?? -1)?.wish.stream }: Listened): void {
    this.#deafen();
    if (tile === null) return;
    const { cameras } = this.#options;
    if (stream === undefined || !cameras.stream(stream)) {
      const message = stream === undefined ? `Tile ${tile} is not open.` : `There is no stream ${stream}.`;
      const nothing = { feed: 0, stream: stream ?? '', state: 'failed', codec: null, message } as const;
      this.#tell({ type: 'sound', tile, ...nothing });
      return;
    }
    const viewer = this.#viewer;
    this.#sound = new LiveSound({ tile, stream, cameras, viewer, tell: (event) => this.#tell(event) });
  }

  #deafen(): void {
    this.#sound?.close();
    this.#sound = undefined;
  }

  #cameraOf(stream: string): string | undefined {
    return this.#options.cameras.stream(stream)?.camera;
  }

  #update(tile: LiveTile): void {
    if (this.#paused || this.#closed || this.#tiles.get(tile.tile) !== tile) return;
    const before = tile.stream;
    try {
      if (!tile.update(this.#ladder.level)) {
        const message = 'The browser plays nothing of what was asked for. Add "jpeg" to the formats.';
        this.#fail(tile, 'nothing_playable', message);
      }
    } catch (error) {
      const { code, message } = known(error) ?? {
        code: 'internal',
        message: 'The tile could not be opened.',
      };
      if (code === 'internal') this.#options.log.error({ err: error }, 'a live tile could not be opened');
      this.#fail(tile, code, message);
    }
    if (tile.stream !== before && this.#tiles.get(tile.tile) === tile) this.#tellState(tile);
  }

  #fail(tile: LiveTile, code: string, message: string): void {
    if (this.#tiles.get(tile.tile) !== tile) return;
    this.#close(tile.tile);
    this.#tell({ type: 'error', tile: tile.tile, code, message });
  }

  #close(number: number): void {
    this.#tiles.get(number)?.pause();
    this.#tiles.delete(number);
  }

  #refused(number: number, codec: string): void {
    if (this.#unplayable.size < MOST_UNPLAYABLE) this.#unplayable.add(codec);
    const tile = this.#tiles.get(number);
    if (tile) this.#update(tile);
  }

  #acked(bytes: number): void {
    if (this.#viewer.acked(bytes)) return;
    this.#options.socket.close(1008, 'more was acknowledged than was sent');
    this.close();
  }

  #tellState(tile: LiveTile): void {
    const all = this.#options.cameras.snapshot() as StreamEvents;
    this.streams({ ...all, streams: all.streams.filter(({ name }) => name === tile.stream) }, [tile]);
  }

  /** Streams changed their states. */
  streams({ streams }: StreamEvents, tiles: Iterable<LiveTile> = this.#tiles.values()): void {
    for (const tile of tiles)
      for (const { name, camera, state, since, message } of streams)
        if (name === tile.stream) {
          const sound = this.#options.cameras.camera(camera)?.audio ?? false;
          this.#tell({ type: 'state', tile: tile.tile, stream: name, state, since, message, sound });
        }
    this.#sound?.look();
  }

  /** Once a second. */
  tick(now: number): void {
    if (this.#window.oldest(now) > SILENT) {
      this.#options.socket.terminate();
      this.close();
      return;
    }
    const before = this.#ladder.level;
    const level = this.#ladder.observe(this.#viewer.observe(now), now);
    if (level !== before) {
      this.#options.log.info(
        { level, bps: Math.round(this.#window.bitsPerSecond(now)) },
        'a viewer’s pace changes',
      );
      for (const tile of [...this.#tiles.values()]) this.#update(tile);
    }
    if (level !== before || ++this.#ticks % PACE_EVERY === 0) this.#tellPace(now);
  }

  #tellPace(now: number): void {
    const delay = this.#window.delay;
    this.#tell({
      type: 'pace',
      bits_per_second: Math.round(this.#window.bitsPerSecond(now)),
      full: this.#window.full(now),
      delay_ms: delay === null ? null : Math.round(delay),
      level: this.#ladder.level,
      dropped: this.#viewer.dropped,
    });
  }

  #tell(event: LiveEvent): void {
    if (!this.#closed) this.#options.socket.send(JSON.stringify(event));
  }

  /** Gives everything back. May be called twice. */
  close(): void {
    this.#closed = true;
    this.#deafen();
    for (const number of [...this.#tiles.keys()]) this.#close(number);
  }
}

/** A failure that has a code and a sentence for people. */
function known(error: unknown): { code: string; message: string } | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('status' in error)) return undefined;
  return { code: String(error.code), message: error.message };
}
