/**
 * Digest (RFC 7616, RFC 2069) and Basic (RFC 7617) authentication as cameras do it. No input or output; `node:crypto`
 * only hashes.
 */
import { createHash } from 'node:crypto';

/** One challenge of a WWW-Authenticate header. */
export interface Challenge {
  /** Lower case: `digest`, `basic`, others. */
  readonly scheme: string;
  /** Names in lower case, values unquoted. */
  readonly parameters: ReadonlyMap<string, string>;
}

// token, or token = value; values may be quoted strings with \-escapes. Commas and blanks between are optional
// (case 21: no blank after commas; some firmware leaves the commas out).
const PART = /[\s,]*([^\s,="]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/gy;
const MAX_PARTS = 256;

/**
 * Challenges of all WWW-Authenticate headers of an answer: several headers, several challenges in one header, commas
 * inside quotes (Sony SRG-XP1 `qop="auth,auth-int"`), empty values (cases 14, 16, 21). Never throws.
 */
export function parseChallenges(headers: readonly string[]): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  let parts = 0;
  for (const header of headers) {
    let current: { scheme: string; parameters: Map<string, string> } | undefined;
    PART.lastIndex = 0;
    for (let match = PART.exec(header); match && parts < MAX_PARTS; match = PART.exec(header)) {
      parts++;
      const name = (match[1] ?? '').toLowerCase();
      const value = match[2] === undefined ? match[3] : match[2].replace(/\\(.)/gs, '$1');
      if (value === undefined) {
        current = { scheme: name, parameters: new Map() };
        challenges.push(current);
      } else if (current && !current.parameters.has(name)) {
        current.parameters.set(name, value);
      }
    }
  }
  return challenges;
}

type Hash = 'sha256' | 'md5';

/** Unknown values (some TP-Link) are tried as MD5 (case 17). */
function hashOf(challenge: Challenge): Hash {
  return /^sha-?256(?:-sess)?$/i.test(challenge.parameters.get('algorithm') ?? '') ? 'sha256' : 'md5';
}

/**
 * The challenge to answer: Digest with SHA-256, with MD5, with an algorithm that we do not know, then Basic (cases 14, 15).
 * `withoutSha256`: the camera offered it and refused it.
 */
export function chooseChallenge(
  challenges: readonly Challenge[],
  withoutSha256 = false,
): Challenge | undefined {
  const rank = (challenge: Challenge) => {
    if (challenge.scheme === 'basic') return 1;
    if (challenge.scheme !== 'digest' || !challenge.parameters.has('nonce')) return 0;
    if (hashOf(challenge) === 'sha256') return withoutSha256 ? 0 : 4;
    return /^(?:md5(?:-sess)?)?$/i.test(challenge.parameters.get('algorithm') ?? '') ? 3 : 2;
  };
  let best: Challenge | undefined;
  for (const challenge of challenges)
    if (rank(challenge) > (best === undefined ? 0 : rank(best))) best = challenge;
  return best;
}

/** What one Authorization value is made of. `uri` is the URL exactly as on the request line (case 20). */
export interface Answer {
  readonly challenge: Challenge;
  readonly username: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  /** How often this nonce has been used, from 1. */
  readonly count: number;
  readonly cnonce: string;
}

/** Without control characters: a realm with a line break in it would make a header of its own. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are meant
const quoted = (text: string) => `"${text.replace(/[\u0000-\u001f\u007f]/g, '').replace(/[\\"]/g, '\\$&')}"`;

/**
 * Value of the Authorization header. `nc` and `qop` stand unquoted (Panasonic and ESP refuse quotes, case 16); without
 * qop in the challenge it is the form of RFC 2069; `algorithm` and `opaque` are sent only if they came (cases 17, 21).
 */
export function authorization(answer: Answer): string {
  const { challenge, username, password, method, uri, cnonce } = answer;
  if (challenge.scheme === 'basic')
    return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

  const parameter = (name: string) => challenge.parameters.get(name);
  const hash = (text: string) => createHash(hashOf(challenge)).update(text).digest('hex');
  const realm = parameter('realm') ?? '';
  const nonce = parameter('nonce') ?? '';
  const algorithm = parameter('algorithm');
  const offered = (parameter('qop') ?? '').toLowerCase().split(/[\s,]+/);
  const qop = ['auth', 'auth-int'].find((value) => offered.includes(value));
  const session = /-sess$/i.test(algorithm ?? '');
  const nc = answer.count.toString(16).padStart(8, '0');

  let a1 = hash(`${username}:${realm}:${password}`);
  if (session) a1 = hash(`${a1}:${nonce}:${cnonce}`);
  // Our requests have no body, so auth-int hashes the empty one.
  const a2 = hash(qop === 'auth-int' ? `${method}:${uri}:${hash('')}` : `${method}:${uri}`);
  const response = hash(qop ? `${a1}:${nonce}:${nc}:${cnonce}:${qop}:${a2}` : `${a1}:${nonce}:${a2}`);

  const fields = [
    `username=${quoted(username)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(uri)}`,
    `response="${response}"`,
  ];
  if (algorithm !== undefined)
    fields.push(`algorithm=${/^[\w-]+$/.test(algorithm) ? algorithm : quoted(algorithm)}`);
  const opaque = parameter('opaque');
  if (opaque !== undefined) fields.push(`opaque=${quoted(opaque)}`);
  if (qop) fields.push(`qop=${qop}`, `nc=${nc}`);
  if (qop || session) fields.push(`cnonce="${cnonce}"`);
  return `Digest ${fields.join(', ')}`;
}

/**
 * The login on one connection. A nonce belongs to its connection (Raptor refuses one from another socket, case 19), so
 * each connection has its own `Login`; only "this camera refuses SHA-256" outlives it.
 */
export class Login {
  readonly #username: string | undefined;
  readonly #password: string;
  #challenge: Challenge | undefined;
  #count = 0;
  /** The camera offered SHA-256 and did not take our answer (case 15). */
  refusesSha256: boolean;

  constructor(credentials: {
    username: string | undefined;
    password: string | undefined;
    refusesSha256?: boolean;
  }) {
    this.#username = credentials.username;
    this.#password = credentials.password ?? '';
    this.refusesSha256 = credentials.refusesSha256 ?? false;
  }

  /** The camera asked for credentials on this connection, and got them. */
  get used(): boolean {
    return this.#challenge !== undefined;
  }

  /** Authorization for a request, undefined until the camera has asked for it. `cnonce`: fresh random hex. */
  authorize(method: string, uri: string, cnonce: string): string | undefined {
    if (!this.#challenge || this.#username === undefined) return undefined;
    this.#count++;
    return authorization({
      challenge: this.#challenge,
      username: this.#username,
      password: this.#password,
      method,
      uri,
      count: this.#count,
      cnonce,
    });
  }

  /**
   * A request was answered 401. Says whether to send it again. `tries`: what was sent of this request so far.
   *
   * An answer that used a nonce from an earlier request is given again with the new nonce whatever `stale` says
   * (Axis M5525 sends no `stale`, case 18). An answer to a nonce of this very request was judged: if it was SHA-256, MD5
   * is tried once (case 15); otherwise the password is wrong, and asking again would lock the account (case 23).
   */
  challenged(headers: readonly string[], tries: LoginTries): 'retry' | 'refused' {
    if (this.#username === undefined) return 'refused';
    const challenges = parseChallenges(headers);
    const judged = tries.freshAnswers > 0;
    if (judged && !this.refusesSha256 && this.#challenge && hashOf(this.#challenge) === 'sha256') {
      if (chooseChallenge(challenges, true)?.scheme !== 'digest') return 'refused';
      this.refusesSha256 = true;
    } else if (judged) {
      const stale = /^true$/i.test(chooseChallenge(challenges)?.parameters.get('stale') ?? '');
      if (!stale || tries.freshAnswers > 1) return 'refused';
    }
    const challenge = chooseChallenge(challenges, this.refusesSha256);
    if (!challenge) return 'refused';
    this.#challenge = challenge;
    this.#count = 0;
    tries.freshAnswers++;
    return 'retry';
  }
}

/** One request's way through the login; begin with `{ freshAnswers: 0 }` for each request. */
export interface LoginTries {
  /** Answers sent to a challenge that came in reply to this same request. */
  freshAnswers: number;
}
