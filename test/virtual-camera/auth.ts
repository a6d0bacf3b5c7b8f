/**
 * The camera's side of RTSP authentication: Basic (RFC 7617) and Digest (RFC 7616, RFC 2069). Strict where cameras
 * are strict: the digest's `uri` is the request line's, `nc` is unquoted (Panasonic, ESP) and only counts upwards.
 */
import { createHash, randomBytes } from 'node:crypto';

/**
 * `digest` = MD5 with qop; `digest-rfc2069` = MD5 without qop; `digest-sha256` = SHA-256 and MD5 offered together
 * with different nonces (Hikvision); `digest-sha256-only` = no way round SHA-256.
 */
export type AuthKind =
  | 'none'
  | 'basic'
  | 'digest'
  | 'digest-rfc2069'
  | 'digest-sha256'
  | 'digest-sha256-only';

export const AUTH_KINDS: readonly AuthKind[] = [
  'none',
  'basic',
  'digest',
  'digest-rfc2069',
  'digest-sha256',
  'digest-sha256-only',
];

type Algorithm = 'MD5' | 'SHA-256';

interface Challenge {
  readonly algorithm: Algorithm;
  readonly nonce: string;
  lastCount: number;
}

export interface Account {
  readonly kind: AuthKind;
  readonly username: string;
  readonly password: string;
  /** Refuse a quoted `qop`, as Panasonic does (FFmpeg 5 quotes it, so it is not the default). */
  readonly strict?: boolean;
}

/** How a request proved itself, or that it did not. */
export type AuthResult = 'open' | 'basic' | 'md5' | 'sha-256' | 'refused';

const REALM = 'Walleye virtual camera';

/** The challenges of one connection: a nonce is never good on another (gtxaspec/raptor#6). */
export class ConnectionAuth {
  private readonly account: Account;
  private challenges: Challenge[] = [];

  constructor(account: Account) {
    this.account = account;
    this.renew();
  }

  /** Forgets the nonces, as cameras do now and then (Axis M5525 after 150 s): the next request gets 401. */
  renew(): void {
    const offered: Readonly<Record<AuthKind, readonly Algorithm[]>> = {
      none: [],
      basic: [],
      digest: ['MD5'],
      'digest-rfc2069': ['MD5'],
      'digest-sha256': ['SHA-256', 'MD5'],
      'digest-sha256-only': ['SHA-256'],
    };
    this.challenges = offered[this.account.kind].map((algorithm) => ({
      algorithm,
      nonce: randomBytes(16).toString('hex'),
      lastCount: 0,
    }));
  }

  /** The values of the `WWW-Authenticate` headers, strongest first. */
  wwwAuthenticate(): string[] {
    if (this.challenges.length === 0) return [`Basic realm="${REALM}"`];
    return this.challenges.map(({ algorithm, nonce }) => {
      const qop = this.account.kind === 'digest-rfc2069' ? '' : 'qop="auth", ';
      // Plain MD5 cameras rarely name the algorithm.
      const named = this.account.kind.startsWith('digest-sha256') ? `, algorithm=${algorithm}` : '';
      return `Digest ${qop}realm="${REALM}", nonce="${nonce}", stale="FALSE"${named}`;
    });
  }

  check(method: string, url: string, authorization: string | undefined): AuthResult {
    const { kind, username, password } = this.account;
    if (kind === 'none') return 'open';
    const [, scheme = '', rest = ''] = /^\s*(\S+)\s+(.*)$/.exec(authorization ?? '') ?? [];
    if (kind === 'basic') {
      const given = scheme.toLowerCase() === 'basic' ? Buffer.from(rest, 'base64').toString('utf8') : '';
      return given === `${username}:${password}` ? 'basic' : 'refused';
    }
    if (scheme.toLowerCase() !== 'digest') return 'refused';
    return this.checkDigest(method, url, parseParameters(rest));
  }

  private checkDigest(method: string, url: string, given: ReadonlyMap<string, Parameter>): AuthResult {
    const text = (name: string) => given.get(name)?.value ?? '';
    const challenge = this.challenges.find(({ nonce }) => nonce === text('nonce'));
    if (!challenge || text('username') !== this.account.username) return 'refused';
    if (text('realm') !== REALM || text('uri') !== url) return 'refused';
    const algorithm = text('algorithm');
    if (algorithm ? algorithm.toUpperCase() !== challenge.algorithm : challenge.algorithm !== 'MD5')
      return 'refused';
    const hash = (value: string) =>
      createHash(challenge.algorithm === 'MD5' ? 'md5' : 'sha256')
        .update(value)
        .digest('hex');
    const ha1 = hash(`${this.account.username}:${REALM}:${this.account.password}`);
    const ha2 = hash(`${method}:${url}`);
    let expected = hash(`${ha1}:${challenge.nonce}:${ha2}`);
    let count = challenge.lastCount;
    if (given.has('qop')) {
      const nc = given.get('nc');
      if (this.account.kind === 'digest-rfc2069' || text('qop') !== 'auth') return 'refused';
      if (this.account.strict && given.get('qop')?.quoted) return 'refused';
      if (!nc || nc.quoted || !/^[0-9a-f]{8}$/i.test(nc.value)) return 'refused';
      count = Number.parseInt(nc.value, 16);
      if (count <= challenge.lastCount) return 'refused';
      expected = hash(`${ha1}:${challenge.nonce}:${nc.value}:${text('cnonce')}:auth:${ha2}`);
    }
    if (text('response').toLowerCase() !== expected) return 'refused';
    challenge.lastCount = count;
    return challenge.algorithm === 'MD5' ? 'md5' : 'sha-256';
  }
}

interface Parameter {
  readonly value: string;
  readonly quoted: boolean;
}

function parseParameters(text: string): ReadonlyMap<string, Parameter> {
  const parameters = new Map<string, Parameter>();
  for (const match of text.matchAll(/([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]*))/g)) {
    const [, name = '', quoted, plain] = match;
    const value = quoted === undefined ? (plain ?? '') : quoted.replaceAll(/\\(.)/g, '$1');
    parameters.set(name.toLowerCase(), { value, quoted: quoted !== undefined });
  }
  return parameters;
}
