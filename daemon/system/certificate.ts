/** The certificate that HTTPS is served with: made at the first run, or the site's own. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { checkPair, type Fault, namesOf, type Pair } from './certificateCheck.ts';

const DAY = 86_400_000;
/** Apple's platforms refuse server certificates that are valid for more than 825 days (support.apple.com/103769). */
const LIFETIME = 820 * DAY;
/** A made certificate is replaced so long before it expires. */
const RENEWAL = 30 * DAY;
const CHECK_INTERVAL = DAY / 2;
/** A box without a battery for its clock wakes up in 1970: what it made then would be expired once it knows the time. */
const EARLIEST = Date.UTC(2026, 0, 1);

export interface CertificateFacts {
  self_signed: boolean;
  subject: string;
  names: string[];
  fingerprint: string;
  not_before: number;
  not_after: number;
}

export interface CertificatesOptions {
  /** `tls` in the state folder; made with rights 0700. */
  folder: string;
  /** Names and addresses that a new certificate is for. */
  names(): string[];
  log: Logger;
}

/**
 * `cert.pem` and `key.pem` are the box's own. They stay the same for two years, whatever addresses the box gets: people
 * compare the fingerprint with the one on the screen. `site.pem` is what the site brought, key and chain in one file, so
 * that it is replaced whole; it outweighs the box's own.
 */
export class Certificates {
  readonly #options: CertificatesOptions;
  readonly #listeners = new Set<(pair: Pair) => void>();
  #own: Pair;
  #site: Pair | undefined;

  private constructor(options: CertificatesOptions, own: Pair, site: Pair | undefined) {
    this.#options = options;
    this.#own = own;
    this.#site = site;
  }

  /** @throws Error with the system's code when the folder cannot be written */
  static async open(options: CertificatesOptions): Promise<Certificates> {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    const own = readOwn(options.folder) ?? (await makeOwn(options));
    return new Certificates(options, own, readSite(options));
  }

  get current(): Pair {
    return this.#site ?? this.#own;
  }

  /** SHA-256, pairs of hexadecimal digits. */
  get fingerprint(): string {
    return this.current.leaf.fingerprint256;
  }

  facts(): CertificateFacts {
    const { leaf } = this.current;
    return {
      self_signed: leaf.issuer === leaf.subject && leaf.verify(leaf.publicKey),
      subject: leaf.subject.replaceAll('\n', ', '),
      names: namesOf(leaf),
      fingerprint: leaf.fingerprint256,
      not_before: leaf.validFromDate.getTime() / 1000,
      not_after: leaf.validToDate.getTime() / 1000,
    };
  }

  /** Calls back with every new certificate. */
  subscribe(listener: (pair: Pair) => void): void {
    this.#listeners.add(listener);
  }

  /** Takes the site's certificate, on disk when it returns. Answers what is wrong with it, or undefined. */
  replace(cert: string, key: string): Fault | undefined {
    const pair = checkPair(cert, key, Date.now());
    if ('code' in pair) return pair;
    writePrivately(join(this.#options.folder, 'site.pem'), pair.key + pair.cert);
    this.#site = pair;
    this.#tell();
    return undefined;
  }

  /** Back to the box's own, with the same fingerprint as before. */
  reset(): void {
    rmSync(join(this.#options.folder, 'site.pem'), { force: true });
    this.#site = undefined;
    this.#tell();
  }

  /** Makes the box's own anew in time. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(CHECK_INTERVAL, undefined, { signal }).catch(() => {});
      if (signal.aborted || !expiresSoon(this.#own)) continue;
      try {
        this.#own = await makeOwn(this.#options);
        this.#tell();
      } catch (error) {
        this.#options.log.error(
          { err: error },
          'the certificate could not be made anew; the next try is in 12 hours',
        );
      }
    }
  }

  #tell(): void {
    for (const listener of this.#listeners) listener(this.current);
  }
}

const expiresSoon = ({ leaf }: Pair) => leaf.validToDate.getTime() - RENEWAL < Date.now();

/** undefined: there is none, it cannot be read, or it expires. */
function readOwn(folder: string): Pair | undefined {
  try {
    const text = (name: string) => readFileSync(join(folder, name), 'utf8');
    const pair = checkPair(text('cert.pem'), text('key.pem'), undefined);
    return 'code' in pair || expiresSoon(pair) ? undefined : pair;
  } catch {
    return undefined;
  }
}

function readSite({ folder, log }: CertificatesOptions): Pair | undefined {
  const file = join(folder, 'site.pem');
  if (!existsSync(file)) return undefined;
  try {
    const text = readFileSync(file, 'utf8');
    const pair = checkPair(text, text, undefined);
    if (!('code' in pair)) {
      // An expired one is served all the same: browsers warn, and people know whose it is.
      if (pair.leaf.validToDate.getTime() < Date.now())
        log.warn(
          { file, expired: pair.leaf.validToDate },
          'the site’s certificate has expired: upload a new one',
        );
      return pair;
    }
    log.error(
      { file, code: pair.code },
      `the site’s certificate cannot be used, the box’s own is: ${pair.message}`,
    );
  } catch (error) {
    log.error({ file, err: error }, 'the site’s certificate cannot be read, the box’s own is used');
  }
  return undefined;
}

async function makeOwn({ folder, names, log }: CertificatesOptions): Promise<Pair> {
  // Not at the top: it is large, and needed once in two years.
  const { generate } = await import('selfsigned');
  const now = Math.max(Date.now(), EARLIEST);
  const wanted = [...new Set(names())];
  const made = await generate([{ name: 'commonName', value: 'Walleye' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    // Phones whose clocks are slow.
    notBeforeDate: new Date(now - DAY),
    notAfterDate: new Date(now + LIFETIME),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: wanted.flatMap(alternativeName) },
    ],
  });
  const pair = checkPair(made.cert, made.private, undefined);
  if ('code' in pair) throw new Error(`the certificate that was made cannot be used: ${pair.message}`);
  // The key first: a pair that does not match is made anew at the next start.
  writePrivately(join(folder, 'key.pem'), pair.key);
  writePrivately(join(folder, 'cert.pem'), pair.cert);
  log.info({ names: namesOf(pair.leaf), fingerprint: pair.leaf.fingerprint256 }, 'certificate made');
  return pair;
}

function alternativeName(name: string): ({ type: 7; ip: string } | { type: 2; value: string })[] {
  if (/^[\d.]+$|:/.test(name)) return [{ type: 7, ip: name }];
  return /^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/.test(name) ? [{ type: 2, value: name }] : [];
}

/** Whole or not at all, on disk when it returns, for the owner only. */
function writePrivately(file: string, text: string): void {
  const draft = `${file}.new`;
  const handle = openSync(draft, 'w', 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(draft, file);
  const folder = openSync(join(file, '..'), 'r');
  fsyncSync(folder);
  closeSync(folder);
}
