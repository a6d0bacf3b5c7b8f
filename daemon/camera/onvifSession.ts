/**
 * The library's Cam behind a guard: one promise per call, bounded in time and bytes, the way of logging in found once
 * and kept. Runs in the worker of onvif.ts, which bounds what cannot be bounded here. discover/README, cases 23–26, 33.
 */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import onvif, { type Cam as OnvifCam } from 'onvif';
import type { DeviceAddress } from './onvifAddress.ts';
import { type CameraClock, readClock, skewCandidates } from './onvifClock.ts';
import { answerableChallenges } from './onvifDigest.ts';
import { OnvifError, type OnvifErrorCode } from './onvifError.ts';
import { isAnswer, readFault } from './onvifReply.ts';
import { escapeXml } from './onvifText.ts';

/** Profiles of an NVR with 64 channels take 400 KiB. */
const MAX_ANSWER = 4 * 1024 * 1024;

export interface SessionOptions {
  /** With a port. */
  readonly address: DeviceAddress & { readonly port: number };
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Milliseconds for one call. */
  readonly callTimeout: number;
  /** Ways to log in that may be tried; undefined: all. */
  readonly logins?: number | undefined;
}

/** A way to log in. `skew` in seconds is added to our time for `Created`. */
type Login = { readonly kind: 'none' | 'digest' } | { readonly kind: 'wsse'; readonly skew: number };

/** What the library's own methods are made of. */
interface RawCam {
  _request(options: { service: string | undefined; body: string }, callback: Callback): void;
  _envelopeHeader(): string;
  _envelopeFooter(): string;
}

type Callback = (error: Error | null | undefined, data?: unknown, xml?: string) => void;
interface Outcome {
  readonly error: Error | undefined;
  readonly xml: string;
  readonly status: number | undefined;
}

export class OnvifSession {
  readonly place: string;
  readonly #options: SessionOptions;
  readonly #cam: OnvifCam;
  readonly #agent: HttpAgent;
  #status: number | undefined;
  #clock: CameraClock = { utc: undefined, local: undefined };
  #logins: readonly Login[];
  #login = 0;
  /** A call that needs the login was answered: from now on a refusal is about that call, not about the login. */
  #proven = false;

