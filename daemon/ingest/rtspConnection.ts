/**
 * One connection to a camera: requests and their answers, login, interleaved frames. Knows nothing of streams;
 * a new connection begins at nothing (case 12).
 */
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { RtspDemuxer } from '../rtsp/rtspDemuxer.ts';
import {
  cseqOf,
  type RtspRequest,
  type RtspResponse,
  serializeRequest,
  serializeResponse,
} from '../rtsp/rtspMessage.ts';
import { descriptorOf, openSocket, type RtspWire, type SocketOptions } from './cameraSocket.ts';
import { Login, type LoginTries } from './digest.ts';
import type { Handover } from './handover/handover.ts';
import { LeftWire } from './handover/leftWire.ts';
import { SessionJournal } from './handover/sessionJournal.ts';
import { IngestError } from './ingestError.ts';
import { openTunnel } from './rtspTunnel.ts';
import { redactUrl } from './sourceUrl.ts';

/** Answers that nobody waits for any more are remembered up to this many. */
const MAX_OUTSTANDING = 16;
/** A peer that does not read gets no more of our answers and reports. */
const MAX_UNSENT_BYTES = 64 * 1024;

type Headers = Readonly<Record<string, string | undefined>>;

interface Outstanding {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly tries: LoginTries;
  readonly answered: (response: RtspResponse) => void;
  readonly failed: (error: IngestError) => void;
  /** Somebody waits: an answer without CSeq may be this one's. */
  readonly awaited: boolean;
}

export interface RtspConnectionHandlers {
  /** An interleaved packet on a channel that was set up. */
  frame: (channel: number, payload: Buffer) => void;
  /** A packet on another channel: to be counted (case 42). */
  unknownFrame: (channel: number) => void;
  /** Rubbish in the stream: its size since the last call (case 6). */
  skipped: (bytes: number) => void;
  /** A request of the server; the value is the status of our answer (case 7). */
  request: (request: RtspRequest) => { status: number; reason: string };
}

export interface RtspConnectionOptions extends SocketOptions {
  username: string | undefined;
  password: string | undefined;
  refusesSha256: boolean;
  /** Through HTTP. */
  tunnel?: boolean | undefined;
  /** Of the stream, where the connection is plain TCP. */
  handover?: Handover | undefined;
  /** Milliseconds. */
  requestTimeout: number;
  log: Logger;
}

/**
 * Opens the connection, or goes on with one that a daemon before has left. Rejects with IngestError 'unreachable' or 'certificate', or
 * with the signal's reason.
 */
export async function connectRtsp(
  options: RtspConnectionOptions,
  handlers: RtspConnectionHandlers,
  signal: AbortSignal,
): Promise<RtspConnection> {
  let connection: RtspConnection | undefined;
  const received = (bytes: Buffer, at?: number) => connection?.received(bytes, at);
  const { handover, log } = options;
  const left = await handover?.take();
  if (left && handover) {
    const wire = new LeftWire(left, received);
    const journal = new SessionJournal(handover, () => wire.descriptor, log, true);
    connection = new RtspConnection(wire, options, handlers, { journal, takenOver: true });
  } else if (handover) {
    const socket = await openSocket(options, received, signal);
    const journal = new SessionJournal(handover, () => descriptorOf(socket), log);
    connection = new RtspConnection(socket, options, handlers, { journal });
  } else {
    const open = options.tunnel ? openTunnel : openSocket;
    connection = new RtspConnection(await open(options, received, signal), options, handlers);
  }
  return connection;
}

export class RtspConnection {
  readonly login: Login;
  readonly remoteAddress: string;
  readonly localAddress: string;
  /** Resolves when the connection is no more, whoever ended it. */
  readonly closed: Promise<IngestError>;
  /** What goes through it is written down; undefined: it is not. */
  readonly journal: SessionJournal | undefined;
  /** A daemon before has opened it. */
  readonly takenOver: boolean;
  /** Id of the session, for keep-alive and answers; set by the owner after SETUP. */
  session: string | undefined;
  readonly #socket: RtspWire;
  readonly #options: RtspConnectionOptions;
  readonly #handlers: RtspConnectionHandlers;
  readonly #demuxer = new RtspDemuxer();
  readonly #outstanding = new Map<number, Outstanding>();
  #cseq = 0;
  #skipped = 0;
  #failure: IngestError | undefined;
  /** Of what is being taken and came earlier. */
  #arrival: number | undefined;

