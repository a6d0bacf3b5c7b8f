import { randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import { ScreenNumber, ServerEvent } from '../schema.ts';
import { type App, described, failures } from './app.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';
import { readPageEvent, WordBudget } from './pageEvent.ts';
import { type PageCaller, type PaintedOptions, PaintedPages } from './painted.ts';

/** What is used of a WebSocket. */
export interface EventSocket {
  readonly bufferedAmount: number;
  send(data: string): void;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
  on(event: 'pong' | 'close' | 'error', listener: () => void): unknown;
  on(event: 'message', listener: (data: { toString(): string }, isBinary: boolean) => void): unknown;
}

/** Bytes that may wait for one page. A page that reads nothing for so long is closed and opens the socket again. */
const BACKLOG_LIMIT = 1024 * 1024;
const MAX_SOCKETS = 256;
const PING_INTERVAL = 15_000;
/** A tile that stands still is told within five seconds, four of which go by before it counts as such. */
const PICTURES_INTERVAL = 500;

export interface EventsOptions extends PaintedOptions, Pick<ApiDeps, 'version'> {
  alarms?: Pick<ApiDeps['alarms'], 'event'>;
  facts?: ApiDeps['facts'];
  /** Milliseconds; tests shorten them. */
  pingInterval?: number;
  picturesInterval?: number;
}

interface Listener {
  page: string | undefined;
  answered: boolean;
}

/** While nobody has to sign in, and in tests. */
const ANYBODY: PageCaller = { kind: 'open', screen: false, address: 'unknown', key: 'open' };

/** The pages that listen, what they are told, and what they say. Nothing runs while nobody listens. */
export class Events {
  /** Another one than before tells a page that the daemon was restarted. */
  readonly instance = randomUUID();
  /** What pages paint, and what had to be mended. */
  readonly painted: PaintedPages;
  #options: EventsOptions;
  #listeners = new Map<EventSocket, Listener>();
  #stop: (() => void) | undefined;

  constructor(options: EventsOptions) {
    this.#options = options;
    this.painted = new PaintedPages(options);
  }

  get size(): number {
    return this.#listeners.size;
  }

  /**
   * Serves one page until its socket closes. @param page the part before the dot in the `viewer` of its pictures
   * @param screen which of the box's screens it is, if it is one
   */
  add(socket: EventSocket, page: string | undefined, caller: PageCaller = ANYBODY, screen = 1): void {
    if (this.#listeners.size >= MAX_SOCKETS) {
      socket.close(1013, 'too many pages listen');
      return;
    }
    const listener: Listener = { page, answered: true };
    this.#listeners.set(socket, listener);
    socket.on('pong', () => {
      listener.answered = true;
    });
    socket.on('close', () => this.#remove(socket));
    socket.on('error', () => {}); // 'close' follows
    this.#listen(socket, page, caller, screen);
    this.#stop ??= this.#start();
    this.#send(socket, { type: 'hello', instance: this.instance, version: this.#options.version });
    this.#send(socket, this.#options.cameras.snapshot());
    if (this.#options.alarms) this.#send(socket, this.#options.alarms.event());
  }

  /** What a newer page says and we do not understand is passed over; one that says far too much is closed. */
  #listen(socket: EventSocket, page: string | undefined, caller: PageCaller, screen: number): void {
    const budget = new WordBudget(performance.now());
    const hear = this.painted.open(page, caller, screen);
    socket.on('message', (data, isBinary) => {
      if (!this.#listeners.has(socket)) return;
      const event = isBinary ? undefined : readPageEvent(data.toString());
      if (!budget.spend(event !== undefined, performance.now())) {
        this.#options.log.warn(
          { page, address: caller.address },
          'a page says too much; its socket is closed',
        );
        socket.close(1008, 'too many messages');
        this.#remove(socket);
        return;
      }
      if (event) for (const answer of hear(event)) this.#send(socket, answer);
    });
  }

  #start(): () => void {
    const { cameras, pingInterval = PING_INTERVAL, picturesInterval = PICTURES_INTERVAL } = this.#options;
    const unsubscribe = cameras.subscribe((event) => this.#broadcast(event));
    const pictures = setInterval(() => this.#tellPictures(), picturesInterval);
    const pings = setInterval(() => this.#ping(), pingInterval);
    return () => {
      unsubscribe();
      clearInterval(pictures);
      clearInterval(pings);
    };
  }

  #remove(socket: EventSocket): void {
    this.#listeners.delete(socket);
    if (this.#listeners.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }

  #broadcast(event: ServerEvent): void {
    const text = JSON.stringify(event);
    for (const socket of [...this.#listeners.keys()]) this.#write(socket, text);
  }

  #send(socket: EventSocket, event: ServerEvent): void {
    this.#write(socket, JSON.stringify(event));
  }

  #write(socket: EventSocket, text: string): void {
    if (socket.bufferedAmount > BACKLOG_LIMIT) {
      this.#options.log.warn(
        { bytes: socket.bufferedAmount },
        'a page reads no events; its socket is closed',
      );
      // Not close(): the closing handshake would wait behind what is not read.
      socket.terminate();
      this.#remove(socket);
      return;
    }
    socket.send(text);
  }

  #tellPictures(): void {
    const steppedDown = this.#options.facts?.().decode.stepped_down ?? null;
    for (const [socket, { page }] of [...this.#listeners]) {
      if (page === undefined) continue;
      const pictures = [...this.#options.viewers.ofPage(page)].map((viewer) => ({
        viewer: viewer.id ?? '',
        stream: viewer.stream,
        age_ms: viewer.age === null ? null : Math.round(viewer.age),
        sent: viewer.sent,
        dropped: viewer.dropped,
        unchanged_ms: viewer.unchangedFor === null ? null : Math.round(viewer.unchangedFor),
      }));
      // An empty list too: a page takes a socket that is silent for long as dead.
      const stepped_down = pictures.length > 0 ? steppedDown : null;
      this.#send(socket, { type: 'pictures', pictures, stepped_down });
    }
  }

  /** A page whose machine lost its network says nothing more, not even goodbye. */
  #ping(): void {
    for (const [socket, listener] of [...this.#listeners]) {
      if (!listener.answered) {
        socket.terminate();
        this.#remove(socket);
        continue;
      }
      listener.answered = false;
      socket.ping();
    }
  }

  /** The daemon stops: every page is told to come again. */
  close(): void {
    for (const socket of this.#listeners.keys()) socket.close(1001, 'the daemon stops');
  }
}

const EventsQuery = Type.Object({
  page: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9_-]{1,32}$',
      description: 'Tells of the pictures whose `viewer` begins with this and a dot',
    }),
  ),
  screen: Type.Optional(ScreenNumber),
});

export function eventRoutes(app: App, events: Events): void {
  app.route({
    method: 'GET',
    url: '/api/events',
    exposeHeadRoute: false,
    schema: {
      tags: ['events'],
      summary: 'WebSocket: what happens, as it happens',
      description:
        'JSON messages: `hello` first, then the state of all `streams`, later of those whose state changed; ' +
        '`alarms` are all that are active, at first and on every change; `changed` says what to read again; ' +
        '`pictures` tells twice a second how old the page’s own pictures are, and whether the box leaves out some of them. The page may say `painted` once a second: ' +
        'what each of its tiles really shows. It is told to `repair` what stands still although it is sent.',
      querystring: EventsQuery,
      response: { 101: described(ServerEvent, 'Each message of the socket'), ...failures(400, 426) },
    },
    handler: async () => {
      const message = 'This is a WebSocket: open it as ws://…/api/events.';
      throw new ApiError(426, 'websocket_only', message);
    },
    wsHandler: (socket, request) => {
      const { page, screen } = request.query as { page?: string; screen?: number };
      events.add(socket, page, request.caller, screen);
    },
  });
}
