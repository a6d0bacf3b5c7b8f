/**
 * Calls of ONVIF services that last: one small POST each, bounded in time and bytes, on this thread. The library's threads
 * (onvif.ts) are for calls that come and go; a subscription would keep one of 10 MB for every camera, for months.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Login as HttpLogin } from '../ingest/digest.ts';
import { type CameraClock, readClock, skewCandidates } from './onvifClock.ts';
import { OnvifError } from './onvifError.ts';
import { isAnswer, readFault } from './onvifReply.ts';

/** Bytes. A hundred notifications are 100 KiB, the profiles of an NVR 400. */
const MAX_ANSWER = 512 * 1024;

/** Declared on the envelope, nowhere else: Tapo answers 500 to others (discover/README, case 28). On one line, without blanks. */
const NAMESPACES = {
  s: 'http://www.w3.org/2003/05/soap-envelope',
  wsa: 'http://www.w3.org/2005/08/addressing',
  tds: 'http://www.onvif.org/ver10/device/wsdl',
  trt: 'http://www.onvif.org/ver10/media/wsdl',
  tev: 'http://www.onvif.org/ver10/events/wsdl',
  wsnt: 'http://docs.oasis-open.org/wsn/b-2',
  tt: 'http://www.onvif.org/ver10/schema',
};
const WSSE = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss';
const ENVELOPE = `<s:Envelope ${Object.entries(NAMESPACES)
  .map(([prefix, uri]) => `xmlns:${prefix}="${uri}"`)
  .join(' ')}>`;

export interface SoapOptions {
  readonly username: string | undefined;
  readonly password: string | undefined;
}

export interface SoapCall {
  readonly url: string;
  /** For errors. */
  readonly name: string;
  /** URI of the action. */
  readonly action: string;
  readonly body: string;
  /** Many cameras answer it whatever the login: its answer proves none. */
  readonly open?: boolean;
  /** Whom the message is to, for services with WS-Addressing; what the camera wants to have back with every call. */
  readonly to?: { readonly referenceParameters: string };
  /** Milliseconds for everything. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** A way to log in; `skew` in seconds is added to our time for `Created`. */
type Login = { readonly kind: 'none' | 'digest' } | { readonly kind: 'wsse'; readonly skew: number };

/** One camera, and how it lets us in: found once, kept. */
export class SoapClient {
  readonly #options: SoapOptions;
  readonly #http: HttpLogin;
  #logins: readonly Login[];
  #login = 0;
  #proven = false;

  constructor(options: SoapOptions) {
    this.#options = options;
    this.#http = new HttpLogin(options);
    this.#logins =
      options.username === undefined ? [{ kind: 'none' }] : [{ kind: 'wsse', skew: 0 }, { kind: 'digest' }];
  }

