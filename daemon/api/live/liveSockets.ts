import type { Logger } from 'pino';
import { Compile } from 'typebox/compile';
import { LEVELS } from '../../fanout/live/ladder.ts';
import { LiveRequest } from '../../schema.ts';
import type { Cameras } from '../deps.ts';
import { WordBudget } from '../pageEvent.ts';
import { LiveSession, type LiveSocket } from './liveSession.ts';
import { type CorkedConnection, type FragmentingSocket, sendTwoParts } from './twoParts.ts';

/** What is used of a WebSocket, besides. */
export interface ListeningSocket extends LiveSocket, FragmentingSocket {
  send: LiveSocket['send'] & FragmentingSocket['send'];
  ping(): void;
  on(event: 'pong' | 'close' | 'error', listener: () => void): unknown;
  on(event: 'message', listener: (data: { toString(): string }, isBinary: boolean) => void): unknown;
}

const MOST_SOCKETS = 256;
const TICK = 1_000;
/** Ticks between two pings. */
const PING_EVERY = 15;
/** A viewer acknowledges up to twenty times a second, and opens a wall of tiles at once. */
const WORDS = { atOnce: 600, perSecond: 60 };

const compiled = Compile(LiveRequest);

/** What a page said; undefined for what is no message of ours. Total. */
export function readLiveRequest(text: string): LiveRequest | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return compiled.Check(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export interface LiveSocketsOptions {
  cameras: Pick<
    Cameras,
    'camera' | 'stream' | 'openRendition' | 'openVideo' | 'soundOf' | 'snapshot' | 'subscribe'
  >;
  instance: string;
  log: Logger;
}

/** All open live sockets. Nothing runs while there is none. */
export class LiveSockets {
  readonly #options: LiveSocketsOptions;
  #sessions = new Map<ListeningSocket, { session: LiveSession; answered: boolean }>();
  #stop: (() => void) | undefined;
  #ticks = 0;
  #formerlyDropped = 0;

  constructor(options: LiveSocketsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Tiles of all sockets. */
  get tiles(): number {
    return [...this.#sessions.values()].reduce((sum, { session }) => sum + session.tiles, 0);
  }

  /** How many sockets are at each level of the ladder. */
  get levels(): Map<string, number> {
    const levels = new Map(LEVELS.map((_, level): [string, number] => [String(level), 0]));
    for (const { session } of this.#sessions.values())
      levels.set(String(session.level), (levels.get(String(session.level)) ?? 0) + 1);
    return levels;
  }

  /** Pictures that were not sent, to all viewers that there were. */
  get dropped(): number {
    return [...this.#sessions.values()].reduce(
      (sum, { session }) => sum + session.dropped,
      this.#formerlyDropped,
    );
  }

  /** Serves one viewer until its socket closes. @param connection below the socket @param who for the log */
  add(socket: ListeningSocket, connection: CorkedConnection, who: string): void {
    if (this.#sessions.size >= MOST_SOCKETS) {
      socket.close(1013, 'too many viewers');
      return;
    }
    const { cameras, instance } = this.#options;
    const log = this.#options.log.child({ viewer: who });
    const sendPart = (header: Buffer, payload: Buffer) => sendTwoParts(socket, connection, header, payload);
    const session = new LiveSession({ socket, sendPart, cameras, instance, log });
    const entry = { session, answered: true };
    this.#sessions.set(socket, entry);
    this.#stop ??= this.#start();
    const budget = new WordBudget(performance.now(), WORDS);
    socket.on('message', (data, isBinary) => {
      if (!this.#sessions.has(socket)) return;
      const request = isBinary ? undefined : readLiveRequest(data.toString());
      if (budget.spend(request !== undefined, performance.now())) {
        if (request) session.hear(request);
        return;
      }
      log.warn('a viewer says too much; its socket is closed');
      socket.close(1008, 'too many messages');
      this.#remove(socket);
    });
    socket.on('pong', () => {
      entry.answered = true;
    });
    socket.on('close', () => this.#remove(socket));
    socket.on('error', () => {}); // 'close' follows
  }

  #remove(socket: ListeningSocket): void {
    const session = this.#sessions.get(socket)?.session;
    if (!session) return;
    this.#sessions.delete(socket);
    session.close();
    this.#formerlyDropped += session.dropped;
    if (this.#sessions.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }

  #start(): () => void {
    const unsubscribe = this.#options.cameras.subscribe((event) => {
      if (event.type !== 'streams') return;
      for (const { session } of this.#sessions.values()) session.streams(event);
    });
    const timer = setInterval(() => this.#tick(), TICK);
    return () => {
      unsubscribe();
      clearInterval(timer);
    };
  }

  #tick(): void {
    const now = performance.now();
    const ping = ++this.#ticks % PING_EVERY === 0;
    for (const [socket, entry] of [...this.#sessions]) {
      entry.session.tick(now);
      if (!ping) continue;
      // A viewer whose machine lost its network says nothing more, not even goodbye.
      if (!entry.answered) socket.terminate();
      entry.answered = false;
      socket.ping();
    }
  }

  /** The daemon stops: every viewer is told to come again. */
  close(): void {
    for (const socket of this.#sessions.keys()) socket.close(1001, 'the daemon stops');
  }
}
