/** Plays clips over the live socket's protocol (daemon/api/live/PROTOCOL.md), and misbehaves when told to. */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { WebSocketServer } from 'ws';
import { contentSecurityPolicy } from '../../daemon/api/securityHeaders.ts';
import type { Camera } from '../../daemon/schema.ts';
import type { Clip } from './clip.ts';
import { LivePeer } from './livePeer.ts';
import { LiveStream } from './liveStream.ts';

const ROOT = join(import.meta.dirname, '../..');
const TYPES: Record<string, string> = { ts: 'text/javascript', js: 'text/javascript', html: 'text/html' };

export interface LiveServerOptions {
  streams: Record<string, Clip>;
  cameras?: Partial<Camera>[];
  /** HTML of the page at `/`. */
  page?: string;
  /** A built module for `/player/walleye-camera.js`. */
  module?: string;
  /** What a page of another site has to offer. */
  token?: string;
  /** A site of its own, which has not the box's content security policy. */
  foreign?: boolean;
}

/** The box, as far as players see it. */
export class LiveServer {
  readonly streams: ReadonlyMap<string, LiveStream>;
  readonly peers: LivePeer[] = [];
  instance = 'first';
  port = 0;
  stalled = false;
  /** Milliseconds from the announcement of a feed to its first picture. */
  hesitation = 0;
  /** Milliseconds that the box's clock differs from this machine's. */
  clockAhead = 0;
  readonly #options: LiveServerOptions;
  #http: Server | undefined;
  #feeds = 0;

  constructor(options: LiveServerOptions) {
    this.#options = options;
    const streams = Object.entries(options.streams);
    this.streams = new Map(streams.map(([name, clip]) => [name, new LiveStream(clip, () => this.now())]));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Unix milliseconds of the box's clock. */
  now(): number {
    return performance.timeOrigin + performance.now() + this.clockAhead;
  }

  nextFeed(): number {
    return ++this.#feeds;
  }

  /** The page's latest socket. */
  get peer(): LivePeer | undefined {
    return this.peers.at(-1);
  }

  async start(): Promise<this> {
    const http = createServer((request, response) => void this.#serve(request, response));
    const sockets = new WebSocketServer({
      server: http,
      path: '/api/live',
      handleProtocols: (offered) => (offered.has('walleye') ? 'walleye' : false),
      verifyClient: ({ req }: { req: IncomingMessage }) => this.#lets(req),
      perMessageDeflate: false,
    });
    sockets.on('connection', (socket) => this.peers.push(new LivePeer(this, socket)));
    await new Promise<void>((resolve) => http.listen(this.port, '127.0.0.1', resolve));
    this.port = (http.address() as AddressInfo).port;
    this.#http = http;
    return this;
  }

  #lets({ headers }: IncomingMessage): boolean {
    const { token } = this.#options;
    const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
    return token === undefined || offered.includes(`bearer.${token}`);
  }

  /** Nothing more leaves. @returns what ends that */
  stall(): () => void {
    this.stalled = true;
    return () => {
      this.stalled = false;
      for (const peer of this.peers) peer.release();
    };
  }

  /** The process is gone, its port closed. */
  async die(): Promise<void> {
    for (const peer of this.peers) peer.end();
    const http = this.#http;
    this.#http = undefined;
    http?.closeAllConnections();
    if (http) await new Promise((resolve) => http.close(resolve));
  }

  async close(): Promise<void> {
    for (const stream of this.streams.values()) stream.end();
    await this.die();
  }

  async #serve({ url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(url, this.url);
    const { page = '<!doctype html><title>Test</title>', module, cameras = [], foreign } = this.#options;
    const policy = contentSecurityPolicy(`127.0.0.1:${this.port}`, false);
    if (!foreign) response.setHeader('Content-Security-Policy', policy);
    const answer = (type: string, body: string) => response.setHeader('Content-Type', type).end(body);
    if (pathname === '/') answer(`${TYPES.html}; charset=utf-8`, page);
    else if (pathname === '/api/cameras') answer('application/json', JSON.stringify({ cameras }));
    else if (pathname === '/player/walleye-camera.js') answer(TYPES.js!, module ?? '');
    else if (/^\/kiosk-ui\/[\w/]+\.ts$/.test(pathname)) {
      // The sources as they are, with the types taken out, as Node runs them.
      const source = await readFile(join(ROOT, normalize(pathname)), 'utf8').catch(() => undefined);
      if (source === undefined) response.writeHead(404).end();
      else answer(TYPES.ts!, stripTypeScriptTypes(source));
    } else response.writeHead(404).end();
  }
}