  constructor(options: SessionOptions) {
    const { address, username } = options;
    this.#options = options;
    this.place = `${address.hostname}:${address.port}`;
    this.#agent = boundedAgent(address.secure);
    this.#cam = createCam(options, this.#agent);
    // Emitted just before the answer's callback, within the same tick.
    this.#cam.on('rawResponse', (_xml, status) => {
      this.#status = status;
    });
    this.#logins =
      username === undefined ? [{ kind: 'none' }] : [{ kind: 'wsse', skew: 0 }, { kind: 'digest' }];
  }

  /**
   * Reads the camera's clock, first without login (the library's own order), so that every later call carries a
   * `Created` that the camera accepts. A camera that refuses to tell the time is asked on with ours.
   * @throws OnvifError when no ONVIF service answers
   */
  async contact(): Promise<void> {
    const asked = Date.now();
    const { xml, failure } = this.#judge(
      await this.#once((cam, done) => cam.getSystemDateAndTime(done)),
      'GetSystemDateAndTime',
    );
    if (failure && failure.code !== 'refused' && failure.code !== 'fault') throw failure;
    if (!failure) this.#clock = readClock(xml, (asked + Date.now()) / 2);
    if (this.#options.username !== undefined)
      this.#logins = limited(
        [...skewCandidates(this.#clock).map((skew): Login => ({ kind: 'wsse', skew })), { kind: 'digest' }],
        this.#options.logins,
      );
    this.#use(0);
  }

  /** Seconds that the camera's clock is ahead, as far as it was told and accepted. */
  get clockSkew(): number | undefined {
    const login = this.#logins[this.#login];
    return login?.kind === 'wsse' && this.#clock.utc !== undefined ? login.skew : this.#clock.utc;
  }

  /** The library's Cam, for what it knows of the camera (`uri`, `media2Support`). */
  get cam(): OnvifCam {
    return this.#cam;
  }

  /**
   * One call. While no login has worked yet, a refused one is tried again with the next way: WSSE with each candidate
   * of the clock, then HTTP Digest alone; four attempts at most, since cameras lock after five to seven.
   * @returns the raw XML of the answer
   * @throws OnvifError
   */
  async call(name: string, start: (cam: OnvifCam, done: Callback) => void): Promise<string> {
    const first = this.#login;
    let refusal: OnvifError | undefined;
    for (let login = first; login < this.#logins.length; login += 1) {
      this.#use(login);
      const { xml, failure } = this.#judge(await this.#once(start), name);
      if (!failure) return xml;
      if (failure.code !== 'refused' || this.#proven) throw failure;
      refusal ??= failure;
    }
    this.#use(first);
    throw refusal ?? new OnvifError('refused', 'No way to log in is left', this.place);
  }

  /**
   * One call with a body of our own, for what the library cannot say or stumbles over.
   * @param service whose address in `cam.uri` is used; undefined: the device service
   * @throws OnvifError
   */
  send(name: string, service: string | undefined, body: string): Promise<string> {
    return this.call(name, (cam, done) => {
      const raw = cam as unknown as RawCam;
      raw._request({ service, body: `${raw._envelopeHeader()}${body}${raw._envelopeFooter()}` }, done);
    });
  }

  /** The login in use works: do not look for another one. */
  keepLogin(): void {
    this.#proven = true;
  }

  close(): void {
    this.#agent.destroy();
  }

  #use(index: number): void {
    this.#login = index;
    const login = this.#logins[index];
    this.#cam.useWSSecurity = login?.kind === 'wsse';
    const skew = login?.kind === 'wsse' ? login.skew : 0;
    // The library counts from process.uptime(), so that a step of our own clock does no harm.
    this.#cam.timeShift = Date.now() + skew * 1000 - process.uptime() * 1000;
  }

  /** One request; again when the connection broke, since cameras close connections when they please. */
  async #once(start: (cam: OnvifCam, done: Callback) => void): Promise<Outcome> {
    const outcome = await this.#request(start);
    const code = (outcome.error as NodeJS.ErrnoException | undefined)?.code;
    return code === 'ECONNRESET' || code === 'EPIPE' ? this.#request(start) : outcome;
  }

  #request(start: (cam: OnvifCam, done: Callback) => void): Promise<Outcome> {
    return new Promise((resolve) => {
      // The library never calls back when a connection ends in the middle of an answer.
      const timer = setTimeout(
        () => resolve({ error: new Error('Network timeout'), xml: '', status: undefined }),
        this.#options.callTimeout,
      );
      const done: Callback = (error, _data, xml) => {
        clearTimeout(timer);
        resolve({
          error: error ?? undefined,
          xml: typeof xml === 'string' ? xml : '',
          status: typeof xml === 'string' ? this.#status : undefined,
        });
      };
      try {
        start(this.#cam, done);
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  /** What an outcome means. A good answer that the library stumbled over is a good answer. */
  #judge({ error, xml, status }: Outcome, call: string): { xml: string; failure: OnvifError | undefined } {
    const fail = (code: OnvifErrorCode, message: string) => ({
      xml,
      failure: new OnvifError(code, message, `${this.place} ${call}`, { cause: error }),
    });
    const fault = readFault(xml);
    const refused =
      status === 401 ||
      /^Digest authentication/.test(error?.message ?? '') ||
      // Codes differ by make, the word does not: ter:NotAuthorized, FailedAuthentication, "Authority failure".
      (fault !== undefined && /auth|password/i.test(fault));
    if (refused)
      return fail(
        'refused',
        this.#options.username === undefined
          ? 'The camera asks for a user name and a password'
          : 'The camera refuses the user name or the password',
      );
    if (fault !== undefined) return fail('fault', `The camera answered with a fault: ${fault}`);
    if (!error || isAnswer(xml)) return { xml, failure: undefined };
    if (xml !== '' || status !== undefined)
      return fail('not_onvif', `What answers at ${this.place} does not speak ONVIF`);
    return fail(...networkFailure(error, this.place));
  }
}

/** Two ways: the likeliest token, then Digest alone, which cameras want that read no tokens at all. */
function limited(logins: readonly Login[], most: number | undefined): readonly Login[] {
  if (most === undefined || logins.length <= most) return logins;
  return most < 2 ? logins.slice(0, 1) : [...logins.slice(0, most - 1), ...logins.slice(-1)];
}

function networkFailure(error: Error, place: string): [OnvifErrorCode, string] {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (error.message === 'Network timeout' || code === 'ETIMEDOUT')
    return ['timeout', `${place} does not answer`];
  if (code.startsWith('HPE_')) return ['not_onvif', `What answers at ${place} does not speak HTTP`];
  if (/^(ERR_SSL|ERR_TLS|EPROTO)/.test(code))
    return ['unreachable', `${place} does not agree on TLS (${code})`];
  if (code !== '') return ['unreachable', `${place} is not reachable (${code})`];
  return ['fault', 'The answer of the camera cannot be read'];
}

function createCam(options: SessionOptions, agent: HttpAgent): OnvifCam {
  const { address, username, password = '' } = options;
  const cam = new onvif.Cam({
    hostname: address.hostname,
    port: address.port,
    path: address.path,
    useSecure: address.secure,
    // Certificates of cameras are self-signed, and old ones speak only old TLS (discover/README, case 33).
    secureOpts: { rejectUnauthorized: false, minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' },
    timeout: options.callTimeout,
    autoconnect: false,
    preserveAddress: true,
    agent,
  });
  if (username === undefined) return cam;
  // The library puts the name into the XML as it is, and hashes the password as if it were ASCII.
  cam.username = escapeXml(username);
  const bytes = Buffer.from(password, 'utf8').toString('latin1');
  // It sends no token for an empty password, which some cameras have; an empty String object passes for one.
  cam.password = bytes === '' ? (Object('') as string) : bytes;
  const digestAuth = cam.digestAuth.bind(
    Object.assign(Object.create(cam) as OnvifCam, { username, password }),
  );
  cam.digestAuth = (challenges, request) => digestAuth(answerableChallenges(challenges), request);
  return cam;
}

/** Connections are not reused (cameras close them at will); one that brings too much is cut. */
function boundedAgent(secure: boolean): HttpAgent {
  const agent = secure ? new HttpsAgent({ keepAlive: false }) : new HttpAgent({ keepAlive: false });
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback) as Duplex;
    let length = 0;
    socket.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > MAX_ANSWER) socket.destroy(new Error('The answer is too long'));
    });
    return socket;
  };
  return agent;
}
