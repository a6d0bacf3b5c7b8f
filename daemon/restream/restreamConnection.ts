/** One client's TCP connection: bytes in, requests one after another, each with its answer. No socket in it: tests feed it bytes. */
import type { Logger } from 'pino';
import { RtspDemuxer } from '../rtsp/rtspDemuxer.ts';
import { cseqOf, type RtspRequest, serializeResponse } from '../rtsp/rtspMessage.ts';
import { type Answer, reasonOf, refusal, unavailable } from './answer.ts';
import type { Peer } from './outlet.ts';
import { type DialogOptions, RestreamDialog, SESSION_TIMEOUT } from './restreamDialog.ts';

/** 16 KiB a request, head and body. */
const MOST = { head: 12 * 1024, body: 4 * 1024 };
/** Bytes in a row that are neither request nor packet. A browser that was lured here sends more (a POST's head). */
const MAX_RUBBISH = 64;
/** Requests that wait for the one before them, and answers that the client does not read. */
const MAX_WAITING = 16;
/** Milliseconds; a session has some more than it was told, for the way. */
const LIMITS = { withoutSession: 30_000, session: (SESSION_TIMEOUT + 5) * 1_000 };

/** Whether who sent this `Authorization` may look. */
export type Verdict =
  /** `hold`: calls back when he may not any more; its result is called when the connection has ended before. */
  | { readonly may: true; readonly hold: (end: () => void) => () => void }
  | { readonly may: false }
  /** Not looked at: too many wrong ones before, or too many at once. */
  | { readonly may: 'later'; readonly seconds: number };

export interface ConnectionOptions
  extends Pick<DialogOptions, 'streams' | 'openUdp' | 'takePlace' | 'leavePlace'> {
  peer: Peer;
  login: (authorization: string | undefined, address: string) => Promise<Verdict>;
  log: Logger;
}

export class RestreamConnection {
  readonly #options: ConnectionOptions;
  readonly #demuxer = new RtspDemuxer(MOST);
  readonly #dialog: RestreamDialog;
  readonly #waiting: RtspRequest[] = [];
  #busy = false;
  #unread = 0;
  #closed = false;
  #alive = performance.now();
  /** Rubbish up to the last thing that was none. */
  #skipped = 0;
  /** The credentials that were right, and what ends with them. */
  #login: { readonly authorization: string | undefined; readonly release: () => void } | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#dialog = new RestreamDialog({
      ...options,
      addChannel: (channel) => this.#demuxer.addChannel(channel),
      alive: () => this.#lives(),
      ended: () => this.close(),
    });
  }

  /** The next bytes of the client. Never throws. */
  received(chunk: Buffer): void {
    if (this.#closed) return;
    const items = this.#demuxer.feed(chunk);
    const rubbish = this.#demuxer.bytesSkipped - this.#skipped;
    const isTooLarge = items.some(({ kind }) => kind === 'oversized');
    this.#waiting.push(...items.filter((item) => item.kind === 'request'));
    if (isTooLarge) this.#write(refusal(413), undefined);
    if (
      isTooLarge ||
      rubbish > MAX_RUBBISH ||
      this.#waiting.length > MAX_WAITING ||
      this.#unread > MAX_WAITING
    ) {
      this.close();
      return;
    }
    if (items.length > 0) {
      this.#skipped = this.#demuxer.bytesSkipped;
      this.#lives();
    }
    this.#work().catch((error) => {
      this.#options.log.error({ err: error }, 'a restreaming connection failed');
      this.close();
    });
  }

  /** Looks at the clock; once a second or so. @param now `performance.now()` */
  tick(now: number): void {
    const { session } = this.#dialog;
    session?.tick(now);
    const silent = now - this.#alive;
    if (!this.#busy && silent > (session ? LIMITS.session : LIMITS.withoutSession)) this.close();
  }

  /** Ends the session with its BYE, then the connection; may be called twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting.length = 0;
    this.#dialog.close();
    this.#login?.release();
    this.#options.peer.close();
  }

  #lives(): void {
    this.#alive = performance.now();
  }

  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let request = this.#waiting.shift(); request; request = this.#waiting.shift()) {
      const answer = await this.#answer(request);
      if (this.#closed) break;
      this.#write(answer, request);
      answer.afterwards?.();
      this.#lives();
    }
    this.#busy = false;
  }

  async #answer(request: RtspRequest): Promise<Answer> {
    if (cseqOf(request.headers) === undefined) return refusal(400);
    try {
      // As cameras do: what methods there are is told to everybody.
      if (request.method === 'OPTIONS') return await this.#dialog.handle(request);
      return (await this.#refused(request)) ?? (await this.#dialog.handle(request));
    } catch (error) {
      this.#options.log.error({ err: error }, 'a restreaming request failed');
      return refusal(500);
    }
  }

  /**
   * Basic, and no Digest: its answers are made with the password or MD5 of it (RFC 7616 §3.4.2), and of passwords we keep scrypt
   * hashes, of tokens SHA-256. Who has signed in on this connection need not do it again.
   */
  async #refused({ headers }: RtspRequest): Promise<Answer | undefined> {
    const authorization = headers.get('Authorization');
    const known = this.#login;
    if (known && (authorization === undefined || authorization === known.authorization)) return undefined;
    const verdict = await this.#options.login(authorization, this.#options.peer.address);
    if (verdict.may === 'later') return unavailable(verdict.seconds);
    if (!verdict.may) return refusal(401, { 'WWW-Authenticate': 'Basic realm="Walleye"' });
    known?.release();
    this.#login = { authorization, release: verdict.hold(() => this.close()) };
    if (this.#closed) this.#login.release();
    return undefined;
  }

  #write({ status, headers, body }: Answer, request: RtspRequest | undefined): void {
    const { session } = this.#dialog;
    const bytes = serializeResponse({
      ...{ status, reason: reasonOf(status), headers, body },
      cseq: request?.headers.get('CSeq'),
      session: session && `${session.id};timeout=${SESSION_TIMEOUT}`,
    });
    this.#unread++;
    this.#options.peer.write(bytes, () => {
      this.#unread--;
    });
  }
}