  /**
   * Reads the camera's clock without a login, so that tokens carry a `Created` that it accepts (discover/README, cases 23
   * and 24). One that keeps its time to itself is asked on with ours. @throws OnvifError when nothing answers
   */
  async readClock(url: string, timeout: number, signal?: AbortSignal): Promise<void> {
    const asked = Date.now();
    const call = {
      ...{ url, timeout, signal, name: 'GetSystemDateAndTime', body: '<tds:GetSystemDateAndTime/>' },
      action: `${NAMESPACES.tds}/GetSystemDateAndTime`,
    };
    const { xml } = await post(call, envelope(call, ''), {});
    if (this.#options.username === undefined || readFault(xml) !== undefined || !isAnswer(xml)) return;
    const clock: CameraClock = readClock(xml, (asked + Date.now()) / 2);
    const skews = skewCandidates(clock);
    // Three at most: cameras lock accounts after five to seven wrong logins.
    const tokens = (skews.length > 0 ? skews : [0])
      .slice(0, 2)
      .map((skew): Login => ({ kind: 'wsse', skew }));
    this.#logins = [...tokens, { kind: 'digest' }];
  }

  /**
   * One call. While no login has worked yet, a refused one is tried again with the next way.
   * @returns the raw XML @throws OnvifError; the signal's reason after an abort
   */
  async call(call: SoapCall): Promise<string> {
    const first = this.#login;
    let refusal: OnvifError | undefined;
    for (; this.#login < this.#logins.length; this.#login++) {
      try {
        const xml = await this.#attempt(call, this.#logins[this.#login] ?? { kind: 'none' });
        if (!call.open) this.#proven = true;
        return xml;
      } catch (error) {
        if (!(error instanceof OnvifError) || error.code !== 'refused' || this.#proven) throw error;
        refusal ??= error;
      }
    }
    this.#login = first;
    throw refusal ?? new OnvifError('refused', 'No way to log in is left', call.name);
  }

  async #attempt(call: SoapCall, login: Login): Promise<string> {
    const place = `${new URL(call.url).host} ${call.name}`;
    const token = () => (login.kind === 'wsse' ? this.#token(login.skew) : '');
    const authorize = (): Record<string, string> => {
      const { pathname, search } = new URL(call.url);
      const value =
        login.kind === 'digest'
          ? this.#http.authorize('POST', `${pathname}${search}`, randomBytes(8).toString('hex'))
          : undefined;
      return value === undefined ? {} : { Authorization: value };
    };
    let answer = await post(call, envelope(call, token()), authorize());
    const tries = { freshAnswers: 0 };
    while (
      answer.status === 401 &&
      login.kind === 'digest' &&
      this.#http.challenged(answer.challenges, tries) === 'retry'
    )
      answer = await post(call, envelope(call, token()), authorize());
    const fault = readFault(answer.xml);
    // Codes differ by make, the word does not: ter:NotAuthorized, FailedAuthentication, "Authority failure".
    if (answer.status === 401 || (fault !== undefined && /auth|password/i.test(fault)))
      throw new OnvifError('refused', 'The camera refuses the user name or the password', place);
    if (fault !== undefined)
      throw new OnvifError('fault', `The camera answered with a fault: ${fault.slice(0, 300)}`, place);
    if (isAnswer(answer.xml)) return answer.xml;
    throw new OnvifError('not_onvif', `What answers at ${place} does not speak ONVIF`, place);
  }

  /** PasswordDigest. Hikvision takes `…Z` only, and a new nonce each time (discover/README, case 25). */
  #token(skew: number): string {
    const { username = '', password = '' } = this.#options;
    const nonce = randomBytes(16);
    const created = new Date(Date.now() + skew * 1000).toISOString();
    const digest = createHash('sha1')
      .update(Buffer.concat([nonce, Buffer.from(created), Buffer.from(password, 'utf8')]))
      .digest('base64');
    return (
      `<wsse:Security s:mustUnderstand="1" xmlns:wsse="${WSSE}-wssecurity-secext-1.0.xsd" xmlns:wsu="${WSSE}-wssecurity-utility-1.0.xsd">` +
      `<wsse:UsernameToken><wsse:Username>${escapeXml(username)}</wsse:Username>` +
      `<wsse:Password Type="${WSSE}-username-token-profile-1.0#PasswordDigest">${digest}</wsse:Password>` +
      `<wsse:Nonce EncodingType="${WSSE}-soap-message-security-1.0#Base64Binary">${nonce.toString('base64')}</wsse:Nonce>` +
      `<wsu:Created>${created}</wsu:Created></wsse:UsernameToken></wsse:Security>`
    );
  }
}

function envelope(call: SoapCall, security: string): string {
  const addressing = call.to
    ? `<wsa:Action s:mustUnderstand="1">${call.action}</wsa:Action>` +
      `<wsa:MessageID>urn:uuid:${randomUUID()}</wsa:MessageID>` +
      `<wsa:ReplyTo><wsa:Address>${NAMESPACES.wsa}/anonymous</wsa:Address></wsa:ReplyTo>` +
      `<wsa:To s:mustUnderstand="1">${escapeXml(call.url)}</wsa:To>${call.to.referenceParameters}`
    : '';
  const header = addressing || security ? `<s:Header>${addressing}${security}</s:Header>` : '';
  return `${ENVELOPE}${header}<s:Body>${call.body}</s:Body></s:Envelope>`;
}

interface HttpAnswer {
  readonly status: number;
  readonly xml: string;
  readonly challenges: readonly string[];
}

/** One POST on a connection of its own: cameras close kept ones at will. @throws OnvifError; the signal's reason */
function post(call: SoapCall, body: string, headers: Record<string, string>): Promise<HttpAnswer> {
  const { url, name, timeout, signal } = call;
  const place = `${new URL(url).host} ${name}`;
  const limit = AbortSignal.timeout(timeout);
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      if (signal?.aborted) reject(signal.reason);
      else if (limit.aborted) reject(new OnvifError('timeout', `${place} does not answer`, place));
      else if (error.code?.startsWith('HPE_'))
        reject(new OnvifError('not_onvif', `What answers at ${place} does not speak HTTP`, place));
      else {
        const why = error.code ?? error.message;
        reject(new OnvifError('unreachable', `${place} is not reachable (${why})`, place, { cause: error }));
      }
    };
    const secure = url.startsWith('https:');
    const request = (secure ? httpsRequest : httpRequest)(
      url,
      {
        method: 'POST',
        agent: false,
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
        headers: {
          'Content-Type': 'application/soap+xml; charset=utf-8',
          'Content-Length': Buffer.byteLength(body),
          ...headers,
        },
        // Certificates of cameras are self-signed, and old ones speak only old TLS (discover/README, case 33).
        ...(secure
          ? { rejectUnauthorized: false, minVersion: 'TLSv1' as const, ciphers: 'DEFAULT:@SECLEVEL=0' }
          : {}),
      },
      (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length <= MAX_ANSWER) chunks.push(chunk);
          else response.destroy(new Error('the answer is too long'));
        });
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            xml: Buffer.concat(chunks).toString('utf8'),
            challenges: response.headersDistinct['www-authenticate'] ?? [],
          }),
        );
        response.on('error', fail);
        response.on('close', () => fail(new Error('closed before the end')));
      },
    );
    request.on('error', fail);
    request.end(body);
  });
}

function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (sign) => (sign === '&' ? '&amp;' : sign === '<' ? '&lt;' : '&gt;'));
}