  constructor(
    socket: RtspWire,
    options: RtspConnectionOptions,
    handlers: RtspConnectionHandlers,
    { journal, takenOver = false }: { journal?: SessionJournal; takenOver?: boolean } = {},
  ) {
    this.#socket = socket;
    this.journal = journal;
    this.takenOver = takenOver;
    this.#options = options;
    this.#handlers = handlers;
    this.login = new Login(options);
    this.remoteAddress = socket.remoteAddress ?? options.url.host;
    this.localAddress = socket.localAddress ?? '0.0.0.0';
    const place = `${options.url.host}:${options.url.port}`;
    this.closed = new Promise((resolve) => {
      let cause: Error | undefined;
      socket.on('error', (error) => {
        cause = error;
      });
      socket.on('close', () => {
        journal?.end();
        const why = cause ? `the connection broke: ${cause.message}` : 'the camera closed the connection';
        this.#fail(new IngestError('closed', why, { place, cause }));
        resolve(this.#failure ?? new IngestError('closed', why, { place }));
      });
    });
  }

  /** When what is being taken came, `performance.now()` milliseconds. */
  get arrival(): number {
    return this.#arrival ?? performance.now();
  }

  /** Packets on this channel are handed on from now on. */
  addChannel(channel: number): void {
    this.#demuxer.addChannel(channel);
  }

  /**
   * Sends a request and waits for its answer, whatever its status; logs in on 401 (on any method, case 22) and gives
   * the last 401 back when that is refused. Rejects with IngestError 'timeout', 'closed' or 'protocol'.
   */
  request(method: string, url: string, headers: Headers = {}): Promise<RtspResponse> {
    return new Promise((resolve, reject) => {
      const place = this.#place(method, url);
      const seconds = this.#options.requestTimeout / 1000;
      const timer = setTimeout(
        () => reject(new IngestError('timeout', `no answer within ${seconds} s`, { place })),
        this.#options.requestTimeout,
      );
      this.#send({
        method,
        url,
        headers,
        tries: { freshAnswers: 0 },
        awaited: true,
        answered: (response) => {
          clearTimeout(timer);
          resolve(response);
        },
        failed: (error) => {
          clearTimeout(timer);
          reject(
            new IngestError(error.code, 'the connection ended before the answer', { place, cause: error }),
          );
        },
      });
    });
  }

  /** Sends a request whose answer does not matter: keep-alives may never be answered (case 49). A 401 is still answered (case 18). */
  notify(method: string, url: string, headers: Headers, answered: (response: RtspResponse) => void): void {
    this.#send({
      method,
      url,
      headers,
      tries: { freshAnswers: 0 },
      awaited: false,
      answered,
      failed: () => {},
    });
  }

  /** Sends an interleaved packet, unless the peer does not read. */
  sendFrame(channel: number, payload: Buffer): void {
    const head = Buffer.from([0x24, channel, payload.length >> 8, payload.length & 0xff]);
    this.#write(Buffer.concat([head, payload]));
  }

  /** Ends the connection; `closed` resolves soon after. */
  close(): void {
    this.journal?.end();
    this.#socket.destroy();
  }

  #place(method: string, url: string): string {
    return `${method} ${redactUrl(url)}`;
  }

  #fail(error: IngestError): void {
    this.#failure ??= error;
    for (const waiting of this.#outstanding.values()) waiting.failed(this.#failure);
    this.#outstanding.clear();
    this.#socket.destroy();
  }

  #write(bytes: Buffer): void {
    if (this.#socket.writable && this.#socket.writableLength < MAX_UNSENT_BYTES) this.#socket.write(bytes);
  }

  #send(request: Outstanding): void {
    if (this.#failure) {
      request.failed(this.#failure);
      return;
    }
    const cseq = ++this.#cseq;
    this.#outstanding.set(cseq, request);
    if (this.#outstanding.size > MAX_OUTSTANDING)
      for (const [number, old] of this.#outstanding) {
        if (old.awaited) continue;
        this.#outstanding.delete(number);
        break;
      }
    this.#write(
      serializeRequest({
        method: request.method,
        url: request.url,
        cseq,
        headers: {
          ...request.headers,
          Authorization: this.login.authorize(request.method, request.url, randomBytes(8).toString('hex')),
        },
      }),
    );
  }

  /** The next bytes of the stream. @param at when they came, `performance.now()` milliseconds; undefined: now */
  received(chunk: Buffer, at?: number): void {
    this.#arrival = at;
    this.journal?.received(chunk, this.arrival);
    this.#take(chunk);
    this.journal?.taken(this.#demuxer, this.arrival);
    this.#arrival = undefined;
  }

  #take(chunk: Buffer): void {
    for (const item of this.#demuxer.feed(chunk)) {
      if (item.kind === 'frame') {
        if (item.known) this.#handlers.frame(item.channel, item.payload);
        else this.#handlers.unknownFrame(item.channel);
      } else if (item.kind === 'response') {
        this.#response(item);
      } else if (item.kind === 'request') {
        const answer = this.#handlers.request(item);
        const cseq = item.headers.get('CSeq');
        this.#write(serializeResponse({ ...answer, cseq, session: this.session }));
      } else {
        const { host, port } = this.#options.url;
        this.#fail(
          new IngestError('protocol', `the camera sent a ${item.reason}`, { place: `${host}:${port}` }),
        );
      }
    }
    if (this.#demuxer.bytesSkipped > this.#skipped) {
      this.#handlers.skipped(this.#demuxer.bytesSkipped - this.#skipped);
      this.#skipped = this.#demuxer.bytesSkipped;
    }
  }

  /** Matches by CSeq; an answer without one belongs to the oldest request somebody waits for. What matches nothing is ignored (case 5). */
  #response(response: RtspResponse): void {
    if (response.status >= 100 && response.status < 200) return; // 100 Continue: the answer is still to come
    let cseq = cseqOf(response.headers);
    if (cseq === undefined)
      for (const [number, waiting] of this.#outstanding)
        if (waiting.awaited) {
          cseq = number;
          break;
        }
    const request = cseq === undefined ? undefined : this.#outstanding.get(cseq);
    if (cseq === undefined || !request) {
      this.#options.log.debug({ status: response.status, cseq }, 'answer to nothing that was asked: ignored');
      return;
    }
    this.#outstanding.delete(cseq);
    const again =
      response.status === 401 &&
      this.login.challenged(response.headers.all('WWW-Authenticate'), request.tries) === 'retry';
    this.journal?.answered(request.method, request.url, response);
    if (again) this.#send(request);
    else request.answered(response);
  }
}
